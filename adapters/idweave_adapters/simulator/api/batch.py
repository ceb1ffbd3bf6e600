"""Batch requests: up to 50 calls in one POST, answered in their order.

Not simulated, and refused loudly: references between items and file uploads.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from idweave_adapters.simulator.api import errors, limits, service
from idweave_adapters.simulator.api.call import Answer, Call, call, form
from idweave_adapters.simulator.state import State

MOST = 50
_UNSUPPORTED = ("depends_on", "attached_files")
_OWN_PROOF = ("appsecret_proof", "appsecret_time")


def is_batch(asked: Call) -> bool:
    """Batches are POSTs to the root (or to `/me`, as in Meta's sample) with `batch`."""
    return (
        asked.method == "POST"
        and "batch" in asked.params
        and asked.path in {(), ("me",)}
    )


def answer(state: State, asked: Call, *, now_s: float) -> Answer:
    """Answer a batch: 200 with a list, or one error for the whole of it.

    The token of the batch is needed even when each item brings its own.
    """
    try:
        version = service.serving_version(state, asked)
        caller, _ = service.admit(state, asked, now_s=now_s)
        items = _items(state, asked.params["batch"])
    except errors.GraphError as fault:
        return service.failure(state, fault)
    state.stats.batches += 1
    with_headers = asked.params.get("include_headers", "true") != "false"
    body = [
        _item(state, asked, each, now_s, with_headers=with_headers) for each in items
    ]
    usage = limits.headers_of(state, caller, now_s=now_s)
    return Answer(
        200, body, {"Facebook-API-Version": "v{}.{}".format(*version), **usage}
    )


def _items(state: State, text: str) -> list[Mapping[str, Any]]:
    try:
        items = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise errors.batch_unreadable("Invalid JSON in batch") from None
    if not isinstance(items, list) or not items:
        raise errors.batch_unreadable("The batch must be a list of requests")
    if len(items) > MOST:
        raise errors.batch_too_long(state.rules.batch_limit_code, MOST)
    if not all(isinstance(each, dict) for each in items):
        raise errors.batch_unreadable("Each request of a batch must be an object")
    return items


def _item(
    state: State,
    outer: Call,
    item: Mapping[str, Any],
    now_s: float,
    *,
    with_headers: bool,
) -> dict[str, Any] | None:
    """One answer of the list; nothing when the item timed out."""
    state.stats.calls += 1
    faults = state.faults
    if state.strikes("null_item", faults.null_item_rate):
        return None
    if state.strikes("item_failure", faults.item_failure_rate):
        given = service.failure(state, errors.service_failed(state.rng.choice((1, 2))))
    else:
        given = _answer(state, outer, item, now_s)
    answered: dict[str, Any] = {"code": given.status}
    if with_headers:
        named = {**given.headers, "Content-Type": "application/json; charset=UTF-8"}
        answered["headers"] = [
            {"name": each, "value": value} for each, value in named.items()
        ]
    answered["body"] = orjson.dumps(given.body).decode()
    return answered


def _answer(state: State, outer: Call, item: Mapping[str, Any], now_s: float) -> Answer:
    try:
        return service.answer(state, _inner(outer, item), now_s=now_s)
    except errors.GraphError as fault:
        return service.failure(state, fault)


def _inner(outer: Call, item: Mapping[str, Any]) -> Call:
    """The item as a call of its own.

    It takes token and proof from the batch, unless it brings its own token: then it
    needs its own proof too, because a proof belongs to one token.
    """
    url, method = item.get("relative_url"), item.get("method")
    if not isinstance(url, str) or not isinstance(method, str):
        raise errors.batch_unreadable(
            "Each request of a batch needs method and relative_url"
        )
    if any(each in item for each in _UNSUPPORTED) or "{result=" in url:
        raise errors.batch_unreadable("References between requests are not simulated")
    path, _, query = url.partition("?")
    body = item.get("body", "")
    params = form(query) | form(body if isinstance(body, str) else "")
    if "access_token" not in params:
        inherited = ("access_token", *_OWN_PROOF)
        params |= {
            each: outer.params[each] for each in inherited if each in outer.params
        }
    made = call(method, path, params)
    if made.version is None:
        return Call(made.method, made.path, made.params, outer.version)
    return made
