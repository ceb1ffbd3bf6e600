"""Checks of the broker and of the topics on it."""

import asyncio
from collections.abc import Iterable, Sequence

from idweave_streams.broker_errors import BrokerError, BrokerUnavailable
from idweave_streams.broker_topics import Broker, broker_topics
from idweave_streams.doctor.findings import (
    Finding,
    counted,
    ok,
    skipped,
    unavailable,
    wrong,
)
from idweave_streams.settings import Settings
from idweave_streams.topic_plan import Need, Plan, too_few_brokers, topics_of

TIMEOUT_S = 5.0


async def check_broker(settings: Settings) -> Finding:
    """A bootstrap server answers, and each broker can be reached where it says it is."""
    try:
        async with broker_topics(settings.kafka, timeout_s=TIMEOUT_S) as topics:
            brokers = topics.brokers()
    except BrokerError as error:
        unknown = await unresolved(settings.kafka.split(","))
        names = f"; unknown host: {', '.join(unknown)}" if unknown else ""
        return unavailable("broker", "does not answer", f"{error}{names}")
    return judge(settings, brokers, lost=await unreachable(brokers))


def judge(
    settings: Settings, brokers: Sequence[Broker], *, lost: Sequence[Broker]
) -> Finding:
    """Say what *brokers* are good for, of which clients can't reach those *lost*."""
    if lost:
        result = f"can't be reached where it says it is: {', '.join(map(str, lost))}"
        hint = "correct advertised.listeners of the broker, or the way there"
        return unavailable("broker", result, hint)
    if settings.replication > len(brokers):
        hint = too_few_brokers(settings.replication, len(brokers))
        return wrong("broker", counted(len(brokers), "broker"), hint)
    return ok("broker", f"{counted(len(brokers), 'broker')} at {settings.kafka}")


async def check_topics(settings: Settings) -> Finding:
    """Every topic is there, with its partitions and configs."""
    wanted = topics_of(settings)
    try:
        async with broker_topics(settings.kafka, timeout_s=TIMEOUT_S) as topics:
            plan = await topics.plan(wanted, replication=settings.replication)
    except BrokerUnavailable:
        return skipped("topics", "the broker does not answer")
    except BrokerError as error:
        return wrong("topics", "can't be looked at", str(error))
    if plan.is_done:
        return ok("topics", f"{counted(len(wanted), 'topic')} as wanted")
    return wrong("topics", _counts(plan), _hint(plan))


def _counts(plan: Plan) -> str:
    missing = sum(topic.need is Need.CREATE for topic in plan.topics)
    different = sum(topic.need is Need.DIFFERS for topic in plan.topics)
    named = ((missing, "missing"), (different, "different"))
    return ", ".join(f"{count} {word}" for count, word in named if count)


def _hint(plan: Plan) -> str:
    return "; ".join(plan.obstacles) or "run `idweave topics apply`"


async def unresolved(servers: Iterable[str]) -> list[str]:
    """Return the hosts among *servers* (`host:port`) that have no address."""
    loop = asyncio.get_running_loop()
    unknown = []
    for server in servers:
        host, _, port = server.rpartition(":")
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await loop.getaddrinfo(host.strip("[]"), int(port))
        except OSError:
            unknown.append(host)
    return unknown


async def unreachable(brokers: Sequence[Broker]) -> list[Broker]:
    """Return those that take no connection at the address they tell clients."""
    found = await asyncio.gather(*(_connects(broker) for broker in brokers))
    return [b for b, connects in zip(brokers, found, strict=True) if not connects]


async def _connects(broker: Broker) -> bool:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(broker.host, broker.port)
            writer.close()
            await writer.wait_closed()
    except OSError:
        return False
    return True
