"""Facts that are sent out, with ids that a replay repeats exactly."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from idweave_graph.bans import Ban
from idweave_graph.decisions import Decision
from idweave_graph.evidence import Cause, Evidence
from idweave_graph.ids import Asset, BusinessId
from idweave_graph.messages import Refusal
from idweave_graph.person import Person, PersonId


class EventType(StrEnum):
    """What happened."""

    CREATED = "created"
    """A person is seen for the first time."""
    LINKED = "linked"
    """A person has gained members that were nobody's."""
    MERGED = "merged"
    """A person has absorbed others."""
    SPLIT = "split"
    """A person has lost members to others."""
    ERASED = "erased"
    """Members of a person were forgotten."""
    QUARANTINED = "quarantined"
    """A proof would have put two ids of one asset, or two banned, into one person."""
    REFUSED = "refused"
    """A link would have crossed the boundary of the business."""
    EPOCH_CHANGED = "epoch-changed"
    """An asset was gained or lost."""
    BANNED = "banned"
    """Two ids may not be one person from now on."""
    UNBANNED = "unbanned"
    """Two ids may be one person again."""
    DECIDED = "decided"
    """An operator has said how the proofs between two members count."""


@dataclass(frozen=True, slots=True)
class OwnershipChange:
    """What an `epoch-changed` event is about."""

    asset: Asset
    epoch: int
    owned: bool


@dataclass(frozen=True, slots=True)
class IdentityEvent:
    """One fact about one business, whole in itself."""

    id: str
    type: EventType
    business: BusinessId
    at_ms: int
    cause: Cause
    reason: str
    """Why: an evidence kind, `sighted`, a refusal reason, `gained` or `lost`, `ban`."""
    person: Person | None = None
    """The whole person, as they are after the event."""
    proofs: tuple[Evidence, ...] = ()
    """What this event rests on, newly learned."""
    about: PersonId | None = None
    """Refused: the person whose id was asked about, if they are known; banned and
    decided: the person of the first id."""
    other: PersonId | None = None
    """Quarantined: the person on the other end; banned and decided: the person of
    the second id."""
    refusal: Refusal | None = None
    ownership: OwnershipChange | None = None
    bans: tuple[Ban, ...] = ()
    """What it comes of: the ban that was told, or those that keep a proof out."""

    decisions: tuple[Decision, ...] = ()
    """The decision that was told, or that it comes of."""

    @property
    def key(self) -> str:
        """What the event is ordered by: its person, else its business."""
        return (self.person.id if self.person else self.about) or self.business


def event_id(*parts: object) -> str:
    """Hash what makes an event the one it is: `e_` and 32 hexadecimal digits."""
    text = "|".join(str(part) for part in parts)
    return f"e_{blake2b(text.encode(), digest_size=16, person=b'event').hexdigest()}"


def person_event_id(person: Person, kind: EventType) -> str:
    """Name the event by which *person* came to their generation."""
    return event_id(person.business, person.id, person.generation, kind)


def refusal_event_id(business: BusinessId, refusal: Refusal) -> str:
    """Name the refusal of one link: once, however often it is tried."""
    return event_id(business, refusal.reason, refusal.subject, refusal.other)


def quarantine_event_id(
    person: Person, proof: Evidence, decided: Decision | None = None
) -> str:
    """Name the quarantine of one proof, as *person* at its first end had become.

    A proof that was accepted meanwhile has changed its person, so a second quarantine
    is another fact. So is one that comes of what was *decided*.
    """
    kind = EventType.QUARANTINED
    said = () if decided is None else (decided.verdict, decided.at_ms, decided.cause)
    place = (person.business, person.id, person.generation)
    return event_id(*place, kind, proof.text, *said)


def ownership_event_id(business: BusinessId, change: OwnershipChange) -> str:
    """Name one change of owner, as one of its two sides sees it."""
    return event_id(business, change.asset, change.epoch, change.owned)


Sides = tuple[PersonId | None, PersonId | None]
"""Whose the two ends were when something was said about them."""


def ban_event_id(business: BusinessId, told: Ban, sides: Sides) -> str:
    """Name what was said about two ids: once, however often it is repeated.

    Where an erasure has come in between, it is said of others, which is another fact.
    """
    kind = EventType.UNBANNED if told.is_lifted else EventType.BANNED
    said = (told.a.epoch, told.b.epoch, told.at_ms, told.cause)
    return event_id(business, kind, *told.pair, *said, *sides)


def decision_event_id(business: BusinessId, told: Decision, sides: Sides) -> str:
    """Name what was decided about two members, as `ban_event_id` does."""
    said = (told.verdict, *told.epochs, told.at_ms, told.cause)
    return event_id(business, EventType.DECIDED, *told.pair, *said, *sides)
