"""A key for one run of a server, for whoever started it."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

from idweave_adapters.api.caller import Caller
from idweave_adapters.api.routes import Verb
from idweave_adapters.secret import Secret

NAME: Final = "this-run"
"""How its bearer is called. No key of a file is: those have hexadecimal ids."""
_SECRET_BYTES: Final = 32


class PassingKey:
    """One key, in the memory of this process alone; a `Credentials`.

    It is for some businesses and all verbs, and ends with the process.
    """

    def __init__(self, businesses: Iterable[str]) -> None:
        """Make the key."""
        self.secret = Secret(f"idk_{secrets.token_urlsafe(_SECRET_BYTES)}")
        self._caller = Caller(NAME, frozenset(businesses), frozenset(Verb))
        self._hash = _hash(self.secret.reveal())

    def caller(self, shown: str) -> Caller | None:
        """Return the bearer, in a time that does not tell how near a guess was."""
        is_right = hmac.compare_digest(self._hash, _hash(shown))
        return self._caller if is_right else None


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
