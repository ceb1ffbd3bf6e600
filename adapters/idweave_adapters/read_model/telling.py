"""What was told of a business: identity events, holds and erasures."""

from collections.abc import Iterator
from typing import Any, Final

from idweave_adapters.read_model.counting import count_event
from idweave_adapters.read_model.draft import Draft
from idweave_adapters.read_model.keys import Area, downwards, key, upwards
from idweave_graph.consume.reading import MalformedError, member_text
from idweave_graph.events import EventType

Document = dict[str, Any]

_KNOWN: Final = frozenset(EventType)
_SAID: Final = ("bans", "decisions")


def take_event(draft: Draft, document: Document) -> None:
    """Take an event in, once however often it comes; an unknown type is passed over."""
    if document["type"] not in _KNOWN:
        return
    business, name = document["business"], document["id"]
    at = key(Area.EVENT, business, name)
    for member in mentioned(document):
        draft.touched.add((business, member))
    if draft.has(at):
        return  # with what was forgotten meanwhile left out
    draft.put(key(Area.BUSINESS, business))
    draft.put_document(at, document)
    count_event(draft, document, 1)
    change = draft.number()
    draft.put(key(Area.CHANGE, business, upwards(change)), name.encode())
    for place in places(document):
        draft.put(place)
    if document["type"] == EventType.ERASED:
        draft.put(key(Area.ERASED, business, name), str(change).encode())


def take_policy(draft: Draft, document: Document) -> None:
    """Take a record of the policy topic in."""
    match document["type"]:
        case "held" | "released":
            _take_hold(draft, document)
        case "erasure":
            _take_erasure(draft, document)
        case _:
            take_event(draft, document)


def places(document: Document) -> Iterator[bytes]:
    """Yield the keys under which an event is found, besides its own."""
    business, name = document["business"], document["id"]
    for person in concerned(document):
        yield key(Area.ABOUT, business, person, name)
    for member in mentioned(document):
        yield key(Area.MENTION, business, member, name)
    since = downwards(document["at_ms"])
    if "refusal" in document:
        yield key(Area.REFUSAL, business, since, name)
    if document["type"] in {"banned", "unbanned", "decided"}:
        yield key(Area.SAID, business, since, name)


def concerned(document: Document) -> set[str]:
    """Return the persons an event is about."""
    person = document.get("person")
    named = {document.get("about"), document.get("other")}
    named.add(person["id"] if person else None)
    return {name for name in named if name is not None}


def mentioned(document: Document) -> set[str]:
    """Return every member that an event names."""
    person = document.get("person") or {}
    found = {member_text(member) for member in person.get("members", ())}
    proofs = [*document["evidence"], *person.get("evidence", ())]
    proofs += person.get("quarantined", ())
    for part in _SAID:
        proofs += document.get(part, ())
    for proof in proofs:
        found |= {proof["a"], proof["b"]}
    if "refusal" in document:
        found.add(member_text(document["refusal"]["subject"]))
    return found


def _take_hold(draft: Draft, document: Document) -> None:
    business, asset = document["business"], document["asset"]
    draft.put(key(Area.BUSINESS, business))
    name = "" if asset is None else f"{asset['kind']}:{asset['id']}"
    at = key(Area.HOLD, business, name)
    known = draft.document(at)
    # Of one time the end counts, in whichever order they come.
    if known is None or _rank(document) >= _rank(known):
        draft.put_document(at, document)


def _rank(hold: Document) -> tuple[int, bool]:
    return (hold["at_ms"], hold["type"] == "released")


def _take_erasure(draft: Draft, document: Document) -> None:
    business = document["business"]
    since = downwards(document["at_ms"])
    if not isinstance(document["id"], str):
        msg = "the id of an erasure must be a text"
        raise MalformedError(msg)
    draft.put(key(Area.BUSINESS, business))
    draft.put_document(key(Area.ERASURE, business, since, document["id"]), document)
