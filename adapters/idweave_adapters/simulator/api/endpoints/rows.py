"""Rows of the mapping edges: who the person is elsewhere in the same business."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from idweave_adapters.simulator.api import errors
from idweave_adapters.simulator.api.fields import Field
from idweave_adapters.simulator.api.node_fields import LISTED
from idweave_adapters.simulator.state import State
from idweave_adapters.simulator.world import App, Page, Person

Kind = Literal["app", "page"]

_APP_FIELDS = ("category", "link", "name", "namespace", "id")
_PAGE_FIELDS = ("category", "link", "name", "id")
_OF_NODES = {
    "business",
    "owner_business",
}  # not simulated in rows: refused, not left out


@dataclass(frozen=True, slots=True)
class Row:
    """One id of the person, and the app or Page that knows the person by it."""

    user: str = field(repr=False)
    asset: App | Page

    @property
    def key(self) -> str:
        """What a cursor to this row is made of."""
        return f"{self.asset.id}.{self.user}"


def rows_of(state: State, person: Person, kind: Kind, business: str) -> Iterator[Row]:
    """The person's ids in assets of one kind that this business owns now.

    The calling app's own id is among them, as in Meta's sample.
    """
    if kind == "page":
        for page_id, psid in person.psids.items():
            page = state.world.pages[page_id]
            if page.owner == business:
                yield Row(psid, page)
        return
    for app_id, asid in person.asids.items():
        for app in _listed(state, state.world.apps[app_id]):
            if app.owner == business:
                yield Row(asid, app)


def shape(row: Row, kind: Kind, wanted: Sequence[Field]) -> dict[str, Any]:
    """One item of the answer: `id` always, the asset when nothing else was asked.

    Raises:
        GraphError: a field was asked that such an item has not.
    """
    if not wanted:
        return {"id": row.user, kind: describe(row.asset, ())}
    item: dict[str, Any] = {}
    for each in wanted:
        if each.name == kind:
            item[kind] = describe(row.asset, each.below)
        elif each.name != "id":
            raise errors.unknown_field(each.name, f"UserIDFor{kind.capitalize()}")
    return {"id": row.user, **item}


def describe(asset: App | Page, wanted: Sequence[Field]) -> dict[str, Any]:
    """An app or Page with the asked fields that it has; `id` always, as the last.

    Raises:
        GraphError: there is no such field.
    """
    known = _APP_FIELDS if isinstance(asset, App) else _PAGE_FIELDS
    node_type = "Application" if isinstance(asset, App) else "Page"
    asked = [each.name for each in wanted] or known
    for name in asked:
        if name not in LISTED[node_type] - _OF_NODES:
            raise errors.unknown_field(name, node_type)
    present = {
        each: getattr(asset, each) for each in known if each in asked or each == "id"
    }
    return {each: value for each, value in present.items() if value is not None}


def _listed(state: State, app: App) -> Iterator[App]:
    yield app
    if state.rules.test_app_rows:
        yield from (each for each in state.world.apps.values() if each.parent == app.id)
