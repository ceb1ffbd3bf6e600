"""What is answered to whom, over real HTTP."""

from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from tests.adapters.api.desk import Desk
from tests.support.consumer_stories import (
    ASID,
    MERGED,
    OTHER_ASID,
    PSID,
    SECOND_PSID,
    STORIES,
)

from idweave_adapters.api import ROUTES, openapi

Json = dict[str, Any]


async def got(api: Desk, path: str, *, status: int = 200, **headers: str) -> Json:
    """Ask with a key for everything, and check the answer against the document."""
    bearer = headers or api.bearer()
    async with api.http.get(path, headers=bearer) as response:
        assert response.status == status, await response.text()
        found: Json = await response.json(content_type=None)
    if status == 200:
        assert_fits(path, found)
    else:
        assert found["type"].startswith("urn:idweave:problem:")
        assert found["status"] == status
    return found


def assert_fits(path: str, found: Json) -> None:
    document = openapi()
    bare = path.partition("?")[0].split("/")
    for template, operations in document["paths"].items():
        parts = template.split("/")
        fits = [p == b or p.startswith("{") for p, b in zip(parts, bare, strict=False)]
        if len(parts) == len(bare) and all(fits) and "get" in operations:
            content = operations["get"]["responses"]["200"]["content"]
            schema = {**content["application/json"]["schema"], **document}
            Draft202012Validator(schema).validate(found)
            return
    pytest.fail(f"{path} is in no document")


def in_path(who: object) -> str:
    return quote(str(who), safe="")


async def test_an_id_leads_to_its_person(api: Desk) -> None:
    """With members, evidence and generation, as the persons topic tells."""
    api.publish(MERGED)

    found = await got(api, f"/v1/ids/{in_path(PSID)}")

    person = api.workers.persons()[0]
    assert found["person"]["id"] == person.id
    assert found["person"]["generation"] == person.generation
    assert [m["value"] for m in found["person"]["members"]] == ["1001", "3001"]
    assert [p["kind"] for p in found["person"]["evidence"]] == ["ids_for_pages"]
    again = await got(api, f"/v1/persons/{person.id}")
    assert again == {"person": found["person"], "trail": [person.id]}


async def test_an_ended_id_leads_to_the_survivor(api: Desk) -> None:
    """The trail says through whom."""
    api.publish(STORIES["merge-of-merges"])
    [person] = api.workers.persons()
    old = (await got(api, "/v1/search?q=p_"))["items"]
    assert sorted(o["id"] for o in old) == sorted([person.id, *person.absorbed])

    for name in person.absorbed:
        found = await got(api, f"/v1/persons/{name}")

        assert found["person"]["id"] == person.id
        assert found["trail"][0] == name
        assert found["trail"][-1] == person.id


async def test_why_tells_the_chain_or_what_stands_between(api: Desk) -> None:
    """One person: each step; two: the proof in quarantine and what it contradicts."""
    api.publish(STORIES["quarantine"])

    one = await got(api, f"/v1/why?one={ASID}&two={PSID}")
    two = await got(api, f"/v1/why?one={ASID}&two={SECOND_PSID}")

    assert one["one_person"] is True
    assert [(s["from"], s["to"]) for s in one["chain"]] == [(str(ASID), str(PSID))]
    assert two["one_person"] is False
    [clash] = two["quarantined"]
    assert clash["rivals"] == [[str(PSID), str(SECOND_PSID)]]
    listed = await got(api, "/v1/quarantine")
    assert [item["proof"] for item in listed["items"]] == [clash["proof"]]
    [rivals] = [item["rivals"] for item in listed["items"]]
    assert [sorted(pair) for pair in rivals] == [[str(PSID), str(SECOND_PSID)]]


async def test_a_proof_that_a_ban_keeps_out_has_no_rivals(api: Desk) -> None:
    """It is no contradiction of ids; `why` tells who banned them."""
    api.publish(STORIES["banned"])

    [item] = (await got(api, "/v1/quarantine"))["items"]

    assert item["rivals"] == []
    proof = item["proof"]
    why = await got(api, f"/v1/why?one={proof['a']}&two={proof['b']}")
    assert [ban["author"] for ban in why["bans"]] == ["ann"]


async def test_refusals_bans_and_erasures_are_listed(api: Desk) -> None:
    """Each on its own list; the audit of an erasure names no id."""
    api.publish(STORIES["refused"])
    api.publish(STORIES["ban-lifted"][1:])
    api.publish(STORIES["erased"][-1:])

    refusals = (await got(api, "/v1/refusals"))["items"]
    decisions = (await got(api, "/v1/decisions"))["items"]
    erasures = (await got(api, "/v1/erasures"))["items"]

    assert [r["refusal"]["reason"] for r in refusals] == ["foreign-asset"]
    assert [e["type"] for e in erasures] == ["erasure"]
    # Whose other id was erased since: nothing is left to tell.
    assert decisions == []


async def test_history_is_told_in_pages(api: Desk) -> None:
    """All pages together are the whole history, in the order of generations."""
    api.publish(STORIES["chain"])
    name = api.workers.persons()[0].id
    whole = (await got(api, f"/v1/persons/{name}/history"))["items"]
    assert len(whole) >= 6

    paged: list[Json] = []
    cursor = ""
    while True:
        path = f"/v1/persons/{name}/history?limit=2{cursor}"
        page = await got(api, path)
        paged += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert paged == whole


async def test_lists_are_told_in_pages(api: Desk) -> None:
    """Persons one by one are the persons all at once."""
    api.publish(STORIES["tangle-1"])
    whole = (await got(api, "/v1/persons"))["items"]
    assert len(whole) > 2

    names: list[str] = []
    cursor = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = await got(api, f"/v1/persons?limit=1{more}")
        names += [item["id"] for item in page["items"]]
        cursor = page["next"]

    assert names == [item["id"] for item in whole]


async def test_many_ids_are_looked_up_at_once(api: Desk) -> None:
    """In the order in which they are asked; nobody's is null."""
    api.publish(MERGED)
    ids = [str(PSID), "app:10:9999", str(ASID)]

    async with api.http.post(
        "/v1/ids:lookup", json={"ids": ids}, headers=api.bearer()
    ) as response:
        found = await response.json()

    name = api.workers.persons()[0].id
    assert [(i["id"], i["person"]) for i in found["items"]] == [
        (ids[0], name),
        (ids[1], None),
        (ids[2], name),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"ids":[]}',
        b'{"ids":["nobody"]}',
        b'{"ids":[1]}',
        b'{"ids":["app:1:2"],"more":1}',
        b'{"ids":[' + b",".join([b'"app:1:2"'] * 1001) + b"]}",
        b'{"ids":["\xff"]}',
    ],
)
async def test_a_look_up_that_can_not_be_read_is_refused(
    api: Desk, body: bytes
) -> None:
    """With a problem document that repeats nothing of it."""
    headers = {**api.bearer(), "Content-Type": "application/json"}

    async with api.http.post("/v1/ids:lookup", data=body, headers=headers) as response:
        assert response.status == 400
        assert response.content_type == "application/problem+json"
        assert "nobody" not in await response.text()


async def test_search_finds_by_the_beginning(api: Desk) -> None:
    """Of the whole id, or of what stands behind its last colon."""
    api.publish(MERGED)
    name = api.workers.persons()[0].id

    whole = await got(api, "/v1/search?q=page:30:")
    bare = await got(api, "/v1/search?q=10")
    person = await got(api, f"/v1/search?q={name[:9]}")

    assert whole["items"] == [{"id": str(PSID), "person": name}]
    assert bare["items"] == [{"id": str(ASID), "person": name}]
    assert person["items"] == [{"id": name, "person": name}]


async def test_the_overview_counts(api: Desk) -> None:
    """Persons, members by kind, sizes, the largest, events by day."""
    api.publish(STORIES["quarantine"])

    found = await got(api, "/v1/overview")

    assert found["persons"] == 2
    assert found["members"] == {"app": 1, "page": 2}
    assert [(int(s["size"]), s["persons"]) for s in found["sizes"]] == [(1, 1), (2, 1)]
    assert [each["size"] for each in found["largest"]] == [2, 1]
    assert found["quarantined"] == 1
    assert found["events"]["merged"] == 1
    assert sum(sum(d["events"].values()) for d in found["days"]) == sum(
        found["events"].values()
    )


async def test_an_erased_id_is_in_no_answer(api: Desk) -> None:
    """Before the history is rewritten, and after."""
    api.publish(STORIES["merged"])
    api.publish(STORIES["erased"][len(MERGED) :])
    name = next(iter(api.workers.persons())).id
    erased, left = str(PSID), str(OTHER_ASID)
    paths = [
        f"/v1/persons/{name}",
        f"/v1/persons/{name}/history",
        "/v1/persons",
        "/v1/search?q=3",
        "/v1/search?q=page:",
        "/v1/quarantine",
        "/v1/refusals",
        "/v1/decisions",
        "/v1/erasures",
        "/v1/overview",
    ]

    for _ in range(2):
        told = [str(await got(api, path)) for path in paths]

        assert not any("3001" in each for each in told)
        assert any(left in each or "2001" in each for each in told)
        await got(api, f"/v1/ids/{in_path(erased)}", status=404)
        api.writer.forget(api.writer.mark())


async def test_the_history_of_whom_nothing_is_left_names_nobody(api: Desk) -> None:
    """That there was somebody, and when, stays; who it was does not."""
    api.publish(STORIES["person-erased"])
    [name] = {
        item["body"]["id"]
        for item in [{"body": each["event"]["person"]} for each in await _entries(api)]
    }

    await got(api, f"/v1/persons/{name}", status=404)


async def _entries(api: Desk) -> list[Json]:
    events = api.model.changes("900", 0, 100)
    last = [event["person"]["id"] for _, event in events if event["type"] == "erased"]
    found = await got(api, f"/v1/persons/{last[0]}/history")
    assert found["person"]["members"] == []
    assert "1001" not in str(found)
    return [e for e in found["items"] if e["event"]["person"]["id"] == last[0]]


async def test_an_answer_has_one_form(api: Desk) -> None:
    """Asked twice, or of another copy that read in another order: the same bytes."""
    api.publish(STORIES["tangle-2"])
    bearer = api.bearer()

    async def raw(path: str) -> bytes:
        async with api.http.get(path, headers=bearer) as response:
            return await response.read()

    name = api.workers.persons()[0].id
    for path in ("/v1/overview", f"/v1/persons/{name}", f"/v1/persons/{name}/history"):
        assert await raw(path) == await raw(path)


async def test_every_route_is_answered_and_none_else(api: Desk) -> None:
    """The document and the server are made from one table."""
    async with api.http.get("/v1/openapi.json", headers=api.bearer()) as response:
        document = await response.json()
    told = {
        (method.upper(), template)
        for template, operations in document["paths"].items()
        for method in operations
    }
    assert told == {(route.method, route.template) for route in ROUTES}
    names = {r["$ref"].rpartition("/")[2] for r in _references(document)}
    assert names <= document["components"]["schemas"].keys()

    await got(api, "/v1/nothing", status=404)
    await got(api, "/v1/persons/p_1/2/3", status=404)
    async with api.http.delete("/v1/overview", headers=api.bearer()) as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET")


def _references(value: object) -> list[Json]:
    if isinstance(value, dict):
        own = [value] if "$ref" in value else []
        return own + [r for each in value.values() for r in _references(each)]
    if isinstance(value, list):
        return [r for each in value for r in _references(each)]
    return []
