"""Builds a world piece by piece, drawing realistic ids where none are given."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from idweave_adapters.simulator.dice import dice
from idweave_adapters.simulator.world.values import (
    CREATED,
    FANS,
    REVIEWED,
    App,
    Business,
    Page,
    Parts,
    Person,
)

_NONE: Mapping[App | Page, str] = MappingProxyType({})

_FIRST = ("Ann", "Bó", "Chloé", "Dmitri", "Ebba", "Farid", "Goran", "Hana", "Imke", "Jürgen")  # fmt: skip
_LAST = ("Abe", "Brandão", "Çelik", "Duarte", "Evans", "Fischer", "Guðmunds", "Hörnfeldt")  # fmt: skip


MAX_TEST_PAGES = 5
"""Of one app (Page-Scoped ID API, Test Pages)."""


class DuplicateIdError(ValueError):
    """Two things were given one id. Leave the id away to have one drawn."""


class WorldBuilder:
    """Collects the parts of a world. The same seed and calls give the same ids.

    Example:
        >>> build = WorldBuilder(seed=1)
        >>> acme = build.business("Acme")
        >>> shop = build.app("Acme Shop", acme)
        >>> bot = build.page("Acme", acme, made_by=[shop])
        >>> person = build.person(shop, bot)
    """

    def __init__(self, *, seed: int = 0) -> None:
        self._dice = dice("world", seed)
        self._key = f"{self._dice.getrandbits(128):032x}"
        self._used: set[str] = set()
        self._businesses: list[Business] = []
        self._apps: list[App] = []
        self._pages: list[Page] = []
        self._people: list[Person] = []

    def business(
        self,
        name: str,
        *,
        id: str | None = None,  # noqa: A002
        is_provider: bool = False,
        verification: str = "verified",
    ) -> Business:
        """Add an owner."""
        made = Business(self._id(id, digits=15), name, is_provider, verification)
        self._businesses.append(made)
        return made

    def app(
        self,
        name: str,
        owner: Business | None,
        *,
        id: str | None = None,  # noqa: A002
        secret: str | None = None,
        parent: App | None = None,
        category: str | None = None,
        link: str | None = None,
        namespace: str | None = None,
        shared_with: Iterable[Business] = (),
        created: str = CREATED,
        reviewed: str | None = REVIEWED,
    ) -> App:
        """Add an app; with `parent` it is a test app and shares its parent's ids.

        It is among the `client_apps` of the businesses in `shared_with`.
        """
        made = App(
            id=self._id(id, digits=self._dice.choice((15, 16))),
            name=name,
            secret=secret or f"{self._dice.getrandbits(128):032x}",
            owner=owner.id if owner else None,
            epoch=1 if owner else 0,
            category=category,
            link=link,
            namespace=namespace,
            parent=parent.id if parent else None,
            shared_with=tuple(each.id for each in shared_with),
            created=created,
            reviewed=reviewed,
        )
        self._apps.append(made)
        return made

    def page(
        self,
        name: str,
        owner: Business | None,
        *,
        made_by: Iterable[App] = (),
        id: str | None = None,  # noqa: A002
        category: str | None = None,
        link: str | None = None,
        shared_with: Iterable[Business] = (),
        claimed_by: Iterable[Business] = (),
        fans: int = FANS,
        test_page_of: Iterable[App] = (),
    ) -> Page:
        """Add a Page; each app in `made_by` holds a token for it.

        It is among the `client_pages` of the businesses in `shared_with`, and of
        those whose apps made its tokens. The claims of those in `claimed_by` wait to
        be confirmed.

        Raises:
            ValueError: an app has more than five Test Pages.
        """
        made = Page(
            id=self._id(id, digits=15),
            name=name,
            owner=owner.id if owner else None,
            epoch=1 if owner else 0,
            category=category,
            link=link,
            made_by=tuple(app.id for app in made_by),
            shared_with=tuple(each.id for each in shared_with),
            claimed_by=tuple(each.id for each in claimed_by),
            fans=fans,
            test_page_of=tuple(each.id for each in test_page_of),
        )
        self._check_test_pages(made)
        self._pages.append(made)
        return made

    def person(
        self,
        *assets: App | Page,
        ids: Mapping[App | Page, str] = _NONE,
        name: str | None = None,
        phone_only: bool = False,
    ) -> Person:
        """Add someone who used these assets, with drawn ids or those in `ids`.

        Raises:
            ValueError: a phone-only account was given an app; it can have no ASID.
        """
        asids: dict[str, str] = {}
        psids: dict[str, str] = {}
        for asset in dict.fromkeys((*assets, *ids)):
            if isinstance(asset, Page):
                psids[asset.id] = self._id(ids.get(asset), digits=16)
            elif phone_only:
                msg = "an account made with a phone number has no app-scoped id: name Pages only"
                raise ValueError(msg)
            elif asset.scope not in asids:
                digits = self._dice.choice((15, 16, 17))
                asids[asset.scope] = self._id(ids.get(asset), digits=digits)
        made = Person(
            self._id(None, digits=12), name or self._name(), asids, psids, phone_only
        )
        self._people.append(made)
        return made

    def _check_test_pages(self, made: Page) -> None:
        pages = [*self._pages, made]
        for app in made.test_page_of:
            if sum(app in page.test_page_of for page in pages) > MAX_TEST_PAGES:
                msg = f"an app has up to {MAX_TEST_PAGES} Test Pages"
                raise ValueError(msg)

    def parts(self) -> Parts:
        """What was built so far, for `World(...)`."""
        return Parts(
            tuple(self._businesses),
            tuple(self._apps),
            tuple(self._pages),
            tuple(self._people),
            self._key,
        )

    def _id(self, wanted: str | None, *, digits: int) -> str:
        if wanted is not None and wanted in self._used:
            msg = "an id was given twice; leave it away to have one drawn"
            raise DuplicateIdError(msg)
        drawn = wanted
        while drawn is None or (wanted is None and drawn in self._used):
            drawn = str(self._dice.randrange(10 ** (digits - 1), 10**digits))
        self._used.add(drawn)
        return drawn

    def _name(self) -> str:
        return f"{self._dice.choice(_FIRST)} {self._dice.choice(_LAST)}"
