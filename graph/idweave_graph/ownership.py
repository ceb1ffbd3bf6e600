"""Who owns which app and Page, and for the how-manieth owner.

An asset belongs to at most one business at a time (Business Mapping API, FAQ), and
between two owners to none. What was proved under one owner says nothing under the
next, so every piece of evidence carries the epochs it was proved under.
"""

from dataclasses import dataclass, replace
from typing import Protocol

from idweave_graph.ids import Asset, BusinessId, ScopedId


@dataclass(frozen=True, slots=True)
class Ownership:
    """What is known about the owner of one asset now."""

    asset: Asset
    business: BusinessId | None
    """None: known, but between two owners."""
    epoch: int
    """Counts the owners the asset has had."""
    parent: Asset | None = None
    """A test app shares its people's ids with this app."""
    previous: BusinessId | None = None
    """The owner before this one, who has to let go of what this asset proved."""
    since_ms: int = 0


class OwnershipView(Protocol):
    """What a worker knows of all assets."""

    def of(self, asset: Asset) -> Ownership | None:
        """Return the ownership of *asset*, None where nobody has told."""


@dataclass(frozen=True, slots=True, order=True)
class OwnedId:
    """A scoped id in the epoch of its asset under which it was seen."""

    id: ScopedId
    epoch: int


def home(view: OwnershipView, scoped: ScopedId) -> tuple[ScopedId, Ownership | None]:
    """Name *scoped* by the asset that scopes it, with that asset's ownership.

    A test app's ids are those of its parent app, so they are the same scoped id. Where
    the two are not of one business, nobody owns it: a parent that is only claimed must
    not lead into somebody else's graph.
    """
    ownership = view.of(scoped.asset)
    if ownership is None or ownership.parent is None:
        return scoped, ownership
    shared = view.of(ownership.parent)
    if shared is not None and shared.business != ownership.business:
        shared = replace(shared, business=None)
    return ScopedId(ownership.parent, scoped.user), shared
