"""What is answered to each question: plain values, from the read model alone."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from itertools import islice
from typing import Any, Final

from idweave_adapters.api.asked import Asked, cursor
from idweave_adapters.api.problems import NOT_FOUND, Problem
from idweave_adapters.api.rivals import with_rivals
from idweave_adapters.api.telling import (
    entry_document,
    history_person,
    told_of,
    trail_of,
    why_document,
)
from idweave_adapters.api.what_if import what_if
from idweave_adapters.read_model import Page, ReadModel

Document = dict[str, Any]
Long = Callable[[], Awaitable[Document]]
"""An answer that may take seconds, and lets others be given meanwhile."""
Answerer = Callable[[ReadModel, str, Asked], Document | Long]


def _person(model: ReadModel, business: str, asked: Asked) -> Document | Long:
    name = asked.text("person")
    survivor = model.survivor(business, name)
    person = None if survivor is None else model.person(business, survivor)
    if person is None:
        raise Problem(NOT_FOUND)
    if survivor == name:
        return {"person": person, "trail": [name]}
    return partial(_with_trail, model, business, name)


async def _with_trail(model: ReadModel, business: str, name: str) -> Document:
    trail = await trail_of(model, business, name)
    person = model.person(business, trail[-1])
    if person is None:
        raise Problem(NOT_FOUND)
    return {"person": person, "trail": trail}


def _history(model: ReadModel, business: str, asked: Asked) -> Long:
    _number(asked.after)
    return partial(_read_history, model, business, asked)


async def _read_history(model: ReadModel, business: str, asked: Asked) -> Document:
    told = await told_of(model, business, asked.text("person"))
    if told is None:
        raise Problem(NOT_FOUND)
    start = _number(asked.after)
    some = islice(told.entries, start, start + asked.limit)
    following = start + asked.limit
    return {
        "person": history_person(told),
        "trail": list(told.trail),
        "items": [entry_document(entry) for entry in some],
        "next": cursor(str(following)) if following < len(told.entries) else None,
    }


def _number(after: str) -> int:
    if not after:
        return 0
    if not (after.isascii() and after.isdigit() and len(after) < 10):  # noqa: PLR2004
        raise Problem(NOT_FOUND, "`cursor` is none of ours")
    return int(after)


def _id(model: ReadModel, business: str, asked: Asked) -> Document:
    who = str(asked.member("id"))
    owner = model.owner(business, who)
    person = None if owner is None else model.person(business, owner)
    if person is None:
        raise Problem(NOT_FOUND)
    return {"id": who, "person": person}


def _look_up(model: ReadModel, business: str, asked: Asked) -> Document:
    ids = [str(each) for each in asked.ids()]
    return {"items": [{"id": i, "person": model.owner(business, i)} for i in ids]}


def _why(model: ReadModel, business: str, asked: Asked) -> Document:
    found = why_document(model, business, asked.member("one"), asked.member("two"))
    if found is None:
        raise Problem(NOT_FOUND)
    return found


def _overview(model: ReadModel, business: str, _: Asked) -> Document:
    found = model.overview(business)
    if found is None:
        raise Problem(NOT_FOUND)
    return found


def _search(model: ReadModel, business: str, asked: Asked) -> Document:
    text = asked.text("q")
    return _paged(model.search(business, text, asked.after, asked.limit))


def _paged(page: Page) -> Document:
    following = None if page.following is None else cursor(page.following)
    return {"items": list(page.items), "next": following}


def _quarantine(model: ReadModel, business: str, asked: Asked) -> Document:
    found = _paged(model.quarantined(business, asked.after, asked.limit))
    return {**found, "items": with_rivals(model, business, found["items"])}


def _list(pick: Callable[[ReadModel], Callable[[str, str, int], Page]]) -> Answerer:
    def answer(model: ReadModel, business: str, asked: Asked) -> Document:
        return _paged(pick(model)(business, asked.after, asked.limit))

    return answer


ANSWERS: Final[Mapping[str, Answerer]] = {
    "list_persons": _list(lambda model: model.persons),
    "get_person": _person,
    "get_history": _history,
    "get_id": _id,
    "look_up_ids": _look_up,
    "why": _why,
    "what_if": what_if,
    "list_quarantine": _quarantine,
    "list_refusals": _list(lambda model: model.refusals),
    "list_decisions": _list(lambda model: model.said),
    "list_erasures": _list(lambda model: model.erasures),
    "overview": _overview,
    "search": _search,
}
"""By the name of the route."""
