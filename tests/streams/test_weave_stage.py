"""The evidence log becomes persons, aliases and events, as one unit of work."""

from collections.abc import Sequence
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import strategies as narrow
from tests.support.graph import DictGraph
from tests.support.stages import (
    KEY,
    NAMES,
    PARTITIONS,
    chunks,
    committed,
    handled,
    latest,
    letters,
    record,
    sent,
    values,
)

from idweave_graph.documents import (
    alias_document,
    alias_key,
    event_document,
    person_document,
    receipt_document,
)
from idweave_graph.evidence import Cause
from idweave_graph.ids import ScopedId
from idweave_graph.messages import AssetForgotten, Forgotten, LogMessage, Sighted
from idweave_graph.ownership import OwnedId
from idweave_graph.weave import handle
from idweave_streams.agents.weave import Weave
from idweave_streams.codecs import decode_log, decode_sightings, encode_log
from idweave_streams.local.log import LocalTable
from idweave_streams.packing import partition_of
from idweave_streams.reliable import Output, Record
from idweave_streams.tables import GraphTable

BUSINESS = narrow.BUSINESS
STAGE = Weave(NAMES, PARTITIONS, KEY)
SIZES = st.lists(st.integers(1, 4), max_size=6)

FEWER = settings(max_examples=40)
"""The core has its own properties; here is only that nothing is lost on the way."""

Key = bytes | None


def records(messages: Sequence[LogMessage]) -> list[Record]:
    """One record for each message, as if they had come one by one."""
    return [
        record(NAMES.evidence, encode_log([message]), offset)
        for offset, message in enumerate(messages)
    ]


def core_of(messages: Sequence[LogMessage]) -> tuple[DictGraph, list[dict[str, Any]]]:
    """The graph by the core alone, and the events that it tells."""
    graph = DictGraph()
    events = [
        event_document(event)
        for message in messages
        for event in graph.apply(handle(graph, message))
    ]
    return graph, events


def run(
    messages: Sequence[LogMessage], sizes: Sequence[int] = ()
) -> tuple[LocalTable, list[Output]]:
    """The stage's table, and all it sent, in batches of *sizes*."""
    table, outputs = LocalTable(), list[Output]()
    for piece in chunks(records(messages), sizes):
        outputs += committed(STAGE.handle, piece, table).outputs
    return table, outputs


def on(outputs: Sequence[Output], topic: str) -> list[Output]:
    return [output for output in outputs if output.topic == topic]


def documents(outputs: Sequence[Output], topic: str) -> list[dict[str, Any]]:
    return [orjson.loads(value) for value in values(on(outputs, topic))]


def persons_topic(graph: DictGraph) -> dict[Key, bytes]:
    return {
        name.encode(): orjson.dumps(person_document(person))
        for (_, name), person in graph.persons.items()
    }


def alias_keys(graph: DictGraph) -> dict[Key, str]:
    return {
        alias_key(business, member).encode(): name
        for (business, member), name in graph.index.items()
        if isinstance(member, ScopedId)
    }


def test_a_first_sighting_makes_a_person() -> None:
    """Told as an event, as an alias and as a person, and kept in the table."""
    seen = OwnedId(ScopedId(narrow.APPS[0], "x"), 1)

    table, outputs = run([Sighted(BUSINESS, seen, 10, Cause("logins", 0, 5))])

    [event] = documents(outputs, NAMES.events)
    [alias] = on(outputs, NAMES.aliases)
    [person] = on(outputs, NAMES.persons)
    name = event["person"]["id"]
    assert event["type"] == "created"
    assert event["cause"] == {"topic": "logins", "partition": 0, "offset": 5}
    assert alias.key == f"{BUSINESS}/app:1:x".encode()
    assert alias.value == orjson.dumps(alias_document(BUSINESS, seen.id, name, 1))
    assert person.key == name.encode()
    assert GraphTable(table).person_of(BUSINESS, seen.id) == name


@FEWER
@given(messages=narrow.full_logs(), sizes=SIZES)
def test_the_stage_does_what_the_core_says(
    messages: list[LogMessage], sizes: list[int]
) -> None:
    """Whatever the batches: the same events in the same order, the same graph."""
    graph, events = core_of(messages)

    table, outputs = run(messages, sizes)

    assert documents(outputs, NAMES.events) == events
    kept = GraphTable(table, KEY)
    for (business, who), erased in graph.memory.items():
        assert kept.erased(business, who) == erased
    for (business, name), person in graph.persons.items():
        assert kept.person(business, name) == person
    for (business, member), owner in graph.index.items():
        assert kept.person_of(business, member) == owner
    for (business, asset), epoch in graph.assets.items():
        assert kept.asset(business, asset) == epoch
    assert all(kept.is_refusal_known(*refusal) for refusal in graph.refusals)
    assert kept.withdrawals(BUSINESS) == graph.withdrawals(BUSINESS)
    for (business, code), receipt in graph.receipts.items():
        assert kept.receipt_ms(business, code) == receipt.at_ms


@FEWER
@given(messages=narrow.full_logs(), sizes=SIZES)
def test_what_goes_to_other_stages_is_what_the_core_says(
    messages: list[LogMessage], sizes: list[int]
) -> None:
    """Sweeps go on behind the log, lookups are told what is forgotten, and receipts.

    Each in the partition of its business or of its id, where those who handle it are.
    """
    graph, _ = core_of(messages)

    _, outputs = run(messages, sizes)

    sweeps, forgotten = on(outputs, NAMES.evidence), on(outputs, NAMES.sightings)
    assert [m for v in values(sweeps) for m in decode_log(v)] == list(graph.told)
    assert {output.key for output in sweeps} <= {BUSINESS.encode()}
    found = [(o, m) for o in forgotten for m in decode_sightings(o.value)]
    of_ids = [(o, m) for o, m in found if isinstance(m, Forgotten)]
    assert [m for _, m in of_ids] == graph.forgotten
    for output, message in of_ids:
        assert output.partition == partition_of(str(message.id), PARTITIONS)
    of_assets = [(o.partition, m) for o, m in found if isinstance(m, AssetForgotten)]
    assert of_assets == [
        (partition, message)
        for message in graph.forgotten_assets
        for partition in range(PARTITIONS)
    ]
    receipts = {
        o.key: orjson.loads(o.value or b"") for o in on(outputs, NAMES.receipts)
    }
    assert receipts == {
        receipt.code.encode(): receipt_document(receipt)
        for receipt in graph.receipts.values()
    }


@FEWER
@given(messages=narrow.full_logs(), sizes=SIZES)
def test_the_persons_topic_ends_as_the_graph(
    messages: list[LogMessage], sizes: list[int]
) -> None:
    """Whoever is absorbed has a tombstone, and whoever lives stands there whole."""
    graph, _ = core_of(messages)

    _, outputs = run(messages, sizes)

    assert latest(on(outputs, NAMES.persons)) == persons_topic(graph)


@FEWER
@given(messages=narrow.full_logs(), sizes=SIZES)
def test_the_aliases_topic_ends_as_the_graph(
    messages: list[LogMessage], sizes: list[int]
) -> None:
    """Each scoped id, and no business token, leads to its person."""
    graph, _ = core_of(messages)

    _, outputs = run(messages, sizes)

    found = latest(on(outputs, NAMES.aliases))
    assert {k: orjson.loads(v)["person"] for k, v in found.items()} == alias_keys(graph)


@FEWER
@given(messages=narrow.full_logs())
def test_refusals_quarantines_and_bans_are_told_twice(
    messages: list[LogMessage],
) -> None:
    """As identity events, and again on the policy topic, keyed by business.

    The audit of erasures stands there as well, and nowhere else.
    """
    graph, _ = core_of(messages)
    _, outputs = run(messages)

    events = documents(outputs, NAMES.events)
    kinds = ("refused", "quarantined", "banned", "unbanned", "decided")
    expected = [e for e in events if e["type"] in kinds]
    told = documents(outputs, NAMES.policy)
    assert [each for each in told if each["type"] != "erasure"] == expected
    audited = [each["id"] for each in told if each["type"] == "erasure"]
    assert audited == [record.id for record in graph.audit]
    keys = {output.key for output in on(outputs, NAMES.policy)}
    assert keys <= {BUSINESS.encode()}


@FEWER
@given(messages=narrow.full_logs())
def test_what_is_repeated_changes_nothing(messages: list[LogMessage]) -> None:
    """Neither the table nor any topic.

    But a lookup that was opened by old news of an erased id is told so each time.
    """
    table, _ = run(messages)

    for message in records(messages[-1:]):
        unit = handled(STAGE.handle, [message], table)
        told_again = values(sent(unit, NAMES.sightings))
        assert unit.changes == {}
        assert values(unit.outputs) == told_again
        if told_again:
            assert isinstance(messages[-1], Sighted)


@FEWER
@given(messages=narrow.full_logs())
def test_a_unit_that_was_dropped_is_made_again_alike(
    messages: list[LogMessage],
) -> None:
    """To the byte, so that what was sent before a crash comes with the same ids."""
    one = handled(STAGE.handle, records(messages))
    two = handled(STAGE.handle, records(messages))

    assert one.outputs == two.outputs
    assert one.changes == two.changes


@given(value=st.none() | st.binary(max_size=30))
def test_what_idweave_did_not_write_is_a_dead_letter(value: bytes | None) -> None:
    """The records around it count."""
    seen = [OwnedId(ScopedId(narrow.APPS[0], user), 1) for user in "xy"]
    good = [Sighted(BUSINESS, each, 1, Cause("logins", 0, 0)) for each in seen]
    one, two = records(good)

    unit = handled(STAGE.handle, [one, record(NAMES.evidence, value, 5), two])

    assert letters(unit) == [("internal-record", 1)]
    assert len(sent(unit, NAMES.events)) == 2
