"""Questions about large persons: others are answered meanwhile, and none is endless."""

from collections.abc import Coroutine
from typing import Any, cast

import pytest
from tests.adapters.api.desk import Desk
from tests.adapters.api.test_what_if import about, asked, change
from tests.support.consumer_stories import ASID, MERGED, PSID, erased

from idweave_adapters.api.answers import ANSWERS
from idweave_adapters.api.asked import Asked
from idweave_adapters.api.what_if import MAX_CHANGES, certainty
from idweave_adapters.api.what_if.answer import MAX_WEIGHED
from idweave_adapters.api.what_if.state import MAX_MEMBERS
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import LinkingCode, Member, business_id
from idweave_graph.messages import Proved

Json = dict[str, Any]


def linked(number: int, *others: Member) -> Proved:
    """PSID is linked with these, in one record."""
    cause = Cause("t", 0, number)
    at_ms = 1_700_000_000_000 + number
    proofs = tuple(
        evidence(
            EvidenceKind.ACCOUNT_LINKING, (PSID, 1), (each, 0), at_ms=at_ms, cause=cause
        )
        for each in others
    )
    return Proved(business_id("900"), proofs, at_ms, cause)


def codes(many: int) -> list[LinkingCode]:
    return [LinkingCode.of(str(number)) for number in range(many)]


def started(api: Desk, name: str, **values: str) -> Coroutine[Any, Any, Json]:
    """A long answer that nobody has waited for yet."""
    found = ANSWERS[name](api.model, "900", Asked(values))
    assert callable(found)
    return cast("Coroutine[Any, Any, Json]", found())


def ended(running: Coroutine[Any, Any, Json]) -> tuple[Json, int]:
    """The answer, and how often others had their turn until then."""
    turns = 0
    while True:
        try:
            running.send(None)
        except StopIteration as end:
            return end.value, turns
        turns += 1


async def test_others_have_their_turn_between_the_events_of_a_history(
    api: Desk,
) -> None:
    """A large person has hundreds of them, each with all of the person."""
    api.publish([linked(number, code) for number, code in enumerate(codes(30))])
    [person] = api.workers.persons()

    found, turns = ended(started(api, "get_history", person=person.id))

    assert len(found["items"]) == turns == 30


async def test_who_is_forgotten_while_a_history_is_read_is_not_in_it(
    api: Desk,
) -> None:
    """The answer is begun anew, because the person is another one now."""
    api.publish(MERGED)
    [person] = api.workers.persons()
    running = started(api, "get_history", person=person.id)
    running.send(None)

    api.publish([erased(ASID, 5)])
    found, _ = ended(running)

    gone, here = (str(who).rpartition(":")[2] for who in (ASID, PSID))
    assert f"'{gone}'" not in str(found)
    assert f"'{here}'" in str(found)


async def test_what_is_weighed_in_all_changes_is_bounded(api: Desk) -> None:
    """Each change of a large person costs as much as a worker needs for it."""
    large = MAX_MEMBERS // 2
    most = MAX_WEIGHED // (large + 1)
    assert most < MAX_CHANGES
    some = codes(large)
    api.publish([linked(1, *some)])
    cuts = [change("unlink", PSID, code) for code in some]

    found = await asked(api, about(*cuts[: most + 2]), status=422)

    assert str(MAX_WEIGHED) in found["detail"]
    assert (await asked(api, about(*cuts[: most - 1])))["given"] == []


async def test_events_that_are_too_many_count_as_not_told(
    api: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer says that it is in doubt, instead of reading for seconds."""
    api.publish([linked(number, code) for number, code in enumerate(codes(5))])
    cut = about(change("unlink", PSID, codes(1)[0]))
    known = await asked(api, cut)

    monkeypatch.setattr(certainty, "MAX_TOLD", 10)
    unknown = await asked(api, cut)

    assert set(unknown["doubts"]) > set(known["doubts"])
    assert unknown["after"] == known["after"]
