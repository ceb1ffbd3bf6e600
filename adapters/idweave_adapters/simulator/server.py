"""The simulated Graph API on a port, with its faults and its control."""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import orjson
from aiohttp import web

from idweave_adapters.simulator import control
from idweave_adapters.simulator.api import batch, errors, service
from idweave_adapters.simulator.api.call import Answer, Call
from idweave_adapters.simulator.faults import BadFaultsError, Faults
from idweave_adapters.simulator.http_call import UnreadableBodyError, call_of
from idweave_adapters.simulator.rules import Rules
from idweave_adapters.simulator.state import State
from idweave_adapters.simulator.stats import Stats
from idweave_adapters.simulator.world import World

_CONTROL = "/_simulator/"
_JSON = "application/json; charset=UTF-8"
_GARBAGE = (
    (502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>"),
    (200, "text/plain", "Service Unavailable"),
    (200, "application/json", '{"data":[{"id":"1'),
    (500, "text/plain", ""),
)
"""Edge failures that Meta's SDKs are tested against, and one cut answer."""

wall_clock = time.time  # noqa: TID251 - the edge: timed proofs are about wall time


class Simulator:
    """A Graph API over a world, on loopback. All methods act at once while it runs.

    Example:
        >>> async with Simulator(World.generate(seed=1)) as simulator:
        ...     print(simulator.base_url)
    """

    def __init__(
        self,
        world: World,
        *,
        seed: int = 0,
        faults: Faults | None = None,
        rules: Rules | None = None,
        clock: Callable[[], float] = wall_clock,
    ) -> None:
        self._state = State(world, rules or Rules(), faults or Faults(), seed)
        self._clock = clock
        self._runner: web.ServerRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen and give the base URL; port 0 takes a free one."""
        # no access log: query strings hold tokens and ids
        server = web.Server(self._serve, access_log=None)
        # stopping does not wait for answers that are delayed on purpose (0 would mean: forever)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        address, bound, *_ = self._runner.addresses[0]
        name = f"[{address}]" if ":" in address else address
        self._state.base_url = f"http://{name}:{bound}"
        return self.base_url

    async def stop(self) -> None:
        """Close the port and all connections. Stopping twice does no harm."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        """Where it listens, without a slash at the end."""
        return self._state.base_url

    @property
    def world(self) -> World:
        """The present state of affairs; changes of owner replace it."""
        return self._state.world

    @property
    def stats(self) -> Stats:
        """Counts since the start or the last reset."""
        return self._state.stats

    @property
    def faults(self) -> Faults:
        """What goes wrong at present."""
        return self._state.faults

    def reset_stats(self) -> None:
        """Count anew."""
        self._state.stats = Stats()

    def reset_budgets(self) -> None:
        """Forget the calls that count towards rate limits."""
        self._state.budget.forget()

    def limit(self, of: str, calls: int | None) -> None:
        """Limit an app, a Page, or all Pages of a `business:<id>`; None as before."""
        control.command(self._state, "PUT", "budget", {"of": of, "calls": calls})

    def change(self, **settings: Any) -> None:
        """Replace some fault settings.

        Raises:
            BadFaultsError: a name is unknown or a value out of range.
        """
        self._state.faults = self._state.faults.changed(settings)

    def review(self, business: str, *, on: bool = True) -> None:
        """Put a business under review, or clear it."""
        self._state.review(business, on=on)

    def transfer(self, asset: str, owner: str | None) -> None:
        """Give an asset (`app:<id>`, `page:<id>`) to a business, or to none.

        Raises:
            NoSuchAssetError: the world has no such asset or business.
        """
        self._state.world = self._state.world.transfer(asset, owner)

    def block(self, business: str, *, on: bool = True) -> None:
        """Block a business's lists of assets for policy, or let it go on."""
        (self._state.blocked.add if on else self._state.blocked.discard)(business)

    def revoke(self, asset: str, *, on: bool = True) -> None:
        """Make the tokens of an app or Page, or of `business:<id>`, invalid or good."""
        (self._state.revoked.add if on else self._state.revoked.discard)(asset)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path.startswith(_CONTROL):
            return await self._control(request)
        try:
            asked = await call_of(request)
        except UnreadableBodyError as fault:
            return _response(
                Answer(400, {"error": {"message": str(fault), "code": 100}})
            )
        return await self._api(request, asked)

    async def _api(self, request: web.BaseRequest, asked: Call) -> web.StreamResponse:
        state, faults = self._state, self._state.faults
        state.stats.requests += 1
        if faults.latency_s or faults.jitter_s:
            await asyncio.sleep(faults.latency_s + faults.jitter_s * state.rng.random())
        if state.strikes("dropped", faults.drop_rate):
            _cut(request)
            return web.Response()
        if state.strikes("garbage", faults.garbage_rate):
            status, kind, text = state.rng.choice(_GARBAGE)
            return web.Response(status=status, text=text, content_type=kind)
        if state.strikes("failure", faults.failure_rate):
            fault = errors.service_failed(state.rng.choice((1, 2)))
            return _response(service.failure(state, fault))
        return _response(self._answer(asked))

    def _answer(self, asked: Call) -> Answer:
        state, now_s = self._state, self._clock()
        if batch.is_batch(asked):
            return batch.answer(state, asked, now_s=now_s)
        state.stats.calls += 1
        return service.answer(state, asked, now_s=now_s)

    async def _control(self, request: web.BaseRequest) -> web.StreamResponse:
        name = request.path.removeprefix(_CONTROL)
        try:
            wanted = orjson.loads(await request.read() or b"{}")
            done = control.command(self._state, request.method, name, wanted)
        except (
            control.BadControlError,
            BadFaultsError,
            orjson.JSONDecodeError,
        ) as fault:
            return _response(Answer(400, {"error": str(fault)}))
        return _response(Answer(200, done))


async def run(
    world: World,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    seed: int = 0,
    faults: Faults | None = None,
    rules: Rules | None = None,
    ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until cancelled; `ready` gets the base URL once calls are answered."""
    simulator = Simulator(world, seed=seed, faults=faults, rules=rules)
    ready(await simulator.start(host, port))
    try:
        await asyncio.Event().wait()
    finally:
        await simulator.stop()


def _cut(request: web.BaseRequest) -> None:
    if request.transport:
        request.transport.abort()


def _response(answer: Answer) -> web.Response:
    response = web.Response(
        status=answer.status, body=orjson.dumps(answer.body), headers=answer.headers
    )
    response.headers["Content-Type"] = _JSON
    return response
