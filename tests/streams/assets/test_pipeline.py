"""What a running pipeline makes of a sync: the records come from a real broker."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from tests.streams.assets.deployment import Deployment

from idweave_adapters.credentials import Credentials
from idweave_adapters.graph_api import GraphApiClient
from idweave_streams.local import LocalEngine
from idweave_streams.pipeline import Outside
from idweave_streams.reliable import Output
from idweave_streams.settings import Settings

wall_clock = time.time  # noqa: TID251 - timed proofs are about wall time


@dataclass
class Pipeline:
    """An engine that takes the records of the broker's assets topic as they come."""

    deployment: Deployment
    engine: LocalEngine
    settings: Settings
    taken: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    async def sync(self) -> None:
        """Sync, take over what that has written, and settle."""
        result = await self.deployment.sync()
        assert result.exit_code == 0, result.output
        stored = await self.deployment.stored()
        for record in stored[self.taken :]:
            names = self.settings.topics
            self.engine.append(Output(names.assets, record.key, record.value))
        self.taken = len(stored)
        await self.engine.settle(patience_ms=0)

    async def put(self, topic: str, value: dict[str, Any]) -> None:
        """Let an event come in, and settle."""
        self.engine.append(Output(topic, None, orjson.dumps(value)))
        await self.engine.settle(patience_ms=0)

    async def repeat_evidence(self) -> None:
        """All evidence so far comes once more, late."""
        names = self.settings.topics
        for each in list(self.engine.records(names.evidence)):
            late = Output(
                names.evidence, each.key, each.value, partition=each.partition
            )
            self.engine.append(late)
        await self.engine.settle(patience_ms=0)

    def news(self) -> list[dict[str, Any]]:
        """The identity events that came since the last look."""
        topic = self.settings.topics.events
        events = [orjson.loads(x.value or b"") for x in self.engine.records(topic)]
        first = self.seen.get(topic, 0)
        self.seen[topic] = len(events)
        return events[first:]


@pytest.fixture
async def pipeline(on_kafka: Deployment) -> AsyncIterator[Pipeline]:
    simulator = on_kafka.simulator
    settings = Settings(partitions=1, graph_api_url=simulator.base_url)
    async with GraphApiClient(simulator.base_url, clock=wall_clock) as api:
        credentials = Credentials.from_document(simulator.world.credentials())
        outside = Outside(api, credentials, lambda: int(wall_clock() * 1000))
        yield Pipeline(on_kafka, LocalEngine(settings, outside), settings)


def members(events: list[dict[str, Any]], business: str) -> set[str]:
    """Who is one with whom, as the last event of the business about a person says."""
    told = [
        each for each in events if each["business"] == business and "person" in each
    ]
    return {
        f"{each['kind']}:{each['asset']}:{each['value']}"
        for each in told[-1]["person"]["members"]
        if "asset" in each
    }


def asset(document: dict[str, Any]) -> str:
    """The text form of an asset in an event."""
    return f"{document['kind']}:{document['id']}"


async def test_a_pipeline_follows_a_transfer(pipeline: Pipeline) -> None:
    """Gap and new epoch are told to both sides, and the Page's people change sides."""
    here, simulator = pipeline.deployment.here, pipeline.deployment.simulator
    names, now = pipeline.settings.topics, int(wall_clock() * 1000)
    asid, psid = here.ann.asids[here.shop.id], here.ann.psids[here.bot.id]
    login = _login(here.shop.id, asid, now)
    message = _message(here.bot.id, psid, now)

    # Acme owns both: Ann is one person.
    await pipeline.sync()
    await pipeline.put(names.logins, login)
    first = pipeline.news()
    assert members(first, here.acme.id) == {
        f"{here.shop.asset}:{asid}",
        f"{here.bot.asset}:{psid}",
    }

    # The Page has left Acme, and nobody has it.
    simulator.transfer(here.bot.asset, None)
    await pipeline.sync()
    lost = pipeline.news()
    assert _epochs(lost) == [(here.acme.id, here.bot.asset, 1, "lost")]
    assert members(lost, here.acme.id) == {f"{here.shop.asset}:{asid}"}
    await pipeline.put(names.webhooks, message)
    assert pipeline.news() == []

    # What was proved before the gap proves nothing any more.
    await pipeline.repeat_evidence()
    refused = [each for each in pipeline.news() if each["type"] == "refused"]
    assert [each["refusal"]["reason"] for each in refused] == ["stale-epoch"]
    assert asset(refused[0]["refusal"]["other"]) == here.bot.asset

    # The rival has it: a new epoch, and a person of its own.
    simulator.transfer(here.bot.asset, here.rival.id)
    await pipeline.sync()
    assert _epochs(pipeline.news()) == [(here.rival.id, here.bot.asset, 2, "gained")]
    await pipeline.put(names.webhooks, message)
    moved = pipeline.news()
    assert {each["business"] for each in moved} == {here.rival.id}
    assert members(moved, here.rival.id) == {f"{here.bot.asset}:{psid}"}

    # And late evidence of the first epoch reaches neither of them.
    await pipeline.repeat_evidence()
    assert {each["type"] for each in pipeline.news()} <= {"refused"}


def _login(app: str, user: str, at_ms: int) -> dict[str, Any]:
    return {"app_id": app, "user_id": user, "time": at_ms, "login_kind": "limited"}


def _message(page: str, user: str, at_ms: int) -> dict[str, Any]:
    event = {
        "sender": {"id": user},
        "recipient": {"id": page},
        "timestamp": at_ms,
        "message": {"mid": "m1", "text": "hello"},
    }
    entry = {"id": page, "time": at_ms, "messaging": [event]}
    return {"object": "page", "entry": [entry]}


def _epochs(events: list[dict[str, Any]]) -> list[tuple[str, str, int, str]]:
    return [
        (
            each["business"],
            asset(each["ownership"]["asset"]),
            each["ownership"]["epoch"],
            each["reason"],
        )
        for each in events
        if each["type"] == "epoch-changed"
    ]
