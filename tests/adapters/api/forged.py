"""Credentials that are no good, each nearly one that is."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from tests.adapters.api.desk import Clock, Desk
from tests.adapters.api.neighbours import OURS

from idweave_adapters.api import OidcTokens, Provider, Verb

_ISSUER, _AUDIENCE = "https://login.example", "idweave"
_KEY, _OTHER = (RSAKey.generate_key(2048, {"kid": "one"}) for _ in range(2))
_START: Final = int(Clock().now)


def tokens(folder: Path) -> OidcTokens:
    """Who takes the tokens of a provider."""
    path = folder / "jwks.json"
    path.write_text(json.dumps(KeySet([_KEY]).as_dict(private=False)))
    return OidcTokens(Provider(_ISSUER, _AUDIENCE, path), Clock().seconds)


def good_token() -> str:
    """One that opens our business."""
    return _signed({})


def bad_bearers(api: Desk) -> list[str]:
    """What is shown and must open nothing; one of each kind at least."""
    return [*_keys(api), *(f"Bearer {each}" for each in _tokens())]


def _keys(api: Desk) -> Iterator[str]:
    good = api.bearer(OURS)["Authorization"].removeprefix("Bearer ")
    _, name, secret = good.split("_", 2)
    yield from (
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer x",
        f"Basic {good}",
        good,
    )
    yield from (f"Bearer idk_{name}_{secret[:-1]}", f"Bearer idk_{name}_{secret}A")
    yield from (f"Bearer idk_{name}_", f"Bearer idk__{secret}", f"Bearer {good} {good}")
    yield from (f"Bearer idk_{name}_{secret.swapcase()}", f"Bearer IDK_{name}_{secret}")
    yield from (
        f"Bearer idk_{'0' * 12}_{secret}",
        f"Bearer {good},",
        "Bearer " + "_" * 99,
    )
    yield api.bearer(OURS, life_ms=1)["Authorization"]  # expired when time goes on
    revoked = api.bearer(OURS)["Authorization"]
    api.keys.revoke(revoked.split("_")[1], 5)
    api.book.reload()
    yield revoked


def _tokens() -> Iterator[str]:
    yield from (_signed(change) for change in _CHANGES)
    yield _signed({}, key=_OTHER)
    yield _signed({}, header={"kid": "nobody"}, key=_OTHER)
    yield _signed({}, header={"kid": "../../dev/null"}, key=_OTHER)
    yield _signed({}, header={"jwk": _OTHER.as_dict(private=False)}, key=_OTHER)
    yield _signed({}, header={"jku": "http://evil.example/jwks"}, key=_OTHER)
    head, body, mark = good_token().split(".")
    for name in ("none", "None", "NONE", ""):
        yield f"{_part({'alg': name, 'kid': 'one'})}.{body}."
    hs = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{body}"
    # The published key taken as the secret of a shared one.
    secret = json.dumps(_KEY.as_dict(private=False)).encode()
    yield f"{hs}.{_text(hmac.digest(secret, hs.encode(), 'sha256'))}"
    yield f"{hs}.{_text(hmac.digest(_KEY.as_pem(private=False), hs.encode(), 'sha256'))}"
    yield from (
        f"{head}.{body}",
        f"{head}.{body}.",
        f"{head}..{mark}",
        f".{body}.{mark}",
    )
    yield from (
        f"{head}.{body}.{mark}x",
        f"{head}.{body}.{mark[:-9]}",
        "..",
        "e30.e30.e30",
    )
    more = _part({**_CLAIMS, "idweave_businesses": ["900", "901"]})
    yield f"{head}.{more}.{mark}"


_CLAIMS: Final[dict[str, Any]] = {
    "iss": _ISSUER,
    "aud": _AUDIENCE,
    "sub": "mallory",
    "exp": _START + 600,
    "idweave_businesses": [str(OURS)],
    "idweave_verbs": [str(verb) for verb in Verb],
}
_CHANGES: Final[tuple[dict[str, Any], ...]] = (
    *({"iss": "https://login.example.evil"}, {"iss": None}, {"aud": "another"}),
    *({"aud": None}, {"exp": _START - 31}, {"exp": None}, {"exp": "later"}),
    *({"nbf": _START + 600}, {"sub": None}, {"idweave_businesses": []}),
    *({"idweave_businesses": "900"}, {"idweave_businesses": None}),
    *({"idweave_verbs": None}, {"idweave_verbs": {"read": True}}),
)


def _signed(
    change: dict[str, Any], *, header: dict[str, Any] | None = None, key: RSAKey = _KEY
) -> str:
    claims = {k: v for k, v in {**_CLAIMS, **change}.items() if v is not None}
    head = {"alg": "RS256", "kid": "one", **(header or {})}
    if not header:
        return jwt.encode(head, claims, key)
    # By hand: a maker of tokens would refuse some of these headers.
    signing = f"{_part(head)}.{_part(claims)}"
    made = jwt.encode({"alg": "RS256"}, claims, key)
    return f"{signing}.{made.rsplit('.', 1)[1]}"


def _part(found: dict[str, Any]) -> str:
    return _text(json.dumps(found).encode())


def _text(found: bytes) -> str:
    return urlsafe_b64encode(found).decode().rstrip("=")
