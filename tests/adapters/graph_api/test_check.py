"""The probe: does the Graph API answer, and does it take a credential."""

import pytest
from aiohttp import web
from tests.adapters.graph_api.scripted import (
    APP,
    APP_SECRET,
    NOW_S,
    PAGE,
    PAGE_TOKEN,
    ScriptedGraph,
    answered,
    credential,
    refused,
)

from idweave_adapters.credentials import Credentials
from idweave_adapters.graph_api import (
    CredentialRefused,
    GraphApiError,
    PermissionDenied,
    ProtocolFault,
    Transient,
)
from idweave_adapters.graph_api.check import GraphApiProbe, Proof, Reached
from idweave_adapters.simulator import Simulator, World


def probe(url: str, **kwargs: float) -> GraphApiProbe:
    return GraphApiProbe(url, clock=lambda: NOW_S, **kwargs)  # type: ignore[arg-type]


async def test_any_http_answer_is_an_answer(graph: ScriptedGraph) -> None:
    """An error too: the way there is open. No secret was sent."""
    graph.script = lambda _: web.json_response(
        {"error": {"code": 190}}, status=400, headers={"Facebook-API-Version": "v25.0"}
    )

    async with probe(graph.url) as running:
        reached = await running.reach()

    assert reached == Reached(400, "v25.0")
    (asked,) = graph.asked
    assert (asked.url, asked.form) == ("/v25.0/", {})


async def test_a_closed_port_is_no_answer() -> None:
    """It may open later."""
    async with probe("http://127.0.0.1:1") as running:
        assert isinstance(await running.reach(), Transient)


async def test_a_credential_is_proved_by_reading_its_own_id(
    graph: ScriptedGraph,
) -> None:
    """With token and proof, and nobody is looked up."""
    graph.each(lambda item: answered({"id": item.path}))
    given = [credential(APP), credential(PAGE)]

    async with probe(graph.url) as running:
        proofs = await running.prove(given)

    assert proofs == [Proof(each, None) for each in given]
    assert [item.path for item in graph.items] == [APP.id, PAGE.id]
    assert {item.params["fields"] for item in graph.items} == {"id"}
    tokens = [item.params["access_token"] for item in graph.items]
    assert tokens == [f"{APP.id}|{APP_SECRET}", PAGE_TOKEN]
    assert all(item.params["appsecret_proof"] for item in graph.items)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(190), CredentialRefused),
        (refused(200), PermissionDenied),
        (refused(2, status=500), Transient),
        (answered({"id": "1"}), ProtocolFault),
        (answered({}), ProtocolFault),
    ],
)
async def test_any_other_answer_proves_nothing(
    graph: ScriptedGraph, answer: object, error: type[GraphApiError]
) -> None:
    """The error is the one that a lookup would get."""
    graph.each(lambda _: answer)

    async with probe(graph.url) as running:
        (proof,) = await running.prove([credential(APP)])

    assert type(proof.error) is error


async def test_one_refused_credential_hides_no_other() -> None:
    """Also where it is the one that the batch is asked with."""
    world = World.generate(seed=3, people=20)
    async with Simulator(world, clock=lambda: NOW_S) as simulator:
        known = Credentials.from_document(simulator.world.credentials())
        given = [known.for_asset(owner, asset) for owner, asset in known.assets()]
        found = [each for each in given if each is not None]
        simulator.revoke(f"app:{found[0].asset.id}")

        async with probe(simulator.base_url) as running:
            first, *others = await running.prove(found)

    assert isinstance(first.error, CredentialRefused)
    assert [proof.error for proof in others] == [None] * (len(found) - 1)
    assert len(found) > 2


async def test_no_credentials_need_no_call(graph: ScriptedGraph) -> None:
    """Nothing is asked."""
    async with probe(graph.url) as running:
        assert await running.prove([]) == []

    assert graph.asked == []
