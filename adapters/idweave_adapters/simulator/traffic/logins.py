"""Login events, as a site's login servers write them."""

import base64
import hashlib
import hmac
from random import Random
from typing import Any

import orjson

from idweave_adapters.simulator.dice import chance
from idweave_adapters.simulator.traffic.cast import Presence
from idweave_adapters.simulator.traffic.plan import TrafficPlan
from idweave_adapters.simulator.traffic.report import Event, Made
from idweave_adapters.simulator.world import App, World


class Logins:
    """Makes login events of one world."""

    __slots__ = ("_plan", "_tests", "_world")

    def __init__(self, world: World, plan: TrafficPlan) -> None:
        self._world = world
        self._plan = plan
        self._tests = {app.parent: app for app in world.apps.values() if app.parent}

    def made(self, rng: Random, who: Presence, time_ms: int) -> Made:
        """One login. Into a test app it carries the parent's id and counts as that."""
        plan, world = self._plan, self._world
        app = self._app(rng, who.asset)
        kind = "limited" if chance(rng, plan.limited) else "classic"
        scoped_id = f"app:{who.asset}:{who.user}"
        owner = app.owner
        token = world.token_for_business(who.person, owner) if owner else None
        event: dict[str, Any] = {
            "app_id": app.id,
            "user_id": who.user,
            "time": time_ms,
            "login_kind": kind,
        }
        shown = None
        if token and chance(rng, plan.business_tokens):
            event["token_for_business"] = shown = token
        if kind == "classic" and chance(rng, plan.signed_requests):
            carried = token if chance(rng, 0.5) else None
            event["signed_request"] = signed(
                rng,
                app,
                issued_s=time_ms // 1000 - rng.randrange(60),
                user=who.user,
                bearer=world.user_token(app.id, who.user),
                token=carried,
            )
            shown = shown or carried
        return Made(
            Event("login", orjson.dumps(event), time_ms),
            (f"login.{kind}",),
            sighted=(scoped_id,),
            token=(scoped_id, shown) if shown else None,
        )

    def stranger(self, rng: Random, time_ms: int) -> Made:
        """A login into an app that nobody has heard of."""
        event = {
            "app_id": str(
                rng.randrange(10**16, 10**17)
            ),  # the world's have 15 or 16 digits
            "user_id": str(rng.randrange(10**15, 10**16)),
            "time": time_ms,
            "login_kind": "classic",
        }
        value = orjson.dumps(event)
        return Made(
            Event("login", value, time_ms), ("login.stranger",), dead="unknown_app"
        )

    def _app(self, rng: Random, app_id: str) -> App:
        test = self._tests.get(app_id)
        if test and chance(rng, self._plan.test_apps):
            return test
        return self._world.apps[app_id]


def signed(
    rng: Random, app: App, *, issued_s: int, user: str, bearer: str, token: str | None
) -> str:
    """A `signed_request` of the app, with the fields of Meta's canvas sample.

    Some writers pad the base64 and sign the padding, others leave it away: both occur.
    """
    payload: dict[str, Any] = {
        "algorithm": "HMAC-SHA256",
        "expires": issued_s + 6_211,
        "issued_at": issued_s,
        "oauth_token": bearer,
    }
    if token:
        payload["token_for_business"] = token
    payload["user_id"] = user
    body = base64.urlsafe_b64encode(orjson.dumps(payload))
    if chance(rng, 0.5):
        body = body.rstrip(b"=")
    signature = hmac.digest(app.secret.encode(), body, hashlib.sha256)
    head = base64.urlsafe_b64encode(signature).rstrip(b"=")
    return f"{head.decode()}.{body.decode()}"
