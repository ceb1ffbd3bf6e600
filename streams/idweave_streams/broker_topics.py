"""The topics on the broker: what there is, and making it what it should be."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.protocol.metadata import MetadataRequest

from idweave_streams.alter_configs import IncrementalAlterConfigsRequest
from idweave_streams.broker_errors import NotDone, Refused, raise_for, translated
from idweave_streams.topic_plan import FoundTopic, Need, Plan, compare
from idweave_streams.topics import WantedTopic

ANSWER_TIMEOUT_S = 15.0
"""For one exchange with the cluster. Making some hundred partitions takes seconds."""
SETTLE_TIMEOUT_S = 15.0
"""Until what was made is to be seen everywhere."""
SETTLE_POLL_S = 0.1

_UNKNOWN_TOPIC = 3
_EXISTS = 36

# What it says on a failure is in our own errors, with what to do.
logging.getLogger("aiokafka").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Broker:
    """One broker, at the address that it tells its clients."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class _Admin(AIOKafkaAdminClient):  # type: ignore[misc]  # it is untyped
    """The admin client with what it lacks."""

    def brokers(self) -> list[Broker]:
        """List the brokers, without asking any of them."""
        return [Broker(b.host, b.port) for b in self._client.cluster.brokers()]

    async def topics(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """Describe topics. The client's own call makes those that are missing."""
        request = MetadataRequest(list(names), allow_auto_topic_creation=False)
        answer = await self._send_request(request)
        topics: list[dict[str, Any]] = answer.to_object()["topics"]
        return topics

    async def set_configs(self, request: IncrementalAlterConfigsRequest) -> Any:
        """Set configs and leave the others as they are."""
        return await self._send_request(request)


@dataclass(frozen=True, slots=True)
class BrokerTopics:
    """Sees and changes topics. Every failure is one of broker_errors."""

    _admin: _Admin
    servers: str
    timeout_s: float

    def brokers(self) -> list[Broker]:
        """List the brokers as the bootstrap server knew them."""
        return self._admin.brokers()

    async def plan(self, wanted: Sequence[WantedTopic], *, replication: int) -> Plan:
        """Hold what is *wanted* against what there is. Changes nothing."""
        found = await self._found([topic.name for topic in wanted])
        brokers = len(self.brokers())
        return compare(wanted, found, brokers=brokers, replication=replication)

    async def apply(self, plan: Plan) -> Plan:
        """Make what is missing, set what drifted, and return what then stands.

        Doing it again changes nothing.

        Raises:
            Refused: there are obstacles, or the broker refuses one topic; in both cases
                nothing was made.
            NotDone: it was accepted, but is not to be seen yet.
        """
        if plan.obstacles:
            raise Refused("\n".join(plan.obstacles))
        for dry in (True, False):
            await self._create(plan, dry=dry)
            await self._alter(plan, dry=dry)
        return await self._settled(plan)

    async def _create(self, plan: Plan, *, dry: bool) -> None:
        missing = [t.wanted for t in plan.topics if t.need is Need.CREATE]
        if not missing:
            return
        new = [
            NewTopic(t.name, t.partitions, plan.replication, None, dict(t.config))
            for t in missing
        ]
        async with self._exchange():
            answer = await self._admin.create_topics(new, validate_only=dry)
        for name, code, message in answer.topic_errors:
            # Somebody else may be faster; what the topic is like is seen next.
            if code != _EXISTS:
                raise_for(code, name, message)

    async def _alter(self, plan: Plan, *, dry: bool) -> None:
        drifted = {
            topic.wanted.name: {each.name: each.wanted for each in topic.drift}
            for topic in plan.topics
            if topic.drift
        }
        if not drifted:
            return
        async with self._exchange():
            request = IncrementalAlterConfigsRequest(drifted, validate_only=dry)
            answer = await self._admin.set_configs(request)
        for code, message, _, name in answer.resources:
            raise_for(code, name, message)

    async def _settled(self, plan: Plan) -> Plan:
        """Look until everything is as it should be: brokers learn of it one by one."""
        wanted = [topic.wanted for topic in plan.topics]
        for _ in range(int(SETTLE_TIMEOUT_S / SETTLE_POLL_S)):
            now = await self.plan(wanted, replication=plan.replication)
            if now.is_done:
                return now
            if now.obstacles:  # somebody else made a topic meanwhile, in another way
                raise Refused("\n".join(now.obstacles))
            await asyncio.sleep(SETTLE_POLL_S)
        msg = "the broker took the changes, and does not show them yet; try again"
        raise NotDone(msg)

    async def _found(self, names: Sequence[str]) -> dict[str, FoundTopic]:
        async with self._exchange():
            topics = await self._admin.topics(names)
        there = [topic for topic in topics if topic["error_code"] != _UNKNOWN_TOPIC]
        for topic in there:
            raise_for(topic["error_code"], topic["topic"])
        configs = await self._configs([topic["topic"] for topic in there])
        return {
            topic["topic"]: FoundTopic(
                partitions=len(topic["partitions"]),
                replication=min(len(p["replicas"]) for p in topic["partitions"]),
                config=configs.get(topic["topic"], {}),
            )
            for topic in there
        }

    async def _configs(self, names: Iterable[str]) -> dict[str, dict[str, str | None]]:
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        if not asked:
            return {}
        async with self._exchange():
            answers = await self._admin.describe_configs(asked)
        found: dict[str, dict[str, str | None]] = {}
        for answer in answers:
            for code, message, _, name, entries in answer.resources:
                raise_for(code, name, message)
                found[name] = {entry[0]: entry[1] for entry in entries}
        return found

    @asynccontextmanager
    async def _exchange(self) -> AsyncIterator[None]:
        with translated(self.servers, self.timeout_s):
            async with asyncio.timeout(self.timeout_s):
                yield


@asynccontextmanager
async def broker_topics(
    servers: str, *, timeout_s: float = ANSWER_TIMEOUT_S
) -> AsyncIterator[BrokerTopics]:
    """Connect to the cluster at *servers* (`host:port`, commas between) for a while.

    Args:
        servers: bootstrap servers.
        timeout_s: how long one exchange may take, and one server to be reached.

    Raises:
        BrokerUnavailable: none of them answers.
    """
    admin = _Admin(
        bootstrap_servers=servers,
        client_id="idweave-topics",
        request_timeout_ms=int(timeout_s * 1000),
    )
    try:
        # They are tried one after the other, and a silent one must not use up all; one
        # more for a server that takes the connection and then is silent.
        all_s = timeout_s * (len(servers.split(",")) + 1)
        with translated(servers, all_s):
            async with asyncio.timeout(all_s):
                await admin.start()
        yield BrokerTopics(admin, servers, timeout_s)
    finally:
        await admin.close()
