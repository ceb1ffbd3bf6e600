"""Who asked for what. Ids are kept as keyed hashes, never as themselves."""

import logging
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b

import orjson

from idweave_adapters.api.asked import Asked
from idweave_adapters.api.problems import Problem
from idweave_adapters.api.routes import Route
from idweave_adapters.api.what_if.changes import read_changes
from idweave_adapters.secret import Secret
from idweave_graph.ids import Member

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


@dataclass(slots=True)
class Note:
    """What is known of one request until it is written down, once."""

    audit: Audit
    caller: str
    route: Route
    question: Asked
    """What can be told of it, as long as the rest was not read."""
    business: str = ""
    is_written: bool = False

    def write(self, status: int) -> None:
        """Write it, unless that was done before."""
        if self.is_written:
            return
        self.is_written = True
        self.audit.note(self.caller, self.route, self.business, self.question, status)


def _ids(route: Route, asked: Asked) -> list[str]:
    """Return what a request names that is an id, or the beginning of one."""
    named = [p.name for p in route.parameters if p.is_id and p.name in asked.values]
    found = [asked.text(name) for name in named]
    with suppress(Problem):  # told to who asks
        found += [str(each) for each in _in_body(route, asked)]
    return found


def _in_body(route: Route, asked: Asked) -> Iterable[Member]:
    if route.body == "Ids":
        return asked.ids()
    if route.body == "Changes":
        _, changes = read_changes(asked.body)
        return dict.fromkeys(end for each in changes for end in (each.one, each.two))
    return ()
