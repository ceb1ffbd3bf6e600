"""Kafka stands still, is away, or comes back: nothing is lost that was acknowledged."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from tests.streams.ingress.calling import Caller, wall_clock, with_callbacks
from tests.streams.ingress.running import (
    Sender,
    make_topics,
    running,
    settings_for,
    values,
)
from tests.streams.ingress.test_callbacks import make_callback_topics
from tests.support.kafka import KafkaBroker, own_broker
from tests.support.waiting import until

from idweave_adapters.ingress import Limits
from idweave_streams.settings import Settings

LIMITS = Limits(requests=40, answer_s=1.0)


@pytest.fixture
def broker(kafka: KafkaBroker, tmp_path: Path) -> Iterator[KafkaBroker]:
    """A broker of this test alone, which it may stop."""
    with own_broker(kafka, tmp_path / "kafka") as own:
        yield own


@pytest.fixture
async def lonely(broker: KafkaBroker, tmp_path: Path) -> Settings:
    """Settings for that broker; the topics are there."""
    settings = settings_for(broker.bootstrap, "", tmp_path)
    await make_topics(settings)
    return settings


@contextmanager
def frozen(broker: KafkaBroker) -> Iterator[None]:
    """The broker stands still, as in a long pause of its machine."""
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(broker.pid, signal.SIGCONT)


async def load(sender: Sender, name: str) -> dict[bytes, int]:
    """Far more webhooks than are let in at once, many on one connection."""
    rows = [[f"{name}-{row}-{at}".encode() for at in range(10)] for row in range(80)]
    answers = await asyncio.gather(*(sender.in_a_row(row) for row in rows))
    return {
        body: status
        for row, found in zip(rows, answers, strict=True)
        for body, status in zip(row, found, strict=False)
    }


def taken(answers: dict[bytes, int]) -> set[bytes]:
    return {body for body, status in answers.items() if status == 200}


async def test_while_the_broker_stands_still_senders_hear_503(
    broker: KafkaBroker, lonely: Settings
) -> None:
    """In time; nothing is acknowledged that is not on the topic, and it works again."""
    async with running(lonely, LIMITS) as sender:
        await until(sender.is_ready)
        before = await load(sender, "before")
        with frozen(broker):
            during = await load(sender, "during")
            assert not taken(during)
            assert set(during.values()) == {503}
        await until(sender.takes)
        after = await load(sender, "after")

    stored = set(await values(lonely, lonely.topics.webhooks))
    assert taken(before)
    assert taken(after)
    assert taken(before) | taken(after) <= stored
    assert len(during) == len(after) == 800


async def test_a_broker_that_was_away_is_found_again(
    broker: KafkaBroker, lonely: Settings
) -> None:
    """Health says so meanwhile; the process stays."""

    async def is_unready() -> bool:
        return not await sender.is_ready()

    async with running(lonely, LIMITS) as sender:
        await until(sender.is_ready)
        before = await load(sender, "before")
        broker.stop()
        during = await load(sender, "during")
        await until(is_unready)
        assert not taken(during)
        await asyncio.to_thread(broker.start)
        await until(sender.is_ready)
        await until(sender.takes)
        after = await load(sender, "after")

    stored = set(await values(lonely, lonely.topics.webhooks))
    assert taken(after)
    assert taken(before) | taken(after) <= stored


async def test_a_new_producer_is_made_when_the_old_one_finds_nobody(
    broker: KafkaBroker, lonely: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Brokers may come back elsewhere; the bootstrap servers know where."""
    monkeypatch.setattr("idweave_streams.publisher.PROBE_S", 0.1)
    monkeypatch.setattr("idweave_streams.publisher.LOST_PROBES", 3)
    async with running(lonely, LIMITS) as sender:
        await until(sender.is_ready)
        broker.stop()
        await asyncio.sleep(3)
        assert await sender.webhook(b"nobody there") == 503
        await asyncio.to_thread(broker.start)
        await until(sender.takes)


async def test_the_door_opens_before_the_broker_does(
    broker: KafkaBroker, lonely: Settings
) -> None:
    """It is alive and not ready, and takes events once it can."""
    broker.stop()
    async with running(lonely, LIMITS) as sender:
        assert await sender.webhook(b"too early") == 503
        assert not await sender.is_ready()
        await asyncio.to_thread(broker.start)
        await until(sender.is_ready)
        assert await sender.takes()


async def test_callbacks_wait_for_the_broker_too(
    broker: KafkaBroker, lonely: Settings, tmp_path: Path
) -> None:
    """What is on record is read as soon as there is one, and nothing is lost before."""
    await make_callback_topics(lonely)
    broker.stop()
    async with (
        aiohttp.ClientSession() as session,
        running(with_callbacks(lonely, tmp_path), LIMITS) as sender,
    ):
        caller = Caller(sender.url, session)
        early = [(await caller.post(r))[0] for r in ("data-deletion", "deauthorize")]
        await asyncio.to_thread(broker.start)
        await until(sender.is_ready)
        await until(caller.takes_deletions)
        late = [(await caller.post(r))[0] for r in ("data-deletion", "deauthorize")]

        with frozen(broker):
            status, _ = await caller.post("data-deletion", wall_clock() + 60)
            assert status == 503

    assert (early, late) == ([503, 503], [200, 200])


async def test_it_ends_though_the_broker_stands_still(
    broker: KafkaBroker, lonely: Settings
) -> None:
    """Records on their way are given up after their time; nobody was told 200."""
    async with running(lonely, LIMITS) as sender:
        await until(sender.is_ready)
        os.kill(broker.pid, signal.SIGSTOP)
        try:
            assert await sender.webhook(b"on its way") == 503
        except BaseException:
            os.kill(broker.pid, signal.SIGCONT)
            raise
    os.kill(broker.pid, signal.SIGCONT)
