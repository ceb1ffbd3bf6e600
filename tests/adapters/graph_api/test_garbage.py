"""Whatever a server sends: a typed error, or links that stand in its answer."""

import asyncio
import json
import re

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.graph_api.scripted import (
    APP,
    GAME,
    PAGE,
    ScriptedGraph,
    answered,
    credential,
    edge,
    lookup,
    serving,
)

from idweave_adapters.graph_api import (
    AsidPagesToken,
    Bounds,
    GraphApiError,
    Lookup,
    LookupAnswer,
    ProtocolFault,
    Source,
)
from idweave_adapters.graph_api.batch import decode
from idweave_adapters.graph_api.exchange import read_batch
from idweave_adapters.graph_api.lookups import Reading
from idweave_adapters.graph_api.transport import HttpAnswer
from idweave_graph.ids import AssetKind, ScopedId

IDS = st.one_of(
    st.sampled_from(["5", "11", "12", APP.id, PAGE.id, "me", "0", "", "-1", "1e3"]),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.text(max_size=5),
)
KEYS = st.sampled_from(
    [
        "id",
        "app",
        "page",
        "data",
        "paging",
        "next",
        "cursors",
        "after",
        "ids_for_apps",
        "ids_for_pages",
        "ids_for_business",
        "token_for_business",
        "error",
        "code",
        "body",
        "headers",
        "name",
        "value",
        "message",
    ]
)
ANY = st.recursive(
    IDS,
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(KEYS, below, max_size=5)
    ),
    max_leaves=30,
)
CODES = st.sampled_from([1, 4, 10, 15, 100, 190, 200, 210, 368, 803, 4711])
ENTRY = st.fixed_dictionaries(
    {"id": IDS}, optional={"app": ANY | st.fixed_dictionaries({"id": IDS}), "page": ANY}
)
EDGE = ANY | st.fixed_dictionaries(
    {"data": st.lists(ENTRY, max_size=3) | ANY}, optional={"paging": ANY}
)
TOKENS = st.sampled_from(["AbwoGqummPbF3zp_", "11", "", "a b", "x" * 513]) | ANY
BODY = ANY | st.fixed_dictionaries(
    {"id": IDS},
    optional={
        "ids_for_apps": EDGE,
        "ids_for_pages": EDGE,
        "ids_for_business": EDGE,
        "token_for_business": TOKENS,
        "error": ANY | st.fixed_dictionaries({"code": CODES}),
    },
)
ASKED = [
    lookup("5", PAGE),
    lookup("11", PAGE),
    lookup("5"),
    Lookup(ScopedId(APP, "11"), credential(), credential(PAGE)),
]


def items(bodies: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return ANY | st.fixed_dictionaries(
        {
            "code": st.sampled_from([200, 200, 200, 400, 500, 0, "200", None]),
            "body": bodies.map(json.dumps) | ANY,
        },
        optional={"headers": ANY},
    )


def replies_in(payload: bytes, asked: Lookup, count: int) -> object:
    reading = Reading.of_sources(asked)
    questions = reading.questions() * count
    return read_batch(HttpAnswer(200, {}, payload), questions)


def stands_in(link: ScopedId, sent: str) -> bool:
    numbers = set(re.findall(r"\d+", sent))
    return link.user in numbers and link.asset.id in numbers


def read(asked: Lookup, kind: AsidPagesToken, bodies: list[object]) -> object:
    """What a lookup of everything makes of *bodies*, the last one again and again."""
    reading = Reading.of_sources(asked, frozenset(Source), kind)
    rounds = 0
    while questions := reading.questions():
        item = {"code": 200, "body": json.dumps(bodies[min(rounds, len(bodies) - 1)])}
        reading.take(decode([item] * len(questions), len(questions), {}))
        rounds += 1
    return reading.answer()


def check_nothing_is_made_up(answer: object, asked: Lookup, sent: str) -> None:
    """A typed error, or an answer that holds nothing but what was sent."""
    assert isinstance(answer, LookupAnswer | GraphApiError)
    if not isinstance(answer, LookupAnswer):
        return
    for links in (answer.links, answer.business_links):
        assert asked.scoped not in links
        assert all(stands_in(link, sent) for link in links)
        assert len(set(links)) == len(links)
    assert all(link.asset.kind is AssetKind.APP for link in answer.business_links)
    if answer.token is not None:
        assert asked.scoped.asset.kind is AssetKind.APP
        assert f'"token_for_business": {json.dumps(answer.token.value)}' in sent


@settings(max_examples=400)
@given(
    bodies=st.lists(BODY, min_size=1, max_size=4),
    asked=st.sampled_from(ASKED),
    kind=st.sampled_from(AsidPagesToken),
)
def test_any_body_gives_an_error_or_links_that_stand_in_it(
    bodies: list[object], asked: Lookup, kind: AsidPagesToken
) -> None:
    """Of an item, and of the answers that follow it: nothing is made up."""
    answer = read(asked, kind, bodies)

    check_nothing_is_made_up(answer, asked, json.dumps(bodies))


GOOD: dict[str, object] = {
    "id": "5",
    "ids_for_apps": edge(("5", APP), ("11", GAME)),
    "ids_for_pages": edge(("12", PAGE)),
    "ids_for_business": edge(("5", APP), ("11", GAME)),
    "token_for_business": "AbwoGqummPbF3zp_",
}


def places(tree: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """The way to every value in *tree*."""
    if isinstance(tree, dict):
        below = [place for key in tree for place in places(tree[key], (*path, key))]
    elif isinstance(tree, list):
        below = [p for n, each in enumerate(tree) for p in places(each, (*path, n))]
    else:
        below = []
    return [path, *below]


def replaced(tree: object, path: tuple[object, ...], value: object) -> object:
    """*tree* with *value* at *path*."""
    if not path:
        return value
    key, *rest = path
    if isinstance(tree, list):
        return [
            replaced(each, tuple(rest), value) if n == key else each
            for n, each in enumerate(tree)
        ]
    assert isinstance(tree, dict)
    return {**tree, key: replaced(tree[key], tuple(rest), value)}


@settings(max_examples=400)
@given(
    place=st.sampled_from(places(GOOD)),
    value=ANY | TOKENS | st.just({"code": 10}),
    kind=st.sampled_from(AsidPagesToken),
)
def test_one_wrong_value_makes_nothing_up(
    place: tuple[object, ...], value: object, kind: AsidPagesToken
) -> None:
    """A good answer in which anything stands in the place of anything."""
    body = replaced(GOOD, place, value)
    for asked in ASKED[2:]:
        answer = read(asked, kind, [body])

        check_nothing_is_made_up(answer, asked, json.dumps(body))


def test_a_cut_answer_is_no_answer() -> None:
    """Wherever it was cut: of a batch's answer no beginning proves anything."""
    asked = lookup("5")
    item = {"code": 200, "body": json.dumps(GOOD)}
    payload = json.dumps([item]).encode()
    whole = replies_in(payload, asked, 1)
    assert not isinstance(whole, GraphApiError)

    for size in range(len(payload)):
        assert isinstance(replies_in(payload[:size], asked, 1), GraphApiError)


def test_a_cut_item_is_no_answer() -> None:
    """Its body is JSON inside of JSON, and may be cut while the batch is whole."""
    body = json.dumps(GOOD)
    for size in range(len(body)):
        reading = Reading.of_sources(lookup("5"), frozenset(Source))
        questions = reading.questions()
        reading.take(decode([{"code": 200, "body": body[:size]}], len(questions), {}))

        assert isinstance(reading.answer(), ProtocolFault)


@pytest.mark.parametrize(
    "part",
    [
        {"token_for_business": "x" * 1_000_000},
        {"ids_for_business": edge(*[("1" * 1_000_000, APP)])},
        {"ids_for_business": {"data": [{}] * 100_000}},
        {"ids_for_business": {"data": [], "paging": {"next": "n" * 1_000_000}}},
    ],
)
async def test_huge_parts_are_faults(
    graph: ScriptedGraph, part: dict[str, object]
) -> None:
    """Over a real connection: refused, and not kept."""
    graph.each(lambda item: answered({**GOOD, **part}))

    async with graph.client(sources=frozenset(Source)) as client:
        (answer,) = await client.look_up([lookup("5")])

    assert isinstance(answer, ProtocolFault)


async def test_deep_parts_are_faults(graph: ScriptedGraph) -> None:
    """Nesting without end is not followed."""
    deep = "[" * 100_000
    graph.script = lambda asked: web.json_response(
        [{"code": 200, "body": f'{{"id":"5","token_for_business":{deep}'}]
    )

    async with graph.client() as client:
        (answer,) = await client.look_up([lookup("5")])

    assert isinstance(answer, ProtocolFault)


@settings(max_examples=300)
@given(
    payload=st.binary(max_size=200)
    | ANY.map(lambda value: json.dumps(value).encode())
    | st.lists(items(BODY), max_size=3).map(lambda value: json.dumps(value).encode()),
    count=st.integers(1, 3),
)
def test_any_bytes_are_one_error_or_one_reply_for_each_question(
    payload: bytes, count: int
) -> None:
    """A batch's answer is never matched to the wrong question by its length."""
    replies = replies_in(payload, lookup("5"), count)

    assert isinstance(replies, GraphApiError) or len(replies) == count  # type: ignore[arg-type]


@settings(max_examples=60)
@given(
    payload=st.binary(max_size=300)
    | st.lists(items(BODY), min_size=2, max_size=2).map(
        lambda v: json.dumps(v).encode()
    ),
    status=st.sampled_from(
        [200, 200, 201, 204, 301, 400, 401, 403, 404, 429, 500, 503]
    ),
    header=st.sampled_from(["", "gzip", "deflate", "br", "nonsense"]),
)
def test_any_http_answer_gives_each_lookup_a_result(
    payload: bytes, status: int, header: str
) -> None:
    """Over a real connection, with any status, bytes and claimed encoding."""

    async def ask() -> list[LookupAnswer | GraphApiError]:
        async with serving() as graph:
            headers = {"Content-Encoding": header} if header else {}
            graph.script = lambda asked: web.Response(
                body=payload, status=status, headers=headers
            )
            async with graph.client(bounds=Bounds(total_s=5)) as client:
                return await client.look_up([lookup("5"), lookup("11")])

    results = asyncio.run(ask())

    assert len(results) == 2
    sent = payload.decode("utf-8", "replace")
    for result in results:
        if isinstance(result, LookupAnswer):
            assert all(stands_in(link, sent) for link in result.links)


@settings(max_examples=40)
@given(payload=st.binary(min_size=1, max_size=300))
def test_bytes_that_are_no_http_give_each_lookup_a_result(payload: bytes) -> None:
    """A server that does not even speak HTTP."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(payload)
        await writer.drain()
        writer.close()

    async def ask() -> list[LookupAnswer | GraphApiError]:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            graph = ScriptedGraph(url=f"http://127.0.0.1:{port}")
            async with graph.client(bounds=Bounds(total_s=5)) as client:
                return await client.look_up([lookup("5")])

    (result,) = asyncio.run(ask())

    assert isinstance(result, GraphApiError)
