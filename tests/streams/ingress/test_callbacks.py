"""Callbacks on real Kafka: commands and receipts, and a status that all replicas tell."""

from pathlib import Path

import aiohttp
import orjson
import pytest
from tests.adapters.ingress.door import APP
from tests.streams.ingress.calling import (
    PUBLIC,
    Asker,
    Caller,
    wall_clock,
    with_callbacks,
)
from tests.streams.ingress.running import ENVIRONMENT, Sender, running, settings_for
from tests.support.kafka import Record, create_topics, produce, read_topic
from tests.support.waiting import until

from idweave_adapters.commands import Requested, decode_command
from idweave_adapters.key_file import KeyFileError
from idweave_streams import receipts
from idweave_streams.ingress import create_ingress
from idweave_streams.settings import Settings

USER = Asker().user


async def make_callback_topics(settings: Settings) -> None:
    names = settings.topics
    await create_topics(settings.kafka, {names.commands: 2})
    compacted = {"cleanup.policy": "compact"}
    await create_topics(settings.kafka, {names.receipts: 2}, compacted)


@pytest.fixture
async def switched_on(deployment: Settings, tmp_path: Path) -> Settings:
    """Settings with the callbacks on; all topics are there."""
    await make_callback_topics(deployment)
    return with_callbacks(deployment, tmp_path)


async def ready(sender: Sender, session: aiohttp.ClientSession) -> Caller:
    """Somebody who calls back, once deletions are taken."""
    caller = Caller(sender.url, session)
    await until(sender.is_ready)
    await until(caller.takes_deletions)
    return caller


def requested_in(value: bytes | None) -> Requested:
    """What a command asks for about one id."""
    requested = decode_command(value)
    assert isinstance(requested, Requested)
    return requested


async def carry_out(settings: Settings) -> None:
    """Tell that every command was carried out, as workers do."""
    names = settings.topics
    for stored in await read_topic(settings.kafka, names.commands):
        asked = requested_in(stored.value)
        row = {"receipt": asked.receipt, "state": "done", "at_ms": asked.at_ms}
        done = Record(orjson.dumps(row | {"ids": 2}), asked.receipt.encode())
        await produce(settings.kafka, names.receipts, [done])


async def test_a_deletion_is_on_kafka_before_it_is_answered(
    switched_on: Settings,
) -> None:
    """As a command under the id, and as a receipt that names nobody."""
    names = switched_on.topics
    async with aiohttp.ClientSession() as session, running(switched_on) as sender:
        caller = await ready(sender, session)
        status, body = await caller.post("data-deletion")
        [command] = await read_topic(switched_on.kafka, names.commands)
        [receipt] = await read_topic(switched_on.kafka, names.receipts)

    code = orjson.loads(body)["confirmation_code"]
    requested = requested_in(command.value)
    assert status == 200
    assert orjson.loads(body)["url"] == f"{PUBLIC}/data-deletion/status/{code}"
    assert command.key == str(requested.scoped).encode() == f"app:{APP}:{USER}".encode()
    assert requested.receipt == code
    assert receipt.key == code.encode()
    told = {"receipt": code, "state": "received", "at_ms": requested.at_ms}
    assert orjson.loads(receipt.value or b"") == told


async def test_all_replicas_tell_alike_and_after_a_restart(
    switched_on: Settings,
) -> None:
    """From Kafka alone; a repeated request runs nothing again, wherever it comes."""
    issued_s = wall_clock()
    async with aiohttp.ClientSession() as session:
        async with running(switched_on) as one, running(switched_on) as other:
            here, there = await ready(one, session), await ready(other, session)
            first = await here.post("data-deletion", issued_s)
            code = orjson.loads(first[1])["confirmation_code"]
            await here.has_state(code, "received")
            await there.has_state(code, "received")
            await carry_out(switched_on)
            await here.has_state(code, "done")
            await there.has_state(code, "done")
            again = [
                await each.post("data-deletion", issued_s) for each in (here, there)
            ]

        async with running(switched_on) as later:
            caller = await ready(later, session)
            assert await caller.state(code) == "done"
            again.append(await caller.post("data-deletion", issued_s))

    assert again == [first] * 3
    assert len(await read_topic(switched_on.kafka, switched_on.topics.commands)) == 1
    assert len(await read_topic(switched_on.kafka, switched_on.topics.receipts)) == 2


async def test_a_deauthorization_is_a_command(switched_on: Settings) -> None:
    """Without a receipt: nobody waits for it."""
    async with aiohttp.ClientSession() as session, running(switched_on) as sender:
        await until(sender.is_ready)
        status, _ = await Caller(sender.url, session).post("deauthorize")

    assert status == 200
    [stored] = await read_topic(switched_on.kafka, switched_on.topics.commands)
    requested = requested_in(stored.value)
    assert (requested.kind, requested.scoped.user) == ("deauthorize", USER)
    assert requested.receipt == ""
    assert await read_topic(switched_on.kafka, switched_on.topics.receipts) == []


async def test_before_its_topics_are_there_callbacks_are_answered_with_503(
    deployment: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is told what to do, and they work as soon as that is done."""
    monkeypatch.setattr(receipts, "RETRY_S", 0.1)
    monkeypatch.setattr("idweave_streams.publisher.PROBE_S", 0.2)
    settings = with_callbacks(deployment, tmp_path)

    async def is_told() -> bool:
        return "receipts can't be read" in caplog.text

    async with aiohttp.ClientSession() as session, running(settings) as sender:
        caller = Caller(sender.url, session)
        await until(is_told)
        early = [(await caller.post(r))[0] for r in ("data-deletion", "deauthorize")]
        assert not await sender.is_ready()
        await make_callback_topics(settings)
        await until(sender.is_ready)
        await until(caller.takes_deletions)
        late = [(await caller.post(r))[0] for r in ("data-deletion", "deauthorize")]

    assert (early, late) == ([503, 503], [200, 200])
    assert caplog.text.count("receipts can't be read") == 1
    assert "run `idweave topics apply`" in caplog.text


async def test_without_callbacks_their_topics_are_not_needed(
    deployment: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """An update changes nothing for who does not use them; the log tells of them."""
    caplog.set_level("INFO")
    async with aiohttp.ClientSession() as session, running(deployment) as sender:
        await until(sender.is_ready)
        status, body = await Caller(sender.url, session).post("data-deletion")

    assert (status, b"ingress_receipt_key_file" in body) == (503, True)
    assert "state ingress_receipt_key_file and ingress_public_url" in caplog.text


@pytest.mark.parametrize("left_out", ["ingress_receipt_key_file", "ingress_public_url"])
def test_one_setting_without_the_other_is_told(tmp_path: Path, left_out: str) -> None:
    """At the start, not at the first deletion."""
    settings = settings_for("127.0.0.1:1", "", tmp_path)
    stated = with_callbacks(settings, tmp_path).model_copy(update={left_out: None})

    with pytest.raises(KeyFileError, match="go together"):
        create_ingress(stated, ENVIRONMENT)
