"""Tokens of a provider: only what it has signed, for us, for now."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from idweave_adapters.api import KeysError, Verb
from idweave_adapters.api.oidc import OidcTokens, Provider

NOW = 1_767_225_600
ISSUER, AUDIENCE = "https://login.example", "idweave"
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "ann",
    "exp": NOW + 600,
    "idweave_businesses": ["900"],
    "idweave_verbs": ["read", "explain", "of-a-later-release"],
}
RSA, OTHER_RSA = (RSAKey.generate_key(2048, {"kid": "one"}) for _ in range(2))
EC = ECKey.generate_key("P-256", {"kid": "two"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The keys of the provider."""
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(KeySet([RSA, EC]).as_dict(private=False)))
    return path


@pytest.fixture
def tokens(file: Path) -> OidcTokens:
    return OidcTokens(Provider(ISSUER, AUDIENCE, file), lambda: float(NOW))


def signed(claims: dict[str, Any], key: Any = RSA, algorithm: str = "RS256") -> str:
    header = {"alg": algorithm, "kid": key.kid or "one"}
    return jwt.encode(header, claims, key, algorithms=[algorithm])


def test_a_good_token_says_who_may_what(tokens: OidcTokens) -> None:
    """Businesses and verbs are its claims; its subject is not shown as it is."""
    for token in (signed(GOOD), signed(GOOD, EC, "ES256")):
        caller = tokens.caller(token)

        assert caller is not None
        assert caller.businesses == {"900"}
        assert caller.verbs == {Verb.READ, Verb.EXPLAIN}
        assert "ann" not in caller.name


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://login.example.evil"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": None},
        {"exp": NOW - 31},
        {"exp": None},
        {"exp": "later"},
        {"nbf": NOW + 600},
        {"sub": None},
        {"idweave_businesses": None},
        {"idweave_businesses": "900"},
        {"idweave_businesses": []},
        {"idweave_businesses": [900]},
        {"idweave_businesses": [""]},
        {"idweave_businesses": ["900", "900\0p_"]},
        {"idweave_verbs": None},
        {"idweave_verbs": "read"},
    ],
    ids=str,
)
def test_a_token_that_says_otherwise_opens_nothing(
    tokens: OidcTokens, change: dict[str, Any]
) -> None:
    """One claim that is missing or wrong is enough."""
    merged = {**GOOD, **change}
    claims = {name: value for name, value in merged.items() if value is not None}

    assert tokens.caller(signed(GOOD)) is not None
    assert tokens.caller(signed(claims)) is None


def by_shared_secret(secret: bytes) -> str:
    """Sign as who took the provider's public key for a secret."""
    parts = ({"alg": "HS256", "kid": "one"}, GOOD)
    text = b".".join(
        urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts
    )
    made = urlsafe_b64encode(hmac.digest(secret, text, "sha256")).rstrip(b"=")
    return f"{text.decode()}.{made.decode()}"


FORGED: dict[str, Callable[[], str]] = {
    "another key of the same name": lambda: signed(GOOD, OTHER_RSA),
    "an algorithm that is not pinned": lambda: signed(GOOD, RSA, "RS512"),
    "the public key as a shared secret": lambda: by_shared_secret(
        RSA.as_pem(private=False)
    ),
    "no signature": lambda: signed(GOOD).rpartition(".")[0] + ".",
    "no algorithm": lambda: "eyJhbGciOiJub25lIn0." + signed(GOOD).split(".")[1] + ".",
    "other claims": lambda: ".".join(
        [
            signed(GOOD).split(".")[0],
            signed({**GOOD, "idweave_businesses": ["901"]}).split(".")[1],
            signed(GOOD).split(".")[2],
        ]
    ),
    "nothing": str,
    "noise": lambda: "a.b.c",
    "no ASCII": lambda: "é.💥.\udcff",
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_token_opens_nothing(tokens: OidcTokens, kind: str) -> None:
    """Whatever it says of itself."""
    assert tokens.caller(FORGED[kind]()) is None


def test_keys_that_are_replaced_count_at_once(tokens: OidcTokens, file: Path) -> None:
    """A faulty file leaves the last good ones."""
    file.write_text("{")
    with pytest.raises(KeysError, match="no JSON Web Key Set"):
        tokens.reload()
    assert tokens.caller(signed(GOOD)) is not None

    file.write_text(json.dumps(KeySet([OTHER_RSA]).as_dict(private=False)))

    assert tokens.reload()
    assert tokens.caller(signed(GOOD)) is None
    assert tokens.caller(signed(GOOD, OTHER_RSA)) is not None
    assert not tokens.reload()


def test_secret_keys_are_refused(tmp_path: Path) -> None:
    """They are the provider's alone; who has them can be anybody."""
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(KeySet([RSA]).as_dict(private=True)))

    with pytest.raises(KeysError, match="public"):
        OidcTokens(Provider(ISSUER, AUDIENCE, path), lambda: float(NOW))
