"""What is counted of a business while records come in, so that nobody has to scan."""

from datetime import UTC, datetime
from typing import Any, Final

import orjson

from idweave_adapters.read_model.draft import Draft
from idweave_adapters.read_model.keys import Area, downwards, key, upwards
from idweave_graph.consume.reading import member_text

PERSONS: Final = "persons"
WAITING: Final = "quarantined"
SIZE: Final = "size"
"""Before the number of members: so many persons have that many."""
MEMBERS: Final = "members"
"""Before a kind of member: so many there are."""
DAY: Final = "day"
"""Before a day and a type of event: so many there were."""


def count_person(draft: Draft, document: dict[str, Any], sign: int) -> None:
    """Count a living person in, or with the sign -1 out."""
    business, name = document["business"], document["id"]
    draft.put(key(Area.BUSINESS, business))
    members, waiting = document["members"], document["quarantined"]
    draft.count(business, PERSONS, sign)
    draft.count(business, f"{SIZE}:{upwards(len(members))}", sign)
    for member in members:
        draft.count(business, f"{MEMBERS}:{member['kind']}", sign)
    largest = key(Area.LARGEST, business, downwards(len(members)), name)
    _set(draft, largest, b"", sign)
    mine = {member_text(member) for member in members}
    # Both of its persons hold a proof; it counts where its first end is.
    draft.count(business, WAITING, sign * sum(p["a"] in mine for p in waiting))
    for proof in waiting:
        ends = (proof["a"], proof["b"], proof["kind"])
        at = key(Area.WAITING, business, *ends, name)
        _set(draft, at, orjson.dumps(proof), sign)


def count_event(draft: Draft, document: dict[str, Any], sign: int) -> None:
    """Count an event in, on the day of whatever caused it, or out."""
    day = datetime.fromtimestamp(document["at_ms"] / 1000, UTC).date().isoformat()
    draft.count(document["business"], f"{DAY}:{day}:{document['type']}", sign)


def _set(draft: Draft, at: bytes, value: bytes, sign: int) -> None:
    if sign > 0:
        draft.put(at, value)
    else:
        draft.drop(at)
