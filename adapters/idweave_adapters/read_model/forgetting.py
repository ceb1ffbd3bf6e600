"""What is nobody's any more leaves the history as well.

An id that belongs to nobody was forgotten, or is the business's no more, or was never
known; which of them, a compacted topic does not tell. So it is told of in no case.
"""

from collections.abc import Callable
from typing import Any

from idweave_adapters.read_model.counting import count_event
from idweave_adapters.read_model.draft import Draft
from idweave_adapters.read_model.keys import Area, key, parts_of, prefix
from idweave_adapters.read_model.store import Store
from idweave_adapters.read_model.telling import mentioned, places
from idweave_graph.consume.reading import member_text

Document = dict[str, Any]
IsKnown = Callable[[str], bool]

_NEEDED = {
    "refused": "refusal",
    "quarantined": "evidence",
    "banned": "bans",
    "unbanned": "bans",
    "decided": "decisions",
}
"""What an event of that type is nothing without."""


def note_left(draft: Draft) -> None:
    """Remember who of those touched is nobody's, and since when; forget the others."""
    missing = []
    for business, member in sorted(draft.touched):
        at = key(Area.LEFT, business, member)
        if draft.has(key(Area.OWNER, business, member)):
            if draft.has(at):
                draft.drop(at)
        else:
            missing.append(at)
    if missing:
        number = str(draft.number()).encode()
        for at in missing:
            draft.put(at, number)


def forget_one(store: Store, business: str, member: str) -> int:
    """Take *member*, who is nobody's, out of every event; return out of how many.

    Events and the note that it is to be done change together.
    """
    draft = Draft(store)

    def is_known(who: str) -> bool:
        return draft.has(key(Area.OWNER, business, who))

    count = 0
    for found, _ in store.scan(prefix(Area.MENTION, business, member)):
        name = parts_of(found)[-1]
        old = draft.document(key(Area.EVENT, business, name))
        draft.drop(found)
        if old is not None:
            replace_event(draft, old, without(old, is_known))
            count += 1
    draft.drop(key(Area.LEFT, business, member))
    store.write(draft.changes)
    return count


def replace_event(draft: Draft, old: Document, new: Document | None) -> None:
    """Put *new* where *old* stands, and let it be found where it still belongs."""
    at = key(Area.EVENT, old["business"], old["id"])
    kept = set() if new is None else set(places(new))
    for place in set(places(old)) - kept:
        draft.drop(place)
    if new is None:
        count_event(draft, old, -1)
        draft.drop(at)
    else:
        draft.put_document(at, new)


def without(event: Document, is_known: IsKnown) -> Document | None:
    """Return *event* with nothing of members that are not known; None: nothing is left.

    It says `redacted` where something was taken out.
    """
    if all(is_known(member) for member in mentioned(event)):
        return event
    new = {**event, "redacted": True, "evidence": _proofs(event["evidence"], is_known)}
    for part in ("bans", "decisions"):
        if part in event:
            new[part] = _proofs(event[part], is_known)
    if "refusal" in event and not is_known(member_text(event["refusal"]["subject"])):
        del new["refusal"]
    if "person" in event:
        new["person"] = _person(event["person"], is_known)
    needed = _NEEDED.get(event["type"])
    return None if needed and not new.get(needed) else new


def _person(person: Document, is_known: IsKnown) -> Document:
    return {
        **person,
        "members": [m for m in person["members"] if is_known(member_text(m))],
        "evidence": _proofs(person["evidence"], is_known),
        "quarantined": _proofs(person["quarantined"], is_known),
    }


def _proofs(proofs: list[Document], is_known: IsKnown) -> list[Document]:
    return [p for p in proofs if is_known(p["a"]) and is_known(p["b"])]
