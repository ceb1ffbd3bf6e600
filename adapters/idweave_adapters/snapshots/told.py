"""An event, with what is known around it."""

from dataclasses import dataclass

from idweave_graph.events import IdentityEvent
from idweave_graph.ids import Member
from idweave_graph.person import PersonId


@dataclass(frozen=True, slots=True)
class Ended:
    """A person id that an event has ended."""

    id: PersonId
    came_along: bool
    """It had ended before, in a person whom this event has ended."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event as the tables tell it."""

    event: IdentityEvent
    ended: tuple[Ended, ...] = ()
    """What it has ended."""
    known: frozenset[Member] = frozenset()
    """Of those that it names, who is still somebody's at the cut."""


def named_by(event: IdentityEvent) -> frozenset[Member]:
    """Return whom the tables of words would name: of refusals, bans and decisions."""
    bans = (end.id for ban in event.bans for end in (ban.a, ban.b))
    decided = (end for each in event.decisions for end in each.pair)
    asked = () if event.refusal is None else (event.refusal.subject,)
    return frozenset((*bans, *decided, *asked))
