"""Who owns what: the lists of a business, and the owner of an app or a Page.

Fields, edges and error numbers: Business, Application and Page references. `owned_*`
is what a business owns, `client_*` what others share with it, `pending_owned_pages`
holds claims that nobody has confirmed, so they are no Pages of the business yet.
Only a token of the business's own system users may read its lists.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from idweave_adapters.simulator.api import errors, fields, paging
from idweave_adapters.simulator.api.endpoints.asked import Asked
from idweave_adapters.simulator.api.endpoints.rows import describe
from idweave_adapters.simulator.api.fields import Field
from idweave_adapters.simulator.api.node_fields import LISTED
from idweave_adapters.simulator.state import State
from idweave_adapters.simulator.world import App, Business, Page, World
from idweave_adapters.simulator.world.sharing import (
    client_apps,
    client_pages,
    owned_apps,
    owned_pages,
    pending_pages,
)

_List = Callable[[World, str], Sequence[App | Page]]
_LISTS: Mapping[str, _List] = {
    "owned_apps": owned_apps,
    "owned_pages": owned_pages,
    "client_apps": client_apps,
    "client_pages": client_pages,
    "pending_owned_pages": pending_pages,
}
EDGES = frozenset(_LISTS)

OWNER_FIELDS = frozenset({"business", "owner_business"})
_TOKEN_FIELD = "access_token"  # noqa: S105 - the name of a field
_BUSINESS_FIELDS = ("id", "name", "verification_status")
_USUAL_FIELDS = ("id", "name")
_TASKS = "permitted_tasks"
_TASKS_OF_CLIENT: Mapping[type, list[str]] = {
    App: ["DEVELOP", "TEST"],
    Page: ["MESSAGING", "MODERATE"],
}


def read(state: State, asked: Asked) -> dict[str, Any]:
    """Answer `/{business}/{edge}`.

    Raises:
        GraphError: no such business, a token of somebody else, a business that is
            blocked, or a parameter that cannot be used.
    """
    business, edge = _business(state, asked), asked.call.path[1]
    window = paging.window(
        asked.call.params, default=state.rules.default_limit, most=state.rules.max_limit
    )
    wanted = fields.parse(asked.call.params.get("fields", ""))
    assets = _rows(state, business, edge)
    page = paging.cut(
        [_row(edge, business, each, wanted) for each in assets],
        [each.asset for each in assets],
        window,
        link=lambda more: _link(state, asked, more),
        shorten=lambda count: _shorten(state, count),
    )
    if asked.call.params.get("summary") in {"true", "1", "total_count"}:
        page["summary"] = {"total_count": len(assets)}
    return page


def business_node(
    asked: Asked, business: Business, wanted: Sequence[Field]
) -> dict[str, Any]:
    """Answer `/{business}`.

    Raises:
        GraphError: a token of somebody else, or an unknown field.
    """
    if asked.caller.system_user_of != business:
        raise errors.not_of_business()
    return _business_fields(business, wanted)


def asset_node(
    state: State, asked: Asked, asset: App | Page, wanted: Sequence[Field]
) -> dict[str, Any]:
    """Answer `/{app}` and `/{page}`, with `business` and `owner_business` if asked.

    Both are absent where there is no owner, and so is a Page's `access_token` for who
    may not manage the Page.

    Raises:
        GraphError: the owner is asked for with a token of somebody else, or there is
            no such field.
    """
    owners = [each for each in wanted if each.name in OWNER_FIELDS]
    others = [each for each in wanted if each.name not in OWNER_FIELDS]
    if owners and not _may_see_owner(state, asked, asset):
        raise errors.not_of_business()
    body: dict[str, Any] = {}
    if asset.owner is not None:
        owner = state.world.businesses[asset.owner]
        body = {each.name: _business_fields(owner, each.below) for each in owners}
    if isinstance(asset, Page) and any(each.name == _TOKEN_FIELD for each in others):
        body |= _page_token(state, asked, asset)
    rest = describe(asset, others) if others or not owners else {"id": asset.id}
    return {**body, **rest}


def _page_token(state: State, asked: Asked, page: Page) -> dict[str, str]:
    """The Page's token that the asking app has made (Page reference, `access_token`)."""
    caller, world = asked.caller, state.world
    managed: list[Page] = [caller.page] if caller.page else []
    if caller.system_user_of:
        name = caller.system_user_of.id
        managed = [*owned_pages(world, name), *client_pages(world, name)]
    if page not in managed or caller.app.id not in page.made_by:
        return {}
    return {_TOKEN_FIELD: world.page_token(page.id, caller.app.id)}


def _business(state: State, asked: Asked) -> Business:
    node = asked.call.path[0]
    business = state.world.businesses.get(node)
    if business is None:
        raise errors.unknown_object(node)
    if asked.caller.system_user_of != business:
        raise errors.not_of_business()
    if business.id in state.blocked:
        raise errors.blocked()
    return business


def _rows(state: State, business: Business, edge: str) -> list[App | Page]:
    found = _LISTS[edge](state.world, business.id)
    listed = state.rules.test_apps_owned
    return [
        each for each in found if listed or isinstance(each, Page) or not each.parent
    ]


def _row(
    edge: str, business: Business, asset: App | Page, wanted: Sequence[Field]
) -> dict[str, Any]:
    if edge.startswith("pending_"):
        return _request(business, asset, wanted)
    if not edge.startswith("client_"):
        return describe(asset, wanted)
    others = [each for each in wanted if each.name != _TASKS]
    row = describe(asset, others) if others or not wanted else {"id": asset.id}
    with_tasks = not wanted or len(others) < len(wanted)
    return row | ({_TASKS: _TASKS_OF_CLIENT[type(asset)]} if with_tasks else {})


def _request(
    business: Business, page: App | Page, wanted: Sequence[Field]
) -> dict[str, Any]:
    """A claim, with an id of its own that is neither the Page's nor the business's."""
    below = {each.name: each.below for each in wanted} or {"page": (Field("name"),)}
    for name in below:
        if name not in {"id", "page"}:
            raise errors.unknown_field(name, "BusinessPageRequest")
    row: dict[str, Any] = {"id": f"{int(business.id) + int(page.id)}"}
    if "page" in below:
        row["page"] = describe(page, below["page"] or (Field("name"),))
    return row


def _business_fields(business: Business, wanted: Sequence[Field]) -> dict[str, Any]:
    known = {
        "id": business.id,
        "name": business.name,
        "verification_status": business.verification,
    }
    for each in wanted:
        if each.name not in LISTED["Business"]:
            raise errors.unknown_field(each.name, "Business")
    names = {each.name for each in wanted} or {*_USUAL_FIELDS}
    return {name: known[name] for name in _BUSINESS_FIELDS if name in names | {"id"}}


def _may_see_owner(state: State, asked: Asked, asset: App | Page) -> bool:
    """By its own token, or that of a business that owns it or works on it."""
    caller, world = asked.caller, state.world
    if caller.system_user_of is None:
        return asset in (caller.page or caller.app, caller.app)
    name = caller.system_user_of.id
    lists = (owned_apps, owned_pages, client_apps, client_pages)
    return any(asset in each(world, name) for each in lists)


def _shorten(state: State, count: int) -> int:
    if count and state.strikes("short_page", state.faults.short_page_rate):
        return state.rng.randrange(count)
    return count


def _link(state: State, asked: Asked, more: Mapping[str, str]) -> str:
    """The next page as a URL, with the token in it, as Meta's has."""
    keep = {"access_token": asked.call.token or ""}
    keep |= {
        name: asked.call.params[name]
        for name in ("fields", "summary")
        if name in asked.call.params
    }
    major, minor = asked.version
    path = f"v{major}.{minor}/{'/'.join(asked.call.path)}"
    return f"{state.base_url}/{path}?{urlencode({**keep, 'pretty': '0', **more})}"
