"""Checks of the broker that need no broker."""

import socket

from idweave_streams.broker_topics import Broker
from idweave_streams.doctor.broker import unreachable, unresolved


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
