"""Where the stories take place: two businesses, an agency, and whose everything is.

A scoped id is written as everywhere, `app:shop:ann`: the user id says which human it
is, so that a story can be read.
"""

from idweave_graph.ids import Asset, ScopedId, business_id, member
from idweave_graph.ownership import Ownership

ACME, RIVAL, AGENCY = map(business_id, ("acme", "rival", "agency"))

OWNERS = {
    "app:shop": ACME,
    "app:game": ACME,
    "page:fan": ACME,
    "page:help": ACME,
    "app:rival": RIVAL,
    "page:rival": RIVAL,
    "app:agency": AGENCY,
    "app:orphan": None,
}
"""`app:orphan` is between two owners; of any other asset nobody has told."""

PARENTS = {"app:shop-test": (ACME, "app:shop"), "app:claimed": (RIVAL, "app:shop")}
"""A test app, and one that somebody else says is a test app of the shop."""


def ownerships() -> dict[Asset, Ownership]:
    """Return who owns what when a story begins."""
    owned = [Ownership(Asset.parse(a), owner, 1) for a, owner in OWNERS.items()]
    owned += [
        Ownership(Asset.parse(app), owner, 1, parent=Asset.parse(parent))
        for app, (owner, parent) in PARENTS.items()
    ]
    return {each.asset: each for each in owned}


def scoped(text: str) -> ScopedId:
    """Read the text of a scoped id."""
    found = member(text)
    assert isinstance(found, ScopedId)
    return found
