"""Who asked for what. Ids are kept as keyed hashes, never as themselves."""

import logging
import secrets
from contextlib import suppress
from hashlib import blake2b

import orjson

from idweave_adapters.api.asked import Asked
from idweave_adapters.api.problems import Problem
from idweave_adapters.api.routes import Route
from idweave_adapters.secret import Secret

AUDIT = logging.getLogger("idweave.api.audit")


class Audit:
    """Writes one line of JSON a request to the log `idweave.api.audit`.

    Whoever has the key can find the requests about an id, and nobody can find an id.
    """

    def __init__(self, key: Secret | None = None) -> None:
        """Take the key; without one a new one is made, good for this process alone."""
        text = secrets.token_hex(32) if key is None else key.reveal()
        self._key = blake2b(text.encode(), person=b"api-audit-key").digest()

    def of(self, text: str) -> str:
        """Return the hash of an id: 32 hexadecimal digits."""
        return blake2b(text.encode(), digest_size=16, key=self._key).hexdigest()

    def note(
        self, caller: str, route: Route, business: str, asked: Asked, status: int
    ) -> None:
        """Write that *caller* asked this, and how it was answered."""
        line = {
            "key": caller,
            "verb": route.verb,
            "route": route.name,
            "business": business,
            "ids": [self.of(text) for text in _ids(route, asked)],
            "status": status,
        }
        AUDIT.info("%s", orjson.dumps(line).decode())


def _ids(route: Route, asked: Asked) -> list[str]:
    """Return what a request names that is an id, or the beginning of one."""
    named = [p.name for p in route.parameters if p.is_id and p.name in asked.values]
    found = [asked.text(name) for name in named]
    with suppress(Problem):  # told to who asks
        found += [str(each) for each in asked.ids()] if route.body else []
    return found
