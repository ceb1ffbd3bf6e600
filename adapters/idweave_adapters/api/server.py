"""The HTTP server: who may ask, and what is answered when."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from aiohttp import web

from idweave_adapters.api import problems
from idweave_adapters.api.answers import ANSWERS
from idweave_adapters.api.asked import Asked, asked
from idweave_adapters.api.audit import Audit, Note
from idweave_adapters.api.body import read_body
from idweave_adapters.api.caller import Caller, Credentials
from idweave_adapters.api.changes import Feed, Streams, start_of, stream, taken
from idweave_adapters.api.document import openapi
from idweave_adapters.api.freshness import Fresh
from idweave_adapters.api.limits import Buckets, Limits
from idweave_adapters.api.logs import ACCESS, FAULTS, AccessLogger
from idweave_adapters.api.problems import Answer, Problem
from idweave_adapters.api.protocol import ALWAYS, ApiHttp
from idweave_adapters.api.routes import Match, Route, matched
from idweave_adapters.explorer import READING, Explorer
from idweave_adapters.read_model import ReadModel
from idweave_graph.explain import BrokenPersonError

_LINE_BYTES: Final = 8190
_HEADERS: Final = 64
_RETRY_S: Final = 5
_LARGE_BYTES: Final = 32 * 1024
"""More than that may have to wait until its reader takes it."""


@dataclass(frozen=True, slots=True)
class Served:
    """What the server answers from, and for whom."""

    model: ReadModel
    credentials: Credentials
    audit: Audit
    fresh: Fresh


class ApiServer:
    """Answers questions about the businesses of who asks, and of no other."""

    def __init__(
        self,
        served: Served,
        *,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing is opened.

        Args:
            served: what is answered from.
            limits: how much at once.
            clock: seconds, for the limits of each credential.
        """
        self._served = served
        self._limits = limits or Limits()
        self._buckets = Buckets(self._limits.per_second, self._limits.burst, clock)
        self._streams = Streams(self._limits.streams)
        self._clock = clock
        self._is_stopping = False
        self._long = asyncio.Lock()
        """One answer at a time that may be long: it takes much memory."""
        self._runner: web.ServerRunner | None = None
        self._document = openapi()
        self._explorer = Explorer()

    async def start(self, host: str, port: int) -> str:
        """Listen and return the base URL; port 0 takes a free one.

        Raises:
            OSError: it can't listen there.
        """
        server = ApiHttp(
            self._serve,
            connections=self._limits.connections,
            access_log=ACCESS,
            access_log_class=AccessLogger,
            logger=FAULTS,
            auto_decompress=False,
            keepalive_timeout=self._limits.idle_s,
            lingering_time=self._limits.linger_s,
            max_line_size=_LINE_BYTES,
            max_headers=_HEADERS,
        )
        runner = web.ServerRunner(server, shutdown_timeout=self._limits.stop_s)
        await runner.setup()
        self._runner = runner
        await web.TCPSite(runner, host, port).start()
        address, bound, *_ = runner.addresses[0]
        name = f"[{address}]" if ":" in address else address
        return f"http://{name}:{bound}"

    async def stop(self) -> None:
        """Take no more requests, and end those in work. Twice does no harm."""
        self._is_stopping = True
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            answer = await self._answer(request)
        except Problem as problem:
            answer = problem.answer
        except ConnectionError:
            raise  # nobody is there any more
        except Exception:  # noqa: BLE001  (told as a problem, and logged)
            FAULTS.exception("a request failed")
            answer = Problem(problems.FAULT).answer
        if isinstance(answer, web.StreamResponse):
            return answer
        response = _response(answer)
        if not request.content.is_eof():
            response.force_close()  # what is left of the body is no next request
        if isinstance(response.body, bytes) and len(response.body) > _LARGE_BYTES:
            await response.prepare(request)
            async with taken(request, self._limits.write_s):
                await response.write_eof()
        return response

    async def _answer(self, request: web.BaseRequest) -> Answer | web.StreamResponse:
        match = matched(request.rel_url.raw_path)
        if match is None:
            return self._of_the_page(request)
        route = _route(match, request.method)
        if route.is_open:
            return self._open(route)
        caller = self._caller(request)
        if caller is None:
            raise Problem(problems.NO_CREDENTIAL, WWW_Authenticate="Bearer")
        if route.verb is not None:
            return await self._about(request, match, route, caller)
        self._admit(caller, route)
        asked(route, match.values, request.rel_url.raw_query_string)
        return self._general(route, caller)

    def _of_the_page(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer with a file of the explorer, which is no part of the document."""
        file = self._explorer.at(request.rel_url.raw_path)
        if file is None:
            raise Problem(problems.NO_SUCH_PATH)
        if request.method not in READING:
            allowed = ", ".join(READING)
            raise Problem(problems.WRONG_METHOD, f"use {allowed}", Allow=allowed)
        headers = {**ALWAYS, **file.headers}
        tag = headers.get("ETag")
        if tag and tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        return web.Response(body=file.content, headers=headers)

    def _open(self, route: Route) -> Answer:
        if route.name == "live":
            return Answer(200, {"live": True})
        is_ready = not self._is_stopping and self._served.fresh().is_ready
        return Answer(200 if is_ready else 503, {"ready": is_ready})

    def _general(self, route: Route, caller: Caller) -> Answer:
        if route.name == "document":
            return Answer(200, self._document)
        fresh = self._served.fresh()
        # No offsets: they would tell how much happens in businesses of others.
        body = {
            "source": fresh.origin,
            "behind": fresh.behind,
            "businesses": sorted(caller.businesses),
            "verbs": sorted(caller.verbs),
        }
        return Answer(200, body)

    def _admit(self, caller: Caller, route: Route) -> None:
        wait_s = self._buckets.wait_s(caller.name)
        if wait_s:
            raise Problem(problems.TOO_MANY, Retry_After=str(wait_s))
        if route.verb is not None and route.verb not in caller.verbs:
            raise Problem(problems.NOT_ALLOWED, f"it needs the verb {route.verb}")

    def _caller(self, request: web.BaseRequest) -> Caller | None:
        """Return who asks; None: the credential is not good, or not good any more."""
        shown = request.headers.getall("Authorization", [])
        scheme, _, token = (shown[0] if len(shown) == 1 else "").partition(" ")
        caller = self._served.credentials.caller(token.strip())
        return caller if scheme.lower() == "bearer" else None

    async def _about(
        self, request: web.BaseRequest, match: Match, route: Route, caller: Caller
    ) -> Answer | web.StreamResponse:
        """Answer what is about one business, and note who asked, also in vain."""
        note = Note(self._served.audit, caller.name, route, Asked(match.values))
        try:
            self._admit(caller, route)
            note.question = await self._question(request, match, route)
            note.business = caller.business(note.question.values)
            self._check_is_ready()
            if route.name == "changes":
                return await self._stream(request, caller, note)
            answer = await self._told(route, note.business, note.question)
            note.write(answer.status)
        except Problem as problem:
            note.write(problem.kind.status)
            raise
        finally:
            note.write(500)
        return answer

    async def _question(
        self, request: web.BaseRequest, match: Match, route: Route
    ) -> Asked:
        body = await read_body(request, self._limits) if route.body else b""
        return asked(route, match.values, request.rel_url.raw_query_string, body)

    def _check_is_ready(self) -> None:
        if not self._served.fresh().is_ready:
            raise Problem(problems.NOT_READY, Retry_After=str(_RETRY_S))

    async def _told(self, route: Route, business: str, question: Asked) -> Answer:
        try:
            found = ANSWERS[route.name](self._served.model, business, question)
            if callable(found):
                async with self._long:
                    found = await found()
        except BrokenPersonError:  # its newest record is still to be read
            raise Problem(problems.NOT_READY, Retry_After=str(_RETRY_S)) from None
        return Answer(200, found)

    async def _stream(
        self, request: web.BaseRequest, caller: Caller, note: Note
    ) -> web.StreamResponse:
        model = self._served.model
        last_seen = request.headers.get("Last-Event-ID")
        after = start_of(model, note.question, last_seen)
        until = self._clock() + self._limits.stream_s

        def is_shut() -> bool:
            # Who loses the key, or part of what it is for, loses the stream as well.
            return self._caller(request) != caller

        def is_over() -> bool:
            return self._is_stopping or self._clock() >= until

        with self._streams.one_more(caller.name):
            note.write(200)  # it may go on for an hour
            feed = Feed(model, self._limits, is_shut=is_shut, is_over=is_over)
            parts = feed.parts(note.business, after)
            return await stream(request, ALWAYS, parts, self._limits.write_s)


def _route(match: Match, method: str) -> Route:
    for route in match.routes:
        if route.method == method:
            return route
    allowed = ", ".join(route.method for route in match.routes)
    raise Problem(problems.WRONG_METHOD, f"use {allowed}", Allow=allowed)


def _response(answer: Answer) -> web.Response:
    body: Mapping[str, Any] = answer.body
    # Sorted, so that one answer has one form, whichever replica gives it.
    content = orjson.dumps(dict(body), option=orjson.OPT_SORT_KEYS)
    headers = {**ALWAYS, "Content-Type": "application/json", **answer.headers}
    return web.Response(status=answer.status, body=content, headers=headers)
