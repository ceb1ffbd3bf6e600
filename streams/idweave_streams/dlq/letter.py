"""One dead letter: what its headers say, and the record that is in it.

Headers are read with care, as anybody who may write to the topic can write anything:
what is shown of them can hold no control characters and is not long.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from idweave_streams.dead_letters import PREFIX
from idweave_streams.dlq.codes import FOREIGN
from idweave_streams.dlq.coordinates import Coordinates, CoordinatesError

REPLAYS: Final = "idweave-dlq-replays"
"""Header of a record that was sent back: how often, in decimal."""

_WORD = re.compile(r"[a-z][a-z0-9-]{0,63}")
_COUNT = re.compile(r"[0-9]{1,9}")

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A record of the topic of dead letters."""

    place: Coordinates
    time_ms: int
    """When it was given up, in unix milliseconds."""
    code: str
    stage: str
    """Empty, as is `origin`, where the headers of a dead letter are missing."""
    origin: Coordinates | None
    """Where the record was read, the last time."""
    count: int
    """How many parts of it could not be used; 0 where that is not told."""
    omitted_bytes: int
    """How large it was, if it is not here because it was too large; 0 if it is."""
    replays: int
    """How often it had been sent back before it came here."""
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: Headers = field(repr=False)
    """All of them, those of the dead letter included."""

    @property
    def own_headers(self) -> Headers:
        """The headers that the record had, without ours."""
        return tuple(each for each in self.headers if not _is_ours(each[0]))

    @property
    def size_bytes(self) -> int:
        """About what the record without our headers costs on the wire."""
        own = sum(len(n.encode()) + len(v or b"") for n, v in self.own_headers)
        return len(self.key or b"") + len(self.value or b"") + own

    def replay_headers(self) -> Headers:
        """Return the record's own headers and, behind them, how often it was sent."""
        return (*self.own_headers, (REPLAYS, str(self.replays + 1).encode()))


def read_letter(record: Any) -> Letter:
    """Take a dead letter from the record that the client read."""
    headers = tuple(record.headers)
    # Where a name comes twice the last one counts.
    said = {name: (value or b"").decode(errors="replace") for name, value in headers}
    ours = {n.removeprefix(PREFIX): v for n, v in said.items() if n.startswith(PREFIX)}
    code, stage, origin = _word(ours, "code"), _word(ours, "stage"), _origin(ours)
    if not (code and stage and origin):
        code, stage, origin = FOREIGN, "", None
    return Letter(
        place=Coordinates(record.topic, record.partition, record.offset),
        time_ms=record.timestamp,
        code=code,
        stage=stage,
        origin=origin,
        count=_count(ours, "count"),
        omitted_bytes=_count(ours, "omitted"),
        replays=_count(said, REPLAYS),
        key=record.key,
        value=record.value,
        headers=headers,
    )


def _is_ours(name: str) -> bool:
    return name == REPLAYS or name.startswith(PREFIX)


def _word(said: Mapping[str, str], name: str) -> str:
    found = said.get(name, "")
    return found if _WORD.fullmatch(found) else ""


def _count(said: Mapping[str, str], name: str) -> int:
    found = said.get(name, "")
    return int(found) if _COUNT.fullmatch(found) else 0


def _origin(said: Mapping[str, str]) -> Coordinates | None:
    try:
        return Coordinates.of(
            said.get("topic", ""), said.get("partition", ""), said.get("offset", "")
        )
    except CoordinatesError:
        return None
