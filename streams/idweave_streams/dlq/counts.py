"""Dead letters counted by why, by whom, where from and how old."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from idweave_streams.dlq.letter import Letter

HOUR_MS = 3_600_000
AGES = {"hour": HOUR_MS, "day": 24 * HOUR_MS, "week": 7 * 24 * HOUR_MS}
"""Names of the columns, and up to which age in milliseconds a letter is in one."""
OLDER = "older"
ROWS_MAX = 1_000
"""idweave writes far fewer kinds; whoever else writes there does not fill the memory."""
OTHERS = ("others", "", "")

Kind = tuple[str, str, str]
"""Code, stage, topic that the record came from."""


@dataclass(slots=True)
class Counts:
    """How many letters of each kind there are, by age."""

    now_ms: int
    _rows: dict[Kind, dict[str, int]] = field(default_factory=dict)

    def add(self, letter: Letter, *, is_replayed: bool) -> None:
        """Count one letter."""
        kind = (
            letter.code,
            letter.stage,
            letter.origin.topic if letter.origin else "",
        )
        if kind not in self._rows and len(self._rows) >= ROWS_MAX:
            kind = OTHERS
        row = self._rows.setdefault(
            kind, dict.fromkeys((*AGES, OLDER, "all", "replayed"), 0)
        )
        row[self._age(letter)] += 1
        row["all"] += 1
        row["replayed"] += is_replayed

    def _age(self, letter: Letter) -> str:
        age_ms = self.now_ms - letter.time_ms
        return next((name for name, up_to in AGES.items() if age_ms < up_to), OLDER)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield the table with its names, most letters first."""
        yield ("code", "stage", "topic", *AGES, OLDER, "all", "replayed")
        most = sorted(self._rows.items(), key=lambda row: (-row[1]["all"], row[0]))
        for kind, row in most:
            yield (*(word or "-" for word in kind), *map(str, row.values()))

    @property
    def total(self) -> int:
        """How many were counted."""
        return sum(row["all"] for row in self._rows.values())
