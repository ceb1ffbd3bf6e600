"""Lists of a business that are malformed, cut short or endless are no lists."""

from collections.abc import Mapping

import pytest
from tests.adapters.graph_api.scripted import NOW_S, Item, ScriptedGraph, answered

from idweave_adapters.credentials import BusinessCredential
from idweave_adapters.graph_api import (
    BusinessLists,
    GraphApiError,
    OwnershipReader,
    ProtocolFault,
)
from idweave_adapters.graph_api.ownership import LISTS, MAX_LIST_PAGES
from idweave_adapters.secret import Secret
from idweave_graph.ids import Asset, business_id

BUSINESS = business_id("900")
TOKEN = "EAASystemUserToken000111222333"
EMPTY: dict[str, object] = {"data": []}


async def read(
    graph: ScriptedGraph, lists: Mapping[str, object], node: object = None
) -> BusinessLists | GraphApiError:
    """Answer each list with what stands under its name, any other with nothing."""

    def script(item: Item) -> object:
        name = item.path.partition("/")[2]
        if not name:
            return answered(node or {"id": BUSINESS})
        found = lists.get(name, EMPTY)
        return answered(found(item) if callable(found) else found)

    graph.each(script)
    async with OwnershipReader(graph.url, clock=lambda: NOW_S) as reader:
        (result,) = await reader.read_lists(
            [BusinessCredential(BUSINESS, Secret(TOKEN))]
        )
    return result


async def test_each_list_is_asked_for_once_with_its_count(graph: ScriptedGraph) -> None:
    """With the token in the body alone."""
    found = await read(graph, {})

    assert isinstance(found, BusinessLists)
    assert found.holdings.owned == frozenset()
    assert found.is_verified is None
    asked = {item.path: item.params for item in graph.items}
    assert set(asked) == {"900", *(f"900/{edge.name}" for edge in LISTS)}
    for edge in LISTS:
        params = asked[f"900/{edge.name}"]
        assert (params["limit"], params["summary"]) == ("100", "true")
        assert "appsecret_proof" not in params
    assert all(TOKEN not in each.url for each in graph.asked)


async def test_a_page_that_is_claimed_and_not_confirmed_is_not_owned(
    graph: ScriptedGraph,
) -> None:
    """Wherever else it is listed."""
    found = await read(
        graph,
        {
            "owned_pages": {"data": [{"id": "1"}, {"id": "2"}]},
            "pending_owned_pages": {"data": [{"id": "77", "page": {"id": "2"}}]},
        },
    )

    assert isinstance(found, BusinessLists)
    assert found.holdings.owned == {Asset.parse("page:1")}
    assert found.holdings.pending == {Asset.parse("page:2")}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": None},
        {"data": {}},
        {"data": ["1"]},
        {"data": [{}]},
        {"data": [{"id": "me"}]},
        {"data": [{"id": "0"}]},
        {"data": [{"id": 1.5}]},
        {"data": [{"id": None}]},
        {"data": [{"id": "1"}], "paging": []},
        {"data": [{"id": "1"}], "paging": {"next": "https://else.where/"}},
        {"data": [{"id": "1"}], "summary": {"total_count": 2}},
        {"data": [{"id": "1"}, {"id": "1"}], "summary": {"total_count": 2}},
        {"data": [], "summary": {"total_count": 1}},
    ],
)
async def test_a_list_that_is_not_understood_is_an_error(
    graph: ScriptedGraph, body: object
) -> None:
    """Of the whole business: half of what it owns looks like loss of the rest."""
    found = await read(graph, {"owned_apps": body})

    assert isinstance(found, ProtocolFault)


@pytest.mark.parametrize(
    "row", [{"id": "1"}, {"page": "2"}, {"page": {}}, {"page": []}]
)
async def test_a_claim_that_names_no_page_is_an_error(
    graph: ScriptedGraph, row: object
) -> None:
    """The id of a row is the claim's own."""
    found = await read(graph, {"pending_owned_pages": {"data": [row]}})

    assert isinstance(found, ProtocolFault)


@pytest.mark.parametrize("summary", [None, [], {}, {"total_count": "9"}, {"x": True}])
async def test_a_count_that_is_missing_proves_nothing(
    graph: ScriptedGraph, summary: object
) -> None:
    """The list is read to its end all the same."""
    body = {"data": [{"id": "1"}], "summary": summary}

    found = await read(graph, {"owned_apps": body})

    assert isinstance(found, BusinessLists)
    assert found.holdings.owned == {Asset.parse("app:1")}


async def test_a_list_without_end_is_an_error(graph: ScriptedGraph) -> None:
    """Even when every page is a new one."""

    def page(item: Item) -> object:
        number = int(item.params.get("after", "0")) + 1
        cursors = {"after": str(number)}
        return {
            "data": [{"id": str(number)}],
            "paging": {"cursors": cursors, "next": "x"},
        }

    found = await read(graph, {"owned_apps": page})

    assert isinstance(found, ProtocolFault)
    assert len(graph.asked) == MAX_LIST_PAGES + 1


async def test_a_list_in_a_circle_is_an_error(graph: ScriptedGraph) -> None:
    """After two calls."""
    page = {
        "data": [{"id": "1"}],
        "paging": {"cursors": {"after": "here"}, "next": "https://else.where/"},
    }

    found = await read(graph, {"client_pages": page})

    assert isinstance(found, ProtocolFault)
    assert len(graph.asked) == 2


@pytest.mark.parametrize("node", [{"id": "901"}, {"name": "Acme"}, {"id": 900}])
async def test_an_answer_about_another_business_is_an_error(
    graph: ScriptedGraph, node: object
) -> None:
    """The token is somebody else's, or the address is."""
    assert isinstance(await read(graph, {}, node), ProtocolFault)


async def test_it_is_used_as_a_context_manager() -> None:
    """Which opens and closes its connections."""
    reader = OwnershipReader("http://127.0.0.1:1", clock=lambda: NOW_S)

    with pytest.raises(RuntimeError, match="async with"):
        await reader.read_lists([])
