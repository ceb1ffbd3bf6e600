"""`/{id}`: a person with expanded edges, an app, a Page or a business."""

from collections.abc import Mapping, Sequence
from typing import Any

from idweave_adapters.simulator.api import errors, fields
from idweave_adapters.simulator.api.endpoints import mapping, ownership
from idweave_adapters.simulator.api.endpoints.asked import Asked, Subject, subject
from idweave_adapters.simulator.api.fields import Field
from idweave_adapters.simulator.api.node_fields import LISTED
from idweave_adapters.simulator.state import State
from idweave_adapters.simulator.world import App, Page

_USUAL = (Field("name"), Field("id"))
_AGE_RANGE = {"min": 21}
_OF_ONE_KIND = {"age_range", "is_payment_enabled"}  # of ASIDs, of PSIDs


def read(state: State, asked: Asked) -> Mapping[str, Any]:
    """Answer `/{id}` and `/me` with the asked fields, `id` as the last."""
    wanted = fields.parse(asked.call.params.get("fields", ""))
    if asset := _asset(state, asked):
        return ownership.asset_node(state, asked, asset, wanted)
    if business := state.world.businesses.get(asked.call.path[0]):
        return ownership.business_node(asked, business, wanted)
    about = subject(state, asked)
    body: dict[str, Any] = {}
    for each in wanted or _USUAL:
        body |= _field(state, asked, about, each)
    _count(state, about, wanted)
    return {**body, "id": about.node}


def route(asked_fields: Sequence[Field]) -> str:
    """What such a read is counted as."""
    names = fields.names(asked_fields)
    if names & set(mapping.KINDS):
        return "expanded"
    return mapping.TOKEN_FIELD if mapping.TOKEN_FIELD in names else "node"


def _count(state: State, about: Subject, wanted: Sequence[Field]) -> None:
    counted_as = route(wanted)
    if counted_as != "node":
        state.stats.looked_up(about.scoped_id, counted_as)


def _asset(state: State, asked: Asked) -> App | Page | None:
    node, caller = asked.call.path[0], asked.caller
    if node == "me":
        if caller.kind == "app":
            raise errors.no_token()
        return caller.page
    if node == "app":
        return caller.app
    return state.world.apps.get(node) or state.world.pages.get(node)


def _field(state: State, asked: Asked, about: Subject, wanted: Field) -> dict[str, Any]:
    if wanted.name in mapping.KINDS:
        return _edge(state, asked, about, wanted)
    if wanted.name == mapping.TOKEN_FIELD:
        return {wanted.name: mapping.business_token(state, asked, about)}
    if wanted.name == "id":
        return {}
    value = _profile(about, wanted.name)
    return {} if value is None else {wanted.name: value}


def _edge(state: State, asked: Asked, about: Subject, wanted: Field) -> dict[str, Any]:
    business = mapping.allow(state, asked, about, wanted.name, is_expanded=True)
    found = mapping.page(state, asked, about, business, wanted)
    is_left_out = state.rules.omit_empty_edges and not found["data"]
    return {} if is_left_out and "paging" not in found else {wanted.name: found}


def _profile(about: Subject, name: str) -> Any:
    """The value of a field, nothing where the person has none."""
    if name == "age_range" and not about.is_page_scoped:
        return _AGE_RANGE
    if name == "is_payment_enabled" and about.is_page_scoped:
        return True
    if name not in LISTED["User"] - _OF_ONE_KIND:
        raise errors.unknown_field(name)
    if about.person.phone_only:
        raise errors.no_profile()
    return about.person.name if name == "name" else None
