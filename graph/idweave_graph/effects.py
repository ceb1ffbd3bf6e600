"""What a handler asks for. Effects are data: the caller carries them out, in order."""

from dataclasses import dataclass

from idweave_graph.events import IdentityEvent
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, BusinessId, Member
from idweave_graph.lookups import Lookup
from idweave_graph.messages import LogMessage
from idweave_graph.person import Person, PersonId
from idweave_graph.ports import AssetEpoch


@dataclass(frozen=True, slots=True)
class PutPerson:
    """Write this person to the graph."""

    person: Person


@dataclass(frozen=True, slots=True)
class DropPerson:
    """The person of that id is gone from the graph."""

    business: BusinessId
    person: PersonId


@dataclass(frozen=True, slots=True)
class PutMember:
    """From now on *member* belongs to *person*."""

    business: BusinessId
    member: Member
    person: PersonId
    generation: int


@dataclass(frozen=True, slots=True)
class PutAsset:
    """Remember the epoch of an asset."""

    business: BusinessId
    asset: Asset
    epoch: AssetEpoch


@dataclass(frozen=True, slots=True)
class PutRefusal:
    """Remember that this refusal was told."""

    business: BusinessId
    refusal: str


@dataclass(frozen=True, slots=True)
class Emit:
    """Tell the subscribers."""

    event: IdentityEvent


@dataclass(frozen=True, slots=True)
class PutLookup:
    """Write this lookup; *before* is what it replaces in the order of due times."""

    lookup: Lookup
    before: Lookup | None


@dataclass(frozen=True, slots=True)
class Tell:
    """Put this message on the evidence log, in the partition of its business."""

    message: LogMessage


@dataclass(frozen=True, slots=True)
class PutHold:
    """Let every worker know that a business or a token is held, or is free again."""

    hold: Hold


GraphEffect = PutPerson | DropPerson | PutMember | PutAsset | PutRefusal | Emit
"""What `weave.handle` may ask for."""

LookupEffect = PutLookup | Tell | PutHold
"""What `resolve.handle` may ask for."""
