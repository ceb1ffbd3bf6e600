"""The tables, the events and the compacted topics are what the log says."""

from collections.abc import Iterator
from random import Random

import orjson
from tests.simulation.after import After
from tests.simulation.lane import CHANGELOG

from idweave_graph.consume import Aliases, Fold
from idweave_graph.documents import alias_key, event_document, person_document
from idweave_graph.ids import ScopedId
from idweave_graph.invariants import violations
from idweave_streams.codecs import (
    encode_asset_epoch,
    encode_bans,
    encode_decisions,
    encode_person,
    encode_person_id,
    encode_receipt_ms,
    encode_withdrawals,
)
from idweave_streams.erasures import find_erased
from idweave_streams.local.log import LocalTable
from idweave_streams.reliable.unit import RESERVED
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE


def tables_equal_the_fold(after: After) -> Iterator[str]:
    """Whatever died and whenever, the log has been handled once, in its order."""
    graph = after.graph
    expected = {
        **{f"p|{b}|{n}": encode_person(p) for (b, n), p in graph.persons.items()},
        **{f"m|{b}|{m}": encode_person_id(n) for (b, m), n in graph.index.items()},
        **{f"a|{b}|{a}": encode_asset_epoch(e) for (b, a), e in graph.assets.items()},
        **{f"r|{b}|{name}": b"\x01" for b, name in graph.refusals},
        **{f"w|{b}": encode_withdrawals(w) for b, w in graph.taken_back.items()},
        **{f"b|{b}|{s}": encode_bans(bans) for (b, s), bans in graph.bans.items()},
        **{
            f"v|{b}|{who}": encode_decisions(said)
            for (b, who), said in graph.decisions.items()
        },
        **{
            f"d|{b}|{code}": encode_receipt_ms(receipt.at_ms)
            for (b, code), receipt in graph.receipts.items()
        },
    }
    kinds = {key[0] for key in expected} | set("pmarwbvd")
    found = {
        key.decode(): value
        for key, value in after.entries("weave", GRAPH_TABLE).items()
        if chr(key[0]) in kinds
    }
    for key in sorted(found.keys() | expected.keys()):
        if found.get(key) != expected.get(key):
            yield f"graph table: {key} is not what the log says"


def erasures_are_remembered(after: After) -> Iterator[str]:
    """Each under its keyed hash, and found again by its end; without a key none is."""
    key, entries = after.run.around.key, after.entries("weave", GRAPH_TABLE)
    memory = LocalTable()
    memory.write(entries)
    for (business, scoped), erased in after.graph.memory.items():
        if find_erased(memory, key, business, scoped) != erased:
            yield f"the erasure of {scoped} in {business} is not remembered as it was"
    for kind in (b"x|", b"y|"):
        found = sum(name.startswith(kind) for name in entries)
        if found != len(after.graph.memory):
            yield f"{found} entries {kind!r} for {len(after.graph.memory)} erasures"


def changelogs_equal_tables(after: After) -> Iterator[str]:
    """The next owner gets just what this one has."""
    for stage, table in (("weave", GRAPH_TABLE), ("resolve", LOOKUP_TABLE)):
        stored: dict[bytes, bytes] = {}
        for record in after.run.broker.records(CHANGELOG + table):
            key = record.key or b""
            if key.startswith(RESERVED):
                continue
            if record.value is None:
                stored.pop(key, None)
            else:
                stored[key] = record.value
        if stored != after.entries(stage, table):
            yield f"the changelog of {table} is not what its copies hold"


def events_equal_the_fold(after: After) -> Iterator[str]:
    """None is missing, none too many; what comes twice is the same to the byte."""
    expected = {e.id: orjson.dumps(event_document(e)) for e in after.events}
    found: dict[str, bytes] = {}
    for record in after.records("events"):
        value = record.value or b""
        name = orjson.loads(value)["id"]
        if found.setdefault(name, value) != value:
            yield f"event {name} was told in two ways"
    yield from (f"event {n} is missing" for n in sorted(expected.keys() - found.keys()))
    yield from (
        f"event {n} is no event" for n in sorted(found.keys() - expected.keys())
    )
    for name in sorted(found.keys() & expected.keys()):
        if found[name] != expected[name]:
            yield f"event {name} is not what the log says"


def generations_rise(after: After) -> Iterator[str]:
    """Of one person, a later state has a higher generation, for whoever reads once."""
    last: dict[str, tuple[int, object]] = {}
    told: set[str] = set()
    for record in after.records("events"):
        event = orjson.loads(record.value or b"")
        if event["id"] in told or "person" not in event:
            continue
        told.add(event["id"])
        person = event["person"]
        # An earlier sighting alone is no change of who is whom.
        who = [(m.get("asset"), m["value"]) for m in person["members"]]
        now = (person["generation"], who)
        before = last.get(person["id"], (0, None))
        is_same = now[0] == before[0] and now[1] == before[1]
        if now[0] <= before[0] and not is_same:
            yield f"person {person['id']} goes from {before[0]} to {now[0]}"
        last[person["id"]] = now


def compacted_topics_equal_the_fold(after: After) -> Iterator[str]:
    """A reader of aliases or persons knows what the tables know."""
    graph = after.graph
    persons = {
        person.id: orjson.loads(orjson.dumps(person_document(person)))
        for person in graph.persons.values()
    }
    if persons != after.latest("persons"):
        yield "the persons topic is not what the log says"
    owners = {
        alias_key(business, member): name
        for (business, member), name in graph.index.items()
        if isinstance(member, ScopedId)
    }
    aliases = {key: doc["person"] for key, doc in after.latest("aliases").items()}
    for key in sorted(owners.keys() | aliases.keys()):
        if owners.get(key) != aliases.get(key):
            yield f"alias {key} is not what the log says"


def consumers_converge(after: After) -> Iterator[str]:
    """The kit for consumers knows who is whom, in whatever order events come."""
    random = Random(after.run.scenario.seed)
    events = [orjson.loads(record.value or b"") for record in after.records("events")]
    events += random.sample(events, k=len(events) // 3)
    random.shuffle(events)
    fold, aliases = Fold(), Aliases()
    for event in events:
        fold.apply(event)
    owners = {(business, member): name for business, member, name in fold.owners()}
    index = {(b, str(m)): name for (b, m), name in after.graph.index.items()}
    if owners != index:
        yield "a consumer of the events does not know who is whom"
    for record in after.records("aliases"):
        value = None if record.value is None else orjson.loads(record.value)
        aliases.apply((record.key or b"").decode(), value)
    if any(
        aliases.person_of(business, str(member)) != name
        for (business, member), name in after.graph.index.items()
        if isinstance(member, ScopedId)
    ):
        yield "a consumer of the aliases does not know who is whom"


def graph_is_sound(after: After) -> Iterator[str]:
    """At most one id per asset, nobody banned together, evidence holds, and so on."""
    graph = after.graph
    index = ((b, member, name) for (b, member), name in graph.index.items())
    for broken in violations(graph, graph.persons.values(), index):
        yield f"{broken.rule} is broken by {broken.person} of {broken.business}"


CHECKS = (
    tables_equal_the_fold,
    erasures_are_remembered,
    changelogs_equal_tables,
    events_equal_the_fold,
    generations_rise,
    compacted_topics_equal_the_fold,
    consumers_converge,
    graph_is_sound,
)
