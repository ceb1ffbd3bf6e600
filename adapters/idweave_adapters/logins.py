"""Login events, as the site's own login servers write them.

`schemas/login.v1.json` is the contract; this module accepts what it accepts. The
event itself is trusted, because only the business's servers can write the topic. A
signed request inside is checked, and the event stands or falls with it: where one
part is forged, the rest has no author.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import resources
from typing import Any, Final

from idweave_adapters import signed_request
from idweave_adapters.errors import UnreadableError
from idweave_adapters.fields import (
    EARLIEST_MS,
    LATEST_MS,
    decimal_id,
    is_authorization_code,
)
from idweave_adapters.observations import (
    DeadLetterCode,
    Decoded,
    IgnoreReason,
    Observation,
)
from idweave_adapters.strict_json import DEFAULT_LIMIT_BYTES, read_object
from idweave_graph.evidence import EvidenceKind
from idweave_graph.ids import (
    MAX_TOKEN_CHARS,
    Asset,
    AssetKind,
    BusinessToken,
    LinkingCode,
    ScopedId,
)

LOGIN_KINDS: Final = ("classic", "limited")
_REQUIRED: Final = ("app_id", "user_id", "time", "login_kind")
_TOKEN: Final = re.compile(rf"[!-~]{{1,{MAX_TOKEN_CHARS}}}")


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of login events, for producers and tests."""
    file = resources.files("idweave_adapters") / "schemas" / "login.v1.json"
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


def decode_login(
    value: bytes | None,
    *,
    secrets: Callable[[Asset], Sequence[bytes]],
    max_age_s: int = signed_request.MAX_AGE_S,
    limit_bytes: int = DEFAULT_LIMIT_BYTES,
) -> Decoded:
    """Read one login event; nothing is raised.

    Gives one observation, or none and the problem. The age of a signed request is
    judged by the event's own time, so a replay a year later gives the same.

    Args:
        value: The record's value, JSON in UTF-8.
        secrets: The app's secrets, newest first; empty where none is known.
        max_age_s: How old a signed request may be at the event's time, in seconds.
        limit_bytes: Larger records are refused unread.
    """
    try:
        event = read_object(value, limit_bytes=limit_bytes)
        plain = _plain_facts(event)
        signed = _signed_text(event)
        if signed is None:
            return Decoded((plain,))
        request = signed_request.verify(
            signed,
            secrets(plain.scoped.asset),
            now_s=plain.at_ms // 1000,
            max_age_s=max_age_s,
        )
        return _with_signed(plain, request)
    except UnreadableError as error:
        return Decoded(problems=(error.problem,))


def _plain_facts(event: dict[str, Any]) -> Observation:
    missing = [name for name in _REQUIRED if event.get(name) is None]
    if missing:
        detail = f"Missing: {', '.join(missing)}"
        raise UnreadableError(DeadLetterCode.LOGIN_FIELD_MISSING, detail)
    if event["login_kind"] not in LOGIN_KINDS:
        raise _invalid("login_kind", "classic or limited")
    asset = Asset(AssetKind.APP, _id(event, "app_id"))
    token = _token(event)
    proof = EvidenceKind.TOKEN_FOR_BUSINESS if token else None
    return Observation(
        ScopedId(asset, _id(event, "user_id")),
        _time(event),
        token,
        proof,
        code=_code(event),
    )


def _id(event: dict[str, Any], name: str) -> str:
    value = event[name]
    # Integers are refused: many JSON writers round ids above 2**53.
    checked = decimal_id(value) if isinstance(value, str) else None
    if checked is None:
        raise _invalid(name, "a text of decimal digits, as Meta gave it")
    return checked


def _time(event: dict[str, Any]) -> int:
    value = event["time"]
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 1.7e12 is an integer in JSON Schema
    if type(value) is not int or not EARLIEST_MS <= value <= LATEST_MS:
        raise _invalid("time", "unix milliseconds (13 digits, not seconds)")
    return value


def _token(event: dict[str, Any]) -> BusinessToken | None:
    value = event.get("token_for_business")
    if value is None:
        return None
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise _invalid("token_for_business", "the opaque text that Meta gave")
    return BusinessToken(value)


def _code(event: dict[str, Any]) -> LinkingCode | None:
    value = event.get("authorization_code")
    if value is None:
        return None
    if not is_authorization_code(value):
        raise _invalid("authorization_code", "the text that ended the account linking")
    return LinkingCode.of(value)


def _signed_text(event: dict[str, Any]) -> str | None:
    value = event.get("signed_request")
    if value is not None and not isinstance(value, str):
        raise _invalid("signed_request", "a text, as received from Meta")
    return value


def _invalid(name: str, expected: str) -> UnreadableError:
    detail = f"{name} must be {expected}"
    return UnreadableError(DeadLetterCode.LOGIN_FIELD_INVALID, detail)


def _with_signed(plain: Observation, request: signed_request.SignedRequest) -> Decoded:
    if request.user_id is None:
        return Decoded((plain,), {IgnoreReason.SIGNED_REQUEST_WITHOUT_USER: 1})
    if request.user_id != plain.scoped.user:
        code = DeadLetterCode.LOGIN_CONTRADICTION
        raise UnreadableError(code, "The user_id differs")
    if request.token is None:
        return Decoded((plain,))
    if plain.token not in {None, request.token}:
        code = DeadLetterCode.LOGIN_CONTRADICTION
        raise UnreadableError(code, "The token_for_business differs")
    return Decoded(
        (replace(plain, token=request.token, proof=EvidenceKind.SIGNED_REQUEST),)
    )
