"""What the core asks of the outside: reading state by key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from idweave_graph.bans import Ban
from idweave_graph.decisions import Decision
from idweave_graph.erasures import AssetErasure, Erased
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.lookups import Lookup
from idweave_graph.person import Person, PersonId


@dataclass(frozen=True, slots=True)
class AssetEpoch:
    """What the graph of one business knows of one asset it owns or owned."""

    epoch: int
    owned: bool
    is_told: bool = True
    """False: evidence was ahead of the message that tells of this epoch."""


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """What one business's graph remembers of whatever was taken back in it."""

    count: int = 0
    """How many occasions there were; whoever comes later has it in their name."""
    generation: int = 0
    """The highest one at which anybody left; whoever comes later is above it."""
    sweeping: Mapping[Asset, str] = field(default_factory=dict)
    """Assets whose members of an epoch that is over are being taken out, bit by bit:
    the user id up to which that is done, empty at the start."""
    has_bans: bool = False
    """Somebody has told of a ban; until then there is none to look for."""
    has_decisions: bool = False
    """Somebody has decided about proofs; until then there is nothing to look for."""
    has_erasures: bool = False
    """Erasures of ids are remembered; until then there is none to look for."""
    erasing: Mapping[Asset, AssetErasure] = field(default_factory=dict)
    """Assets of which all ids are being forgotten, or have been a while ago."""

    def with_bans(self) -> "Withdrawals":
        """Return the same, for a business in which a ban was told of."""
        return replace(self, has_bans=True)


class GraphState(Protocol):
    """The graph of every business of one partition, as the last message left it."""

    def person(self, business: BusinessId, person: PersonId) -> Person | None:
        """Return the person of that id, None where there is none (any more)."""

    def person_of(self, business: BusinessId, member: Member) -> PersonId | None:
        """Return the id of the person that *member* belongs to."""

    def asset(self, business: BusinessId, asset: Asset) -> AssetEpoch | None:
        """Return the last epoch of *asset* that the log told of."""

    def is_refusal_known(self, business: BusinessId, refusal: str) -> bool:
        """Say whether the refusal of that event id is on record."""

    def withdrawals(self, business: BusinessId) -> Withdrawals:
        """Return what is remembered of withdrawals, as `Withdrawals()` at first."""

    def members_of(
        self, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> Sequence[ScopedId]:
        """List up to *limit* members of *asset*, by user id, from behind *after* on."""

    def bans_of(self, business: BusinessId, scoped: ScopedId) -> tuple[Ban, ...]:
        """Return what was said about *scoped* and others, by pair."""

    def banned_of(
        self, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> Sequence[ScopedId]:
        """List up to *limit* ids of *asset* that bans name, as `members_of` does."""

    def decisions_of(
        self, business: BusinessId, member: Member
    ) -> tuple[Decision, ...]:
        """Return what was decided about *member* and others, by pair."""

    def decided_of(
        self, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> Sequence[ScopedId]:
        """List up to *limit* ids of *asset* that decisions name, as `members_of` does."""

    def erased(self, business: BusinessId, scoped: ScopedId) -> Erased | None:
        """Return what is remembered of the erasure of *scoped*.

        None: nothing. Where no key is configured nothing ever is.
        """

    def receipt_ms(self, business: BusinessId, receipt: str) -> int | None:
        """Return the time of the last request under *receipt* that is carried out."""


class LookupState(Protocol):
    """The lookups of one partition, as the last message left them."""

    def lookup(self, scoped: ScopedId) -> Lookup | None:
        """Return the lookup of *scoped*, None where it was never seen."""

    def erased(self, scoped: ScopedId) -> Erased | None:
        """Return what is remembered of the erasure of *scoped*, whoever owned it."""

    def erased_asset(self, asset: Asset) -> Erased | None:
        """Return what is remembered of the erasure of all ids of *asset*."""
