"""Tokens of an OpenID Connect provider, told from others by its published keys.

Issuer, audience and algorithms are pinned: what the token itself says of them counts for
nothing. It must expire, name its subject, and say in two claims of its own what it is
for: `idweave_businesses` and `idweave_verbs`, each an array of texts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from idweave_adapters.api.api_keys import KeysError, UnreadableKeysError
from idweave_adapters.api.caller import Caller, Credentials
from idweave_adapters.api.routes import Verb
from idweave_graph.ids import business_id

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""None with a shared secret: whoever can check those tokens can make them."""
BUSINESSES: Final = "idweave_businesses"
VERBS: Final = "idweave_verbs"
_LEEWAY_S: Final = 30
_MAX_FILE_BYTES: Final = 1024**2
_FAULTS: Final = (JoseError, ValueError, TypeError, KeyError, AttributeError)


@dataclass(frozen=True, slots=True)
class Provider:
    """Whose tokens are good."""

    issuer: str
    audience: str
    """What they must be made for: this API."""
    jwks_file: Path
    """The provider's public keys, as it publishes them."""


class OidcTokens:
    """Tells the callers of a provider's tokens; a `Credentials`.

    The file of keys is taken over again when it changes; while it is faulty, the keys
    that were good last stay so.
    """

    def __init__(self, provider: Provider, clock_s: Callable[[], float]) -> None:
        """Read the keys.

        Raises:
            KeysError: they can't be used.
        """
        self._file = provider.jwks_file
        self._issuer = provider.issuer
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock_s()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": provider.audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._seen = self._mark()
        self._keys = self._read()

    def reload(self) -> bool:
        """Take the file as it is now, if it changed; say whether it was read again.

        Raises:
            UnreadableKeysError: it can't be read; the next time it is tried again.
            KeysError: it can't be used. It is not read again until it changes.
        """
        now = self._mark()
        if now == self._seen:
            return False
        before, self._seen = self._seen, now
        try:
            self._keys = self._read()
        except UnreadableKeysError:
            self._seen = before
            raise
        return True

    def caller(self, shown: str) -> Caller | None:
        """Return whose token *shown* is, if all of it is right."""
        try:
            token = jwt.decode(shown, self._keys, algorithms=list(ALGORITHMS))
            self._claims.validate(token.claims)
            return self._caller(token.claims)
        except _FAULTS:
            return None

    def _caller(self, claims: dict[str, Any]) -> Caller:
        businesses, verbs = (_texts(claims[name]) for name in (BUSINESSES, VERBS))
        who = f"{self._issuer}|{claims['sub']}".encode()
        name = f"jwt_{blake2b(who, digest_size=6).hexdigest()}"
        # A verb of a later release is none that could be asked for.
        known = frozenset(verb for verb in Verb if verb in verbs)
        if not businesses:
            raise ValueError(BUSINESSES)
        named = frozenset(str(business_id(each)) for each in businesses)
        return Caller(name, named, known)

    def _mark(self) -> tuple[int, int, int] | None:
        try:
            stat = self._file.stat()
        except OSError:
            return None
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino)

    def _read(self) -> KeySet:
        try:
            with self._file.open("rb") as file:
                found = orjson.loads(file.read(_MAX_FILE_BYTES))
            if any("d" in key or key["kty"] == "oct" for key in found["keys"]):
                msg = f"{self._file}: holds secret keys; it is for public ones"
                raise KeysError(msg)
            return KeySet.import_key_set(found)
        except OSError as error:
            msg = f"{self._file}: can't be read ({error.strerror})"
            raise UnreadableKeysError(msg) from None
        except _FAULTS:
            msg = f"{self._file}: is no JSON Web Key Set; take what the provider publishes"
        raise KeysError(msg) from None


class EitherCredentials:
    """API keys and, for all that is none, tokens of a provider."""

    def __init__(self, keys: Credentials, tokens: Credentials) -> None:
        self._keys = keys
        self._tokens = tokens

    def caller(self, shown: str) -> Caller | None:
        """Return whose credential *shown* is, or None."""
        if shown.startswith("idk_"):
            return self._keys.caller(shown)
        return self._tokens.caller(shown)


def _texts(found: object) -> frozenset[str]:
    if not isinstance(found, list) or not all(isinstance(t, str) for t in found):
        msg = "a claim must be an array of texts"
        raise TypeError(msg)
    return frozenset(found)
