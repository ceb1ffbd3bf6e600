"""What a handler asks for. Effects are data: the caller carries them out, in order."""

from dataclasses import dataclass

from idweave_graph.bans import Ban
from idweave_graph.decisions import Decision
from idweave_graph.erasures import Erased, ErasureRecord
from idweave_graph.events import IdentityEvent
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.lookups import Lookup
from idweave_graph.messages import AssetForgotten, Forgotten, LogMessage, Receipt
from idweave_graph.person import Person, PersonId
from idweave_graph.ports import AssetEpoch, Withdrawals


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
class DropMember:
    """*member* is nobody's from now on."""

    business: BusinessId
    member: Member


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
class PutWithdrawals:
    """Remember what was taken back in the graph of *business*."""

    business: BusinessId
    withdrawals: Withdrawals


@dataclass(frozen=True, slots=True)
class PutBans:
    """Remember what was said about *scoped* and others. Empty: nothing any more."""

    business: BusinessId
    scoped: ScopedId
    bans: tuple[Ban, ...]


@dataclass(frozen=True, slots=True)
class PutDecisions:
    """Remember what was decided about *member* and others. Empty: nothing any more."""

    business: BusinessId
    member: Member
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class PutErased:
    """Remember that *scoped* was erased; *before* is the memory that this replaces."""

    business: BusinessId
    scoped: ScopedId
    erased: Erased
    before: Erased | None


@dataclass(frozen=True, slots=True)
class DropErased:
    """Forget some erasures whose memory ends before *by_ms*, the oldest first."""

    business: BusinessId
    by_ms: int


@dataclass(frozen=True, slots=True)
class PutErasedAsset:
    """Let no lookup of an id of *asset* outlast its erasure, nor come of old events."""

    asset: Asset
    erased: Erased


@dataclass(frozen=True, slots=True)
class TellErasure:
    """Tell the audit of an erasure, without saying whose it was."""

    record: ErasureRecord


@dataclass(frozen=True, slots=True)
class PutReceipt:
    """Remember that a request is carried out, and tell who waits for it."""

    business: BusinessId
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Forget:
    """Let the lookup of an id be forgotten as well."""

    message: Forgotten


@dataclass(frozen=True, slots=True)
class ForgetAsset:
    """Let every partition of lookups know that an asset's ids are forgotten."""

    message: AssetForgotten


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
class DropLookup:
    """The lookup is gone, and with it whatever was to be asked."""

    lookup: Lookup


@dataclass(frozen=True, slots=True)
class TellReceipt:
    """Tell who waits for it that a request is carried out."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Tell:
    """Put this message on the evidence log, in the partition of its business."""

    message: LogMessage


@dataclass(frozen=True, slots=True)
class PutHold:
    """Let every worker know that a business or a token is held, or is free again."""

    hold: Hold


GraphEffect = (
    PutPerson
    | DropPerson
    | PutMember
    | DropMember
    | PutAsset
    | PutRefusal
    | PutWithdrawals
    | PutBans
    | PutDecisions
    | PutErased
    | DropErased
    | PutReceipt
    | TellErasure
    | Forget
    | ForgetAsset
    | Emit
    | Tell
)
"""What `weave.handle` may ask for."""

LookupEffect = (
    PutLookup
    | DropLookup
    | PutErased
    | DropErased
    | PutErasedAsset
    | Tell
    | TellReceipt
    | PutHold
)
"""What `resolve.handle` may ask for."""
