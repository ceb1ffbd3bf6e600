"""What must hold of everything a deployment has sent out, however often it died."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from tests.support.stand import Stand

from idweave_adapters.erasure_key import ErasureKey
from idweave_adapters.simulator import Simulator, World
from idweave_adapters.simulator.traffic import Event, Traffic
from idweave_streams.agents.weave import Weave
from idweave_streams.demo.verdict import compare
from idweave_streams.local.files import run_files
from idweave_streams.local.log import LocalTable
from idweave_streams.reliable import Output, Record, Unit
from idweave_streams.settings import Settings
from idweave_streams.topics import TopicNames

Latest = Mapping[bytes, bytes]
"""What a compacted topic comes down to: the last value of each key."""

PERSON_EVENTS = ("created", "linked", "merged", "split")
"""Events by which a person comes to a new generation."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the output topics say in the end."""

    events: Mapping[str, dict[str, Any]]
    """Identity events by id."""
    aliases: Latest
    persons: Latest

    def who_is_who(self) -> dict[str, str]:
        """The person id of each alias."""
        return {k.decode(): orjson.loads(v)["person"] for k, v in self.aliases.items()}

    def members(self) -> dict[str, frozenset[str]]:
        """The members of each person, tokens included."""
        persons = (orjson.loads(value) for value in self.persons.values())
        return {p["id"]: _members(p) for p in persons}


def told(names: TopicNames, records: Iterable[Record | Output]) -> Told:
    """Fold *records* of the output topics, in the order of each partition."""
    events: dict[str, dict[str, Any]] = {}
    latest: dict[str, dict[bytes, bytes]] = {names.aliases: {}, names.persons: {}}
    for record in records:
        if record.topic == names.events:
            event = orjson.loads(record.value or b"")
            known = events.setdefault(event["id"], event)
            assert known == event, "one event id stands for two different facts"
        elif record.topic in latest and record.key is not None:
            if record.value is None:
                latest[record.topic].pop(record.key, None)
            else:
                latest[record.topic][record.key] = record.value
    return Told(events, latest[names.aliases], latest[names.persons])


async def told_by(stand: Stand) -> Told:
    """What stands on the broker."""
    names = stand.names
    topics = (names.events, names.aliases, names.persons)
    return told(names, [r for t in topics for r in await stand.records(t)])


async def undisturbed(
    world: World, events: Sequence[Event], settings: Settings
) -> Told:
    """What comes of the same events in one process, where nothing ever fails."""
    async with Simulator(world) as meta:
        result = await run_files(
            settings.model_copy(update={"graph_api_url": meta.base_url}),
            assets=[orjson.dumps(row) for row in world.assets()],
            logins=[e.value for e in events if e.topic == "login"],
            webhooks=[e.value for e in events if e.topic == "webhook"],
            patience_ms=60_000,
        )
    return told(settings.topics, result.outputs())


def assert_right(found: Told, world: World, traffic: Traffic) -> None:
    """Every id is with the ids of the same human, and with nobody else's."""
    sighted, expected = traffic.report.sighted, traffic.expected()
    aliases = {
        (business, scoped): person
        for alias, person in found.who_is_who().items()
        for business, _, scoped in [alias.partition("/")]
    }
    owner = {row["asset"]: row["business"] for row in world.assets()}
    verdict = compare(
        aliases,
        world.truth(),
        seen={(owner[s.rpartition(":")[0]], s) for s in sighted},
        linkable={
            (business, scoped)
            for business, people in expected.items()
            for person in people
            if len(person) > 1
            for scoped in person
        },
    )
    assert verdict.wrong == 0, verdict
    joined: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (business, scoped), person in aliases.items():
        joined[business, person].add(scoped)
    assert {(b, frozenset(ids)) for (b, _), ids in joined.items()} == {
        (business, person) for business, people in expected.items() for person in people
    }


@dataclass(frozen=True, slots=True)
class Gap:
    """What the topics and a replay of the evidence log do not both say."""

    missing: frozenset[str]
    """Ids of events that should have been sent and were not."""
    invented: frozenset[str]
    """Ids of events that nothing in the log gives."""
    differing: tuple[str, ...]
    """Which outputs differ in other ways."""


async def gap_to_replay(stand: Stand, found: Told) -> Gap:
    """Compare *found* with what the evidence log gives when it is folded anew."""
    log = await stand.records(stand.names.evidence)
    file = stand.settings.erasure_key_file
    key = ErasureKey.from_file(file) if file is not None else None
    replayed = told(stand.names, replay(stand.names, log, key))
    both = found.events.keys() & replayed.events.keys()
    pairs = {
        "events": all(found.events[each] == replayed.events[each] for each in both),
        "aliases": found.aliases == replayed.aliases,
        "persons": found.persons == replayed.persons,
    }
    return Gap(
        frozenset(replayed.events.keys() - found.events.keys()),
        frozenset(found.events.keys() - replayed.events.keys()),
        tuple(name for name, is_same in pairs.items() if not is_same),
    )


async def assert_complete(stand: Stand, found: Told) -> None:
    """The topics say exactly what a replay of the evidence log says: nothing is lost.

    Events may be on their topic twice. The compacted topics end with the same bytes.
    """
    assert await gap_to_replay(stand, found) == Gap(frozenset(), frozenset(), ())


def replay(
    names: TopicNames, log: Sequence[Record], key: ErasureKey | None = None
) -> list[Output]:
    """Fold the evidence log anew, one record at a time, per partition in order."""
    partitions = 1  # where lookups are, which is not replayed
    weave = Weave(names, partitions, key)
    tables: dict[int, LocalTable] = defaultdict(LocalTable)
    outputs: list[Output] = []
    for record in log:
        table = tables[record.partition]
        unit = Unit(record.partition, table)
        weave.handle(unit, [record])
        table.write(unit.changes)
        outputs += unit.outputs
    return outputs


def assert_no_gaps(found: Told) -> None:
    """Each generation of a person follows on one that an event has told of.

    After a merge that is the generation of whoever had the highest.
    """
    steps = [e for e in found.events.values() if e["type"] in PERSON_EVENTS]
    reached: dict[tuple[str, str], set[int]] = defaultdict(set)
    for event in steps:
        for member in _members(event["person"]):
            reached[event["business"], member].add(event["person"]["generation"])
    for event in steps:
        person, business = event["person"], event["business"]
        if person["generation"] == 1:
            continue
        before = (reached[business, member] for member in _members(person))
        assert any(person["generation"] - 1 in seen for seen in before), event["id"]


def _members(person: dict[str, Any]) -> frozenset[str]:
    return frozenset(
        ":".join(filter(None, (m["kind"], m.get("asset"), m["value"])))
        for m in person["members"]
    )
