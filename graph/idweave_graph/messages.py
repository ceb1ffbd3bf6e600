"""What travels on the internal topics: sightings, answers, and the evidence log."""

from dataclasses import dataclass
from enum import StrEnum

from idweave_graph.decisions import Verdict
from idweave_graph.evidence import Cause, Evidence, EvidenceKind
from idweave_graph.holds import Hold
from idweave_graph.ids import (
    Asset,
    BusinessId,
    BusinessToken,
    LinkingCode,
    Member,
    ScopedId,
)
from idweave_graph.ownership import OwnedId


@dataclass(frozen=True, slots=True)
class Sighting:
    """A scoped id was seen in an event, after the boundary check of its asset."""

    business: BusinessId
    seen: OwnedId
    at_ms: int
    cause: Cause
    token: BusinessToken | None = None
    """A business token that came with the event, at no cost."""
    token_proof: EvidenceKind = EvidenceKind.TOKEN_FOR_BUSINESS
    """How the token is proved."""
    code: LinkingCode | None = None
    """Of an account linking that the event told of or came with."""
    is_unlinked: bool = False
    """The event told that every account linking of the id is over."""


class CommandKind(StrEnum):
    """What is to be done about a scoped id, from outside of its events."""

    ERASE_PERSON = "erase-person"
    """Forget the whole person of the id, in its business."""
    ERASE_ID = "erase-id"
    """Forget the id and all that was learned through it."""
    DEAUTHORIZE = "deauthorize"
    """The person took the app away: ask nothing more about the id until it is seen."""


@dataclass(frozen=True, slots=True)
class Command:
    """Somebody entitled to it wants something done about a scoped id."""

    business: BusinessId
    seen: OwnedId
    kind: CommandKind
    at_ms: int
    """When it was asked for; it is about what was known up to then."""
    cause: Cause
    receipt: str
    """Where it is told that it is done; empty where nobody waits for it."""
    until_ms: int = 0
    """Until when an erasure is remembered; 0: not at all."""


@dataclass(frozen=True, slots=True)
class BanCommand:
    """Somebody entitled to it says whether two scoped ids may be one person."""

    business: BusinessId
    seen: OwnedId
    other: OwnedId
    is_lifted: bool
    author: str
    reason: str
    at_ms: int
    """When it was said; of two such commands the later one counts."""
    cause: Cause


@dataclass(frozen=True, slots=True)
class DecisionCommand:
    """Somebody entitled to it decides about the proofs between two members."""

    business: BusinessId
    seen: OwnedId
    """The end by which it is attributed."""
    other: Member
    other_epoch: int
    """0 for a token or a linking code."""
    verdict: Verdict
    author: str
    reason: str
    at_ms: int
    """When it was said; of two such commands the later one counts."""
    cause: Cause


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The graph has forgotten an id: so must whoever looks it up."""

    business: BusinessId
    id: ScopedId
    at_ms: int
    """It is about what was known up to then."""
    cause: Cause
    until_ms: int = 0
    """Until when that is remembered; 0: not at all."""


@dataclass(frozen=True, slots=True)
class AssetForgotten:
    """The graph forgets all ids of an asset: their lookups begin anew.

    Every partition of lookups is told; each id is told of besides, as `Forgotten`.
    """

    business: BusinessId
    asset: Asset
    at_ms: int
    """It is about what was known up to then."""
    cause: Cause
    until_ms: int = 0
    """Until when that is remembered; 0: not at all."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A request that somebody waits for is carried out."""

    code: str
    at_ms: int
    """When it was asked for."""
    ids: int
    """How many scoped ids were forgotten."""


class Outcome(StrEnum):
    """What became of one lookup."""

    ANSWERED = "answered"
    """The API said what it knows, which may be nothing."""
    RETRY = "retry"
    """It failed in passing or was throttled: ask again."""
    HOLD = "hold"
    """The platform stopped the business: ask nothing for it until it lifts."""
    CREDENTIAL = "credential"
    """There is no credential, or the API refuses it: an operator must act."""
    GONE = "gone"
    """The API has no such user: asking again would give the same."""
    FORBIDDEN = "forbidden"
    """The credential belongs to another business, so no call was made."""


class RefusalReason(StrEnum):
    """Why a link was not made. The first three are the boundary's three checks."""

    FOREIGN_CREDENTIAL = "foreign-credential"
    """Before the call: the token was made by an app of another business."""
    FOREIGN_ASSET = "foreign-asset"
    """On the answer: it names an app or Page of another business."""
    UNOWNED_ASSET = "unowned-asset"
    """On the answer: it names an app or Page that is between two owners."""
    UNKNOWN_ASSET = "unknown-asset"
    """On the answer: it names an app or Page that nobody is known to own."""
    STALE_EPOCH = "stale-epoch"
    """At union: proved under an ownership that is over."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A link that would cross the boundary, on the record of the asking business."""

    reason: RefusalReason
    subject: ScopedId
    """The scoped id of this business that was asked about."""
    other: Asset
    """Whose id it would have been linked with. The id itself is not kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one lookup brought, checked against ownership when it came."""

    business: BusinessId
    asked: OwnedId
    at_ms: int
    outcome: Outcome
    links: tuple[OwnedId, ...] = ()
    """What `ids_for_apps` and `ids_for_pages` answered."""
    refusals: tuple[Refusal, ...] = ()
    is_whole: bool = True
    """False: an edge was left out of the answer, so what it holds is not known."""
    retry_after_ms: int = 0
    probed: Hold | None = None
    """It was asked under this hold, to see whether that still stands."""
    detail: str = ""
    """A code for the operator, without ids or secrets."""
    business_links: tuple[OwnedId, ...] = ()
    """What `ids_for_business` answered."""
    token: BusinessToken | None = None
    """What `token_for_business` answered."""


@dataclass(frozen=True, slots=True)
class Sighted:
    """Evidence log: this id exists, and was seen no later than *at_ms*."""

    business: BusinessId
    seen: OwnedId
    at_ms: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Proved:
    """Evidence log: proofs that came together."""

    business: BusinessId
    proofs: tuple[Evidence, ...]
    at_ms: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Refused:
    """Evidence log: links that were refused before they reached the graph."""

    business: BusinessId
    refusals: tuple[Refusal, ...]
    at_ms: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class AssetChanged:
    """Evidence log: *business* owns *asset* from now on, or has lost it."""

    business: BusinessId
    asset: Asset
    epoch: int
    owned: bool
    at_ms: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Sweep:
    """Evidence log: go on taking out what an asset's earlier epochs have left.

    Its members may be millions, so a message handles some of them, and the next one
    stands behind whatever else has come meanwhile.
    """

    business: BusinessId
    asset: Asset
    epoch: int
    after: str
    """Handle the members with a user id behind this one."""
    at_ms: int
    """When the owner changed."""
    cause: Cause


@dataclass(frozen=True, slots=True)
class Erase:
    """Evidence log: forget an id, or a whole person, and what was learned through it.

    Whoever was not known by *at_ms* stays, so that coming twice does no harm to who
    has come back.
    """

    business: BusinessId
    subject: ScopedId
    whole_person: bool
    at_ms: int
    cause: Cause
    receipt: str
    """Where it is told that it is done; empty where nobody waits for it."""
    until_ms: int = 0
    """Until when it is remembered, so that the subject comes back only through an
    event of its own that is later; 0: not at all."""


@dataclass(frozen=True, slots=True)
class EraseAsset:
    """Evidence log: forget all ids of an asset, and what was learned through them."""

    business: BusinessId
    asset: Asset
    at_ms: int
    """Whoever is seen later stays."""
    cause: Cause
    receipt: str
    """Where it is told that it is done; empty where nobody waits for it."""
    until_ms: int = 0
    """Until when it is remembered; 0: not at all."""


@dataclass(frozen=True, slots=True)
class EraseMembers:
    """Evidence log: go on forgetting an asset's ids, as a `Sweep` goes on."""

    business: BusinessId
    asset: Asset
    after: str
    """Handle the ids with a user id behind this one."""
    at_ms: int
    """That of the `EraseAsset` which it continues."""
    cause: Cause


@dataclass(frozen=True, slots=True)
class Unlinked:
    """Evidence log: the account linkings of *subject* up to *at_ms* are over."""

    business: BusinessId
    subject: ScopedId
    at_ms: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Banned:
    """Evidence log: two ids may not be one person from now on, or may be again.

    Of what is said about two ids the last counts, whichever comes first.
    """

    business: BusinessId
    one: OwnedId
    two: OwnedId
    is_lifted: bool
    """They may be one person again."""
    author: str
    """Who decided it: a name."""
    reason: str
    """Why, in a few words."""
    at_ms: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Decided:
    """Evidence log: how the proofs between two members count from now on.

    Of what is said about two members the last counts, whichever comes first. A link
    also brings a proof of its own.
    """

    business: BusinessId
    a: Member
    b: Member
    epoch_a: int
    epoch_b: int
    """The ownership epochs of the ends' assets; 0 for a token or a linking code."""
    verdict: Verdict
    author: str
    """Who decided it: a name."""
    reason: str
    """Why, in a few words."""
    at_ms: int
    cause: Cause


LogMessage = (
    Sighted
    | Proved
    | Refused
    | AssetChanged
    | Sweep
    | Erase
    | EraseAsset
    | EraseMembers
    | Unlinked
    | Banned
    | Decided
)
"""What the evidence log holds, each in the partition of its business."""
