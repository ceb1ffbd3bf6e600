"""Batches: many calls in one POST, each judged like a call of its own."""

from typing import Any

import aiohttp
import orjson
import pytest
from tests.adapters.simulator.sample import Api, Reply, Sample

from idweave_adapters.simulator.api.proofs import proof_of

ASID, PSID = "645195294", "12345123"


async def batch(api: Api, items: list[dict[str, Any]], **outer: str) -> Reply:
    """POST a batch as a form."""
    form = {"batch": orjson.dumps(items).decode(), **outer}
    return await api.send("POST", "/v25.0/", data=form)


def get(url: str) -> dict[str, Any]:
    """One item."""
    return {"method": "GET", "relative_url": url}


async def test_answers_come_in_order(api: Api, here: Sample) -> None:
    """One answer per item, in order, each with code, headers and a body of JSON text."""
    token = here.world.app_token(here.movies.id)
    items = [
        get(f"{ASID}/ids_for_apps"),
        get("999/ids_for_apps"),
        get(f"v24.0/{ASID}?fields=id"),
    ]

    reply = await batch(api, items, access_token=token)

    assert reply.status == 200
    assert [each["code"] for each in reply.body] == [200, 400, 200]
    assert orjson.loads(reply.body[0]["body"])["data"][1]["id"] == ASID
    assert orjson.loads(reply.body[1]["body"])["error"]["error_subcode"] == 33
    assert orjson.loads(reply.body[2]["body"]) == {"id": ASID}
    served = [named(each)["Facebook-API-Version"] for each in reply.body]
    assert served == ["v25.0", "v25.0", "v24.0"]
    assert "X-App-Usage" in named(reply.body[0])


def named(item: dict[str, Any]) -> dict[str, str]:
    """The headers of an answer."""
    return {each["name"]: each["value"] for each in item["headers"]}


async def test_headers_can_be_left_out(api: Api, here: Sample) -> None:
    """`include_headers=false` gives code and body alone; usage is in the outer headers."""
    token = here.world.app_token(here.movies.id)

    reply = await batch(api, [get(ASID)], access_token=token, include_headers="false")

    assert set(reply.body[0]) == {"code", "body"}
    assert "X-App-Usage" in reply.headers


async def test_items_with_their_own_tokens(api: Api, here: Sample) -> None:
    """Each item may bring token and proof, in its URL or its body."""
    page_token = here.world.page_token(here.music.id, here.movies.id)
    proof = proof_of(page_token, here.movies.secret)
    own = f"access_token={page_token}&appsecret_proof={proof}"
    rival = here.john.asids[here.rival_app.id]
    rival_token = here.world.app_token(here.rival_app.id)
    items = [
        get(f"{PSID}/ids_for_apps?{own}"),
        {**get(f"{PSID}/ids_for_pages"), "body": own},
        get(f"{rival}/ids_for_apps?access_token={rival_token}"),
    ]

    reply = await batch(api, items, access_token=here.world.app_token(here.movies.id))

    assert [each["code"] for each in reply.body] == [200, 200, 200]


async def test_own_token_needs_its_own_proof(api: Api, here: Sample) -> None:
    """The proof of the batch belongs to the token of the batch."""
    outer = here.world.app_token(here.movies.id)
    outer_proof = proof_of(outer, here.movies.secret)
    page_token = here.world.page_token(here.music.id, here.movies.id)
    items = [
        get(f"{PSID}/ids_for_apps?access_token={page_token}"),
        get(f"{ASID}/ids_for_pages"),
    ]

    reply = await batch(api, items, access_token=outer, appsecret_proof=outer_proof)

    assert [each["code"] for each in reply.body] == [400, 200]


async def test_batch_needs_a_token_itself(api: Api, here: Sample) -> None:
    """The fallback token is needed even if each item has its own."""
    own = here.world.app_token(here.movies.id)

    reply = await batch(api, [get(f"{ASID}?access_token={own}")])

    assert reply.code == (2500, None)


async def test_fifty_items_and_no_more(api: Api, here: Sample) -> None:
    """Fifty items pass, fifty-one are refused as a whole."""
    token = here.world.app_token(here.movies.id)

    full = await batch(api, [get(ASID)] * 50, access_token=token)
    over = await batch(api, [get(ASID)] * 51, access_token=token)

    assert len(full.body) == 50
    assert over.body["error"]["type"] == "GraphBatchException"
    assert over.body["error"]["message"] == (
        "Too many requests in batch message. Maximum batch size is 50"
    )


@pytest.mark.parametrize("text", ["{", "{}", "[]", "[1]"])
async def test_unreadable_batch(api: Api, here: Sample, text: str) -> None:
    """A batch that is no list of objects is refused as a whole."""
    form = {"batch": text, "access_token": here.world.app_token(here.movies.id)}

    reply = await api.send("POST", "/", data=form)

    assert (reply.status, reply.body["error"]["type"]) == (400, "GraphBatchException")


@pytest.mark.parametrize(
    "item",
    [
        {"method": "GET"},
        {"relative_url": ASID},
        {"method": "GET", "relative_url": ASID, "depends_on": "x"},
        {"method": "GET", "relative_url": "{result=x:$.id}"},
    ],
)
async def test_unusable_item_fails_alone(
    api: Api, here: Sample, item: dict[str, Any]
) -> None:
    """An item that cannot be used fails; its neighbours are answered."""
    token = here.world.app_token(here.movies.id)

    reply = await batch(api, [item, get(ASID)], access_token=token)

    assert [each["code"] for each in reply.body] == [400, 200]


async def test_each_item_counts(api: Api, here: Sample) -> None:
    """One HTTP request, as many calls as items, all counted against the limit."""
    api.simulator.change(budget_calls=3)
    token = here.world.app_token(here.movies.id)

    reply = await batch(api, [get(ASID)] * 5, access_token=token)

    stats = api.simulator.stats
    assert (stats.requests, stats.batches, stats.calls) == (1, 1, 5)
    codes = [
        orjson.loads(each["body"]).get("error", {}).get("code") for each in reply.body
    ]
    assert codes == [None, None, None, 4, 4]


async def test_timed_out_items_are_null(api: Api, here: Sample) -> None:
    """An item that was not finished in time is `null`; each is counted."""
    api.simulator.change(null_item_rate=0.5)
    token = here.world.app_token(here.movies.id)

    reply = await batch(api, [get(ASID)] * 50, access_token=token)

    nulls = reply.body.count(None)
    assert 0 < nulls < 50
    assert api.simulator.stats.injected == {"null_item": nulls}


async def test_json_body(api: Api, here: Sample) -> None:
    """The batch may come in a JSON body, as a list."""
    body = {"batch": [get(ASID)], "access_token": here.world.app_token(here.movies.id)}

    reply = await api.send("POST", "/v25.0", json=body)

    assert [each["code"] for each in reply.body] == [200]


async def test_several_nodes_in_one_read_until_v25(api: Api, here: Sample) -> None:
    """`?ids=` is keyed by id, fails as a whole for one bad id, and is gone in v26.0."""
    good = await api.app(here.movies, "/v25.0/", ids=ASID, fields="id")
    bad = await api.app(here.movies, "/v25.0/", ids=f"{ASID},999", fields="id")
    gone = await api.app(here.movies, "/v26.0/", ids=ASID, fields="id")

    assert good.body == {ASID: {"id": ASID}}
    assert (bad.status, gone.status) == (400, 400)


async def test_single_items_fail(api: Api, here: Sample) -> None:
    """Some items of a batch fail with code 1 or 2 while the others are answered."""
    api.simulator.change(item_failure_rate=0.5)
    token = here.world.app_token(here.movies.id)

    reply = await batch(api, [get(ASID)] * 50, access_token=token)

    failed = [each for each in reply.body if each["code"] == 500]
    assert 0 < len(failed) < 50
    assert api.simulator.stats.injected == {"item_failure": len(failed)}
    codes = {orjson.loads(each["body"])["error"]["code"] for each in failed}
    assert codes == {1, 2}


async def test_multipart_body(api: Api, here: Sample) -> None:
    """The batch may come as multipart form data, as curl's `-F` sends it."""
    with aiohttp.MultipartWriter("form-data") as form:
        for name, value in (
            ("batch", orjson.dumps([get(ASID)]).decode()),
            ("access_token", here.world.app_token(here.movies.id)),
        ):
            form.append(value).set_content_disposition("form-data", name=name)

    reply = await api.send("POST", "/", data=form)

    assert [each["code"] for each in reply.body] == [200]


async def test_several_nodes_are_fifty_at_most(api: Api, here: Sample) -> None:
    """More than 50 ids in one read are refused with their count."""
    reply = await api.app(here.movies, "/v25.0/", ids=",".join(map(str, range(1, 55))))

    assert (
        reply.body["error"]["message"]
        == "(#100) Too many IDs. Maximum: 50. Provided: 54."
    )
