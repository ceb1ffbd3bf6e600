"""Who exists: businesses, apps, Pages and people. Frozen, and silent about ids in `repr`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

CREATED = "2016-04-12"
"""When an app was made, if nobody says; before the Pages API gave out PSIDs."""

REVIEWED = "2021-02-01"
"""When it passed App Review, if nobody says; less than 180 days before the end of the
Page-Scoped ID API."""

FANS = 100_000
"""Of a Page, if nobody says."""


@dataclass(frozen=True, slots=True)
class Business:
    """An owner of assets. A provider works on Pages that other businesses own."""

    id: str
    name: str
    is_provider: bool = False
    verification: str = "verified"


@dataclass(frozen=True, slots=True)
class App:
    """An app. Without an owner it is in no Business Manager, so nothing can be mapped.

    A test app (`parent` is set) has its own id and secret, but shares the app-scoped
    ids of its parent (Mapping Users Across Apps and Pages). Days are YYYY-MM-DD.
    """

    id: str
    name: str
    secret: str = field(repr=False)
    owner: str | None
    epoch: int = 1  # counts the owners so far
    category: str | None = None
    link: str | None = None
    namespace: str | None = None
    parent: str | None = None
    shared_with: tuple[str, ...] = ()  # businesses that work on it without owning it
    created: str = CREATED
    reviewed: str | None = REVIEWED  # the day it passed App Review

    @property
    def scope(self) -> str:
        """The app in whose scope its people's ids lie."""
        return self.parent or self.id

    @property
    def asset(self) -> str:
        """The text form that the rest of idweave uses."""
        return f"app:{self.id}"


@dataclass(frozen=True, slots=True)
class Page:
    """A Page with a Messenger bot. `made_by` are the apps that hold a token for it.

    A business in `claimed_by` has asked to own it, and nobody has confirmed that yet.
    """

    id: str
    name: str
    owner: str | None
    epoch: int = 1  # counts the owners so far
    category: str | None = None
    link: str | None = None
    made_by: tuple[str, ...] = ()
    shared_with: tuple[str, ...] = ()  # businesses that work on it without owning it
    claimed_by: tuple[str, ...] = ()
    fans: int = FANS
    test_page_of: tuple[str, ...] = ()  # apps that try out the Pages API's PSIDs on it

    @property
    def asset(self) -> str:
        """The text form that the rest of idweave uses."""
        return f"page:{self.id}"


@dataclass(frozen=True, slots=True)
class Person:
    """One human, known by unrelated numbers to each app and each Page.

    Args:
        key: names the human inside the simulator; no answer ever holds it.
        asids: app (never a test app) to the app-scoped id.
        psids: Page to the Page-scoped id.
        phone_only: a Messenger account made with a phone number; it can have no ASID.
    """

    key: str = field(repr=False)
    name: str = field(repr=False)
    asids: Mapping[str, str] = field(repr=False, default_factory=dict)
    psids: Mapping[str, str] = field(repr=False, default_factory=dict)
    phone_only: bool = False


class Parts(NamedTuple):
    """All there is in a world, and the key that its tokens are made with."""

    businesses: tuple[Business, ...]
    apps: tuple[App, ...]
    pages: tuple[Page, ...]
    people: tuple[Person, ...]
    key: str
