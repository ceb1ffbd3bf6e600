"""Reading one edge: filters, cursors, and the request as it goes out."""

import json

import pytest
from tests.adapters.graph_api.scripted import (
    APP,
    GAME,
    NOW_S,
    PAGE,
    Item,
    ScriptedGraph,
    answered,
    credential,
    edge,
    refused,
)

from idweave_adapters.graph_api import (
    ConfigurationFault,
    GraphApiClient,
    LookupRefused,
    PermissionDenied,
    ProtocolFault,
)
from idweave_adapters.graph_api.proof import appsecret_proof, timed_appsecret_proof
from idweave_adapters.graph_api.transport import InvalidBaseUrlError
from idweave_graph.ids import InvalidIdError, ScopedId


async def test_all_pages_of_an_edge_are_read(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """To the page without `next`, though that has a cursor too."""
    pages = {
        None: edge(("11", APP), next="n", cursors={"after": "c1"}),
        "c1": edge(next="n", cursors={"after": "c2"}),
        "c2": edge(("12", GAME), cursors={"after": "c3"}),
    }
    graph.each(lambda item: answered(pages[item.params.get("after")]))

    found = await client.ids_for_apps(credential(), "11")

    assert found == [ScopedId(APP, "11"), ScopedId(GAME, "12")]
    assert [item.path for item in graph.items] == ["11/ids_for_apps"] * 3


async def test_an_empty_edge_is_an_empty_list(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """None known now, which is no error."""
    graph.each(lambda item: answered({"data": []}))

    assert await client.ids_for_pages(credential(PAGE), "11") == []


async def test_filters_are_sent_under_their_own_names(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """`app` to the app edge and `page` to the Page edge, as the API's specification
    has it; the document's sample with `app` on the Page edge is a misprint.
    """

    def script(item: Item) -> object:
        asset = PAGE if "pages" in item.path else GAME
        return answered(edge(("11", asset)))

    graph.each(script)

    apps = await client.ids_for_apps(credential(PAGE), "5", app=GAME.id)
    pages = await client.ids_for_pages(credential(APP), "5", page=PAGE.id)

    assert (apps, pages) == ([ScopedId(GAME, "11")], [ScopedId(PAGE, "11")])
    sent = [
        {k: v for k, v in item.params.items() if k in ("app", "page")}
        for item in graph.items
    ]
    assert sent == [{"app": GAME.id}, {"page": PAGE.id}]


async def test_an_ignored_filter_is_noticed(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """An answer about another app than asked for is not understood."""
    graph.each(lambda item: answered(edge(("11", GAME), ("12", APP))))

    with pytest.raises(ProtocolFault):
        await client.ids_for_apps(credential(PAGE), "5", app=GAME.id)


async def test_refusals_are_raised(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """A single read has nothing to fall back on."""
    graph.each(lambda item: refused(10))

    with pytest.raises(PermissionDenied):
        await client.ids_for_apps(credential(), "5")
    with pytest.raises(LookupRefused):
        await client.ids_for_apps(credential(), "me")
    with pytest.raises(InvalidIdError):
        await client.ids_for_apps(credential(), "5/ids_for_pages")
    assert len(graph.asked) == 1


async def test_nothing_private_is_in_address_or_headers(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """Token, proof, secret and the person's id travel in the body only."""
    graph.each(lambda item: answered(edge()))
    page = credential(PAGE)

    await client.ids_for_apps(page, "645195294")

    (asked,) = graph.asked
    proof = timed_appsecret_proof(page.token, page.app_secret, NOW_S)
    outside = asked.url + json.dumps(dict(asked.headers))
    for private in (page.token.reveal(), page.app_secret.reveal(), proof, "645195294"):
        assert private not in outside
    assert asked.url == "/v25.0/"
    for fields in (asked.form, asked.items[0].params):
        assert fields["access_token"] == page.token.reveal()
        assert fields["appsecret_proof"] == proof
        assert fields["appsecret_time"] == str(NOW_S)


async def test_the_plain_proof_can_be_chosen(graph: ScriptedGraph) -> None:
    """For platforms that know only the older form."""
    graph.each(lambda item: answered(edge()))
    page = credential(PAGE)

    async with graph.client(timed_proofs=False, version="v19.0") as client:
        await client.ids_for_apps(page, "5")

    (item,) = graph.items
    assert item.params["appsecret_proof"] == appsecret_proof(
        page.token, page.app_secret
    )
    assert "appsecret_time" not in item.params
    assert graph.asked[0].url == "/v19.0/"


@pytest.mark.parametrize(
    "url",
    [
        "http://graph.facebook.com",
        "http://127.0.0.1.example.org",
        "ftp://127.0.0.1",
        "https://user:hush@graph.facebook.com",
        "https://graph.facebook.com/?access_token=hush",
        "https://graph.facebook.com/#hush",
        "graph.facebook.com",
        "",
    ],
)
def test_addresses_that_lose_or_show_secrets_are_refused(url: str) -> None:
    """Before the first request, and without repeating the address."""
    with pytest.raises(InvalidBaseUrlError) as caught:
        GraphApiClient(url, clock=lambda: NOW_S)

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "plain_http"),
    [
        ("https://graph.facebook.com", False),
        ("http://localhost:8080", False),
        ("http://127.0.0.1:8080/graph/", False),
        ("http://[::1]:8080", False),
        ("http://simulator:8080", True),
    ],
)
def test_plain_http_is_for_this_machine_or_on_demand(
    url: str, *, plain_http: bool
) -> None:
    """A simulator on another machine has to be allowed by name of the setting."""
    GraphApiClient(url, clock=lambda: NOW_S, plain_http=plain_http)


async def test_a_server_without_the_right_tls_is_a_fault_of_the_settings(
    graph: ScriptedGraph,
) -> None:
    """Asking again would not help: the address or the certificates are wrong."""
    url = graph.url.replace("http:", "https:")

    async with GraphApiClient(url, clock=lambda: NOW_S) as client:
        with pytest.raises(ConfigurationFault):
            await client.ids_for_apps(credential(), "5")


async def test_the_client_works_only_inside_its_block(graph: ScriptedGraph) -> None:
    """Used before or after, it says how to use it."""
    client = graph.client()

    with pytest.raises(RuntimeError, match="context manager"):
        await client.ids_for_apps(credential(), "5")
