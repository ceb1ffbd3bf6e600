"""Bans: what was said about whether two scoped ids may be one person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from idweave_graph.evidence import Cause
from idweave_graph.ids import Member, ScopedId
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Presence

Pair = tuple[ScopedId, ScopedId]
"""Two ids in the order of their text."""


@dataclass(frozen=True, slots=True)
class Ban:
    """What was last said about two ids, which stand in the order of their text."""

    a: OwnedId
    b: OwnedId
    at_ms: int
    """When it was said."""
    author: str
    reason: str
    cause: Cause
    is_lifted: bool = False
    """They may be one person again. It is kept, so that an older ban stays over."""

    def __post_init__(self) -> None:
        if str(self.a.id) >= str(self.b.id):
            msg = "the ids of a ban must differ and stand in text order"
            raise ValueError(msg)

    @property
    def pair(self) -> Pair:
        """Whom it is about: of two bans with one pair the later one counts."""
        return (self.a.id, self.b.id)

    def stands(self, presence: Mapping[Member, Presence]) -> bool:
        """Say whether it keeps two members apart, who are here on these grounds.

        One about an ownership that is over says nothing about who came later.
        """
        grounds = ((presence.get(end.id), end.epoch) for end in (self.a, self.b))
        return not self.is_lifted and all(
            ground is not None and ground.epoch in (0, epoch)
            for ground, epoch in grounds
        )


def ban(
    one: OwnedId,
    two: OwnedId,
    *,
    at_ms: int,
    author: str,
    reason: str,
    cause: Cause,
    is_lifted: bool = False,
) -> Ban:
    """Build a ban of two ids given in any order.

    Raises:
        ValueError: they are one id.
    """
    a, b = sorted((one, two), key=lambda end: str(end.id))
    return Ban(a, b, at_ms, author, reason, cause, is_lifted)


def with_ban(known: Iterable[Ban], told: Ban) -> tuple[Ban, ...]:
    """Add *told*, unless what is known of the same two ids counts more.

    The result does not depend on the order in which bans are told.
    """
    by_pair = {each.pair: each for each in known}
    by_pair[told.pair] = min(by_pair.get(told.pair, told), told, key=_precedence)
    return tuple(by_pair[pair] for pair in sorted(by_pair, key=str))


def _precedence(told: Ban) -> tuple[Any, ...]:
    """Sort key: later epochs first, then what was said last, and rather a ban."""
    epochs = (-(told.a.epoch + told.b.epoch), -told.a.epoch)
    said = (-told.at_ms, told.is_lifted, told.cause, told.author, told.reason)
    return (*epochs, *said)


def barred(bans: Iterable[Ban], presence: Mapping[Member, Presence]) -> frozenset[Pair]:
    """Return who may not be one person, of members who are here on these grounds."""
    return frozenset(each.pair for each in bans if each.stands(presence))
