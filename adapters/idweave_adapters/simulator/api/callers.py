"""Whose token it is: an app's, a Page's, a person's or a business's system user's."""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from idweave_adapters.simulator.api import errors
from idweave_adapters.simulator.world import App, Business, Page, Person, World


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. Every token was made by an app; a Page or a person may stand behind it."""

    app: App
    page: Page | None = None
    person: Person | None = None
    system_user_of: Business | None = None

    @property
    def kind(self) -> Literal["app", "page", "user", "system_user"]:
        """The kind of token."""
        if self.page:
            return "page"
        if self.system_user_of:
            return "system_user"
        return "user" if self.person else "app"

    @property
    def business(self) -> str | None:
        """The owner of the asset that is asked about, or the system user's business."""
        if self.system_user_of:
            return self.system_user_of.id
        return self.page.owner if self.page else self.app.owner

    @property
    def is_service_provider(self) -> bool:
        """The token of a Page was made by an app of somebody else."""
        return self.page is not None and self.page.owner != self.app.owner

    @property
    def asset(self) -> str:
        """The asset, or `business:<id>`, whose limits and credentials these are."""
        if self.system_user_of:
            return f"business:{self.system_user_of.id}"
        return self.page.asset if self.page else self.app.asset


def identify(world: World, token: str | None, revoked: Collection[str]) -> Caller:
    """Find out who calls.

    Raises:
        GraphError: there is no token, it is none of this world's, or it was revoked.
    """
    if not token:
        raise errors.no_token()
    caller = (
        _app(world, token)
        or _page(world, token)
        or _user(world, token)
        or _system_user(world, token)
    )
    if caller is None:
        raise errors.bad_token()
    if caller.asset in revoked:
        raise errors.revoked_token()
    return caller


def _app(world: World, token: str) -> Caller | None:
    app_id, bar, secret = token.partition("|")
    if not bar:
        return None
    app = world.apps.get(app_id)
    if app is None or not hmac.compare_digest(secret.encode(), app.secret.encode()):
        raise errors.bad_app_secret()
    return Caller(app)


def _page(world: World, token: str) -> Caller | None:
    found = world.page_of(token)
    return Caller(app=found[1], page=found[0]) if found else None


def _user(world: World, token: str) -> Caller | None:
    found = world.user_of(token)
    return Caller(app=found[1], person=found[0]) if found else None


def _system_user(world: World, token: str) -> Caller | None:
    found = world.system_user_of(token)
    return Caller(app=found[1], system_user_of=found[0]) if found else None
