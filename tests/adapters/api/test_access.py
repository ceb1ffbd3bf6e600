"""Who is let in, and that nothing of another business gets out."""

import asyncio
import errno
import json
import logging
import stat
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.adapters.api.desk import AUDIT_KEY, DAY_MS, Desk, desk
from tests.support.consumer_stories import ASID, MERGED, PSID, STORIES

from idweave_adapters.api import (
    ROUTES,
    ApiKeys,
    Audit,
    Freshness,
    KeyFile,
    KeysError,
    Limits,
    Origin,
    Verb,
    new_key,
)

Seen = tuple[int, dict[str, str], bytes]


async def seen(api: Desk, path: str, headers: dict[str, str]) -> Seen:
    """All that somebody sees of an answer but its time."""
    async with api.http.get(path, headers=headers) as response:
        told = {k: v for k, v in response.headers.items() if k != "Date"}
        return response.status, told, await response.read()


ASKED = [
    f"/v1/ids/{quote(str(ASID), safe='')}",
    f"/v1/why?one={ASID}&two={PSID}",
    f"/v1/why?one={ASID}&two=app:10:777",
    "/v1/persons/{person}",
    "/v1/persons/{person}/history",
    "/v1/search?q=10",
    "/v1/search?q=p_",
    "/v1/persons",
    "/v1/quarantine",
    "/v1/refusals",
    "/v1/decisions",
    "/v1/erasures",
    "/v1/overview",
]


@pytest.mark.parametrize("path", ASKED)
async def test_what_is_anothers_is_answered_as_what_nobody_knows(
    tmp_path: Path, path: str
) -> None:
    """Status, headers and bytes are those of a copy in which it is not at all."""
    async with desk(tmp_path / "with") as full, desk(tmp_path / "without") as empty:
        full.publish(STORIES["tangle-1"])
        full.publish(STORIES["quarantine"])
        name = full.workers.persons()[0].id
        asked = path.format(person=name)

        answers = [
            await seen(each, asked, each.bearer("901")) for each in (full, empty)
        ]

        assert answers[0] == answers[1]
        assert b"900" not in answers[0][2]


@pytest.mark.parametrize("path", ASKED)
async def test_a_business_that_is_not_the_keys_is_one_that_nobody_knows(
    api: Desk, path: str
) -> None:
    """Whether there is such a business or not."""
    api.publish(MERGED)
    asked = path.format(person=api.workers.persons()[0].id)
    bearer = api.bearer("901")
    mark = "&" if "?" in asked else "?"

    there, nowhere = [
        await seen(api, f"{asked}{mark}business={business}", bearer)
        for business in ("900", "999")
    ]

    assert there == nowhere
    assert there[0] == 404


async def test_a_key_of_several_businesses_says_which(api: Desk) -> None:
    """Each is answered for itself."""
    api.publish(STORIES["transferred"])
    bearer = api.bearer("900", "901")

    unsaid = await seen(api, "/v1/overview", bearer)
    told = [
        json.loads((await seen(api, f"/v1/overview?business={b}", bearer))[2])
        for b in ("900", "901")
    ]

    assert unsaid[0] == 400
    assert [each["business"] for each in told] == ["900", "901"]


GUARDED = [route for route in ROUTES if not route.is_open]


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.name)
async def test_no_route_answers_without_a_good_key(api: Desk, route: Any) -> None:
    """No key, a forged one, an expired, a revoked one: one and the same answer."""
    good = api.bearer()["Authorization"]
    name, secret = good.removeprefix("Bearer idk_").split("_", 1)
    expired = api.bearer(life_ms=1)["Authorization"]
    revoked = api.bearer()["Authorization"]
    api.keys.revoke(revoked.removeprefix("Bearer idk_").split("_")[0], 5)
    api.book.reload()
    api.clock.now += 1
    shown = [
        None,
        "",
        "Bearer",
        "Bearer x",
        f"Basic {good.removeprefix('Bearer ')}",
        f"Bearer idk_{name}_{secret[:-1]}",
        f"Bearer idk_{name}_",
        f"Bearer idk__{secret}",
        f"Bearer idx_{name}_{secret}",
        f"Bearer idk_ffffffffffff_{secret}",
        expired,
        revoked,
    ]
    person = "p_" + "0" * 32
    path = route.template.replace("{person}", person).replace("{id}", "app:1:2")

    answers = set()
    for each in shown:
        headers = {} if each is None else {"Authorization": each}
        async with api.http.request(route.method, path, headers=headers) as response:
            answers.add((response.status, await response.read()))

    [(status, body)] = answers
    assert status == 401
    assert json.loads(body)["type"] == "urn:idweave:problem:no-credential"


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.verb], ids=lambda route: route.name
)
async def test_a_key_is_good_for_its_verbs_alone(api: Desk, route: Any) -> None:
    """What it is not for is refused before anything is looked for."""
    others = [verb for verb in Verb if verb is not route.verb]
    path = route.template.replace("{person}", "p_" + "0" * 32)
    bearer = api.bearer(verbs=others)

    async with api.http.request(
        route.method, path.replace("{id}", "app:1:2"), headers=bearer
    ) as response:
        assert response.status == 403
        assert str(route.verb) in (await response.json(content_type=None))["detail"]


async def test_who_asks_too_much_is_told_when_to_come_again(tmp_path: Path) -> None:
    """And is served then; another key is served meanwhile."""
    async with desk(tmp_path, Limits(per_second=0.5, burst=2)) as api:
        one, two = api.bearer(), api.bearer()
        path = "/v1/persons"

        first = [(await seen(api, path, one))[0] for _ in range(2)]
        status, headers, _ = await seen(api, path, one)

        assert first == [200, 200]
        assert (status, headers["Retry-After"]) == (429, "2")
        assert (await seen(api, path, two))[0] == 200
        api.clock.now += 2
        assert (await seen(api, path, one))[0] == 200


async def test_the_audit_says_who_asked_and_names_no_id(
    api: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """A keyed hash stands for each id; in no log is an id or a key."""
    api.publish(MERGED)
    caplog.set_level(logging.DEBUG)
    bearer = api.bearer()
    key = bearer["Authorization"].split("_")[1]
    shown = bearer["Authorization"].split("_", 2)[2]

    await seen(api, f"/v1/ids/{quote(str(PSID), safe='')}", bearer)
    await seen(api, "/v1/ids/app:10:5555", bearer)
    async with api.http.post(
        "/v1/ids:lookup", json={"ids": [str(ASID)]}, headers=bearer
    ) as response:
        assert response.status == 200

    audit = Audit(AUDIT_KEY)
    lines = [
        json.loads(r.getMessage())
        for r in caplog.records
        if r.name == "idweave.api.audit"
    ]
    assert [(x["key"], x["route"], x["business"], x["status"]) for x in lines] == [
        (key, "get_id", "900", 200),
        (key, "get_id", "900", 404),
        (key, "look_up_ids", "900", 200),
    ]
    assert [x["ids"] for x in lines] == [
        [audit.of(str(PSID))],
        [audit.of("app:10:5555")],
        [audit.of(str(ASID))],
    ]
    assert not any(text in caplog.text for text in ("3001", "5555", "1001", shown))


async def test_nothing_is_answered_before_the_topics_are_read(api: Desk) -> None:
    """Half a model would call people unknown who are known."""
    api.publish(MERGED)
    api.fresh.append(Freshness(Origin.TOPICS, 12, is_ready=False))

    status, headers, _ = await seen(api, "/v1/persons", api.bearer())
    ready = await seen(api, "/ready", {})
    told = await seen(api, "/v1/status", api.bearer())

    assert (status, headers["Retry-After"]) == (503, "5")
    assert ready[0] == 503
    assert json.loads(told[2])["behind"] == 12


def test_only_a_hash_of_a_key_is_kept(tmp_path: Path) -> None:
    """In a file that only its owner may read."""
    file = KeyFile(tmp_path / "keys.json")
    key, shown = new_key("ann", ["900"], Verb, now_ms=0, life_ms=DAY_MS)
    file.add(key)

    assert shown.reveal().startswith(f"idk_{key.id}_")
    content = (tmp_path / "keys.json").read_text()
    assert shown.reveal().split("_", 2)[2] not in content
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    assert file.read() == {key.id: key}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"version":2,"keys":[]}', b'{"version":1,"keys":[{}]}'],
)
def test_a_file_that_is_none_of_keys_is_refused(tmp_path: Path, content: bytes) -> None:
    """With what to do about it; it is not written over."""
    path = tmp_path / "keys.json"
    path.write_bytes(content)
    key, _ = new_key("ann", ["900"], Verb, now_ms=0, life_ms=DAY_MS)

    with pytest.raises(KeysError, match="name another"):
        KeyFile(path).add(key)

    assert path.read_bytes() == content


async def test_a_faulty_file_leaves_the_last_good_keys(api: Desk) -> None:
    """Until it is put right."""
    bearer = api.bearer()
    path = api.keys._path
    path.write_bytes(b"{")

    with pytest.raises(KeysError):
        api.book.reload()

    assert (await seen(api, "/v1/persons", bearer))[0] == 200


def test_a_file_that_could_not_be_read_is_read_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a key that is revoked while no file can be opened stays good."""
    file = KeyFile(tmp_path / "keys.json")
    key, shown = new_key("ann", ["900"], Verb, now_ms=0, life_ms=DAY_MS)
    file.add(key)
    book = ApiKeys(file, lambda: 1)
    file.revoke(key.id, 1)

    def too_many(*_: object) -> None:
        raise OSError(errno.EMFILE, "too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", too_many)
        with pytest.raises(KeysError, match="can't be read"):
            book.reload()
    assert book.caller(shown.reveal()) is not None

    assert book.reload()
    assert book.caller(shown.reveal()) is None


async def test_changes_come_as_they_are_read(api: Desk) -> None:
    """From the start, then new ones; and again from the last that was seen."""
    api.publish(STORIES["one"])
    bearer = api.bearer()

    async with api.http.get("/v1/changes?after=start", headers=bearer) as response:
        assert response.content_type == "text/event-stream"
        first = await _event(response)
        api.publish(MERGED[1:])
        later = [await _event(response) for _ in range(2)]
    resumed = {**bearer, "Last-Event-ID": later[0]["id"]}
    async with api.http.get("/v1/changes", headers=resumed) as response:
        again = await _event(response)

    assert first["event"] == "created"
    # Two persons' events have no order between them.
    assert {event["event"] for event in later} == {"created", "merged"}
    assert again == later[1]
    assert json.loads(again["data"])["person"]["business"] == "900"


async def test_changes_of_another_copy_or_business_are_not_told(api: Desk) -> None:
    """Numbers are of one copy; events of one business."""
    api.publish(STORIES["transferred"])

    other = {**api.bearer(), "Last-Event-ID": "0123456789abcdef-1"}
    refused = await seen(api, "/v1/changes", other)
    async with api.http.get(
        "/v1/changes?after=start", headers=api.bearer("901")
    ) as response:
        told = [await _event(response) for _ in range(2)]

    assert refused[0] == 409
    assert {json.loads(event["data"])["business"] for event in told} == {"901"}


async def test_a_stream_ends_with_its_key(api: Desk) -> None:
    """And one of another key goes on."""
    api.publish(STORIES["one"])
    lost, kept = api.bearer(), api.bearer()
    path = "/v1/changes?after=start"

    async with (
        api.http.get(path, headers=lost) as ending,
        api.http.get(path, headers=kept) as lasting,
    ):
        await _event(ending)
        await _event(lasting)
        api.keys.revoke(lost["Authorization"].split("_")[1], 5)
        api.book.reload()
        async with asyncio.timeout(10):
            rest = await ending.content.read()
        api.publish(MERGED[1:])
        event = await _event(lasting)

    assert b"data" not in rest
    assert event["event"] in {"created", "merged"}


async def test_a_stream_ends_after_its_time(api: Desk) -> None:
    """With all that was known by then; it is resumed where it ended."""
    api.publish(STORIES["one"])

    async with api.http.get("/v1/changes", headers=api.bearer()) as response:
        api.publish(MERGED[1:])
        api.clock.now += Limits().stream_s
        async with asyncio.timeout(10):
            told = await response.content.read()

    assert told.count(b"data: ") == 2


async def _event(response: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    while True:
        async with asyncio.timeout(10):
            line = (await response.content.readline()).decode().rstrip("\n")
        if not line and found:
            return found
        name, colon, value = line.partition(": ")
        if name and colon:
            found[name] = value
