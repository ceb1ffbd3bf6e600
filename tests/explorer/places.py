"""Every view of the page, with something worth looking at in it."""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from tests.support.browser import Explorer

Place = Callable[[Explorer], str]
"""Gives what stands behind the `#` of the address."""


def hash_of(*parts: str, **query: str) -> str:
    """Return what stands in the address for a view, as the page itself writes it."""
    path = "/".join(quote(part, safe="!'()*~") for part in parts)
    pairs = "&".join(f"{name}={quote(text, safe='')}" for name, text in query.items())
    return f"#/{path}?{pairs}" if pairs else f"#/{path}"


def _person(name: str) -> Place:
    return lambda explorer: hash_of(
        "person", explorer.person(getattr(explorer.cast, name))
    )


def _why(name: str, one: int, two: int) -> Place:
    def place(explorer: Explorer) -> str:
        members = getattr(explorer.cast, name)
        return hash_of("why", str(members[one]), str(members[two]))

    return place


def _fixed(*parts: str, **query: str) -> Place:
    return lambda _: hash_of(*parts, **query)


PLACES: Final[dict[str, Place]] = {
    "search": _fixed("search"),
    "search results": _fixed("search", q="24"),
    "search without results": _fixed("search", q="nothing-like-it"),
    "person lone": _person("lone"),
    "person pair": _person("pair"),
    "person five": _person("five"),
    "person thirty": _person("thirty"),
    "person large": _person("large"),
    "person wild": _person("wild"),
    "person torn": _person("torn"),
    "person by id": lambda e: hash_of("id", str(e.cast.five[1])),
    "person by an ended id": lambda e: hash_of("person", e.ended),
    "person of whom nothing is left": lambda e: hash_of("person", e.nobody),
    "why together": _why("five", 1, 2),
    "why apart": _why("parted", 0, 1),
    "why of wild ids": _why("wild", 0, 4),
    "history": lambda e: hash_of("history", e.person(e.cast.twelve)),
    "history of whom nothing is left": lambda e: hash_of("history", e.nobody),
    "what-if": lambda e: hash_of("whatif", e.person(e.cast.five)),
    "overview": _fixed("overview"),
    "quarantine": _fixed("review", "quarantine"),
    "refusals": _fixed("review", "refusals"),
    "decisions": _fixed("review", "decisions"),
    "erasures": _fixed("review", "erasures"),
    "no view": _fixed("nothing", "here"),
}
"""By name."""
