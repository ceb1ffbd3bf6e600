"""What comes in over HTTP is on Kafka as it was sent, and the pipeline can read it."""

import asyncio
from collections import Counter
from pathlib import Path

import aiohttp
import orjson
import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from tests.adapters.ingress.door import APP, SECRET, signed
from tests.adapters.ingress.test_webhooks_in import ODD_BODIES
from tests.streams.ingress.running import (
    Sender,
    make_topics,
    running,
    settings_for,
    values,
)
from tests.support.kafka import KafkaBroker, read_topic
from tests.support.waiting import until

from idweave_adapters.ingress import Limits
from idweave_adapters.ingress.limits import BODY_BYTES
from idweave_adapters.simulator import Simulator, World
from idweave_adapters.simulator.traffic import Traffic, TrafficPlan
from idweave_streams import ingress
from idweave_streams.dead_letters import dead_letter
from idweave_streams.local.files import run_files
from idweave_streams.reliable import Record
from idweave_streams.reliable.producer import BATCH_BYTES
from idweave_streams.settings import Settings

EVENT = b'{"app_id":"1","user_id":"2","time":1767225600000,"login_kind":"classic"}'


async def test_webhooks_are_on_the_topic_byte_for_byte(deployment: Settings) -> None:
    """Unicode escapes, odd blanks, bytes that are no text, nothing at all."""
    async with running(deployment) as sender:
        await until(sender.is_ready)
        answers = [await sender.webhook(body) for body in ODD_BODIES]
    records = await read_topic(deployment.kafka, deployment.topics.webhooks)

    assert answers == [200] * len(ODD_BODIES)
    assert Counter(record.value for record in records) == Counter(ODD_BODIES)
    assert {record.headers for record in records} == {(("app_id", APP.encode()),)}
    assert {record.key for record in records} == {None}


async def test_a_large_body_is_stored(deployment: Settings) -> None:
    """As large as may be, with company."""
    bodies = [b"%d" % number * BODY_BYTES for number in range(3)]
    async with running(deployment) as sender:
        await until(sender.is_ready)
        answers = await asyncio.gather(
            *(sender.webhook(body[:BODY_BYTES]) for body in bodies),
            *(sender.webhook(b"%d" % number) for number in range(50)),
        )

    assert set(answers) == {200}
    found = await values(deployment, deployment.topics.webhooks)
    assert sorted(map(len, found))[-4:] == [2, *[BODY_BYTES] * 3]


def test_the_largest_body_fits_into_one_batch_as_a_dead_letter() -> None:
    """With the longest names; else the worker could neither read it nor put it away."""
    record = Record(
        topic="t" * 249,
        partition=1023,
        offset=2**63 - 1,
        timestamp_ms=2**62,
        key=None,
        value=b"x" * BODY_BYTES,
        headers=(("app_id", b"9" * 32),),
    )
    letter = dead_letter("d" * 249, record, stage="ingest", code="c" * 64)
    batch = BatchBuilder(BATCH_BYTES, 0, is_transactional=False)
    headers = list(letter.headers)

    # The first record of a batch always fits, so it comes second.
    assert batch.append(timestamp=0, key=None, value=b"", headers=[])
    assert batch.append(timestamp=0, key=None, value=letter.value, headers=headers)


async def test_a_thousand_login_events_are_a_thousand_records(
    deployment: Settings,
) -> None:
    """On all partitions, each as it was written."""
    events = [
        b'{"app_id":"1", "user_id":"%d","time":1767225600000,"login_kind":"classic"}'
        % (number + 1)
        for number in range(1000)
    ]
    async with running(deployment) as sender:
        await until(sender.is_ready)
        assert await sender.logins(b"[" + b",".join(events) + b"]") == 202
    records = await read_topic(deployment.kafka, deployment.topics.logins)

    assert Counter(record.value for record in records) == Counter(events)
    assert {record.partition for record in records} == {0, 1}


async def test_without_its_topics_the_door_is_not_ready_and_makes_none(
    kafka: KafkaBroker,
    topic_prefix: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It says what to do, and works as soon as that has been done."""
    monkeypatch.setattr("idweave_streams.publisher.PROBE_S", 0.2)
    settings = settings_for(kafka.bootstrap, topic_prefix, tmp_path)
    async with running(settings) as sender:
        assert await sender.webhook(b"too early") == 503

        async def is_told() -> bool:
            return "run `idweave topics apply`" in caplog.text

        await until(is_told)
        assert not await sender.is_ready()
        await make_topics(settings)
        await until(sender.is_ready)
        assert await sender.webhook(b"in time") == 200

    assert await values(settings, settings.topics.webhooks) == [b"in time"]


async def test_a_new_token_is_taken_over_while_it_runs(
    deployment: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The old one is no good any more; a faulty file is told, and changes nothing."""
    monkeypatch.setattr(ingress, "RELOAD_S", 0.05)
    file = tmp_path / "login-tokens"
    file.write_text("first-token")
    settings = deployment.model_copy(update={"ingress_login_token_file": file})

    async with aiohttp.ClientSession() as session, running(settings) as sender:
        await until(sender.is_ready)

        async def is_good(token: str) -> bool:
            headers = {"Authorization": f"Bearer {token}"}
            url = f"{sender.url}/logins"
            async with session.post(url, data=EVENT, headers=headers) as response:
                return response.status == 202

        async def is_told() -> bool:
            return f"not taken over: {file}" in caplog.text

        assert (await is_good("first-token"), await is_good("next")) == (True, False)
        file.write_text("next")
        await until(lambda: is_good("next"))
        assert not await is_good("first-token")
        file.write_text("not a token")
        await until(is_told)
        assert await is_good("next")


async def test_a_new_app_secret_is_taken_over_while_it_runs(
    deployment: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one that is no longer there, nothing is signed."""
    monkeypatch.setattr(ingress, "RELOAD_S", 0.05)
    assert deployment.credentials_file is not None

    async with aiohttp.ClientSession() as session, running(deployment) as sender:
        await until(sender.is_ready)

        async def signs(secret: str) -> bool:
            url, headers = f"{sender.url}/webhooks/{APP}", signed(b"{}", secret)
            async with session.post(url, data=b"{}", headers=headers) as response:
                return response.status == 200

        assert (await signs(SECRET), await signs("next-secret")) == (True, False)
        app = {"apps": {APP: {"secret": "next-secret"}}}
        document = orjson.dumps({"businesses": {"10": app}})
        deployment.credentials_file.write_bytes(document)
        await until(lambda: signs("next-secret"))
        assert not await signs(SECRET)


async def test_what_came_in_over_http_weaves_the_same_people(
    deployment: Settings,
) -> None:
    """The pipeline finds in the topics what it finds in the events themselves."""
    world = World.generate(seed=3, people=40, businesses=2)
    plan = TrafficPlan(events=250, garbage=0, unknown_apps=0, seed=5)
    events = list(Traffic(world, plan))
    credentials = deployment.credentials_file
    assert credentials is not None
    credentials.write_bytes(orjson.dumps(world.credentials()))

    async with running(deployment) as sender:
        await until(sender.is_ready)
        await post_all(sender, world, [(e.topic, e.value) for e in events])
    came = {
        topic: await values(deployment, getattr(deployment.topics, topic))
        for topic in ("logins", "webhooks")
    }

    sent = {t: [e.value for e in events if f"{e.topic}s" == t] for t in came}
    assert {t: Counter(v) for t, v in came.items()} == {
        t: Counter(v) for t, v in sent.items()
    }
    assert await people(deployment, world, came) == await people(
        deployment, world, sent
    )


async def post_all(
    sender: Sender, world: World, events: list[tuple[str, bytes]]
) -> None:
    """Bring all events, as Meta and as the login servers would."""
    app, known = next(iter(sorted(world.apps.items())))
    async with aiohttp.ClientSession() as session:
        for topic, value in events:
            if topic == "login":
                assert await sender.logins(value) == 202
                continue
            url, headers = f"{sender.url}/webhooks/{app}", signed(value, known.secret)
            async with session.post(url, data=value, headers=headers) as response:
                assert response.status == 200


async def people(
    settings: Settings, world: World, events: dict[str, list[bytes]]
) -> set[frozenset[str]]:
    """Who belongs together, by what these events and the Graph API say."""
    async with Simulator(world) as meta:
        result = await run_files(
            settings.model_copy(update={"graph_api_url": meta.base_url}),
            assets=[orjson.dumps(row) for row in world.assets()],
            logins=events["logins"],
            webhooks=events["webhooks"],
            patience_ms=60_000,
        )
    assert not list(result.records(settings.topics.dead_letters))
    persons: dict[bytes, bytes | None] = {
        record.key or b"": record.value
        for record in result.records(settings.topics.persons)
    }
    found = {
        frozenset(
            f"{m.get('asset')}/{m['value']}" for m in orjson.loads(value)["members"]
        )
        for value in persons.values()
        if value is not None
    }
    assert len(found) > 10
    return found


async def test_limits_come_from_the_settings(deployment: Settings) -> None:
    """Both of them."""
    stated = {"ingress_requests": 7, "ingress_memory_mib": 3}

    found = ingress.limits_of(deployment.model_copy(update=stated))

    assert found == Limits(requests=7, memory_bytes=3 << 20)
