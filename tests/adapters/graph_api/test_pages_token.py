"""Whose token asks for the Page ids of an ASID, and what is learned from refusals.

The Messenger ID Matching document contradicts itself here, so both kinds are tried.
"""

from collections.abc import Callable

import pytest
from aiohttp import web
from tests.adapters.graph_api.scripted import (
    APP,
    GAME,
    NOW_S,
    PAGE,
    Asked,
    Item,
    ScriptedGraph,
    answered,
    credential,
    edge,
    envelope,
    refused,
)

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api import (
    AsidPagesToken,
    CredentialRefused,
    GraphApiClient,
    GraphApiError,
    Lookup,
    LookupAnswer,
    PermissionDenied,
    PolicyHold,
    Source,
    Throttled,
)
from idweave_adapters.graph_api.proof import timed_appsecret_proof
from idweave_adapters.secret import Secret
from idweave_graph.ids import Asset, AssetKind, ScopedId, business_id

REVIEW = "(#200) Your business is currently going through review to access this API."
WRONG_KIND = [
    (210, "(#210) A page access token is required to request this resource.", None),
    (190, "This method must be called with a Page Access Token", None),
    (190, "New Pages", 2069032),
    (15, "(#15) The method you are calling must be called with an app secret", None),
]


def asked(user: str = "5", *, page: bool = True) -> Lookup:
    return Lookup(ScopedId(APP, user), credential(), credential(PAGE) if page else None)


def by_page(item: Item) -> bool:
    return item.params["access_token"] == credential(PAGE).token.reveal()


def wants_pages(item: Item) -> bool:
    return "ids_for_pages" in f"{item.path} {item.params['fields']}"


def part(item: Item) -> object:
    user, _, name = item.path.partition("/")
    edges = {
        "ids_for_apps": edge((user, APP), ("11", GAME)),
        "ids_for_pages": edge(("12", PAGE)),
    }
    if name:
        return answered(edges[name])
    fields = item.params["fields"]
    wanted = {each: value for each, value in edges.items() if each in fields}
    return answered({"id": user, **wanted})


def takes(kind: AsidPagesToken, no: object) -> Callable[[Item], object]:
    """A platform that gives Page ids to one kind of token, and says *no* to the other."""

    def script(item: Item) -> object:
        is_right = by_page(item) == (kind is AsidPagesToken.PAGE)
        return part(item) if is_right or not wants_pages(item) else no

    return script


async def one(client: GraphApiClient, lookup: Lookup) -> LookupAnswer:
    (answer,) = await client.look_up([lookup])
    assert isinstance(answer, LookupAnswer), answer
    return answer


@pytest.mark.parametrize(("code", "text", "subcode"), WRONG_KIND)
async def test_a_page_token_asks_where_the_apps_is_of_the_wrong_kind(
    graph: ScriptedGraph,
    client: GraphApiClient,
    code: int,
    text: str,
    subcode: int | None,
) -> None:
    """The Page edge alone, beside the rest; each call with its own proof."""
    no = refused(code, text, error_subcode=subcode)
    graph.each(takes(AsidPagesToken.PAGE, no))

    answer = await one(client, asked())

    assert {link.user for link in answer.links} == {"11", "12"}
    assert (answer.is_whole, answer.requests) == (True, 3)
    assert [len(each.items) for each in graph.asked] == [1, 2]
    (page_item,) = [item for item in graph.items if by_page(item)]
    page = credential(PAGE)
    assert page_item.path == "5/ids_for_pages"
    assert page_item.params["appsecret_proof"] == timed_appsecret_proof(
        page.token, page.app_secret, NOW_S
    )


async def test_the_kind_of_token_is_learned_by_app(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """The second id of the app costs no refused call; another app has its own habit."""
    graph.each(takes(AsidPagesToken.PAGE, refused(210)))
    assert not client.asks_by_page(APP)
    await one(client, asked("5"))
    graph.asked.clear()

    answer = await one(client, asked("6"))

    assert (client.asks_by_page(APP), client.asks_by_page(GAME)) == (True, False)
    assert (answer.is_whole, answer.requests) == (True, 2)
    assert [by_page(item) for item in graph.items if wants_pages(item)] == [True]
    graph.asked.clear()
    game = Lookup(ScopedId(GAME, "7"), credential(GAME), made_by_game())
    await client.look_up([game])
    assert not by_page(graph.items[0])
    assert wants_pages(graph.items[0])


def made_by_game() -> Credential:
    page = credential(PAGE)
    secret = credential(GAME).app_secret
    return Credential(page.business, PAGE, GAME, Secret("EAAgamesPageToken"), secret)


async def test_a_page_token_can_be_the_first(graph: ScriptedGraph) -> None:
    """Then the edge is asked on its own, and the rest with the app's token."""
    graph.each(takes(AsidPagesToken.PAGE, refused(210)))

    async with graph.client(asid_pages_token=AsidPagesToken.PAGE) as client:
        answer = await one(client, asked())

    assert (answer.is_whole, answer.requests) == (True, 2)
    assert [(by_page(i), wants_pages(i)) for i in graph.items] == [
        (False, False),
        (True, True),
    ]


@pytest.mark.parametrize(
    "no",
    [
        refused(15),
        refused(10),
        refused(190, "Session expired", error_subcode=463),
        refused(100, "Object with ID '5' does not exist", error_subcode=33),
    ],
)
async def test_from_the_page_token_it_falls_back_to_the_apps(
    graph: ScriptedGraph, no: object
) -> None:
    """What is said to the Page's token is no word about the app or the person."""
    graph.each(takes(AsidPagesToken.APP, no))

    async with graph.client(asid_pages_token=AsidPagesToken.PAGE) as client:
        first = await one(client, asked("5"))
        second = await one(client, asked("6"))

    assert (first.is_whole, first.requests) == (True, 3)
    assert (second.is_whole, second.requests) == (True, 1)


async def test_without_a_page_token_the_app_asks_alone(graph: ScriptedGraph) -> None:
    """Also where the Page's should be the first."""
    graph.each(takes(AsidPagesToken.PAGE, refused(210)))

    for kind in AsidPagesToken:
        graph.asked.clear()
        async with graph.client(asid_pages_token=kind) as client:
            answer = await one(client, asked(page=False))

        assert (answer.apps_known, answer.pages_known) == (True, False)
        assert not any(by_page(item) for item in graph.items)


@pytest.mark.parametrize("code", [10, 200, 230])
async def test_another_refusal_is_no_question_of_the_kind(
    graph: ScriptedGraph, client: GraphApiClient, code: int
) -> None:
    """A missing permission is not got round with another token."""
    graph.each(takes(AsidPagesToken.PAGE, refused(code)))

    answer = await one(client, asked())

    assert (answer.apps_known, answer.pages_known) == (True, False)
    assert not any(by_page(item) for item in graph.items)


async def test_a_refused_page_token_never_speaks_for_the_app(
    graph: ScriptedGraph,
) -> None:
    """With both refused, it is the app's refusal that is told."""
    graph.each(lambda item: refused(190 if by_page(item) else 210))
    wanted = frozenset({Source.IDS_FOR_PAGES})

    for kind in AsidPagesToken:
        async with graph.client(sources=wanted, asid_pages_token=kind) as client:
            (answer,) = await client.look_up([asked()])

        assert isinstance(answer, PermissionDenied)
        assert answer.facts.code == 210


async def test_a_refused_page_token_costs_the_page_edge_only(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """The app ids stay known."""
    graph.each(
        lambda item: (
            refused(190 if by_page(item) else 210) if wants_pages(item) else part(item)
        )
    )

    answer = await one(client, asked())

    assert (answer.apps_known, answer.pages_known) == (True, False)


async def test_a_page_token_that_speaks_for_the_batch_hits_itself_only(
    graph: ScriptedGraph,
) -> None:
    """A batch refused for its first question's Page token is asked without it."""

    def script(each: Asked) -> object:
        if each.form["access_token"] == credential(PAGE).token.reveal():
            return web.json_response({"error": envelope(190)}, status=400)
        return [part(item) for item in each.items]

    graph.script = script
    wanted = frozenset({Source.IDS_FOR_PAGES})

    async with graph.client(
        sources=wanted, asid_pages_token=AsidPagesToken.PAGE
    ) as client:
        answer = await one(client, asked())

    assert [link.user for link in answer.links] == ["12"]
    assert answer.pages_known


@pytest.mark.parametrize(
    ("no", "expected"),
    [(refused(80001), Throttled), (refused(200, REVIEW), PolicyHold)],
)
async def test_limits_and_holds_stop_whoever_asks(
    graph: ScriptedGraph, no: object, expected: type[GraphApiError]
) -> None:
    """They are of the Page or the business, and nothing goes on beside them."""
    graph.each(lambda item: no if by_page(item) else part(item))

    async with graph.client(asid_pages_token=AsidPagesToken.PAGE) as client:
        (answer,) = await client.look_up([asked()])

    assert isinstance(answer, expected)


async def test_a_page_token_lost_on_the_way_begins_again(graph: ScriptedGraph) -> None:
    """Half an edge of one token and half of another would be no whole."""

    def script(item: Item) -> object:
        if not by_page(item):
            return part(item)
        if "after" in item.params:
            return refused(190)
        return answered(edge(("77", PAGE), next="n", cursors={"after": "c"}))

    graph.each(script)

    async with graph.client(asid_pages_token=AsidPagesToken.PAGE) as client:
        answer = await one(client, asked())

    assert {link.user for link in answer.links} == {"11", "12"}
    assert answer.is_whole


async def test_a_refused_credential_of_the_app_is_told(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """No Page token is tried in its place."""
    graph.each(lambda item: refused(190))

    (answer,) = await client.look_up([asked()])

    assert isinstance(answer, CredentialRefused)
    assert len(graph.items) == 1


@pytest.mark.parametrize(
    "page",
    [
        credential(GAME),
        credential(PAGE, business="901"),
        Credential(
            business_id("900"), PAGE, GAME, Secret("EAAother"), Secret("s" * 32)
        ),
    ],
)
def test_a_page_credential_is_of_the_same_app_and_business(page: Credential) -> None:
    """Another one would ask across a boundary."""
    with pytest.raises(ValueError, match="Page credential"):
        Lookup(ScopedId(APP, "5"), credential(), page)
    with pytest.raises(ValueError, match="Page credential"):
        Lookup(
            ScopedId(Asset(AssetKind.PAGE, PAGE.id), "5"),
            credential(PAGE),
            credential(PAGE),
        )
