"""`idweave ingress` as a program: how it starts, and how it ends."""

import asyncio
import re
import signal
import socket
from pathlib import Path

import pytest
from tests.streams.cli.conftest import Run
from tests.streams.ingress.conftest import Start, deployment, start
from tests.streams.ingress.running import Sender, sender_to, settings_for, values
from tests.support.waiting import until

from idweave_streams.cli.exits import Exit
from idweave_streams.settings import Settings

__all__ = ["deployment", "start"]

SENDERS = 24


async def flood(sender: Sender, number: int, taken: list[bytes]) -> None:
    """Send webhooks, each another one, until no answer comes; note what was taken."""
    at = 0
    while True:
        body = b"sender %d body %d" % (number, at)
        status = await sender.webhook(body)
        if status == 0:
            return
        if status == 200:
            taken.append(body)
        at += 1


@pytest.mark.parametrize("enough", [1, 300, 1500])
async def test_every_200_is_on_the_topic_when_it_is_stopped_under_load(
    deployment: Settings, start: Start, enough: int
) -> None:
    """SIGTERM ends it in good order, with code 0, and in the middle of anything."""
    program = start(deployment)
    async with sender_to(await program.url()) as sender:
        await until(sender.is_ready)
        taken: list[bytes] = []
        floods = [asyncio.create_task(flood(sender, n, taken)) for n in range(SENDERS)]

        async def is_enough() -> bool:
            return len(taken) >= enough

        await until(is_enough, every_s=0.001)
        program.signal(signal.SIGTERM)
        code, log = await program.end()
        await asyncio.gather(*floods)

    stored = await values(deployment, deployment.topics.webhooks)
    assert code == Exit.OK
    assert len(taken) == len(set(taken)) >= enough
    assert set(taken) <= set(stored)
    assert len(stored) - len(set(taken)) <= SENDERS
    assert "Traceback" not in log


async def test_it_prints_where_it_listens_and_nothing_else(
    deployment: Settings, start: Start
) -> None:
    """On stdout, for scripts; an interrupt ends it in good order too."""
    program = start(deployment)
    url = await program.url()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    async with sender_to(url) as sender:
        await until(sender.takes)
    program.signal(signal.SIGINT)

    code, log = await program.end()
    assert code == Exit.INTERRUPTED
    assert "Traceback" not in log


def test_a_taken_port_is_told(run: Run) -> None:
    """With the setting to change."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = run(
            "--set", f"ingress_port={port}", "--set", "kafka=127.0.0.1:1", "ingress"
        )

    assert result.exit_code == Exit.CONFIGURATION
    assert result.stdout == ""
    assert "change ingress_host or ingress_port" in result.stderr


def test_secrets_that_cant_be_used_are_told(run: Run, tmp_path: Path) -> None:
    """Before anything is listened on, and without showing them."""
    settings = settings_for("127.0.0.1:1", "", tmp_path)
    file = tmp_path / "tokens"
    file.write_text("hush hush")

    tokens = run("--set", f"ingress_verify_token_file={file}", "ingress")
    variable = run("ingress", IDWEAVE_INGRESS_LOGIN_TOKEN="h\u00fcsh")
    assert settings.credentials_file is not None
    settings.credentials_file.write_text("{hush")
    credentials = run(
        "--set", f"credentials_file={settings.credentials_file}", "ingress"
    )

    key = run(
        *("--set", f"ingress_receipt_key_file={file}"),
        *("--set", "ingress_public_url=https://people.example", "ingress"),
    )

    for result in (tokens, variable, credentials, key):
        assert result.exit_code == Exit.CONFIGURATION
        assert "hush" not in result.output
        assert "h\u00fcsh" not in result.output
    assert str(file) in tokens.stderr
    assert str(file) in key.stderr


def test_a_token_is_no_setting(run: Run) -> None:
    """It is not shown; who states it as one is told where it belongs."""
    shown = run("config", "show", IDWEAVE_INGRESS_VERIFY_TOKEN="hush")
    stated = run("--set", "ingress_verify_token=hush", "config", "show")

    assert (shown.exit_code, "hush" in shown.output) == (Exit.OK, False)
    assert stated.exit_code == Exit.CONFIGURATION
    assert "did you mean ingress_verify_token_file?" in stated.stderr
    assert "hush" not in stated.output
