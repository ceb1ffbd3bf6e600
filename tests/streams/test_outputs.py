"""What is sent out: keys, CloudEvents headers, tombstones, and that readers converge."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import permutations
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import strategies as narrow
from tests.support import wire_strategies as wire
from tests.support.graph import DictGraph, weave
from tests.support.stages import KEY, PARTITIONS, committed, latest, values

from idweave_graph.consume import Aliases, Fold
from idweave_graph.documents import alias_key, event_document, person_document
from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.holds import Hold
from idweave_graph.ids import BusinessId, Member, ScopedId, member
from idweave_graph.messages import LogMessage, Proved, Sighted
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person, PersonId
from idweave_streams.agents.weave import Weave
from idweave_streams.codecs import decode_hold, encode_hold, encode_log
from idweave_streams.local.log import LocalTable
from idweave_streams.outputs import (
    POLICY_EVENTS,
    alias_output,
    event_outputs,
    hold_outputs,
    person_output,
    person_tombstone,
)
from idweave_streams.reliable import Output, Record
from idweave_streams.topics import TopicNames

NAMES = TopicNames.build("test-")
AT_MS = 1_767_225_600_123


def headers(output: Output) -> dict[str, str]:
    found = {name: text.decode() for name, text in output.headers}
    assert len(found) == len(output.headers)
    return found


@pytest.mark.parametrize("kind", EventType)
@given(data=st.data())
def test_an_event_is_a_cloud_event(kind: EventType, data: st.DataObject) -> None:
    """Its attributes are headers, all of them, and its value is the document."""
    event = data.draw(wire.events_by_type[kind])

    output, *_ = event_outputs(NAMES, event)

    assert output.topic == "test-identity.events.v1"
    assert orjson.loads(output.value or b"") == orjson.loads(
        orjson.dumps(event_document(event))
    )
    told = headers(output)
    time = datetime.fromisoformat(told.pop("ce_time"))
    assert time.utcoffset() is not None
    assert round(time.timestamp() * 1000) == event.at_ms
    assert told == {
        "ce_specversion": "1.0",
        "ce_id": event.id,
        "ce_type": f"idweave.identity.{kind}.v1",
        "ce_source": "/idweave/weave",
        "ce_subject": event.key,
        "content-type": "application/json",
    }


@given(event=wire.events)
def test_an_event_is_keyed_by_its_person_or_else_its_business(
    event: IdentityEvent,
) -> None:
    """So all events of a person are in one partition, in order."""
    output, *_ = event_outputs(NAMES, event)

    person = event.person.id if event.person else event.about
    assert output.key == (person or event.business).encode()


@given(event=wire.events)
def test_what_was_refused_is_told_on_the_policy_topic_too(event: IdentityEvent) -> None:
    """Refusals and quarantines, byte for byte, keyed by business; nothing else."""
    first, *others = event_outputs(NAMES, event)

    if event.type in POLICY_EVENTS:
        (other,) = others
        assert (other.topic, other.key) == (
            "test-identity.policy.v1",
            event.business.encode(),
        )
        assert (other.value, other.headers) == (first.value, first.headers)
    else:
        assert others == []


@given(event=wire.events)
def test_an_event_that_is_told_again_is_the_same(event: IdentityEvent) -> None:
    """Equal events make equal bytes, so a reader can tell a repetition."""
    assert event_outputs(NAMES, event) == event_outputs(NAMES, event)


def test_the_time_of_an_event_keeps_its_milliseconds() -> None:
    """RFC 3339 in UTC, whatever the zone of the machine."""
    cause = Cause("logins", 0, 0)
    business = narrow.BUSINESS
    event = IdentityEvent("e_1", EventType.REFUSED, business, AT_MS, cause, "x")

    (told, _) = event_outputs(NAMES, event)

    assert headers(told)["ce_time"] == "2026-01-01T00:00:00.123+00:00"


@given(person=wire.persons)
def test_a_person_is_kept_under_their_id_until_a_tombstone(person: Person) -> None:
    """Both records have one key, so compaction leaves the later one."""
    kept, gone = person_output(NAMES, person), person_tombstone(NAMES, person.id)

    assert kept.topic == gone.topic == "test-identity.persons.v1"
    assert kept.key == gone.key == person.id.encode()
    assert orjson.loads(kept.value or b"")["id"] == person.id
    assert gone.value is None


@given(
    business=wire.businesses,
    scoped=narrow.any_scoped_ids,
    person=wire.person_ids,
    generation=st.integers(1, 2**31),
)
def test_an_alias_is_found_by_business_and_scoped_id(
    business: BusinessId, scoped: ScopedId, person: PersonId, generation: int
) -> None:
    """The key can be made, and taken apart, by whoever has the id."""
    output = alias_output(NAMES, business, scoped, person, generation)

    assert output.topic == "test-identity.aliases.v1"
    owner, _, text = (output.key or b"").decode().partition("/")
    assert (owner, member(text)) == (business, scoped)
    value = orjson.loads(output.value or b"")
    assert value == {
        "business": business,
        "kind": scoped.asset.kind,
        "asset": scoped.asset.id,
        "value": scoped.user,
        "person": person,
        "generation": generation,
    }


@given(hold=wire.holds)
def test_a_hold_is_told_to_workers_and_to_people(hold: Hold) -> None:
    """The workers' record can be decoded, the public one says held or released."""
    internal, public = hold_outputs(NAMES, hold, encode_hold(hold))

    assert (internal.topic, public.topic) == (
        "test-idweave.holds.v1",
        "test-identity.policy.v1",
    )
    assert internal.key == hold.key.encode()
    assert public.key == hold.business.encode()
    assert decode_hold(internal.value) == hold
    assert orjson.loads(public.value or b"") == {
        "type": "held" if hold.held else "released",
        "business": hold.business,
        "asset": hold.asset and {"kind": str(hold.asset.kind), "id": hold.asset.id},
        "since_ms": hold.since_ms,
        "at_ms": hold.at_ms,
        "reason": hold.reason,
        "probe_ms": hold.probe_ms,
    }


def outputs_of(log: Sequence[LogMessage]) -> list[Output]:
    """Run the stage over *log*, one unit of work for each message."""
    table, sent = LocalTable(), list[Output]()
    for message in log:
        waiting = [encode_log([message])]
        while waiting:
            record = Record(NAMES.evidence, 0, 0, 0, None, waiting.pop(0))
            unit = committed(Weave(NAMES, PARTITIONS, KEY).handle, [record], table)
            waiting += values(on(NAMES.evidence, unit.outputs))
            sent += unit.outputs
    return sent


def on(topic: str, outputs: Sequence[Output]) -> list[Output]:
    return [output for output in outputs if output.topic == topic]


def read_by(events: Iterable[dict[str, Any]]) -> Fold:
    fold = Fold()
    for event in events:
        fold.apply(event)
    return fold


def assert_reader_knows(fold: Fold, graph: DictGraph) -> None:
    assert {(business, who): name for business, who, name in fold.owners()} == {
        (business, str(one)): name for (business, one), name in graph.index.items()
    }
    for (business, name), person in graph.persons.items():
        for old in (name, *person.absorbed):
            assert fold.survivor(business, old) == name


@given(log=narrow.full_logs(), random=st.randoms(use_true_random=False))
def test_a_reader_of_events_ends_up_with_the_graph(
    log: list[LogMessage], random: Random
) -> None:
    """In any order and repeated, the documented steps give who is whom."""
    graph = DictGraph()
    weave(log, graph, check=False)
    events = [orjson.loads(o.value or b"") for o in on(NAMES.events, outputs_of(log))]
    events += random.sample(events, k=len(events) // 2)
    random.shuffle(events)

    assert_reader_knows(read_by(events), graph)


def test_a_reader_follows_a_merge_and_its_split_in_any_order() -> None:
    """Even where an absorbed person comes alive again, every order ends the same."""
    app, first, second = (member(text) for text in ("app:1:x", "page:1:x", "page:1:z"))
    cause, business = Cause("logins", 0, 0), narrow.BUSINESS

    def sighted(one: Member, at_ms: int) -> Sighted:
        assert isinstance(one, ScopedId)
        return Sighted(business, OwnedId(one, 1), at_ms, cause)

    def proved(one: Member, two: Member, at_ms: int) -> Proved:
        ends = ((one, 1), (two, 1))
        proof = evidence(EvidenceKind.IDS_FOR_PAGES, *ends, at_ms=at_ms, cause=cause)
        return Proved(business, (proof,), at_ms, cause)

    log: list[LogMessage] = [
        sighted(app, 1),
        sighted(first, 2),
        proved(app, first, 9),
        proved(app, second, 5),  # older than the proof that it contradicts
    ]
    graph = DictGraph()
    weave(log, graph)
    events = [orjson.loads(o.value or b"") for o in on(NAMES.events, outputs_of(log))]

    assert [event["type"] for event in events] == [
        *("created", "created", "merged"),
        *("split", "split", "quarantined"),
    ]
    for order in permutations(events):
        assert_reader_knows(read_by(order), graph)


@given(log=narrow.full_logs())
def test_an_alias_comes_back_with_a_larger_generation(log: list[LogMessage]) -> None:
    """Whatever lies between two records of one id, also that it was forgotten."""
    known: dict[bytes | None, int] = {}
    for output in on(NAMES.aliases, outputs_of(log)):
        if output.value is not None:
            generation = orjson.loads(output.value)["generation"]
            assert generation > known.get(output.key, 0)
            known[output.key] = generation


@given(log=narrow.full_logs())
def test_the_compacted_topics_hold_the_graph(log: list[LogMessage]) -> None:
    """The last record of each key says who is whom, tombstones taken out."""
    graph = DictGraph()
    weave(log, graph, check=False)
    sent = outputs_of(log)

    persons = {output.key: output.value for output in on(NAMES.persons, sent)}
    aliases = latest(on(NAMES.aliases, sent))

    known = [orjson.loads(value) for value in persons.values() if value is not None]
    assert {person["id"]: person for person in known} == {
        name: orjson.loads(orjson.dumps(person_document(person)))
        for (_, name), person in graph.persons.items()
    }
    assert {key: orjson.loads(value)["person"] for key, value in aliases.items()} == {
        alias_key(business, one).encode(): name
        for (business, one), name in graph.index.items()
        if isinstance(one, ScopedId)
    }


@given(log=narrow.full_logs(), random=st.randoms(use_true_random=False))
def test_a_reader_of_a_compacted_topic_ends_up_with_the_graph(
    log: list[LogMessage], random: Random
) -> None:
    """With the records of each key in order, whatever order the keys have."""
    graph = DictGraph()
    weave(log, graph, check=False)
    sent = outputs_of(log)
    fold, aliases = Fold(), Aliases()

    for key, value in by_key(on(NAMES.persons, sent), random):
        fold.apply_person(key, value)
    for key, value in by_key(on(NAMES.aliases, sent), random):
        aliases.apply(key, value)

    assert_reader_knows(fold, graph)
    scoped = [member(who) for _, who, _ in fold.owners()]
    assert {one: aliases.person_of(narrow.BUSINESS, str(one)) for one in scoped} == {
        one: graph.index[narrow.BUSINESS, one] if isinstance(one, ScopedId) else None
        for one in scoped
    }
    assert len(aliases.to_document()["aliases"]) == sum(
        isinstance(one, ScopedId) for one in scoped
    )


@given(log=narrow.full_logs(), random=st.randoms(use_true_random=False))
def test_a_reader_may_begin_with_persons_and_go_on_with_events(
    log: list[LogMessage], random: Random
) -> None:
    """From anywhere before the end of what was read of persons, in any order."""
    graph = DictGraph()
    weave(log, graph, check=False)
    early, late = sorted(random.choices(range(len(log) + 1), k=2))
    persons = latest(on(NAMES.persons, outputs_of(log[:late])))
    known = len(on(NAMES.events, outputs_of(log[:early])))
    events = on(NAMES.events, outputs_of(log))[known:]
    random.shuffle(events)

    fold = Fold()
    for key, value in persons.items():
        fold.apply_person((key or b"").decode(), orjson.loads(value))
    for event in events:
        fold.apply(orjson.loads(event.value or b""))

    assert_reader_knows(fold, graph)


def by_key(
    outputs: Sequence[Output], random: Random
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Key and value of each record, mixed anew, those of one key in their order."""
    waiting: dict[bytes, list[bytes | None]] = {}
    for output in outputs:
        waiting.setdefault(output.key or b"", []).append(output.value)
    order = [key for key, values in waiting.items() for _ in values]
    random.shuffle(order)
    for key in order:
        value = waiting[key].pop(0)
        yield key.decode(), None if value is None else orjson.loads(value)


@given(log=narrow.evidence_logs(), random=st.randoms(use_true_random=False))
def test_of_two_aliases_the_larger_generation_holds(
    log: list[LogMessage], random: Random
) -> None:
    """Where nothing was forgotten, a reader by generation needs no order at all."""
    graph = DictGraph()
    weave(log, graph, check=False)
    records = on(NAMES.aliases, outputs_of(log))
    random.shuffle(records)

    aliases = Aliases()
    for record in records:
        key = (record.key or b"").decode()
        aliases.apply(key, orjson.loads(record.value or b""))

    assert {
        key: name for key, (_, name) in aliases.to_document()["aliases"].items()
    } == {
        alias_key(business, one): name
        for (business, one), name in graph.index.items()
        if isinstance(one, ScopedId)
    }


@given(log=narrow.full_logs())
def test_one_id_names_one_event(log: list[LogMessage]) -> None:
    """Two events with one id are the same event, so a reader may drop the second."""
    by_id: dict[str, bytes | None] = {}
    for output in on(NAMES.events, outputs_of([*log, *log])):
        name = headers(output)["ce_id"]
        assert by_id.setdefault(name, output.value) == output.value
