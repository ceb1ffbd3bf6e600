"""What the core asks of the outside: reading state by key."""

from dataclasses import dataclass
from typing import Protocol

from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.lookups import Lookup
from idweave_graph.person import Person, PersonId


@dataclass(frozen=True, slots=True)
class AssetEpoch:
    """What the graph of one business knows of one asset it owns or owned."""

    epoch: int
    owned: bool


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


class LookupState(Protocol):
    """The lookups of one partition, as the last message left them."""

    def lookup(self, scoped: ScopedId) -> Lookup | None:
        """Return the lookup of *scoped*, None where it was never seen."""
