"""What is said to come is what comes: the answer against workers, over any history."""

from typing import Any

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.support.deciding import A2, CAUSE, A, B, C, joined, proof, seen
from tests.support.published import NAMES, Workers, in_turn
from tests.support.strategies import (
    ASSETS,
    BUSINESS,
    banning_logs,
    deciding_logs,
    evidence_logs,
    full_logs,
)

from idweave_adapters.api.asked import Asked
from idweave_adapters.api.what_if import Action, what_if
from idweave_adapters.api.what_if.answer import FIRST_OFFSET, TOPIC
from idweave_adapters.api.what_if.changes import VERDICTS
from idweave_adapters.read_model import MemoryStore, StoredReadModel, Writer
from idweave_graph.documents import person_document
from idweave_graph.evidence import Cause
from idweave_graph.ids import Member, ScopedId, member
from idweave_graph.messages import AssetChanged, Banned, Decided, LogMessage
from idweave_graph.ownership import OwnedId
from idweave_streams.tables import GraphTable

NOW_MS = 1_800_000_000_000
Json = dict[str, Any]


def model_of(workers: Workers) -> StoredReadModel:
    """What has read all that *workers* have told."""
    store = MemoryStore()
    writer = Writer(store)
    writer.apply(in_turn(workers.places()))
    writer.forget(writer.mark())
    return StoredReadModel(store)


def ask(model: StoredReadModel, changes: list[Json]) -> Json:
    body = orjson.dumps({"at_ms": NOW_MS, "changes": changes})
    found: Json = orjson.loads(orjson.dumps(what_if(model, BUSINESS, Asked({}, body))))
    return found


class Known(Workers):
    """Workers who say under which ownership an id is now."""

    def epoch(self, who: Member) -> int:
        if not isinstance(who, ScopedId):
            return 0
        known = GraphTable(self._table).asset(BUSINESS, who.asset)
        return 1 if known is None else known.epoch

    def learn_owners(self) -> None:
        """What evidence was ahead of is told, as it always is in the end."""
        for asset in ASSETS:
            known = GraphTable(self._table).asset(BUSINESS, asset)
            if known is not None and known.owned and not known.is_told:
                told = AssetChanged(BUSINESS, asset, known.epoch, True, 12, CAUSE)
                self.handle([told])


def message(workers: Known, change: Json, number: int) -> LogMessage:
    """What the command would put on the evidence log."""
    one, two = sorted((member(change["one"]), member(change["two"])), key=str)
    cause = Cause(TOPIC, 0, FIRST_OFFSET + number)
    at_ms = NOW_MS + number
    verdict = VERDICTS.get(Action(change["action"]))
    if verdict is not None:
        epochs = (workers.epoch(one), workers.epoch(two))
        told = (BUSINESS, one, two, *epochs)
        return Decided(*told, verdict, "nobody", "supposed", at_ms, cause)
    assert isinstance(one, ScopedId)
    assert isinstance(two, ScopedId)
    ends = (OwnedId(one, workers.epoch(one)), OwnedId(two, workers.epoch(two)))
    lifted = change["action"] == "unban"
    return Banned(BUSINESS, *ends, lifted, "nobody", "supposed", at_ms, cause)


def events(workers: Workers) -> list[Json]:
    """All identity events so far, in order."""
    records = (
        record
        for topic in (NAMES.events, NAMES.policy)
        for partition in range(3)
        for record in workers.log.read(topic, partition, 0, 1_000_000)
    )
    told = [orjson.loads(record.value or b"") for record in records]
    return list({event["id"]: event for event in told}.values())


def drawn(data: st.DataObject, people: list[Member]) -> list[Json]:
    """Up to three changes between any of *people*."""
    one = st.sampled_from(people).map(str)
    change = st.fixed_dictionaries(
        {"action": st.sampled_from(list(Action)).map(str), "one": one, "two": one}
    )
    return data.draw(st.lists(change, min_size=1, max_size=3))


def check(log: list[LogMessage], data: st.DataObject) -> bool:
    """Compare the answer with what comes; say whether it called itself exact."""
    workers = Known()
    workers.handle(log)
    workers.learn_owners()
    people = sorted({m for p in workers.persons() for m in p.members}, key=str)
    assume(people)
    changes = drawn(data, people)
    model, known = model_of(workers), {event["id"] for event in events(workers)}
    digest = model.digest(BUSINESS)

    answer = ask(model, changes)

    assert model.digest(BUSINESS) == digest
    said = [event for change in answer["changes"] for event in change["events"]]
    workers.handle(
        message(workers, change, number)
        for number, change in enumerate(changes)
        if answer["changes"][number]["refused"] is None
    )
    came = [event for event in events(workers) if event["id"] not in known]
    if answer["is_exact"]:
        assert in_order(said) == in_order(came)
        assert_after(answer, workers)
    return bool(answer["is_exact"])


def in_order(told: list[Json]) -> list[bytes]:
    """The same in an order of its own; the name of a ban's event holds its epochs."""
    bans = {"banned", "unbanned"}
    named = ({**e, "id": ""} if e["type"] in bans else e for e in told)
    return sorted(orjson.dumps(each, option=orjson.OPT_SORT_KEYS) for each in named)


def assert_after(answer: Json, workers: Workers) -> None:
    """Who is told of is as workers have them, and who has ended is nobody."""
    now = {
        p.id: orjson.loads(orjson.dumps(person_document(p))) for p in workers.persons()
    }
    assert answer["after"] == [now[person["id"]] for person in answer["after"]]
    assert now.keys().isdisjoint(answer["ended"])


@settings(max_examples=60)
@given(log=evidence_logs() | banning_logs(), data=st.data())
def test_evidence_and_bans(log: list[LogMessage], data: st.DataObject) -> None:
    """An answer that says it is exact tells the very events, of the very persons."""
    check(log, data)


@settings(max_examples=60)
@given(log=deciding_logs(), data=st.data())
def test_decisions_and_erasures(log: list[LogMessage], data: st.DataObject) -> None:
    """The same where something was decided and forgotten before."""
    check(log, data)


@settings(max_examples=60)
@given(log=full_logs(), data=st.data())
def test_owners_and_all_the_rest(log: list[LogMessage], data: st.DataObject) -> None:
    """The same where assets have come and gone, and whatever else there is."""
    check(log, data)


PLAIN: list[LogMessage] = [
    seen(A, 1),
    seen(B, 2),
    seen(C, 3),
    joined(proof(A, B, 4)),
    joined(proof(B, C, 5)),
    joined(proof(A2, B, 6)),
]
"""Three ids of one person, and one that contradicts."""


@pytest.mark.parametrize("action", [str(each) for each in Action])
@pytest.mark.parametrize(
    "pair", [(A, B), (B, C), (A, C), (A2, B), (A2, C), (A, A2)], ids=str
)
def test_nothing_is_in_doubt_where_nothing_was_withdrawn(
    action: str, pair: tuple[Member, Member]
) -> None:
    """In a business in which all was told, the usual questions have exact answers."""
    workers = Known()
    workers.handle(
        AssetChanged(BUSINESS, who.asset, 1, True, 0, CAUSE) for who in (A, B, C)
    )
    workers.handle(PLAIN)
    change = {"action": action, "one": str(pair[0]), "two": str(pair[1])}

    answer = ask(model_of(workers), [change])

    unsure = action in {"unlink", "reject"} and A2 in pair and B in pair
    assert answer["is_exact"] is not unsure, answer["doubts"]
