"""The world as its readers need it: lookups by id, tokens, ownership, truth."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Self, TypeVar

from idweave_adapters.simulator.world import codec
from idweave_adapters.simulator.world.generate import Recipe, draw
from idweave_adapters.simulator.world.keys import Keys
from idweave_adapters.simulator.world.people import People
from idweave_adapters.simulator.world.values import App, Business, Page, Parts, Person

Truth = Mapping[str, frozenset[frozenset[str]]]
"""Business to its persons, each the set of its scoped ids in text form."""


class NoSuchAssetError(LookupError):
    """The world has no such app, Page or business. Take ids from `World.assets`."""


class World:
    """A fixed state of affairs. A change of owner makes a new world.

    Nothing in it, its secrets included, is real.
    """

    __slots__ = (
        "_keys",
        "_page_tokens",
        "_parts",
        "apps",
        "businesses",
        "pages",
        "people",
    )

    def __init__(self, parts: Parts, *, people: People | None = None) -> None:
        self._parts = parts
        self._keys = Keys(parts.key)
        self.businesses: Mapping[str, Business] = {
            each.id: each for each in parts.businesses
        }
        self.apps: Mapping[str, App] = {each.id: each for each in parts.apps}
        self.pages: Mapping[str, Page] = {each.id: each for each in parts.pages}
        self.people = people or People(parts.people)
        self._page_tokens = {
            self._keys.page_token(page.id, app): (page, self.apps[app])
            for page in parts.pages
            for app in page.made_by
        }

    @classmethod
    def generate(
        cls,
        *,
        seed: int = 0,
        businesses: int = 5,
        people: int = 500,
        provider: bool = True,
        phone_only: float = 0.05,
        unowned_apps: int = 0,
    ) -> Self:
        """Draw a world; the same arguments give the same one. See `Recipe`."""
        recipe = Recipe(
            seed=seed,
            businesses=businesses,
            people=people,
            provider=provider,
            phone_only=phone_only,
            unowned_apps=unowned_apps,
        )
        return cls(draw(recipe))

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """Read `to_json`'s document.

        Raises:
            UnreadableWorldError: it is something else.
        """
        return cls(codec.decode(text))

    def to_json(self) -> bytes:
        """Everything, secrets included, so that two processes share one world."""
        return codec.encode(self._parts)

    # tokens

    def page_token(self, page: str, app: str) -> str:
        """The Page token made by this app.

        Raises:
            NoSuchAssetError: that app has made none for the Page.
        """
        token = self._keys.page_token(page, app)
        if token not in self._page_tokens:
            msg = "that app made no token for that Page; see Page.made_by"
            raise NoSuchAssetError(msg)
        return token

    def app_token(self, app: str) -> str:
        """The app token, `<id>|<secret>`."""
        return f"{app}|{self.apps[app].secret}"

    def user_token(self, app: str, asid: str) -> str:
        """The token of a person who logged into this app."""
        return self._keys.user_token(app, asid)

    def page_of(self, token: str) -> tuple[Page, App] | None:
        """Which Page a token is for, and which app made it."""
        return self._page_tokens.get(token)

    def user_of(self, token: str) -> tuple[Person, App] | None:
        """Whose user token this is, in which app."""
        ids = self._keys.read_user_token(token)
        app = self.apps.get(ids[0]) if ids else None
        if ids is None or app is None:
            return None
        person = self.people.in_app(app.scope).get(ids[1])
        return (person, app) if person else None

    def system_user_token(self, business: str, app: str) -> str:
        """The token that this app made for a system user of the business."""
        return self._keys.system_user_token(business, app)

    def system_user_of(self, token: str) -> tuple[Business, App] | None:
        """Whose system user's token this is, and which app made it."""
        ids = self._keys.read_system_user_token(token)
        if ids is None or ids[0] not in self.businesses or ids[1] not in self.apps:
            return None
        return self.businesses[ids[0]], self.apps[ids[1]]

    def token_for_business(self, person: Person, business: str) -> str:
        """The join key of one person in one business."""
        return self._keys.business_token(person.key, business)

    def meet(self, page: str, people: Iterable[Person]) -> Self:
        """A world in which each of these people has an id on the Page."""
        new = {
            self._keys.psid(each.key, page): each
            for each in people
            if page not in each.psids
        }
        if not new:
            return self
        people_now = self.people.met_by(page, new)
        parts = self._parts._replace(people=people_now.all)
        return type(self)(parts, people=people_now)

    def joined_by(self, people: Iterable[Person]) -> Self:
        """A world in which these people are as well."""
        everybody = (*self.people.all, *people)
        return type(self)(self._parts._replace(people=everybody))

    # ownership

    def transfer(self, asset: str, owner: str | None) -> Self:
        """A world in which the asset has this owner, or none.

        The epoch grows with each new owner and rests while there is none, which is
        Meta's only way: remove from one business, then add to the other. Test apps
        go with their parent. A claim of the new owner is confirmed by it.

        Raises:
            NoSuchAssetError: no such asset (`app:<id>`, `page:<id>`) or business.
        """
        kind, _, wanted = asset.partition(":")
        known = self.apps if kind == "app" else self.pages if kind == "page" else {}
        if wanted not in known or (owner is not None and owner not in self.businesses):
            msg = "no such asset or business in this world"
            raise NoSuchAssetError(msg)
        parts = self._parts
        if kind == "app":
            apps = tuple(
                _owned(each, owner) if wanted in (each.id, each.parent) else each
                for each in parts.apps
            )
            parts = parts._replace(apps=apps)
        else:
            pages = (
                _owned(each, owner) if each.id == wanted else each
                for each in parts.pages
            )
            parts = parts._replace(pages=tuple(pages))
        return type(self)(parts, people=self.people)

    def assets(self) -> list[dict[str, Any]]:
        """Who owns what, as records for the ownership topic."""
        apps = [
            {
                "asset": app.asset,
                "business": app.owner,
                "epoch": app.epoch,
                "name": app.name,
                "parent": f"app:{app.parent}" if app.parent else None,
            }
            for app in self.apps.values()
        ]
        pages = [
            {
                "asset": page.asset,
                "business": page.owner,
                "epoch": page.epoch,
                "name": page.name,
                "parent": None,
            }
            for page in self.pages.values()
        ]
        return apps + pages

    def credentials(self) -> dict[str, Any]:
        """What a deployment serving all these businesses would be given.

        A business's token is that of a system user, made by the first app that it owns.
        A Page's token names the app that made it. Where that app belongs to another
        business (a service provider), its secret is under `providers` as well, so
        that the documents of single businesses can be cut out of this one.
        """
        businesses: dict[str, Any] = {
            each: {"apps": {}, "pages": {}, **self._system_user(each)}
            for each in self.businesses
        }
        providers: dict[str, Any] = {}
        for app in self.apps.values():
            if app.owner:
                businesses[app.owner]["apps"][app.id] = {"secret": app.secret}
        for page in self.pages.values():
            maker = self._token_app(page)
            if page.owner and maker:
                token = self.page_token(page.id, maker.id)
                businesses[page.owner]["pages"][page.id] = {
                    "token": token,
                    "app": maker.id,
                }
                if maker.owner != page.owner:
                    providers[maker.id] = {
                        "secret": maker.secret,
                        "business": maker.owner,
                    }
        return {"businesses": businesses, "providers": providers}

    def truth(self) -> Truth:
        """Who is who in each business, under its present assets."""
        found: dict[str, list[frozenset[str]]] = defaultdict(list)
        for person in self.people.all:
            for business, ids in self.ids_by_business(person).items():
                found[business].append(frozenset(ids))
        return {each: frozenset(found[each]) for each in self.businesses}

    def ids_by_business(self, person: Person) -> Mapping[str, list[str]]:
        """One person's ids, by the business that owns the app or Page now."""
        ids: dict[str, list[str]] = defaultdict(list)
        for app, asid in person.asids.items():
            if owner := self.apps[app].owner:
                ids[owner].append(f"app:{app}:{asid}")
        for page, psid in person.psids.items():
            if owner := self.pages[page].owner:
                ids[owner].append(f"page:{page}:{psid}")
        return ids

    def may_ask(self, page: Page) -> bool:
        """Whether some app of the Page's own business made a token for it."""
        maker = self._token_app(page)
        return (
            maker is not None and page.owner is not None and maker.owner == page.owner
        )

    def _system_user(self, business: str) -> dict[str, str]:
        own = (x for x in self.apps.values() if x.owner == business and not x.parent)
        maker = next(own, None)
        if maker is None:
            return {}  # it has no app to make a token with
        return {"token": self.system_user_token(business, maker.id), "app": maker.id}

    def _token_app(self, page: Page) -> App | None:
        makers = [self.apps[each] for each in page.made_by]
        own = [each for each in makers if each.owner == page.owner]
        return next(iter(own + makers), None)


_Asset = TypeVar("_Asset", App, Page)


def _owned(asset: _Asset, owner: str | None) -> _Asset:
    if asset.owner == owner:
        return asset
    shared_with = tuple(each for each in asset.shared_with if each != owner)
    epoch = asset.epoch + (owner is not None)
    moved = replace(asset, owner=owner, epoch=epoch, shared_with=shared_with)
    if isinstance(moved, App):
        return moved
    claims = tuple(each for each in moved.claimed_by if each != owner)
    return replace(moved, claimed_by=claims)
