"""Whatever a server sends: a typed error, or links that stand in its answer."""

import asyncio
import json
import re

from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.graph_api.scripted import (
    APP,
    PAGE,
    ScriptedGraph,
    lookup,
    serving,
)

from idweave_adapters.graph_api import GraphApiError, Lookup, LookupAnswer
from idweave_adapters.graph_api.batch import decode
from idweave_adapters.graph_api.exchange import read_batch
from idweave_adapters.graph_api.lookups import Reading
from idweave_adapters.graph_api.transport import HttpAnswer
from idweave_graph.ids import ScopedId

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
ENTRY = st.fixed_dictionaries(
    {"id": IDS}, optional={"app": ANY | st.fixed_dictionaries({"id": IDS}), "page": ANY}
)
EDGE = ANY | st.fixed_dictionaries(
    {"data": st.lists(ENTRY, max_size=3) | ANY}, optional={"paging": ANY}
)
BODY = ANY | st.fixed_dictionaries(
    {"id": IDS}, optional={"ids_for_apps": EDGE, "ids_for_pages": EDGE, "error": ANY}
)


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


@settings(max_examples=400)
@given(body=BODY, later=st.lists(BODY, max_size=3), user=st.sampled_from(["5", "11"]))
def test_any_body_gives_an_error_or_links_that_stand_in_it(
    body: object, later: list[object], user: str
) -> None:
    """Of an item, and of the answers that follow it: nothing is made up."""
    asked = lookup(user, PAGE)
    reading = Reading.of_sources(asked)
    bodies = [body, *later]
    sent = json.dumps(bodies)

    for number in range(len(bodies) + 1):
        questions = reading.questions()
        now = bodies[min(number, len(bodies) - 1)]
        item = {"code": 200, "body": json.dumps(now)}
        reading.take(decode([item] * len(questions), len(questions), {}))
    answer = reading.answer()

    if isinstance(answer, LookupAnswer):
        assert asked.scoped not in answer.links
        assert all(stands_in(link, sent) for link in answer.links)
        assert len(set(answer.links)) == len(answer.links)


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
            async with graph.client(total_timeout_s=5) as client:
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
            async with graph.client(total_timeout_s=5) as client:
                return await client.look_up([lookup("5")])

    (result,) = asyncio.run(ask())

    assert isinstance(result, GraphApiError)
