"""`ids_for_apps`, `ids_for_pages`, `ids_for_business`, and the field `token_for_business`.

Who may ask what (Mapping Users Across Apps and Pages, Connecting People Across Apps and
Bots):

| start | edge             | token              | proof                                  |
|-------|------------------|--------------------|----------------------------------------|
| PSID  | either           | Page               | required                               |
| ASID  | ids_for_pages    | app or Page (rule) | required, but not in an expanded read  |
| ASID  | ids_for_apps     | app or Page        | with a Page token                      |
| ASID  | ids_for_business | user or app        | no                                     |
| ASID  | token_for_...    | user or app        | no                                     |

Only assets of the business that owns the asking app or Page are answered.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from idweave_adapters.simulator.api import errors, fields, paging
from idweave_adapters.simulator.api.endpoints.asked import Asked, Subject, subject
from idweave_adapters.simulator.api.endpoints.hostile import Scene, intruders
from idweave_adapters.simulator.api.endpoints.rows import Kind, Row, rows_of, shape
from idweave_adapters.simulator.api.fields import Field
from idweave_adapters.simulator.state import State

KINDS: Mapping[str, Kind] = {
    "ids_for_apps": "app",
    "ids_for_business": "app",
    "ids_for_pages": "page",
}
TOKEN_FIELD = "token_for_business"  # noqa: S105 - the name of a field
_SINCE = (2, 9)
_ADDED = {
    "instant_game_player_id"
}  # documented for ids_for_business; nobody here has one


def direct(state: State, asked: Asked) -> Mapping[str, Any]:
    """Answer `/{id}/{edge}`: always a list, empty when nothing is known now."""
    edge = asked.call.path[1]
    about = subject(state, asked)
    business = allow(state, asked, about, edge, is_expanded=False)
    wanted = fields.parse(asked.call.params.get("fields", ""))
    body = page(state, asked, about, business, Field(edge, asked.call.params, wanted))
    if "after" not in asked.call.params and "before" not in asked.call.params:
        state.stats.looked_up(about.scoped_id, edge)
    return body


def allow(
    state: State, asked: Asked, about: Subject, edge: str, *, is_expanded: bool
) -> str:
    """Name the business whose assets may be answered.

    Raises:
        GraphError: wrong version, token kind or proof; no business; a service
            provider; or a business under review.
    """
    if asked.version < _SINCE and edge != TOKEN_FIELD:
        raise errors.version_too_old(edge)
    _check_token(state, asked, about, edge)
    if _needs_proof(asked, edge, is_expanded=is_expanded) and not asked.proved:
        raise errors.proof_missing()
    business = asked.caller.business
    if business is None:
        raise errors.no_business(state.rules.no_business_code)
    if asked.caller.is_service_provider:
        state.stats.violations[business] += 1
        raise errors.under_review(state.rules.review_status)
    if state.faults.review_first_call and business not in state.cleared:
        state.review(business, on=True)
    if business in state.under_review:
        raise errors.under_review(state.rules.review_status)
    return business


def page(
    state: State, asked: Asked, about: Subject, business: str, edge: Field
) -> dict[str, Any]:
    """One page of an edge.

    Raises:
        GraphError: a parameter, field or cursor that cannot be used.
    """
    kind = KINDS[edge.name]
    window = paging.window(
        edge.params, default=state.rules.default_limit, most=state.rules.max_limit
    )
    rows = _rows(state, about, business, edge)
    wanted = [each for each in edge.below if each.name not in _ADDED]
    return paging.cut(
        [shape(row, kind, wanted) for row in rows],
        [row.key for row in rows],
        window,
        link=lambda more: _link(state, asked, about, edge, more),
        shorten=lambda count: _shorten(state, count),
    )


def business_token(state: State, asked: Asked, about: Subject) -> str:
    """The value of `token_for_business`.

    Raises:
        GraphError: as `allow`; a missing business is an error, not an absent field.
    """
    business = allow(state, asked, about, TOKEN_FIELD, is_expanded=True)
    return state.world.token_for_business(about.person, business)


def _check_token(state: State, asked: Asked, about: Subject, edge: str) -> None:
    kind, rule = asked.caller.kind, state.rules.asid_to_pages
    if edge in {"ids_for_business", TOKEN_FIELD} and kind == "page":
        raise errors.app_or_user_token_needed()
    if edge != "ids_for_pages" or about.is_page_scoped or rule in {"both", kind}:
        return
    if rule == "page":
        raise errors.page_token_needed()
    raise errors.app_or_user_token_needed()


def _needs_proof(asked: Asked, edge: str, *, is_expanded: bool) -> bool:
    if edge in {"ids_for_business", TOKEN_FIELD}:
        return False
    if asked.caller.kind == "page":
        return True
    return edge == "ids_for_pages" and not is_expanded


def _rows(state: State, about: Subject, business: str, edge: Field) -> list[Row]:
    """Filtered by the parameter named like the asset's kind; any other is ignored."""
    kind = KINDS[edge.name]
    rows = list(rows_of(state, about.person, kind, business))
    rows += intruders(Scene(state, about, kind, business, tuple(rows)))
    only = edge.params.get(kind)
    if only is None:
        return rows
    if not only.isdecimal():
        raise errors.bad_parameter(f"Param {kind} must be an id")
    return [row for row in rows if row.asset.id == only]


def _shorten(state: State, count: int) -> int:
    if count and state.strikes("short_page", state.faults.short_page_rate):
        return state.rng.randrange(count)
    return count


def _link(
    state: State, asked: Asked, about: Subject, edge: Field, more: Mapping[str, str]
) -> str:
    """The next page as a URL, with the token in it, as Meta's has."""
    kind = KINDS[edge.name]
    keep = {"access_token": asked.call.token or ""}
    keep |= {name: edge.params[name] for name in (kind,) if name in edge.params}
    if edge.below:
        keep["fields"] = _text(edge.below)
    major, minor = asked.version
    path = f"v{major}.{minor}/{about.node}/{edge.name}"
    return f"{state.base_url}/{path}?{urlencode({**keep, 'pretty': '0', **more})}"


def _text(wanted: Sequence[Field]) -> str:
    return ",".join(
        each.name + (f"{{{_text(each.below)}}}" if each.below else "")
        for each in wanted
    )
