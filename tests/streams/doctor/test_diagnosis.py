"""The guard around checks: whatever happens in one, the others are told."""

import asyncio

import pytest

from idweave_streams.doctor import diagnosis
from idweave_streams.doctor.diagnosis import guarded
from idweave_streams.doctor.findings import Blame, Finding, Status, ok

HUSH = "EAAsecretTokenOfThePage"


async def fine() -> list[Finding]:
    return [ok("part", "well")]


async def broken() -> list[Finding]:
    raise RuntimeError(HUSH)


async def endless() -> list[Finding]:
    await asyncio.Event().wait()
    return []


async def test_findings_pass() -> None:
    """As they are."""
    assert await guarded("part", fine()) == [ok("part", "well")]


async def test_a_broken_check_is_a_finding_without_its_text() -> None:
    """The text of an error can hold anything."""
    (finding,) = await guarded("part", broken())

    assert (finding.name, finding.status) == ("part", Status.FAILED)
    assert "RuntimeError" in finding.result
    assert HUSH not in str(finding)


async def test_an_endless_check_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait has an end."""
    monkeypatch.setattr(diagnosis, "CHECK_TIMEOUT_S", 0.01)

    (finding,) = await guarded("part", endless())

    assert finding.blame is Blame.UNAVAILABLE


async def test_an_interrupt_passes() -> None:
    """Ctrl-C ends the command, it is no finding."""
    task = asyncio.create_task(guarded("part", endless()))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
