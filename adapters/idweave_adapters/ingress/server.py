"""The HTTP server: who may come in, and what is answered when."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import orjson
from aiohttp import web

from idweave_adapters.ingress import replies, routes
from idweave_adapters.ingress.app_secrets import AppSecrets
from idweave_adapters.ingress.callbacks import Callbacks
from idweave_adapters.ingress.connections import BoundedServer
from idweave_adapters.ingress.handshake import answer_to
from idweave_adapters.ingress.intake import Intake, Parcel
from idweave_adapters.ingress.limits import Limits
from idweave_adapters.ingress.login_events import events_of
from idweave_adapters.ingress.logs import ACCESS, FAULTS, AccessLogger
from idweave_adapters.ingress.ports import LOGINS, WEBHOOKS, Publish
from idweave_adapters.ingress.replies import Refused, Reply
from idweave_adapters.ingress.routes import Route
from idweave_adapters.ingress.tokens import Tokens
from idweave_adapters.webhooks import is_signed

APP_HEADER: Final = "app_id"
"""Record header: the app whose address a webhook came to. The body need not say it."""

_SIGNATURE: Final = "X-Hub-Signature-256"
_ALWAYS: Final = {
    "Server": "idweave",  # without the versions of what it is made of
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_LINE_BYTES: Final = 4096
_HEADERS: Final = 64

Handler = Callable[[web.BaseRequest], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Who is let in."""

    apps: AppSecrets
    """Whose webhooks are taken."""
    verify_tokens: Tokens
    """What Meta shows in the handshake."""
    login_tokens: Tokens
    """What login servers show."""


class IngressServer:
    """Takes webhooks and login events in, and answers when they are stored.

    Every record whose request is answered with 200 or 202 was acknowledged by `Publish`
    before. One that is answered otherwise may be stored all the same: senders send
    again, and the pipeline takes a repeated record for one.
    """

    def __init__(
        self,
        doorkeeper: Doorkeeper,
        publish: Publish,
        *,
        is_ready: Callable[[], bool],
        limits: Limits | None = None,
        callbacks: Callbacks | None = None,
    ) -> None:
        """Prepare; nothing is opened.

        Args:
            doorkeeper: who is let in.
            publish: where records go.
            is_ready: whether `publish` is likely to succeed.
            limits: how much at once.
            callbacks: what is done about deauthorizations and deletions; None: nothing.
        """
        self._door = doorkeeper
        self._limits = limits or Limits()
        self._intake = Intake(publish, self._limits)
        self._is_ready = is_ready
        self._callbacks = callbacks
        self._is_stopping = False
        self._runner: web.ServerRunner | None = None
        self._handlers: Mapping[tuple[Route, str], Handler] = {
            (routes.WEBHOOKS, "GET"): self._shake_hands,
            (routes.WEBHOOKS, "POST"): self._take_webhook,
            (routes.LOGINS, "POST"): self._take_logins,
            (routes.DEAUTHORIZE, "POST"): self._deauthorize,
            (routes.DATA_DELETION, "POST"): self._delete,
            (routes.DELETION_STATUS, "GET"): self._tell_status,
            (routes.LIVE, "GET"): self._live,
            (routes.READY, "GET"): self._ready,
        }

    async def start(self, host: str, port: int) -> str:
        """Listen and return the base URL; port 0 takes a free one.

        Raises:
            OSError: it can't listen there.
        """
        server = BoundedServer(
            self._serve,
            connections=self._limits.connections,
            access_log=ACCESS,
            access_log_class=AccessLogger,
            logger=FAULTS,
            auto_decompress=False,  # a signature is over the bytes as they were sent
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
        """Take no more requests, finish those in work, and wait for their records.

        Requests that were sent but not begun get no answer. Stopping twice does no harm.
        """
        self._is_stopping = True
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self._intake.settle()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            reply = await self._answer(request)
        except Refused as refusal:
            reply = refusal.reply
        response = _response(reply)
        if not request.content.is_eof():
            response.force_close()  # what is left of the body is no next request
        return response

    async def _answer(self, request: web.BaseRequest) -> Reply:
        route = routes.route_of(request.rel_url.raw_path)
        if route is None:
            raise replies.no_such_path()
        handler = self._handlers.get((route, request.method))
        if handler is None:
            raise replies.wrong_method(", ".join(route.methods))
        return await handler(request)

    async def _shake_hands(self, request: web.BaseRequest) -> Reply:
        self._secrets_of_app(request)
        query = request.rel_url.raw_query_string
        challenge = answer_to(query, self._door.verify_tokens)
        if challenge is None:
            raise replies.not_verified()
        return Reply(200, challenge)

    async def _take_webhook(self, request: web.BaseRequest) -> Reply:
        app_id, secrets = self._secrets_of_app(request)
        signature = _only(request, _SIGNATURE)
        if signature is None:
            raise replies.not_signed()

        def judge(body: bytes) -> Parcel:
            if not is_signed(body, signature, secrets):
                raise replies.not_signed()
            return Parcel(WEBHOOKS, [body], [(APP_HEADER, app_id.encode())])

        await self._intake.take(request, judge)
        return Reply(200, "stored")

    async def _take_logins(self, request: web.BaseRequest) -> Reply:
        scheme, _, token = (_only(request, "Authorization") or "").partition(" ")
        is_let_in = self._door.login_tokens.admit(token.strip())
        if not is_let_in or scheme.lower() != "bearer":
            raise replies.no_bearer()
        _check_is_plain(request)
        split = partial(events_of, limit=self._limits.login_events)
        taken = await self._intake.take(
            request, lambda body: Parcel(LOGINS, split(body))
        )
        return Reply(202, {"accepted": len(taken.values)})

    async def _deauthorize(self, request: web.BaseRequest) -> Reply:
        app_id, secrets = self._secrets_of_app(request)
        callbacks = self._switched_on()
        _check_is_plain(request)
        judge = partial(callbacks.deauthorize, app_id, secrets)
        await self._intake.take(request, judge, body_bytes=self._limits.form_bytes)
        return Reply(200, "stored")

    async def _delete(self, request: web.BaseRequest) -> Reply:
        app_id, secrets = self._secrets_of_app(request)
        callbacks = self._switched_on()
        callbacks.check_known()
        _check_is_plain(request)
        judge = partial(callbacks.delete, app_id, secrets)
        deletion = await self._intake.take(
            request, judge, body_bytes=self._limits.form_bytes
        )
        return callbacks.accepted(deletion)

    async def _tell_status(self, request: web.BaseRequest) -> Reply:
        code = request.rel_url.raw_path.rpartition("/")[2]
        accept = ",".join(request.headers.getall("Accept", []))
        return self._switched_on().status(code, accept)

    async def _live(self, _: web.BaseRequest) -> Reply:
        return Reply(200, {"live": True})

    async def _ready(self, _: web.BaseRequest) -> Reply:
        is_ready = not self._is_stopping and self._is_ready()
        return Reply(200 if is_ready else 503, {"ready": is_ready})

    def _switched_on(self) -> Callbacks:
        if self._callbacks is None:
            raise replies.callbacks_off()
        return self._callbacks

    def _secrets_of_app(self, request: web.BaseRequest) -> tuple[str, list[bytes]]:
        app_id = request.rel_url.raw_path.rpartition("/")[2]
        secrets = self._door.apps.of(app_id)
        if not secrets:
            raise replies.no_such_path()
        return app_id, secrets


def _check_is_plain(request: web.BaseRequest) -> None:
    """Refuse a compressed body: a small one may hold a huge one."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise replies.encoded_body()


def _only(request: web.BaseRequest, name: str) -> str | None:
    """Return a header that is there once; of two, nobody can say which one counts."""
    values = request.headers.getall(name, [])
    return values[0] if len(values) == 1 else None


def _response(reply: Reply) -> web.Response:
    if isinstance(reply.body, str):
        content, kind = reply.body.encode(), "text/plain"
    else:
        content, kind = orjson.dumps(dict(reply.body)), "application/json"
    headers = {**_ALWAYS, "Content-Type": kind, **reply.headers}
    return web.Response(status=reply.status, body=content, headers=headers)
