"""What has become of whom between two snapshots, by who is a member of whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from idweave_adapters.snapshots.sql import Files, desk_over


class Kind(StrEnum):
    """What has become of a person."""

    CREATED = "created"
    """Nobody had any of their members before."""
    GROWN = "grown"
    """They have members that nobody had before."""
    MERGED = "merged"
    """The person is gone, and all members that are left are of one other person."""
    SPLIT = "split"
    """The person's members are of several persons now; each part is told."""
    SHRUNK = "shrunk"
    """They have lost members that nobody has now."""
    ERASED = "erased"
    """The person is gone, and nobody has any of their members."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that has become of one person."""

    kind: Kind
    business: str
    person: str
    other: str | None
    """Merged: the survivor. Split: the part, which may be the person."""
    members: int
    """How many members it is about."""


_QUESTION = """
-- Whose members are whose now,
WITH moves AS (
    SELECT coalesce(a.business, b.business) AS business,
           a.person AS was, b.person AS now, count(*) AS members
    FROM before_members a
    FULL JOIN after_members b ON a.business = b.business AND a.member = b.member
    GROUP BY ALL
),
-- and how many persons each person became, and came of.
olds AS (
    SELECT business, was, count(now) AS parts
    FROM moves WHERE was IS NOT NULL GROUP BY ALL
),
news AS (
    SELECT business, now, count(was) AS sources
    FROM moves WHERE now IS NOT NULL GROUP BY ALL
)
SELECT 'created' AS kind, business, now AS person, NULL AS other, members
FROM moves JOIN news USING (business, now) WHERE sources = 0
UNION ALL
SELECT 'grown', business, now, NULL, members
FROM moves JOIN news USING (business, now) WHERE was IS NULL AND sources > 0
UNION ALL
SELECT CASE WHEN parts = 1 THEN 'merged' ELSE 'split' END, business, was, now, members
FROM moves JOIN olds USING (business, was)
WHERE now IS NOT NULL AND (parts > 1 OR now <> was)
UNION ALL
SELECT CASE WHEN parts = 0 THEN 'erased' ELSE 'shrunk' END, business, was, NULL, members
FROM moves JOIN olds USING (business, was) WHERE now IS NULL
ORDER BY kind, business, person, other
"""


def differences(before: Files, after: Files) -> Iterator[Difference]:
    """Yield what is different, by kind, business and person.

    A person may be told of more than once: as grown and as one whom others merged into.
    Memory is bounded; what does not fit is on disk meanwhile.

    Raises:
        QueryError: a file can't be read.
    """
    with desk_over(before=before, after=after) as desk:
        for batch in desk.ask(_QUESTION):
            for row in batch.to_pylist():
                yield Difference(**{**row, "kind": Kind(row["kind"])})
