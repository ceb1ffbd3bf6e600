"""Tokens, secrets, proofs and people's ids come out nowhere but on the wire."""

import asyncio
import dataclasses
import io
import logging
import traceback
import warnings
from collections.abc import Iterator

import aiohttp
import pytest
from aiohttp import web
from tests.adapters.graph_api.scripted import (
    APP,
    GAME,
    NOW_S,
    PAGE,
    Asked,
    Script,
    ScriptedGraph,
    answered,
    credential,
    edge,
    lookup,
)

from idweave_adapters.graph_api import (
    Bounds,
    GraphApiClient,
    GraphApiError,
    Lookup,
    LookupAnswer,
    Usage,
)
from idweave_adapters.graph_api.batch import Answer
from idweave_adapters.graph_api.proof import appsecret_proof, timed_appsecret_proof
from idweave_graph.ids import ScopedId

USER = "645195294012345"
OTHER = "10152368852405295"


def private_texts() -> list[str]:
    texts = [USER, OTHER]
    for one in (credential(APP), credential(PAGE)):
        token, secret = one.token, one.app_secret
        texts += [token.reveal(), secret.reveal(), appsecret_proof(token, secret)]
        texts.append(timed_appsecret_proof(token, secret, NOW_S))
    return texts


def parrot(asked: Asked) -> str:
    """All that was sent, to be sent back."""
    return f"{asked.form} {' '.join(private_texts())}".replace("\n", " ")


def echoed_error(asked: Asked, status: int) -> web.Response:
    said = parrot(asked)
    inner = {
        "message": said,
        "type": credential(APP).token.reveal(),
        "code": int(USER),
        "error_subcode": USER,
        "fbtrace_id": credential(APP).app_secret.reveal(),
        "error_user_msg": said,
        "error_data": {"blame_field_specs": [said]},
    }
    headers = {"WWW-Authenticate": said, "X-App-Usage": said, "Retry-After": USER}
    return web.json_response({"error": inner}, status=status, headers=headers)


def echoed_item(asked: Asked, code: int) -> list[object]:
    item = answered({"error": {"message": parrot(asked), "code": code}}, 400)
    item["headers"] = [{"name": "Facebook-API-Version", "value": parrot(asked)}]
    return [item] * len(asked.items)


async def cut_off(asked: Asked) -> object:
    raise web.HTTPInternalServerError(reason=USER, text=parrot(asked))


async def silent(_: Asked) -> object:
    await asyncio.Event().wait()
    return []


SCRIPTS: dict[str, Script] = {
    "answers": lambda asked: [
        answered({"id": USER, "ids_for_apps": edge((OTHER, GAME))}) for _ in asked.items
    ],
    "errors of a batch": lambda asked: echoed_error(asked, 400),
    "errors with status 200": lambda asked: echoed_error(asked, 200),
    "unauthorised": lambda asked: echoed_error(asked, 401),
    "server errors": lambda asked: echoed_error(asked, 503),
    **{
        f"items refused with {code}": lambda asked, code=code: echoed_item(asked, code)  # type: ignore[misc]
        for code in (1, 4, 10, 12, 100, 190, 200, 368, 803, 4711)
    },
    "text": lambda asked: web.Response(text=parrot(asked)),
    "text in a wrong encoding": lambda asked: web.Response(
        text=parrot(asked), headers={"Content-Encoding": "gzip"}
    ),
    "malformed answers": lambda asked: [{"code": 200, "body": parrot(asked)}],
    "other people": lambda asked: [answered({"id": OTHER})] * len(asked.items),
    "malformed entries": lambda asked: (
        [
            answered(
                {
                    "id": USER,
                    "ids_for_apps": {"data": [{"id": OTHER, "app": parrot(asked)}]},
                }
            )
        ]
        * len(asked.items)
    ),
    "redirects": lambda asked: web.Response(
        status=302, headers={"Location": f"/{USER}?{credential(APP).token.reveal()}"}
    ),
    "cookies": lambda asked: web.Response(
        status=500, headers={"Set-Cookie": f"a=b; expires={USER}; x={OTHER}"}
    ),
    "crashes": cut_off,
    "silence": silent,
}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger of the client's side says."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    ours = ("aiohttp.client", "aiohttp.internal", "asyncio", "idweave_adapters", "")
    before = {name: logging.getLogger(name).level for name in ours}
    for name in ours:
        logging.getLogger(name).setLevel(logging.DEBUG)
    # The scripted server logs crashes of its own, with what it was sent.
    server = logging.getLogger("aiohttp.server")
    server.propagate = False
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)
    server.propagate = True
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def shown_by(error: BaseException) -> str:
    shown = [str(error), repr(error), repr(error.args), repr(vars(error))]
    shown += traceback.format_exception(error)
    chained = error.__cause__ or error.__context__
    return " ".join(shown) + (shown_by(chained) if chained else "")


@pytest.mark.parametrize("script", SCRIPTS)
async def test_nothing_private_comes_out(
    graph: ScriptedGraph, log: io.StringIO, script: str
) -> None:
    """Not in errors, their chains, reprs, counters or logs, even if it is sent back."""
    graph.script = SCRIPTS[script]
    asyncio.get_running_loop().set_debug(True)
    shown: list[str] = []

    with warnings.catch_warnings(record=True) as warned:
        async with graph.client(bounds=Bounds(total_s=0.2)) as client:
            for asked in (lookup(USER), lookup(USER, PAGE)):
                (result,) = await client.look_up([asked])
                shown += [repr(asked), repr(result), str(result)]
                if isinstance(result, GraphApiError):
                    shown.append(shown_by(result))
                    assert result.__traceback__ is None  # its frames hold it all
                shown.append(await _raised(client, asked.credential.asset is PAGE))
            shown += [repr(client), repr(vars(client)), repr(client.counters)]

    shown += [log.getvalue(), *(str(warning.message) for warning in warned)]
    for private in private_texts():
        assert private not in " ".join(shown)


async def _raised(client: GraphApiClient, is_page: bool) -> str:
    try:
        return str(
            len(await client.ids_for_apps(credential(PAGE if is_page else APP), USER))
        )
    except GraphApiError as error:
        return shown_by(error)


async def test_broken_connections_show_nothing(log: io.StringIO) -> None:
    """Not even when the other side sends back what it got, as something not HTTP."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent = await reader.readuntil(b"\r\n\r\n") + await reader.read(65536)
        writer.write(b"HTTP/1.1 200 " + sent)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    graph = ScriptedGraph(url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server, graph.client() as client:
        (result,) = await client.look_up([lookup(USER)])

    assert isinstance(result, GraphApiError)
    for private in private_texts():
        assert private not in shown_by(result) + log.getvalue()


async def test_a_session_that_is_given_adds_nothing(graph: ScriptedGraph) -> None:
    """Requests traced on the caller's session have nothing private in their address."""
    seen: list[str] = []

    async def on_start(
        session: aiohttp.ClientSession,
        context: object,
        params: aiohttp.TraceRequestStartParams,
    ) -> None:
        seen.append(f"{params.url} {params.headers} {session.headers}")

    tracing = aiohttp.TraceConfig()
    tracing.on_request_start.append(on_start)
    graph.each(lambda item: answered({"id": USER, "ids_for_apps": edge()}))

    async with aiohttp.ClientSession(trace_configs=[tracing]) as session:
        async with graph.client(session=session) as client:
            (result,) = await client.look_up([lookup(USER)])
        assert not session.closed

    assert isinstance(result, LookupAnswer)
    assert len(seen) == 1
    for private in private_texts():
        assert private not in seen[0]


def test_what_holds_private_texts_has_a_silent_repr() -> None:
    """Values that carry ids or secrets on the way, each by itself."""
    from idweave_adapters.graph_api.lookups import Reading  # noqa: PLC0415

    reading = Reading.of_sources(lookup(USER))
    body = {"id": USER, "token_for_business": credential(PAGE).token.reveal()}
    reading.take([Answer(body, Usage(), None)])
    values: list[object] = [
        reading,
        reading.answer(),
        lookup(USER, PAGE),
        Lookup(ScopedId(APP, USER), credential(), credential(PAGE)),
        credential(PAGE),
        *reading.questions(),
    ]
    values += [
        getattr(reading, field.name)
        for field in dataclasses.fields(Reading)
        if field.repr
    ]

    shown = " ".join(map(repr, values))

    for private in private_texts():
        assert private not in shown
