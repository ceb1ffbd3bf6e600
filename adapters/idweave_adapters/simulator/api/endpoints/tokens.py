"""`debug_token` and `oauth/access_token`: about tokens themselves."""

from collections.abc import Mapping
from typing import Any

from idweave_adapters.simulator.api import errors
from idweave_adapters.simulator.api.call import Call
from idweave_adapters.simulator.api.callers import Caller, identify
from idweave_adapters.simulator.api.endpoints.asked import Asked
from idweave_adapters.simulator.api.errors import GraphError
from idweave_adapters.simulator.state import State

_SCOPES = {
    "page": ["pages_messaging"],
    "system_user": ["business_management", "pages_show_list"],
}


def debug_token(state: State, asked: Asked) -> Mapping[str, Any]:
    """Say what `input_token` is. A bad one is no error of the call.

    Raises:
        GraphError: the caller is not an app, or `input_token` is missing.
    """
    if asked.caller.kind != "app":
        raise errors.app_or_user_token_needed()
    token = asked.call.params.get("input_token")
    if not token:
        raise errors.bad_parameter("The parameter input_token is required")
    try:
        caller = identify(state.world, token, state.revoked)
    except GraphError as fault:
        error = {"code": fault.code, "message": fault.message}
        return {"data": {"error": error, "is_valid": False, "scopes": []}}
    return {"data": _described(caller, issued_at=int(asked.now_s))}


def access_token(state: State, call: Call) -> Mapping[str, Any]:
    """Give out an app token for id and secret (`client_credentials`).

    Raises:
        GraphError: another grant, or the secret is wrong.
    """
    if call.params.get("grant_type") != "client_credentials":
        raise errors.bad_parameter("Only grant_type=client_credentials is simulated")
    token = f"{call.params.get('client_id', '')}|{call.params.get('client_secret', '')}"
    identify(state.world, token, state.revoked)
    return {"access_token": token, "token_type": "bearer"}


def _described(caller: Caller, *, issued_at: int) -> dict[str, Any]:
    about: dict[str, Any] = {
        "app_id": caller.app.id,
        "type": caller.kind.upper(),
        "application": caller.app.name,
        "data_access_expires_at": 0,
        "expires_at": 0,
        "is_valid": True,
        "issued_at": issued_at,
        "scopes": _SCOPES.get(caller.kind, []),
    }
    if caller.page:
        about["profile_id"] = caller.page.id
    if caller.person:
        about["user_id"] = caller.person.asids[caller.app.scope]
    return about
