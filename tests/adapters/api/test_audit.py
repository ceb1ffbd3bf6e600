"""The audit has each request about a business, also one that came to nothing."""

import json
import logging
from typing import Any

import pytest
from tests.adapters.api.desk import AUDIT_KEY, Desk
from tests.support.consumer_stories import ASID, MERGED, PSID

from idweave_adapters.api import Audit, Verb

AUDIT = Audit(AUDIT_KEY)
CHANGES = {
    "at_ms": 1_800_000_000_000,
    "changes": [{"action": "ban", "one": str(ASID), "two": str(PSID)}],
}


@pytest.fixture(autouse=True)
def _is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "idweave.api.audit")


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    name = "idweave.api.audit"
    return [json.loads(r.getMessage()) for r in caplog.records if r.name == name]


async def test_who_lacks_a_verb_is_in_the_audit(
    api: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """With the id that was asked about: somebody tried."""
    bearer = api.bearer(verbs=[Verb.WATCH])

    async with api.http.get(f"/v1/ids/{PSID}", headers=bearer) as response:
        assert response.status == 403

    [line] = lines(caplog)
    assert (line["route"], line["status"]) == ("get_id", 403)
    assert line["ids"] == [AUDIT.of(str(PSID))]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/persons?limit=x", 400),
        ("/v1/persons?business=901", 404),
        ("/v1/persons/p_0?business=900", 400),
        ("/v1/changes?after=0123456789abcdef-1", 409),
    ],
)
async def test_a_request_that_is_refused_is_in_the_audit(
    api: Desk, caplog: pytest.LogCaptureFixture, path: str, status: int
) -> None:
    """Whoever tries what fits keeps nothing of it to themselves."""
    async with api.http.get(path, headers=api.bearer()) as response:
        assert response.status == status

    assert [line["status"] for line in lines(caplog)] == [status]


async def test_the_ids_of_what_is_supposed_are_in_the_audit(
    api: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer tells of their persons."""
    api.publish(MERGED)

    async with api.http.post(
        "/v1/what-if", json=CHANGES, headers=api.bearer()
    ) as response:
        assert response.status == 200

    [line] = lines(caplog)
    assert sorted(line["ids"]) == sorted(AUDIT.of(str(end)) for end in (ASID, PSID))


async def test_a_stream_is_in_the_audit_when_it_begins(
    api: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """It goes on for an hour, and may end with the process."""
    async with api.http.get("/v1/changes", headers=api.bearer()) as response:
        await response.content.readany()

        assert [(x["route"], x["status"]) for x in lines(caplog)] == [("changes", 200)]
