"""Checks of the broker that need no broker."""

import socket

from idweave_streams.broker_topics import Broker
from idweave_streams.doctor.broker import judge, unreachable, unresolved
from idweave_streams.doctor.findings import Blame, Status
from idweave_streams.settings import Settings


async def test_a_broker_at_a_closed_port_is_lost() -> None:
    """It told clients an address that is not open to them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = Broker("127.0.0.1", server.getsockname()[1])
        lost = Broker("127.0.0.1", 1)

        assert await unreachable([there, lost]) == [lost]


async def test_a_host_without_address_is_named() -> None:
    """IPv6 addresses in brackets have one."""
    servers = ["127.0.0.1:1", "nowhere.invalid:9092", "[::1]:9092"]

    assert await unresolved(servers) == ["nowhere.invalid"]


def test_a_broker_that_clients_can_not_reach_is_a_failure() -> None:
    """The bootstrap server answered, so that nothing else would tell of it."""
    there, lost = Broker("10.0.0.1", 9092), Broker("kafka-1.internal", 9092)

    finding = judge(Settings(replication=2), [there, lost], lost=[lost])

    assert finding.blame is Blame.UNAVAILABLE
    assert finding.result.endswith("where it says it is: kafka-1.internal:9092")
    assert "advertised.listeners" in finding.hint


def test_as_many_brokers_as_copies_are_enough() -> None:
    """One fewer is a matter of configuration."""
    brokers = [Broker("a", 1), Broker("b", 1)]

    enough = judge(Settings(replication=2), brokers, lost=[])
    too_few = judge(Settings(replication=3), brokers, lost=[])

    assert enough.status is Status.OK
    assert too_few.blame is Blame.CONFIGURATION
    assert "replication=2" in too_few.hint
