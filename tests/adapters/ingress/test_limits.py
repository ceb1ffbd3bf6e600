"""What the door takes at once, and whom it does not wait for."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.adapters.ingress.door import (
    APP,
    BEARER,
    Door,
    Shelf,
    opened,
    request,
    signed,
    statuses,
    webhook_request,
)
from tests.support.waiting import until

from idweave_adapters.ingress import Limits
from idweave_adapters.ingress.admission import Admission
from idweave_adapters.ingress.replies import Refused

KIB = 1024
QUICK = Limits(read_s=0.3, answer_s=0.6, idle_s=0.6, linger_s=0.2, body_bytes=KIB)


async def pieces(count: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


async def test_a_body_up_to_the_limit_is_taken_and_a_larger_one_refused() -> None:
    """Whether its size is told before or only found out."""
    most, more = b"x" * KIB, b"x" * (KIB + 1)
    async with opened(limits=QUICK) as door:
        assert (await door.webhook(most)).status == 200
        assert (await door.webhook(more)).status == 413
        path, headers = f"/webhooks/{APP}", signed(more)
        found = await door.ask("POST", path, data=pieces(9, KIB), headers=headers)
        assert found.status == 413
        assert (await door.logins(more)).status == 413

    assert door.shelf.values == [most]


async def test_a_huge_body_is_refused_before_it_is_sent() -> None:
    """By what its sender says of it; what it sends of it is no next request."""
    async with opened(limits=QUICK) as door:
        reader, writer = await door.connect()
        writer.write(request(f"/webhooks/{APP}", b"", signed(b""), length=10**12))
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"\r\nConnection: close\r\n" in answer
        writer.close()


@pytest.mark.parametrize(
    ("path", "headers"), [(f"/webhooks/{APP}", signed(b"")), ("/logins", BEARER)]
)
async def test_a_body_that_stops_coming_is_not_waited_for(
    path: str, headers: dict[str, str]
) -> None:
    """The sender is told, the connection ends, and its place is free again."""
    async with opened(limits=QUICK) as door:
        reader, writer = await door.connect()
        writer.write(request(path, b"half", headers, length=8))
        assert await statuses(reader) == [408]
        writer.close()

        assert (await door.webhook(b"next")).status == 200
    assert door.shelf.values == [b"next"]


async def test_a_body_that_drips_is_not_waited_for() -> None:
    """The limit is for all of it, not for each piece."""
    async with opened(limits=QUICK) as door:
        reader, writer = await door.connect()
        writer.write(request(f"/webhooks/{APP}", b"", signed(b""), length=1000))

        async def drip() -> None:
            while True:
                writer.write(b"x")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert await statuses(reader) == [408]
        dripping.cancel()
        writer.close()


@pytest.mark.parametrize("start", [b"", b"POST /logins HTTP/1.1\r\nHost: do"])
async def test_a_connection_without_a_whole_request_ends(start: bytes) -> None:
    """Whoever sends nothing, or never the end of the headers."""
    async with opened(limits=QUICK) as door:
        reader, writer = await door.connect()
        writer.write(start)
        assert await reader.read() == b""
        writer.close()


async def test_half_a_body_is_never_stored() -> None:
    """Even where the half is valid by itself."""
    event = b'{"app_id":"1","user_id":"2","time":1767225600000,"login_kind":"classic"}'
    async with opened(limits=QUICK) as door:
        for _ in range(5):
            _, writer = await door.connect()
            writer.write(request("/logins", event, BEARER, length=len(event) + 1))
            writer.close()
            await writer.wait_closed()
        reader, writer = await door.connect()
        writer.write(request("/logins", event, BEARER, length=len(event) + 1))
        writer.write_eof()
        await statuses(reader)
        writer.close()

    assert door.shelf.begun == 0


async def test_an_odd_chunk_is_refused() -> None:
    """Where the framing is broken nobody knows what the body was."""
    async with opened(limits=QUICK) as door:
        reader, writer = await door.connect()
        head = "POST /logins HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n"
        auth = f"Authorization: {BEARER['Authorization']}\r\n\r\n"
        writer.write(f"{head}{auth}".encode() + b"2\r\n[]\r\nzz\r\n")
        assert await statuses(reader) == [400]
        writer.close()

    assert door.shelf.begun == 0


async def test_kafka_is_not_waited_for_longer_than_meta_waits() -> None:
    """The sender hears 503 in time; what was on its way may be stored all the same."""
    shelf = Shelf()
    async with opened(shelf, limits=QUICK) as door:
        answer = await door.webhook(b"late")
        shelf.open()
        assert (await door.webhook(b"again")).status == 200

    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert shelf.values == [b"late", b"again"]


async def begin(door: Door, count: int, body: bytes = b"") -> list[asyncio.Task[int]]:
    """So many webhooks are at the store, and wait."""

    async def send(number: int) -> int:
        return (await door.webhook(body + b"%d" % number)).status

    before = door.shelf.begun
    tasks = [asyncio.create_task(send(number)) for number in range(count)]
    await door.shelf.has_begun(before + count)
    return tasks


async def test_more_requests_than_places_are_told_to_come_again() -> None:
    """At once, and before their bodies are read; health is still told."""
    async with opened(Shelf(), limits=Limits(requests=3)) as door:
        waiting = await begin(door, 3)
        refused = [await door.webhook(b"one too many"), await door.logins(b"{}")]
        live = await door.ask("GET", "/live")
        door.shelf.open()
        assert await asyncio.gather(*waiting) == [200] * 3
        taken = await door.webhook(b"later")

    assert {answer.status for answer in refused} == {503}
    assert refused[0].headers["Retry-After"] == "1"
    assert (live.status, taken.status) == (200, 200)
    assert b"one too many" not in door.shelf.values


async def test_a_place_is_taken_until_the_record_is_settled() -> None:
    """Not only until the sender was told 503: Kafka's client still holds the record."""
    limits = Limits(requests=2, answer_s=0.1)
    async with opened(Shelf(), limits=limits) as door:
        waiting = await begin(door, 2)
        assert await asyncio.gather(*waiting) == [503, 503]
        crowded = await door.webhook(b"too early")
        assert crowded.headers["Retry-After"] == "1"
        door.shelf.open()

        async def is_free() -> bool:
            return (await door.webhook(b"in time")).status == 200

        await until(is_free)

    assert b"too early" not in door.shelf.values


async def test_more_bytes_than_memory_are_told_to_come_again() -> None:
    """Counted as they come, whatever the sender says; and given back."""
    limits = Limits(memory_bytes=10 * KIB, answer_s=60)
    async with opened(Shelf(), limits=limits) as door:
        waiting = await begin(door, 3, b"x" * 3 * KIB)
        announced = await door.webhook(b"x" * 2 * KIB)
        path, headers = f"/webhooks/{APP}", signed(b"")
        found = await door.ask("POST", path, data=pieces(9, KIB), headers=headers)
        small = asyncio.create_task(door.webhook(b"small"))
        await door.shelf.has_begun(4)
        door.shelf.open()
        assert await asyncio.gather(*waiting) == [200] * 3
        assert (await small).status == 200
        assert (await door.webhook(b"x" * 9 * KIB)).status == 200

    assert (announced.status, found.status) == (503, 503)


async def test_connections_that_are_too_many_are_cut() -> None:
    """Those that are there stay; when one goes another may come."""
    async with opened(limits=Limits(connections=3)) as door:
        kept = [await door.connect() for _ in range(3)]
        for reader, writer in kept:
            writer.write(b"GET /live HTTP/1.1\r\nHost: d\r\n\r\n")
            assert (await reader.readline()).endswith(b"200 OK\r\n")
        reader, writer = await door.connect()
        assert await statuses(reader) == []
        writer.close()
        kept.pop()[1].close()

        async def is_let_in() -> bool:
            reader, writer = await door.connect()
            try:
                writer.write(webhook_request(b"next"))
                return (await reader.readline()).endswith(b"200 OK\r\n")
            except ConnectionResetError:
                return False
            finally:
                writer.close()

        await until(is_let_in)
        for _, writer in kept:
            writer.close()


def test_leaving_twice_frees_one_place() -> None:
    """And all bytes that were held, once."""
    admission = Admission(requests=2, memory_bytes=10)
    first, second = admission.enter(), admission.enter()
    first.hold(6)
    second.hold(4)

    first.leave()
    first.leave()

    third = admission.enter()
    with pytest.raises(Refused):
        admission.enter()
    third.hold(6)
    with pytest.raises(Refused):
        third.hold(1)
