"""Who comes back after an erasure begins anew: what was before stays forgotten.

Their id is somebody's again, so events of their earlier life, which a reader of the
whole topic still meets, would tell of links that were to be forgotten.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from idweave_adapters.read_model.draft import Draft
from idweave_adapters.read_model.forgetting import replace_event, without
from idweave_adapters.read_model.keys import Area, key, parts_of, prefix
from idweave_adapters.read_model.store import Store
from idweave_graph.consume.reading import member_text

Document = dict[str, Any]


def forget_earlier_life(store: Store, business: str, name: str) -> int:
    """Take those whom the event *name* forgot out of all that was told before it.

    Returns:
        In how many events something was taken out.
    """
    draft = Draft(store)
    count = 0
    erased = draft.document(key(Area.EVENT, business, name))
    before = None if erased is None else _before(store, erased)
    if erased is not None and before is not None:
        for member in sorted(_members(before) - _members(erased)):
            if not _has_moved(store, erased, before, member):
                count += _forget(store, draft, (erased, before), member)
    draft.drop(key(Area.ERASED, business, name))
    store.write(draft.changes)
    return count


def _forget(
    store: Store, draft: Draft, around: tuple[Document, Document], member: str
) -> int:
    erased, before = around
    count = 0
    for event in _naming(store, erased["business"], member):
        if not _is_earlier(event, erased, before, member):
            continue
        at = key(Area.EVENT, event["business"], event["id"])
        # Another one who was forgotten with them may be gone from it in this draft.
        old = draft.document(at)
        if old is not None:
            replace_event(draft, old, without(old, lambda who: who != member))
            count += 1
    return count


def _is_earlier(
    event: Document, erased: Document, before: Document, member: str
) -> bool:
    """Say whether *event* tells of *member* as they were before they were forgotten.

    An id comes back with a larger generation than any it had; what is not about a
    person who has it, such as a ban, has a time alone.
    """
    if member in _members(event):
        return bool(_generation(event) <= _generation(before))
    return bool(event["at_ms"] <= erased["at_ms"])


def _before(store: Store, erased: Document) -> Document | None:
    """Return the last that was told of the same person before."""
    name = erased["person"]["id"]
    told = [
        event
        for event in _events(store, erased["business"], Area.ABOUT, name)
        if event.get("person", {}).get("id") == name
        and _generation(event) < _generation(erased)
    ]
    return max(told, key=lambda each: (_generation(each), each["id"]), default=None)


def _has_moved(store: Store, erased: Document, before: Document, member: str) -> bool:
    """Say whether *member* went to another person by the same cause, in a split."""
    return any(
        (event["cause"], event["at_ms"]) == (erased["cause"], erased["at_ms"])
        and member in _members(event)
        and _generation(event) > _generation(before)
        for event in _naming(store, erased["business"], member)
    )


def _naming(store: Store, business: str, member: str) -> Iterator[Document]:
    return _events(store, business, Area.MENTION, member)


def _events(store: Store, business: str, area: Area, of: str) -> Iterator[Document]:
    for found, _ in store.scan(prefix(area, business, of)):
        value = store.get(key(Area.EVENT, business, parts_of(found)[-1]))
        if value is not None:
            yield orjson.loads(value)


def _members(event: Document) -> set[str]:
    return {member_text(m) for m in event.get("person", {}).get("members", ())}


def _generation(event: Document) -> int:
    return int(event.get("person", {}).get("generation", 0))
