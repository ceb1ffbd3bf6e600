"""Judges one call: version, token, proof, limits, then the endpoint."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from idweave_adapters.simulator.api import errors, limits, proofs
from idweave_adapters.simulator.api.call import Answer, Call
from idweave_adapters.simulator.api.callers import Caller, identify
from idweave_adapters.simulator.api.endpoints import Asked, find, is_of_business, tokens
from idweave_adapters.simulator.api.errors import GraphError
from idweave_adapters.simulator.state import State

_UNFIT = re.compile(r"[^ !#-~]")  # would end the quoted text, or the header
_OAUTH = ("oauth", "access_token")


def answer(state: State, call: Call, *, now_s: float) -> Answer:
    """Answer one call, as a request of its own or as an item of a batch."""
    headers: dict[str, str] = {}
    try:
        version = serving_version(state, call)
        headers["Facebook-API-Version"] = "v{}.{}".format(*version)
        if call.path == _OAUTH:
            return Answer(200, tokens.access_token(state, call), headers)
        caller, proved = admit(state, call, now_s=now_s)
        headers |= limits.spend(state, caller, now_s=now_s)
        asked = Asked(call, caller, proved, version, now_s)
        return Answer(200, _handle(state, asked), headers)
    except GraphError as fault:
        return _refused(state, fault, {**headers, **fault.headers})


def admit(state: State, call: Call, *, now_s: float) -> tuple[Caller, bool]:
    """Find the caller, and whether a right proof came.

    Raises:
        GraphError: no or a bad token; a wrong proof, or none where each call needs one.
    """
    if not call.token and is_of_business(call):
        raise errors.token_required()
    caller = identify(state.world, call.token, state.revoked)
    rules = state.rules
    proved = proofs.check(
        call.params, caller.app.secret, now_s=now_s, timed_only=rules.timed_proof_only
    )
    if rules.proof_always and not proved:
        raise errors.proof_missing()
    return caller, proved


def serving_version(state: State, call: Call) -> tuple[int, int]:
    """The version that serves a call: the oldest live one instead of an expired one.

    Versions from before the mapping edges stay as they are, so that asking for an
    edge there fails as documented.

    Raises:
        GraphError: there is no such version yet.
    """
    rules = state.rules
    if call.version is None:
        return rules.newest
    if call.version > rules.newest:
        raise errors.unknown_path("v{}.{}".format(*call.version))
    is_before_edges = call.version < (2, 9)
    if is_before_edges or rules.history is not None:
        return call.version
    return max(call.version, rules.oldest)


def failure(state: State, fault: GraphError) -> Answer:
    """The answer that carries this error."""
    return _refused(state, fault, {})


def _handle(state: State, asked: Asked) -> Mapping[str, Any]:
    stats = state.stats
    route, handler = find(asked.call)
    stats.by_route[route] += 1
    stats.by_business[asked.caller.business or "none"] += 1
    return handler(state, asked)


def _refused(state: State, fault: GraphError, headers: Mapping[str, str]) -> Answer:
    state.stats.errors[fault.code] += 1
    trace = base64.urlsafe_b64encode(state.rng.randbytes(17)).decode()[:23]
    challenge = {}
    if fault.type == "OAuthException":
        reason = "invalid_token" if fault.code == 190 else "invalid_request"  # noqa: PLR2004
        text = _UNFIT.sub("?", fault.message)
        challenge["WWW-Authenticate"] = f'OAuth "Facebook Platform" "{reason}" "{text}"'
    return Answer(fault.status, fault.envelope(trace), {**headers, **challenge})
