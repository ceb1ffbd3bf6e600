"""What `look_up` promises: few calls, order, and links only from proof."""

import asyncio

import aiohttp
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
    lookup,
    refused,
)

from idweave_adapters.graph_api import (
    Bounds,
    CredentialRefused,
    GraphApiClient,
    GraphApiError,
    Lookup,
    LookupAnswer,
    LookupRefused,
    PermissionDenied,
    PolicyHold,
    ProtocolFault,
    Throttled,
    Transient,
)
from idweave_adapters.graph_api.parts import SMALL_PAGE_SIZE
from idweave_graph.ids import Asset, AssetKind, BusinessToken, ScopedId

EXPANDED = (
    "id,ids_for_apps.limit(100){id,app{id}},ids_for_pages.limit(100){id,page{id}}"
    ",token_for_business"
)


async def one(client: GraphApiClient, asked: Lookup) -> LookupAnswer:
    (answer,) = await client.look_up([asked])
    assert isinstance(answer, LookupAnswer), answer
    return answer


async def failing(client: GraphApiClient, asked: Lookup) -> GraphApiError:
    (answer,) = await client.look_up([asked])
    assert isinstance(answer, GraphApiError)
    return answer


async def test_one_expanded_read_finds_both_edges(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """Both edges cost one call; the own id is no link."""
    graph.each(
        lambda item: answered(
            {
                "id": "645195294",
                "ids_for_apps": edge(("10152368852405295", GAME), ("645195294", APP)),
                "ids_for_pages": edge(("12345123", PAGE)),
            }
        )
    )

    answer = await one(client, lookup("645195294"))

    assert answer.links == (
        ScopedId(GAME, "10152368852405295"),
        ScopedId(PAGE, "12345123"),
    )
    assert (answer.apps_known, answer.pages_known, answer.requests) == (True, True, 1)
    (item,) = graph.items
    assert (item.method, item.path, item.params["fields"]) == (
        "GET",
        "645195294",
        EXPANDED,
    )


async def test_fifty_lookups_are_one_request_each_with_its_own_token(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """50 in one HTTP request, 51 in two; each item is signed for itself."""
    graph.each(lambda item: answered({"id": item.path, "ids_for_apps": edge()}))
    lookups = [
        lookup(str(100 + n), PAGE if n % 2 else APP, token=f"EAAtoken{n}")
        for n in range(51)
    ]

    answers = await client.look_up(lookups[:50])
    await client.look_up(lookups)

    assert [len(asked.items) for asked in graph.asked] == [50, 50, 1]
    assert all(isinstance(answer, LookupAnswer) for answer in answers)
    sent = [item.params["access_token"] for item in graph.asked[0].items]
    assert sent == [asked.credential.token.reveal() for asked in lookups[:50]]
    assert graph.asked[0].form["access_token"] == sent[0]
    assert all(item.params["appsecret_time"] == str(NOW_S) for item in graph.items)


async def test_answers_come_in_the_order_of_the_lookups(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """Good and bad items side by side, over several requests, keep their places."""

    def script(item: Item) -> object:
        if int(item.path) % 3 == 0:
            return refused(100, error_subcode=33)
        if int(item.path) % 3 == 1:
            return None
        return answered(
            {"id": item.path, "ids_for_pages": edge((f"{item.path}7", PAGE))}
        )

    graph.each(script)
    users = [str(1000 + n) for n in range(120)]

    answers = await client.look_up([lookup(user) for user in users])

    for user, answer in zip(users, answers, strict=True):
        if int(user) % 3 == 0:
            assert isinstance(answer, LookupRefused)
        elif int(user) % 3 == 1:
            assert isinstance(answer, Transient)
        else:
            assert isinstance(answer, LookupAnswer)
            assert answer.links == (ScopedId(PAGE, f"{user}7"),)


async def test_a_missing_edge_is_unknown_and_an_empty_one_is_known(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """Not sent may mean not permitted; sent and empty means none known now."""
    graph.each(lambda item: answered({"id": "5", "ids_for_pages": {"data": []}}))

    answer = await one(client, lookup("5"))

    assert (answer.links, answer.apps_known, answer.pages_known) == ((), False, True)


async def test_an_answer_without_either_edge_is_asked_for_edge_by_edge(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """It said nothing, so it must not be taken for "none"."""

    def script(item: Item) -> object:
        if item.path == "5":
            return answered({"id": "5"})
        return refused(10) if "apps" in item.path else answered(edge())

    graph.each(script)

    answer = await one(client, lookup("5"))

    assert (answer.links, answer.apps_known, answer.pages_known) == ((), False, True)
    assert answer.requests == 3


async def test_more_pages_are_read_by_cursor_and_never_by_the_given_address(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """`next` says that there is more; where it leads is never asked."""
    trap = f"{graph.url}/trap?access_token=stolen"
    pages = {
        None: edge(("11", PAGE), next=trap, cursors={"after": "c1"}),
        "c1": edge(next=trap, cursors={"after": "c2"}),
        "c2": edge(("12", Asset(AssetKind.PAGE, "77")), cursors={"after": "c3"}),
    }

    def script(item: Item) -> object:
        part = pages[item.params.get("after")]
        if item.path == "5":
            return answered({"id": "5", "ids_for_apps": edge(), "ids_for_pages": part})
        assert item.path == "5/ids_for_pages"
        return answered(part)

    graph.each(script)

    answer = await one(client, lookup("5"))

    assert [link.user for link in answer.links] == ["11", "12"]
    assert (answer.pages_known, answer.requests) == (True, 3)
    assert {asked.url for asked in graph.asked} == {"/v25.0/"}


@pytest.mark.parametrize(
    "paging",
    [
        {"next": "n"},
        {"next": "n", "cursors": {}},
        {"next": "n", "cursors": {"after": ""}},
        {"next": "n", "cursors": {"after": 7}},
        {"next": "n", "cursors": {"after": "same"}},
        "...",
    ],
)
async def test_a_part_of_an_edge_is_no_answer(
    graph: ScriptedGraph, client: GraphApiClient, paging: object
) -> None:
    """When the way to the next page is lost or circular, nothing is concluded."""
    part = {"data": [{"id": "11", "page": {"id": "7"}}], "paging": paging}
    graph.each(
        lambda item: answered(
            {"id": "5", "ids_for_pages": part} if item.path == "5" else part
        )
    )

    assert isinstance(await failing(client, lookup("5")), ProtocolFault)
    assert len(graph.asked) <= 2


async def test_an_empty_page_may_point_at_itself_for_a_while(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """Three times more it is asked for; a server that never moves on is given up."""
    empty = edge(next="n", cursors={"after": "c1"})
    pages = [empty, empty, empty, edge(("11", GAME)), *[empty] * 9]
    following = iter(pages)

    def script(item: Item) -> object:
        part = next(following)
        return answered({"id": "5", "ids_for_apps": part} | part)

    graph.each(script)

    assert [link.user for link in (await one(client, lookup("5"))).links] == ["11"]
    assert isinstance(await failing(client, lookup("5")), ProtocolFault)
    assert len(graph.items) == 4 + 5


async def test_pages_without_end_are_given_up(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """A server that always has one more page costs a bounded number of calls."""
    count = iter(range(10_000))

    def script(item: Item) -> object:
        part = edge(next="n", cursors={"after": f"c{next(count)}"})
        return answered({"id": "5", "ids_for_apps": part} | part)

    graph.each(script)

    assert isinstance(await failing(client, lookup("5")), ProtocolFault)
    assert len(graph.asked) == 51


@pytest.mark.parametrize("code", [10, 200, 230, 210, 100])
async def test_a_refused_edge_does_not_hide_the_allowed_one(
    graph: ScriptedGraph, client: GraphApiClient, code: int
) -> None:
    """All parts are asked one by one, in one request, and what is allowed is taken."""

    def script(item: Item) -> object:
        if item.path == "5/ids_for_pages":
            return answered(edge(("11", PAGE)))
        return refused(code)

    graph.each(script)

    answer = await one(client, lookup("5"))

    assert answer.links == (ScopedId(PAGE, "11"),)
    assert (answer.apps_known, answer.pages_known, answer.requests) == (False, True, 4)
    assert [len(asked.items) for asked in graph.asked] == [1, 3]


async def test_a_lookup_with_both_edges_refused_is_refused(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """No edge allowed is an error, not an answer without links."""
    graph.each(lambda item: refused(10))

    assert isinstance(await failing(client, lookup("5")), PermissionDenied)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (refused(4), Throttled),
        (refused(190), CredentialRefused),
        (
            refused(200, "(#200) Your business is currently going through review"),
            PolicyHold,
        ),
        (None, Transient),
    ],
)
async def test_an_edge_that_failed_is_not_taken_for_refused(
    graph: ScriptedGraph,
    client: GraphApiClient,
    second: object,
    expected: type[GraphApiError],
) -> None:
    """Only a lasting refusal of one edge leaves an answer; else all is asked again."""

    def script(item: Item) -> object:
        if item.path == "5/ids_for_pages":
            return answered(edge(("11", PAGE)))
        return second if item.path == "5/ids_for_apps" else refused(10)

    graph.each(script)

    assert isinstance(await failing(client, lookup("5")), expected)


async def test_an_edge_refused_after_its_first_page_is_no_answer(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """What was read so far is a part only."""
    part = edge(("11", PAGE), next="n", cursors={"after": "c1"})
    graph.each(
        lambda item: (
            answered({"id": "5", "ids_for_pages": part})
            if item.path == "5"
            else refused(10)
        )
    )

    assert isinstance(await failing(client, lookup("5")), PermissionDenied)


async def test_too_much_data_is_asked_for_in_smaller_parts(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """The platform's wish for less data is granted once, edge by edge."""

    def script(item: Item) -> object:
        if item.path == "5":
            if "ids_for" not in item.params["fields"]:
                return answered({"id": "5", "token_for_business": "T-5"})
            return refused(1, "Please reduce the amount of data you're asking for", 500)
        return answered(edge(("11", PAGE) if "pages" in item.path else ("12", GAME)))

    graph.each(script)

    answer = await one(client, lookup("5"))

    assert {link.user for link in answer.links} == {"11", "12"}
    limits = [item.params.get("limit") for item in graph.items]
    assert limits == [None, str(SMALL_PAGE_SIZE), str(SMALL_PAGE_SIZE), None]
    assert answer.token == BusinessToken("T-5")


@pytest.mark.parametrize(
    "body",
    [
        {"id": "999", "ids_for_apps": edge(("11", GAME)), "ids_for_pages": edge()},
        {"id": "5", "ids_for_apps": edge(("6", APP)), "ids_for_pages": edge()},
    ],
)
async def test_an_answer_about_another_person_proves_nothing(
    graph: ScriptedGraph, client: GraphApiClient, body: object
) -> None:
    """Neither an outer id out of nowhere, nor another id for the asking app."""
    graph.each(lambda item: answered(body))

    assert isinstance(await failing(client, lookup("5")), ProtocolFault)


async def test_the_outer_id_may_be_another_id_of_the_same_person(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """As in the document's sample for a PSID, whose outer id is an ASID of the list."""
    graph.each(
        lambda item: answered(
            {
                "id": "645195294",
                "ids_for_apps": edge(("645195294", APP)),
                "ids_for_pages": edge(("12345123", PAGE)),
            }
        )
    )

    answer = await one(client, lookup("12345123", PAGE))

    assert answer.links == (ScopedId(APP, "645195294"),)


async def test_a_second_id_beside_the_own_one_is_left_to_the_graph(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """A contradiction is passed on as it is, since it has to become visible."""
    graph.each(
        lambda item: answered({"id": "5", "ids_for_apps": edge(("5", APP), ("6", APP))})
    )

    assert (await one(client, lookup("5"))).links == (ScopedId(APP, "6"),)


async def test_ids_may_be_numbers_and_extra_keys_are_passed_over(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """64-bit numbers keep every digit."""
    entry = {"id": 18446744073709551615, "page": {"id": 7, "name": "x"}, "more": []}
    body = {"id": 5, "name": "x", "ids_for_pages": {"data": [entry], "summary": {}}}
    graph.each(lambda item: answered(body))

    answer = await one(client, lookup("5"))

    assert answer.links == (
        ScopedId(Asset(AssetKind.PAGE, "7"), "18446744073709551615"),
    )


@pytest.mark.parametrize(
    "entry",
    [
        {"id": 123456789012345678901, "page": {"id": "7"}},
        {"id": 12.0, "page": {"id": "7"}},
        {"id": True, "page": {"id": "7"}},
        {"id": -5, "page": {"id": "7"}},
        {"id": "0", "page": {"id": "7"}},
        {"id": "me", "page": {"id": "7"}},
        {"id": "1:2", "page": {"id": "7"}},
        {"id": "٣", "page": {"id": "7"}},
        {"id": "11", "page": {"id": None}},
        {"id": "11", "page": "7"},
        {"id": "11", "app": {"id": "7"}},
        {"page": {"id": "7"}},
        [],
        None,
    ],
)
async def test_one_malformed_entry_spoils_the_answer(
    graph: ScriptedGraph, client: GraphApiClient, entry: object
) -> None:
    """What is half understood is no proof, of the good entries neither."""
    part = {"data": [{"id": "11", "page": {"id": "7"}}, entry]}
    graph.each(lambda item: answered({"id": "5", "ids_for_pages": part}))

    assert isinstance(await failing(client, lookup("5")), ProtocolFault)


@pytest.mark.parametrize("user", ["me", "0", "..", "5?fields=x", "cocacola", "1" * 40])
async def test_what_is_no_id_is_never_sent(
    graph: ScriptedGraph, client: GraphApiClient, user: str
) -> None:
    """`me` would be answered for the owner of the token."""
    graph.each(lambda item: answered({"id": item.path, "ids_for_apps": edge()}))

    bad, good = await client.look_up([lookup(user), lookup("5")])

    assert isinstance(bad, LookupRefused)
    assert isinstance(good, LookupAnswer)
    assert [item.path for item in graph.items] == ["5"]


@pytest.mark.parametrize(
    ("outer", "hit", "error"),
    [
        (envelope(190), {"1", "2"}, CredentialRefused),
        (envelope(10), {"1", "2"}, PermissionDenied),
        (
            envelope(200, "(#200) Your business is currently going through review"),
            {"1", "2", "3"},
            PolicyHold,
        ),
        (envelope(4), {"1", "2"}, Throttled),
        (envelope(2), {"1", "2", "3", "4", "5"}, Transient),
        (envelope(100, error_subcode=33), {"1", "2", "3", "4", "5"}, ProtocolFault),
    ],
)
async def test_a_refused_batch_hits_only_whom_it_speaks_of(
    graph: ScriptedGraph,
    client: GraphApiClient,
    outer: object,
    hit: set[str],
    error: type[GraphApiError],
) -> None:
    """A token and its limit concern its own items, a hold its business."""
    lookups = [
        lookup("1"),
        lookup("2"),
        lookup("3", GAME),
        lookup("4", PAGE, business="901"),
        lookup("5", Asset(AssetKind.APP, "31"), business="902"),
    ]
    first = lookups[0].credential.token.reveal()

    def script(asked: Asked) -> object:
        if asked.form["access_token"] == first:
            return web.json_response({"error": outer}, status=400)
        return [
            answered({"id": item.path, "ids_for_pages": edge()}) for item in asked.items
        ]

    graph.script = script

    answers = await client.look_up(lookups)

    bad = {
        asked.scoped.user
        for asked, answer in zip(lookups, answers, strict=True)
        if isinstance(answer, error)
    }
    good = [answer for answer in answers if isinstance(answer, LookupAnswer)]
    assert bad == hit
    assert len(bad) + len(good) == len(lookups)
    assert len(graph.asked) == (2 if good else 1)


async def test_a_429_without_a_code_is_meant_for_everybody(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """So nobody is asked about again at once."""
    graph.script = lambda _: web.Response(status=429, text="slow down")

    answers = await client.look_up([lookup("1"), lookup("3", GAME)])

    assert [type(answer) for answer in answers] == [Throttled, Throttled]
    assert len(graph.asked) == 1


@pytest.mark.parametrize(
    "body",
    [[], [None, None], {}, {"data": []}, "text", 7, [7], [{}], [{"code": "200"}]],
)
async def test_an_answer_of_the_wrong_shape_proves_nothing(
    graph: ScriptedGraph, client: GraphApiClient, body: object
) -> None:
    """Items that can't be told apart are nobody's."""
    graph.script = lambda asked: web.json_response(body)

    assert isinstance(await failing(client, lookup("5")), ProtocolFault)


async def test_an_answer_that_is_too_long_is_given_up(graph: ScriptedGraph) -> None:
    """Memory is bounded, whatever the server sends."""
    graph.script = lambda asked: web.Response(body=b"[" + b" " * 200_000 + b"]")

    async with graph.client(bounds=Bounds(answer_bytes=100_000)) as client:
        error = await failing(client, lookup("5"))

    assert isinstance(error, ProtocolFault)
    assert "longer than any right one" in str(error)


async def test_redirects_are_not_followed(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """They would carry the tokens somewhere else."""
    graph.script = lambda asked: web.Response(
        status=307, headers={"Location": "/elsewhere"}
    )

    assert isinstance(await failing(client, lookup("5")), ProtocolFault)
    assert len(graph.asked) == 1


async def test_a_silent_server_is_left_after_the_time_out(graph: ScriptedGraph) -> None:
    """A request ends, and as something to ask again."""

    async def silent(_: Asked) -> object:
        await asyncio.Event().wait()
        return []

    graph.script = silent

    async with graph.client(bounds=Bounds(total_s=0.05)) as client:
        assert isinstance(await failing(client, lookup("5")), Transient)


async def test_a_closed_port_is_something_to_ask_again(graph: ScriptedGraph) -> None:
    """No connection is no answer."""
    port_of_nobody = await _closed_port()

    async with GraphApiClient(
        f"http://127.0.0.1:{port_of_nobody}", clock=lambda: NOW_S
    ) as client:
        assert isinstance(await failing(client, lookup("5")), Transient)


async def _closed_port() -> int:
    server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def test_no_more_requests_are_in_flight_than_allowed(
    graph: ScriptedGraph,
) -> None:
    """500 lookups with two requests at a time are never three."""
    flying, most = 0, 0

    async def script(asked: Asked) -> object:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0)
        flying -= 1
        return [
            answered({"id": item.path, "ids_for_apps": edge()}) for item in asked.items
        ]

    graph.script = script

    async with (
        aiohttp.ClientSession() as session,
        graph.client(bounds=Bounds(in_flight=2), session=session) as client,
    ):
        answers = await client.look_up([lookup(str(n)) for n in range(1, 501)])

    assert all(isinstance(answer, LookupAnswer) for answer in answers)
    assert (len(graph.asked), most) == (10, 2)


async def test_cancelling_stops_the_requests(graph: ScriptedGraph) -> None:
    """Only cancelling makes `look_up` raise."""
    arrived = asyncio.Event()

    async def silent(_: Asked) -> object:
        arrived.set()
        await asyncio.Event().wait()
        return []

    graph.script = silent

    async with graph.client() as client:
        task = asyncio.create_task(client.look_up([lookup("5")]))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_usage_and_served_version_are_told(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """The caller sees how near the limit is, and which version answered."""
    buc = (
        '{"900":[{"type":"pages","call_count":91,"estimated_time_to_regain_access":3}]}'
    )
    graph.each(
        lambda item: answered(
            {"id": "5", "ids_for_apps": edge()},
            X_Business_Use_Case_Usage=buc,
            Facebook_API_Version="v26.0",
        )
    )
    by_item = graph.script
    graph.script = lambda asked: web.json_response(
        by_item(asked), headers={"Facebook-API-Version": "v25.0"}
    )

    answer = await one(client, lookup("5"))

    assert (answer.usage.percent, answer.usage.regain_minutes) == (91, 3)
    assert answer.served_version == "v26.0"


async def test_outer_usage_counts_for_a_single_asker_only(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """With several credentials in a batch nobody knows whose percentage it is."""
    graph.script = lambda asked: web.json_response(
        [answered({"id": item.path, "ids_for_apps": edge()}) for item in asked.items],
        headers={"X-App-Usage": '{"call_count":88}', "Facebook-API-Version": "v25.0"},
    )

    alone = await client.look_up([lookup("5"), lookup("6")])
    mixed = await client.look_up([lookup("5"), lookup("6", PAGE)])

    assert [a.usage.percent for a in alone] == [88, 88]
    assert [a.usage.percent for a in mixed] == [0, 0]
    assert all(
        isinstance(a, LookupAnswer) and a.served_version == "v25.0" for a in mixed
    )


async def test_counters_add_up(graph: ScriptedGraph, client: GraphApiClient) -> None:
    """Each question is counted once as asked and once by how it ended."""
    graph.script = lambda asked: [
        answered({"id": "5", "ids_for_apps": edge()}),
        None,
        refused(4),
        refused(190),
    ]

    await client.look_up([lookup("5")] * 4)

    counted = client.counters
    assert (counted.http_requests, counted.items) == (1, 4)
    assert counted.answers == counted.transient == 1
    assert counted.throttled == counted.credential_refused == 1


def test_a_lookup_takes_only_a_credential_of_its_own_app_or_page() -> None:
    """A token of another app would ask about another person."""
    with pytest.raises(ValueError, match="another app or Page"):
        Lookup(ScopedId(GAME, "5"), credential(APP))
    Lookup(ScopedId(APP, "5"), credential(PAGE))


async def test_nothing_to_look_up_asks_nothing(
    graph: ScriptedGraph, client: GraphApiClient
) -> None:
    """An empty list is answered with one."""
    assert await client.look_up([]) == []
    assert graph.asked == []
