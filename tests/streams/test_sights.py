"""Whom the demo invites to look at."""

from pathlib import Path
from typing import Any

import orjson

from idweave_streams.demo.after import steps, worth
from idweave_streams.demo.sights import Sights, sights
from idweave_streams.reliable import Record
from idweave_streams.tally import Tally
from idweave_streams.topics import TopicNames

NAMES = TopicNames.build()
ANN = ("app:1:a", "app:2:a", "page:3:a")
BOB = ("app:1:b", "page:3:b")
CIA = ("app:1:c",)
PEOPLE = {"p_ann": ANN, "p_bob": BOB, "p_cia": CIA}


def tally(*events: dict[str, Any]) -> Tally:
    """What is known after three people of 900 and one of 901, and these events."""
    found = Tally(NAMES)
    rows = [("900", member, name) for name, ids in PEOPLE.items() for member in ids]
    for business, member, name in [*rows, ("901", "app:9:d", "p_dan")]:
        value = orjson.dumps({"person": name})
        found.apply(record(NAMES.aliases, f"{business}/{member}", value))
    for number, event in enumerate(events):
        value = orjson.dumps({"id": f"e_{number}", "business": "900", **event})
        found.apply(record(NAMES.events, "900", value))
    return found


def record(topic: str, key: str, value: bytes) -> Record:
    return Record(topic, 0, 0, 0, key.encode(), value, ())


def merged(name: str) -> dict[str, Any]:
    return {"type": "merged", "person": {"id": name}}


def refused(kind: str, asset: str, value: str) -> dict[str, Any]:
    subject = {"kind": kind, "asset": asset, "value": value}
    return {"type": "refused", "reason": "x", "refusal": {"subject": subject}}


def shown(found: Sights | None) -> dict[str, str]:
    assert found is not None
    return {sight.what: sight.members[0] for sight in found.seen}


def test_the_largest_the_most_merged_and_one_with_a_refusal_are_shown() -> None:
    """Of one business: where there is most to see, and then the one with most ids."""
    found = sights(
        tally(
            merged("p_bob"), merged("p_bob"), merged("p_ann"), refused("app", "1", "c")
        )
    )

    assert found is not None
    assert found.business == "900"
    assert shown(found) == {
        "the person with the most ids, 3 of them": "app:1:a",
        "came of 2 merges": "app:1:b",
        "a link of theirs was refused": "app:1:c",
    }
    assert found.pair == ("app:1:a", "page:3:a")
    assert all(
        f"  {one}  " in "\n".join(worth(found)) for one in ("app:1:a", "app:1:c")
    )


def ban(one: str, two: str) -> dict[str, Any]:
    return {"a": one, "b": two}


def quarantined(one: str, two: str) -> dict[str, Any]:
    return {"type": "quarantined", "evidence": [{"a": one, "b": two}]}


def erased(name: str, reason: str) -> dict[str, Any]:
    return {"type": "erased", "reason": reason, "person": {"id": name}}


CASES = (
    quarantined("app:1:c", "token:x"),
    {"type": "split", "bans": [ban("app:1:b", "app:2:c")]},
    {
        "type": "decided",
        "decisions": [{**ban("app:1:a", "page:3:a"), "verdict": "link"}],
    },
    erased("p_bob", "requested"),
)


def test_one_of_each_case_is_shown_before_merges_and_refusals() -> None:
    """With the largest person no more than a screen has room for."""
    found = sights(tally(merged("p_bob"), refused("app", "1", "c"), *CASES))

    assert found is not None
    assert [sight.members[0] for sight in found.seen] == [
        *("app:1:a", "app:1:c", "app:1:b", "app:1:a", "app:1:b")
    ]
    words = ("most ids", "quarantine", "ban", "link", "erased")
    told = [sight.what for sight in found.seen]
    assert all(word in what for word, what in zip(words, told, strict=True))


def test_a_contradiction_that_ended_in_a_ban_is_shown_as_that() -> None:
    """What waits in quarantine is somebody else's."""
    parted = {"type": "split", "bans": [ban("app:1:b", "app:2:c")]}
    found = sights(tally(quarantined("app:1:b", "token:x"), parted))

    assert [what for what in shown(found) if "quarantine" in what] == []


def test_of_two_who_were_parted_the_larger_is_shown() -> None:
    """They have more of a history."""
    parted = {"type": "split", "bans": [ban("app:1:b", "app:2:a")]}
    found = shown(sights(tally(parted)))

    assert [found[what] for what in found if "ban" in what] == ["app:2:a"]


def test_ids_that_were_lost_with_their_app_are_no_erasure_to_show() -> None:
    found = sights(tally(erased("p_bob", "lost")))

    assert list(shown(found)) == ["the person with the most ids, 3 of them"]


def test_the_business_with_most_to_see_comes_before_a_larger_one() -> None:
    found = tally()
    told = {**quarantined("app:9:d", "token:x"), "business": "901"}
    value = orjson.dumps({"id": "e_9", **told})
    found.apply(record(NAMES.events, "901", value))

    chosen = sights(found)

    assert chosen is not None
    assert chosen.business == "901"


def test_whoever_has_gone_is_not_shown() -> None:
    """Neither a person who was absorbed, nor an id that is nobody's."""
    found = sights(tally(merged("p_gone"), refused("app", "1", "gone")))

    assert list(shown(found)) == ["the person with the most ids, 3 of them"]


def test_where_nobody_was_found_nobody_is_named() -> None:
    """There is still something to try."""
    assert sights(Tally(NAMES)) is None

    told = "\n".join(steps(Path("a b"), None))
    assert "idweave explore 'a b'" in told
    assert "idweave why" not in told
