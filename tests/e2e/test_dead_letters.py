"""What can't be read is kept byte for byte, and the stream goes on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import orjson
import pytest
from tests.support.kafka import KafkaBroker
from tests.support.stand import Stand, stand

from idweave_adapters.simulator import World, WorldBuilder
from idweave_streams.dead_letters import PREFIX
from idweave_streams.reliable import Output, Record
from idweave_streams.topics import RECORD_MAX_BYTES, TopicNames

KEY, HEADERS = b"\x00key\xff", (("trace", b"\x01\xff"), ("trace", b"again"), ("", b""))
LARGE = Random(1).randbytes(2_000_000)
HUGE = b"x" * (RECORD_MAX_BYTES + 1)
"""Compressed it fits the source topic, but it can't be written again as it is."""
TIME_MS = 1_767_225_600_000

Origin = tuple[str, int, int]
"""Topic, partition and offset."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that nobody can read, and what must be said of it."""

    record: Output
    stage: str
    code: str


def bad_records(names: TopicNames) -> Iterator[Bad]:
    """Everything that has gone wrong at a producer, or may."""
    wrong: dict[str, list[tuple[str, bytes | None, str]]] = {
        "ingest": [
            (names.webhooks, b"\xff\xfe<html>", "not-json"),
            (names.webhooks, None, "empty-value"),
            (names.webhooks, b"", "empty-value"),
            (names.webhooks, LARGE, "too-large"),
            (names.logins, LARGE, "too-large"),
            (names.logins, login("1"), "unknown-asset"),
            (names.logins, b"{}", "login-field-missing"),
            (names.logins, None, "empty-value"),
        ],
        "resolve": [
            (names.sightings, b"what?", "internal-record"),
            (names.sightings, None, "internal-record"),
            (names.answers, b"\x01{}", "internal-record"),
        ],
        "weave": [(names.evidence, b"\x63[]", "internal-record")],
        "assets": [(names.assets, b'{"asset":"shop:1"}', "asset-record")],
    }
    for stage, records in wrong.items():
        for topic, value, code in records:
            record = Output(topic, KEY, value, HEADERS, partition=0)
            yield Bad(record, stage, code)


def login(app: str) -> bytes:
    return orjson.dumps(
        {"app_id": app, "user_id": "1000", "time": TIME_MS, "login_kind": "classic"}
    )


@pytest.fixture
def world() -> World:
    """One business with an app that one person uses."""
    build = WorldBuilder(seed=5)
    app = build.app("Shop", build.business("Acme"))
    build.person(app, ids={app: "1000"})
    return World(build.parts())


async def test_dead_letters(
    world: World, kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Each comes out once with key, value, headers and a code; later events are served."""
    async with stand(
        world, kafka=kafka.bootstrap, prefix=topic_prefix, folder=tmp_path
    ) as deployed:
        await deployed.send_assets(world)
        await deployed.start_worker("only")
        bad, names = list(bad_records(deployed.names)), deployed.names
        places = await deployed.send([each.record for each in bad])
        for topic, stage, code in (
            (names.logins, "ingest", "empty-value"),
            (names.evidence, "weave", "internal-record"),
        ):
            bad.append(Bad(Output(topic, None, None), stage, code))
            places.append(await deployed.send_empty(topic))
        huge = Output(names.logins, KEY, HUGE, HEADERS, partition=0)
        [place_of_huge] = await deployed.send([huge])
        await _log_in_everywhere(deployed, world)
        await deployed.settle()

        assert [user for _, user in deployed.tally.aliases] == _users(world)
        letters = await deployed.records(names.dead_letters)
        assert len(letters) == len(bad) + 1
        by_origin = {origin(letter): letter for letter in letters}
        for each, place in zip(bad, places, strict=True):
            letter = by_origin[each.record.topic, *place]
            own = letter.headers[: len(each.record.headers)]
            assert (letter.key, letter.value) == (each.record.key, each.record.value)
            assert own == each.record.headers
            assert (said(letter, "stage"), said(letter, "code")) == (
                each.stage,
                each.code,
            )
        letter = by_origin[names.logins, *place_of_huge]
        assert (letter.key, letter.value) == (None, None)
        assert int(said(letter, "omitted")) > RECORD_MAX_BYTES


async def _log_in_everywhere(deployed: Stand, world: World) -> None:
    """A good event is behind everything bad in each partition."""
    [app] = world.apps
    topic, count = deployed.names.logins, deployed.settings.partitions
    await deployed.send(
        [Output(topic, None, login(app), partition=place) for place in range(count)]
    )


def _users(world: World) -> list[str]:
    [app] = world.apps
    return [f"app:{app}:1000"]


def said(letter: Record, what: str) -> str:
    """What the last header of that name says."""
    return dict(letter.headers)[PREFIX + what].decode()


def origin(letter: Record) -> Origin:
    """Where the record was before it was a dead letter."""
    return (
        said(letter, "topic"),
        int(said(letter, "partition")),
        int(said(letter, "offset")),
    )
