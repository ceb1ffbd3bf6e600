"""A Graph API that answers what it never should: what comes out of it all the same."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from tests.e2e.demands import assert_complete, assert_no_gaps, told_by
from tests.support.kafka import KafkaBroker
from tests.support.stand import stand

from idweave_adapters.simulator import Faults, Stats, World
from idweave_adapters.simulator.traffic import Traffic, TrafficPlan
from idweave_streams.contracts import schema
from idweave_streams.reliable import Output, Record
from idweave_streams.tally import Tally
from idweave_streams.topics import TOPICS, Role

FAULTS = Faults(
    foreign_rate=0.2, unknown_rate=0.2, second_id_rate=0.1, mixed_up_rate=0.05
)
"""A wrong answer every other time, of every kind that the simulator knows."""
EVENT_TYPES = {
    "created",
    "linked",
    "merged",
    "quarantined",
    "refused",
    "epoch-changed",
}
POLICY_TYPES = {"refused", "quarantined", "held", "released"}
REASONS = {"foreign-credential", "foreign-asset", "unknown-asset", "unowned-asset"}


@dataclass(frozen=True, slots=True)
class Run:
    """What one run has left behind."""

    world: World
    owner: Mapping[str, str | None]
    """The business of each asset, as the workers were told."""
    stats: Stats
    tally: Tally
    records: Mapping[str, Sequence[Record]]
    """By what code calls the topic."""


@pytest.fixture(scope="module")
def run(kafka: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run, looked at from two sides."""
    return asyncio.run(_run(kafka.bootstrap, tmp_path_factory.mktemp("hostile")))


async def _run(kafka: str, folder: Path) -> Run:
    world = World.generate(seed=9, people=120)
    traffic = Traffic(world, TrafficPlan(seed=9, events=700, garbage=0.01))
    async with stand(
        world,
        kafka=kafka,
        prefix=f"t{uuid.uuid4().hex[:12]}-",
        folder=folder,
        faults=FAULTS,
        hold_probe_hours=1 / 3600,
        hold_next_probe_hours=1 / 3600,
    ) as deployed:
        reviewed, unowned = _chosen(world)
        deployed.simulator.review(reviewed)
        await deployed.send_assets(world)
        row = {"asset": unowned, "business": None, "epoch": 1, "parent": None}
        topic = deployed.names.assets
        await deployed.send([Output(topic, unowned.encode(), orjson.dumps(row))])
        await deployed.start_worker("only")
        await deployed.send_events(traffic)
        await deployed.until(lambda tally: reviewed in tally.held)
        deployed.simulator.review(reviewed, on=False)
        await deployed.settle()
        found = await told_by(deployed)
        await assert_complete(deployed, found)
        assert_no_gaps(found)
        outputs = [topic.key for topic in TOPICS if topic.role is Role.OUTPUT]
        return Run(
            world=world,
            owner={r["asset"]: r["business"] for r in world.assets()} | {unowned: None},
            stats=deployed.simulator.stats,
            tally=deployed.tally,
            records={
                key: await deployed.records(getattr(deployed.names, key))
                for key in outputs
            },
        )


def _chosen(world: World) -> tuple[str, str]:
    """A business for Meta to review, and an app of another that nobody is to own."""
    parents = {app.parent for app in world.apps.values()}
    first, second = [b.id for b in world.businesses.values() if not b.is_provider][:2]
    apps = [
        app.asset
        for app in world.apps.values()
        if app.owner == second and not app.parent and app.id not in parents
    ]
    return first, apps[0]


def test_boundary_end_to_end(run: Run) -> None:
    """No link ever crosses a business, whatever is answered; each kind is on record."""
    named = 0
    for document in (*_values(run, "events"), *_values(run, "persons")):
        for asset in _assets(document):
            assert run.owner[asset] == document["business"]
            named += 1

    for alias in _values(run, "aliases"):
        assert run.owner[f"{alias['kind']}:{alias['asset']}"] == alias["business"]

    assert named > 500
    refusals, injected = run.tally.refusals, run.stats.injected
    assert injected.keys() >= {"foreign", "unknown", "second_id", "mixed_up"}
    assert run.stats.violations == Counter()
    assert refusals.keys() == REASONS
    assert refusals["unknown-asset"] == injected["unknown"]
    # Some of them name the app that nobody is to own.
    assert 0 < refusals["foreign-asset"] <= injected["foreign"]
    refused = {
        each["id"] for each in _values(run, "policy") if each["type"] == "refused"
    }
    assert len(refused) == refusals.total()


def _assets(document: dict[str, Any]) -> Iterator[str]:
    """Each asset of which an id is linked to others here."""
    for member in document.get("person", document).get("members", ()):
        if member["kind"] != "token":
            yield f"{member['kind']}:{member['asset']}"
    for proof in document["evidence"]:
        for end in (proof["a"], proof["b"]):
            if not end.startswith("token:"):
                yield end.rpartition(":")[0]


KEYS: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "event": lambda event: (
        event.get("person", {}).get("id") or event.get("about", event["business"])
    ),
    "alias": lambda a: f"{a['business']}/{a['kind']}:{a['asset']}:{a['value']}",
    "person": lambda person: person["id"],
    "policy": lambda policy: policy["business"],
}


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("events", "event"),
        ("aliases", "alias"),
        ("persons", "person"),
        ("policy", "policy"),
    ],
)
def test_emitted_records_match_schemas(run: Run, topic: str, name: str) -> None:
    """Each value is as its published schema says, and the key is the one it names."""
    validator = Draft202012Validator(schema(name))

    for record in run.records[topic]:
        if record.value is not None:
            validator.validate(orjson.loads(record.value))
            key = KEYS[name](orjson.loads(record.value))
            assert record.key == key.encode()


def test_emitted_headers_match_schemas(run: Run) -> None:
    """Identity events are CloudEvents; dead letters say why and from where."""
    events = Draft202012Validator(schema("event-headers"))
    letters = Draft202012Validator(schema("dead-letter-headers"))

    for record in run.records["events"]:
        headers = _headers(record)
        events.validate(headers)
        assert headers["ce_id"] == orjson.loads(record.value or b"")["id"]
        assert headers["ce_subject"].encode() == record.key
    for record in run.records["dead_letters"]:
        letters.validate(_headers(record))


def test_the_run_had_everything_in_it(run: Run) -> None:
    """What the other tests look at is there: every kind of event and of record."""
    events, policy = _values(run, "events"), _values(run, "policy")

    # Whether a late proof parts somebody again depends on which of them comes first.
    assert {event["type"] for event in events} - {"split"} == EVENT_TYPES
    assert {each["type"] for each in policy} == POLICY_TYPES
    assert None in {record.value for record in run.records["persons"]}
    assert run.records["dead_letters"]


def _values(run: Run, key: str) -> list[dict[str, Any]]:
    return [orjson.loads(r.value) for r in run.records[key] if r.value is not None]


def _headers(record: Record) -> dict[str, str]:
    return {name: value.decode() for name, value in record.headers}
