"""Every sample that Meta's documents print, played in the very world it tells of."""

import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest
from tests.adapters.simulator.printed import (
    LEFT_OUT,
    document,
    john,
    samples,
    studio,
    world_of,
)
from tests.adapters.simulator.sample import NOW_S, Api, Reply

from idweave_adapters import signed_request
from idweave_adapters.credentials import Credentials
from idweave_adapters.graph_api import GraphApiClient, Lookup, LookupAnswer
from idweave_adapters.simulator import Rules, Simulator, World
from idweave_adapters.simulator.traffic.logins import signed
from idweave_graph.ids import Asset, ScopedId, business_id

SAMPLES = [pytest.param(*each, id=f"{each[0]}: {each[1]['name']}") for each in samples()]  # fmt: skip
PRINTED = [each for each in SAMPLES if "answer" in each.values[1]]  # type: ignore[operator]
REQUESTS = document("messenger_id_matching")["samples"]

wall_clock = time.time  # noqa: TID251 - timed proofs are about wall time


@asynccontextmanager
async def playing(world: World, rules: Rules | None = None) -> AsyncIterator[Api]:
    async with (
        Simulator(world, rules=rules, clock=lambda: NOW_S) as running,
        aiohttp.ClientSession() as session,
    ):
        yield Api(running, session)


async def ask(name: str, sample: dict[str, Any]) -> Reply:
    """Send the sample as it is printed, but with a genuine token and proof."""
    printed = world_of(name, sample)
    params, path = printed.params(sample), printed.path(sample)
    history = "2021-03-01" if name == "page_scoped_id" else None
    async with playing(printed.world, Rules(history=history)) as api:
        if sample["method"] == "POST":
            return await api.send("POST", f"/v3.3{path}", data=params)
        return await api.get(path, **params)


def as_printed(answer: Any, printed: Any) -> Any:
    """The answer, cut to what the document prints of it."""
    if printed == LEFT_OUT:
        return LEFT_OUT
    if isinstance(printed, dict):
        return {
            key: as_printed(value, printed.get(key)) for key, value in answer.items()
        }
    if isinstance(printed, list):
        return [as_printed(*pair) for pair in zip(answer, printed, strict=True)]
    return answer


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
async def test_every_printed_request_is_answered(
    name: str, sample: dict[str, Any]
) -> None:
    """With the printed path, parameters and kind of token."""
    reply = await ask(name, sample)

    assert reply.status == 200


@pytest.mark.parametrize(("name", "sample"), PRINTED)
async def test_every_printed_answer_has_its_shape(
    name: str, sample: dict[str, Any]
) -> None:
    """Key by key; values too, but for the token, which follows from the world."""
    expected = {**sample["answer"], **sample.get("corrected", {})}

    body = dict((await ask(name, sample)).body)

    if "paging" not in expected:  # the sample of ids_for_business leaves it out
        body.pop("paging", None)
    if "token_for_business" in expected:
        assert isinstance(body["token_for_business"], str)
        expected["token_for_business"] = body["token_for_business"]
    assert as_printed(body, expected) == expected


@pytest.mark.parametrize("sample", REQUESTS[:8], ids=lambda each: each["name"])
async def test_an_edge_by_itself_has_the_rows_of_the_expanded_read(
    sample: dict[str, Any],
) -> None:
    """The documents print rows in the expanded reads only."""
    printed = REQUESTS[8]["answer"][sample["path"].rsplit("/", 1)[1]]["data"]
    # the documents filter apps by an id that no app of theirs has
    expected = [] if "to one app" in sample["name"] else printed

    reply = await ask("messenger_id_matching", sample)

    assert reply.body["data"] == expected


def test_both_languages_print_the_same_answers() -> None:
    """The Japanese page differs in the names of placeholders alone."""
    other = document("messenger_id_matching_ja")["samples"]

    assert [each.get("answer") for each in other] == [
        each.get("answer") for each in REQUESTS
    ]


@pytest.mark.parametrize("seed", range(4))
def test_the_printed_signed_request(seed: int) -> None:
    """The simulator's has the printed keys in their order; the reader takes both."""
    printed = document("business_mapping")["signed_request"]
    world = studio("").world
    app = world.apps["647733625268125"]
    made = signed(
        random.Random(seed),
        app,
        issued_s=printed["issued_at"],
        user=printed["user_id"],
        bearer=printed["oauth_token"],
        token=printed["token_for_business"],
    )
    secret = app.secret.encode()
    sent = signed_request.sign(orjson.dumps(printed), secret)

    seen = [
        signed_request.verify(text, [secret], now_s=printed["issued_at"])
        for text in (made, sent)
    ]

    payload = made.partition(".")[2]
    padded = payload + "=" * (-len(payload) % 4)
    assert orjson.loads(signed_request._unbase64(padded.encode())) == printed
    assert seen[0] == seen[1]
    assert (seen[1].user_id, seen[1].expires_s) == ("10154418713995634", 1414263600)
    assert seen[1].token is not None
    assert seen[1].token.value == "AbwoGqummPbF3zp_"


def scoped_id(text: str) -> ScopedId:
    asset, _, user = text.rpartition(":")
    return ScopedId(Asset.parse(asset), user)


@pytest.mark.parametrize("asked", ["app:259773517400382", "page:380374449010653"])
async def test_the_client_reads_the_world_of_the_samples(asked: str) -> None:
    """From either end it finds the printed ids, and no other."""
    world = john().world
    (business,) = world.businesses
    (person,) = world.people.all
    known = [scoped_id(each) for each in world.ids_by_business(person)[business]]
    (scoped,) = [each for each in known if str(each.asset) == asked]
    owned = Credentials.from_document(world.credentials())
    credential = owned.for_asset(business_id(business), scoped.asset)
    assert credential is not None

    async with Simulator(world) as simulator:
        client = GraphApiClient(simulator.base_url, clock=wall_clock)
        async with client:
            (answer,) = await client.look_up([Lookup(scoped, credential)])

    assert isinstance(answer, LookupAnswer)
    assert {scoped, *answer.links} == set(known)
