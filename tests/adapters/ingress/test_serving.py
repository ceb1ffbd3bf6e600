"""Health, the end, and what is written down."""

import asyncio
import logging

import pytest
from tests.adapters.ingress.door import (
    APP,
    BEARER,
    LOGIN_TOKEN,
    SECRET,
    VERIFY_TOKEN,
    Shelf,
    opened,
    signed,
    statuses,
    webhook_request,
)

from idweave_adapters.ingress import Limits


async def test_health_is_told() -> None:
    """Alive whatever Kafka does; ready if records are likely to be stored."""
    async with opened(is_ready=True) as door:
        live, ready = await door.ask("GET", "/live"), await door.ask("GET", "/ready")
    async with opened(is_ready=False) as door:
        alive, unready = await door.ask("GET", "/live"), await door.ask("GET", "/ready")

    assert (live.status, ready.status, alive.status) == (200, 200, 200)
    assert (unready.status, unready.body) == (503, b'{"ready":false}')


async def test_requests_on_one_connection_are_answered_in_order() -> None:
    """However many are sent before the first answer."""
    bodies = [b"%d" % number for number in range(100)]
    async with opened() as door:
        reader, writer = await door.connect()
        writer.write(b"".join(map(webhook_request, bodies)))
        for _ in bodies:
            assert (await reader.readuntil(b"stored")).startswith(b"HTTP/1.1 200 ")
        writer.close()

    assert door.shelf.values == bodies


async def test_stopping_finishes_what_is_in_work_and_answers_nothing_else() -> None:
    """Every 200 is stored; what was sent behind it is not begun, and not answered."""
    shelf = Shelf()
    async with opened(shelf) as door:
        reader, writer = await door.connect()
        idle_reader, idle_writer = await door.connect()
        writer.write(webhook_request(b"first") + webhook_request(b"second"))
        await shelf.has_begun(1)
        stopping = asyncio.create_task(door.server.stop())
        assert await idle_reader.read() == b""
        with pytest.raises(OSError):  # noqa: PT011 - refused, by whatever name
            await door.connect()
        assert not stopping.done()
        shelf.open()
        await stopping
        assert await statuses(reader) == [200]
        writer.close()
        idle_writer.close()

    assert shelf.values == [b"first"]


async def test_stopping_waits_for_records_whose_sender_was_told_503() -> None:
    """Kafka's client must not be closed under them."""
    shelf = Shelf()
    async with opened(shelf, limits=Limits(answer_s=0.1)) as door:
        assert (await door.webhook(b"late")).status == 503
        stopping = asyncio.create_task(door.server.stop())
        done, _ = await asyncio.wait({stopping}, timeout=0.3)
        assert not done
        shelf.open()
        await stopping

        assert shelf.values == [b"late"]


async def test_logs_hold_no_query_no_id_and_no_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One line a request, by its route; nothing of what no route knows."""
    caplog.set_level(logging.DEBUG)
    hush = "hush1234567890"
    async with opened() as door:
        query = (
            f"hub.mode=subscribe&hub.verify_token={VERIFY_TOKEN}&hub.challenge={hush}"
        )
        await door.ask("GET", f"/webhooks/{APP}?{query}")
        await door.webhook(hush.encode())
        await door.webhook(b"x", {"X-Hub-Signature-256": hush})
        await door.logins(f'[{{"user_id":"{hush}"}}]'.encode())
        await door.logins(b"{}", {"Authorization": hush})
        await door.ask("GET", f"/{hush}?{hush}", headers=BEARER)
        await door.ask("PURGE", "/live")
        reader, writer = await door.connect()
        writer.write(f"GARBAGE {hush}\r\n{hush}: {hush}\r\n\r\n".encode())
        await reader.read()
        writer.close()

    lines = [
        record.getMessage().partition(" bytes in")[0]
        for record in caplog.records
        if record.name == "idweave.ingress.access"
    ]
    assert lines == [
        "GET /webhooks/{app_id} 200 ?",
        "POST /webhooks/{app_id} 200 14",
        "POST /webhooks/{app_id} 403 1",
        "POST /logins 400 30",
        "POST /logins 401 2",
        "- - 404 ?",
        "- /live 405 0",
        "- - 400 ?",
    ]
    assert "idweave.ingress.http" not in {record.name for record in caplog.records}
    written = caplog.text
    for secret in ("PURGE", hush, VERIFY_TOKEN, LOGIN_TOKEN, SECRET, APP):
        assert secret not in written


async def test_a_fault_of_ours_is_told_without_what_was_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its kind and place, not its text; the sender hears 500 and may send again."""

    class Falling(Shelf):
        async def __call__(self, *_: object) -> None:
            raise RuntimeError("hush1234567890")

    async with opened(Falling()) as door:
        body = b"hush1234567890"
        answer = await door.webhook(body)
        asked_first = await door.ask(
            "POST", f"/webhooks/{APP}", data=body, headers=signed(body), expect100=True
        )

    assert (answer.status, asked_first.status) == (500, 500)
    assert b"hush" not in answer.body
    assert "a request failed: RuntimeError at" in caplog.text
    assert "hush" not in caplog.text
