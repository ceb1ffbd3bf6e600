"""`POST /v1/what-if`, over real HTTP: who may ask what, and what is told."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.adapters.api.desk import Desk, desk
from tests.support.consumer_stories import ASID, MERGED, PSID

from idweave_adapters.api import Verb, openapi
from idweave_adapters.api.what_if import MAX_CHANGES, Action
from idweave_adapters.api.what_if.changes import Change
from idweave_adapters.api.what_if.command import command_of
from idweave_adapters.api.what_if.state import MAX_MEMBERS
from idweave_graph.decisions import Verdict
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import (
    BusinessToken,
    LinkingCode,
    Member,
    business_id,
    member,
)
from idweave_graph.messages import Decided, LogMessage, Proved

NOW_MS = 1_800_000_000_000
PATH = "/v1/what-if"
Json = dict[str, Any]


def change(action: str, one: object, two: object) -> Json:
    return {"action": action, "one": str(one), "two": str(two)}


async def asked(
    api: Desk, body: Any, *, status: int = 200, bearer: dict[str, str] | None = None
) -> Json:
    """Ask, and check the answer against the document."""
    bearer = bearer or api.bearer()
    async with api.http.post(PATH, json=body, headers=bearer) as response:
        assert response.status == status, await response.text()
        found: Json = await response.json(content_type=None)
    if status == 200:
        document = openapi()
        told = document["paths"][PATH]["post"]["responses"]["200"]["content"]
        schema = {**told["application/json"]["schema"], **document}
        Draft202012Validator(schema).validate(found)
    else:
        assert found["status"] == status
    return found


def about(*changes: Json) -> Json:
    return {"at_ms": NOW_MS, "changes": list(changes)}


async def test_a_cut_tells_events_persons_and_the_command(api: Desk) -> None:
    """One who would fall apart, with both parts, and nothing is changed."""
    api.publish(MERGED)
    [person] = api.workers.persons()
    digest = api.model.digest("900")

    found = await asked(api, about(change("ban", ASID, PSID)))

    assert found["kept"] == [person.id]
    assert len(found["given"]) == 1
    assert found["ended"] == []
    assert [p["id"] for p in found["before"]] == [person.id]
    assert {p["id"] for p in found["after"]} == {person.id, *found["given"]}
    [told] = found["changes"]
    types = [event["type"] for event in told["events"]]
    assert types == ["split", "split", "quarantined", "banned"]
    assert told["command"].endswith(
        "| idweave ban - - --author 'your name' --reason 'in a few words'"
    )
    assert api.model.digest("900") == digest
    assert (await asked(api, about(change("ban", ASID, PSID)))) == found


async def test_changes_come_one_after_the_other(api: Desk) -> None:
    """A ban and its end leave all as it was, but on record."""
    api.publish(MERGED)

    both = (change("ban", ASID, PSID), change("unban", ASID, PSID))
    found = await asked(api, about(*both))

    kinds = [[event["type"] for event in each["events"]] for each in found["changes"]]
    assert kinds == [
        ["split", "split", "quarantined", "banned"],
        ["merged", "unbanned"],
    ]
    [before], [after] = found["before"], found["after"]
    assert before["members"] == after["members"]
    assert found["given"] == found["ended"] == []


@pytest.mark.parametrize(
    ("action", "two", "why"),
    [
        ("link", ASID, "the two ids must differ"),
        ("ban", "token:x", "a ban is about two ids of apps or Pages"),
        ("link", "OTHER", "two ids of one app or Page are never one person"),
    ],
)
async def test_what_no_command_does_is_refused(
    api: Desk, action: str, two: object, why: str
) -> None:
    """The answer says why, and that no event would come."""
    other = member(f"{ASID.scope}:another")
    token = BusinessToken("x")
    api.publish([*MERGED, joined(member("page:99:5"), token), joined(other, token)])

    named = other if two == "OTHER" else two
    found = await asked(api, about(change(action, ASID, named)))

    [told] = found["changes"]
    assert told["refused"] == why
    assert told["events"] == []
    assert told["command"] is None


def joined(one: Member, *others: Member) -> LogMessage:
    cause = Cause("logins", 0, 1)
    kind = EvidenceKind.ACCOUNT_LINKING
    proofs = tuple(
        evidence(
            kind,
            (one, int(one.scope.startswith(("app:", "page:")))),
            (other, int(other.scope.startswith(("app:", "page:")))),
            at_ms=NOW_MS - 5,
            cause=cause,
        )
        for other in others
    )
    return Proved(business_id("900"), proofs, NOW_MS - 5, cause)


async def test_anothers_ids_are_those_that_nobody_knows(tmp_path: Path) -> None:
    """Status, headers and bytes are those of a copy in which they are not at all."""
    seen = []
    for number, messages in enumerate((MERGED, [])):
        async with desk(tmp_path / str(number)) as api:
            api.publish(messages)
            bearer = api.bearer("901")
            body = about(change("link", ASID, PSID))
            async with api.http.post(PATH, json=body, headers=bearer) as response:
                headers = {k: v for k, v in response.headers.items() if k != "Date"}
                seen.append((response.status, headers, await response.read()))

    assert seen[0] == seen[1]
    assert seen[0][0] == 404


async def test_the_verb_is_explain(api: Desk) -> None:
    """A key for reading is not for this."""
    api.publish(MERGED)
    body = about(change("ban", ASID, PSID))

    await asked(api, body, status=403, bearer=api.bearer(verbs=[Verb.READ]))

    await asked(api, body, bearer=api.bearer(verbs=[Verb.EXPLAIN]))


GOOD = change("ban", ASID, PSID)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        about(),
        about(*[GOOD] * (MAX_CHANGES + 1)),
        {**about(GOOD), "more": 1},
        {**about(GOOD), "at_ms": 5},
        {**about(GOOD), "at_ms": True},
        {**about(GOOD), "at_ms": NOW_MS + 0.5},
        {"at_ms": NOW_MS, "changes": GOOD},
        about({**GOOD, "more": 1}),
        about({**GOOD, "action": "erase"}),
        about({**GOOD, "action": ["ban"]}),
        about({**GOOD, "one": 5}),
        about({**GOOD, "two": "app:1"}),
    ],
    ids=str,
)
async def test_a_body_must_be_as_its_schema_has_it(api: Desk, body: Any) -> None:
    """And the schema refuses what is refused."""
    schema = {"$ref": "#/components/schemas/Changes", **openapi()}
    assert not Draft202012Validator(schema).is_valid(body)

    found = await asked(api, body, status=400)

    assert str(ASID) not in str(found)


async def test_more_than_can_be_weighed_at_once_is_a_problem(api: Desk) -> None:
    """A person of whom everybody is a part is no question of a moment."""
    crowd = [LinkingCode.of(str(number)) for number in range(MAX_MEMBERS)]
    api.publish([joined(ASID, *crowd), joined(PSID, LinkingCode.of("own"))])

    found = await asked(api, about(change("link", ASID, PSID)), status=422)

    assert found["type"] == "urn:idweave:problem:too-much"
    assert str(MAX_MEMBERS) in found["detail"]


SHELL = shutil.which("sh") or "/bin/sh"
HOSTILE = "token:'\"$(touch${IFS}pwned)`id`;&|<>*?~!#\\"


@pytest.mark.parametrize("action", Action)
def test_a_command_gives_the_ids_to_idweave_and_to_nobody_else(
    tmp_path: Path, action: Action
) -> None:
    """A real shell reads it: ids on stdin, as they are, and none among the arguments."""
    line = command_of(Change(action, ASID, member(HOSTILE)))
    told = 'idweave() { printf "%s|" "$@"; echo; cat; }'

    done = subprocess.run(  # noqa: S603 - the line is what is tested
        [SHELL, "-euc", f"{told}\n{line}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )

    first, *ids = done.stdout.splitlines()
    words = first.split("|")
    assert words[-7:] == [
        "-",
        "-",
        "--author",
        "your name",
        "--reason",
        "in a few words",
        "",
    ]
    assert action in " ".join(words[:2])
    assert ids == [str(ASID), HOSTILE]
    assert list(tmp_path.iterdir()) == []


async def test_what_a_rejection_keeps_is_in_doubt(api: Desk) -> None:
    """Proofs that came after it are told nowhere; of a supposed one all is known."""
    api.publish(MERGED)
    cut, anew = change("unlink", ASID, PSID), change("reopen", ASID, PSID)
    supposed = await asked(api, about(cut, anew))
    a, b = sorted((ASID, PSID), key=str)
    said = (Verdict.REJECT, "ann", "a mistake", NOW_MS - 9, Cause("commands", 0, 1))
    api.publish([Decided(business_id("900"), a, b, 1, 1, *said)])

    found = await asked(api, about(anew))

    assert not any("kept aside" in doubt for doubt in supposed["doubts"])
    assert found["is_exact"] is False
    assert any("kept aside" in doubt for doubt in found["doubts"])
