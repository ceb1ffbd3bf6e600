"""Points in time on the command line: a date and time, or how long ago."""

import re
import time
from datetime import UTC, datetime
from typing import Any

import click

unix_time_s = time.time  # noqa: TID251 - the edge: here the time is read

_AGO = re.compile(r"([0-9]{1,6})([mhd])")
_SECONDS = {"m": 60, "h": 3_600, "d": 86_400}


class Moment(click.ParamType):
    """`2026-01-31T12:00:00Z`, or `90m`, `2h`, `7d` before now; in unix milliseconds."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Read either form. A time without zone is in UTC."""
        text = str(value)
        if ago := _AGO.fullmatch(text):
            seconds = int(ago[1]) * _SECONDS[ago[2]]
            return int((unix_time_s() - seconds) * 1000)
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            told = "write it as 2026-01-31T12:00:00Z, or as 90m, 2h or 7d before now"
            self.fail(told, param, ctx)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return int(when.timestamp() * 1000)
