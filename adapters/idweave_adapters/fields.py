"""Single values out of foreign JSON: ids and times, normalised or refused."""

import re
from typing import Final, TypeGuard

from idweave_graph.ids import MAX_ID_CHARS

EARLIEST_MS: Final = 1_000_000_000_000
"""9 September 2001, before Facebook; anything smaller is not unix milliseconds."""
LATEST_MS: Final = 4_102_444_800_000
"""1 January 2100. A wrong clock must not decide which of two people is older."""
MAX_CODE_CHARS: Final = 2048
"""Of an `authorization_code`, which travels in a URL."""
_CODE: Final = re.compile(rf"[!-~]{{1,{MAX_CODE_CHARS}}}")
_SECONDS_BELOW: Final = 100_000_000_000
"""As seconds this is the year 5138, as milliseconds 1973: no real event is near."""


def decimal_id(value: object) -> str | None:
    """The id in its one text form, or None if *value* is no id that Meta gives.

    Meta's ids are positive decimal numbers, sent as texts, in very old samples as
    integers. So placeholders (`null`, `undefined`, `<PSID>`, `0`) are refused, and so
    are floats, which have lost digits of a long id.
    """
    if type(value) is int and value > 0:
        return str(value)
    if (
        isinstance(value, str)
        and value.isdecimal()
        and value.isascii()
        and value[0] != "0"
        and len(value) <= MAX_ID_CHARS
    ):
        return value
    return None


def is_authorization_code(value: object) -> TypeGuard[str]:
    """Whether *value* can have ended an account linking: visible ASCII, as in a URL.

    Meta hands on what the business put into the redirect; no form is documented.
    """
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def unix_ms(value: object) -> int | None:
    """A time in unix milliseconds, or None if *value* is no time from 2001 to 2100.

    Takes milliseconds and seconds, as number or text: Meta documents milliseconds,
    but its `changes` and dashboard samples carry seconds and texts.
    """
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:MAX_ID_CHARS])
    if type(value) is not int:
        return None
    ms = value * 1000 if value < _SECONDS_BELOW else value
    return ms if EARLIEST_MS <= ms <= LATEST_MS else None
