"""What decoding an incoming record gives: observations, ignored parts, problems.

This module knows neither JSON nor Meta's shapes. Everything here may be logged or
counted, except the ids inside an observation, which its `repr` leaves out.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from idweave_adapters.reasons import DeadLetterCode, IgnoreReason
from idweave_graph.evidence import EvidenceKind
from idweave_graph.ids import BusinessToken, LinkingCode, ScopedId

__all__ = [
    "DeadLetterCode",
    "Decoded",
    "Findings",
    "IgnoreReason",
    "Observation",
    "Unreadable",
]


@dataclass(frozen=True, slots=True)
class Observation:
    """A scoped id was seen in an event, perhaps with the person's business token."""

    scoped: ScopedId = field(repr=False)
    at_ms: int
    """When Meta or the site says that it happened, in unix milliseconds."""
    token: BusinessToken | None = field(default=None, repr=False)
    proof: EvidenceKind | None = None
    """How the token is proved; None if and only if there is no token."""
    code: LinkingCode | None = field(default=None, repr=False)
    """Of the account linking that the event is about or came with."""
    is_unlinked: bool = False
    """The person has undone every account linking of this id."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record or a part of it can't be used. Holds neither payload nor ids."""

    code: DeadLetterCode
    hint: str
    """For the operator: what is wrong and what to do next."""
    where: str = ""
    """JSON pointer to the first such part; empty means the whole record."""
    parts: int = 1
    """How many parts of the record have this problem."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """All that one record says. Good parts are used even when others are not."""

    observations: tuple[Observation, ...] = ()
    ignored: Mapping[IgnoreReason, int] = field(default_factory=dict)
    problems: tuple[Unreadable, ...] = ()
    """One per distinct code and hint. Not empty: the record belongs in dead letters."""


class Findings:
    """Collects what the parts of one record give, in order."""

    __slots__ = ("_ignored", "_observations", "_problems")

    def __init__(self) -> None:
        self._observations: list[Observation] = []
        self._ignored: Counter[IgnoreReason] = Counter()
        self._problems: dict[tuple[DeadLetterCode, str], Unreadable] = {}

    def add(
        self, found: Observation | IgnoreReason | Unreadable, where: str = ""
    ) -> None:
        """Take one part's result; *where* is kept for the first of equal problems."""
        if isinstance(found, Observation):
            self._observations.append(found)
        elif isinstance(found, IgnoreReason):
            self._ignored[found] += 1
        else:
            key = (found.code, found.hint)
            first = self._problems.get(key)
            self._problems[key] = Unreadable(
                found.code,
                found.hint,
                where=first.where if first else where,
                parts=first.parts + 1 if first else 1,
            )

    def decoded(self) -> Decoded:
        """Everything added so far."""
        return Decoded(
            tuple(self._observations),
            dict(self._ignored),
            tuple(self._problems.values()),
        )
