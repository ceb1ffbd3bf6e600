"""Changes that are not written yet, and are read as if they were."""

from typing import Any

import orjson

from idweave_adapters.read_model.keys import Area, key
from idweave_adapters.read_model.store import Readable


class Draft:
    """What one batch will have changed. Scans are for the store itself."""

    def __init__(self, store: Readable) -> None:
        self._store = store
        self.changes: dict[bytes, bytes | None] = {}
        self.touched: set[tuple[str, str]] = set()
        """Business and member of whoever may have become nobody's, or somebody's."""

    def get(self, at: bytes) -> bytes | None:
        """Return what will stand there."""
        if at in self.changes:
            return self.changes[at]
        return self._store.get(at)

    def put(self, at: bytes, value: bytes = b"") -> None:
        """Put a value there."""
        self.changes[at] = value

    def drop(self, at: bytes) -> None:
        """Let nothing stand there."""
        self.changes[at] = None

    def has(self, at: bytes) -> bool:
        """Say whether something will stand there."""
        return self.get(at) is not None

    def text(self, at: bytes) -> str | None:
        """Return a text that will stand there."""
        found = self.get(at)
        return None if found is None else found.decode()

    def document(self, at: bytes) -> Any:
        """Return a JSON value that will stand there, or None."""
        found = self.get(at)
        return None if found is None else orjson.loads(found)

    def put_document(self, at: bytes, document: object) -> None:
        """Put a JSON value there."""
        self.put(at, orjson.dumps(document))

    def count(self, business: str, what: str, more: int) -> None:
        """Add to a count; one that is zero is not kept."""
        at = key(Area.COUNT, business, what)
        total = int(self.get(at) or 0) + more
        if total:
            self.put(at, str(total).encode())
        else:
            self.drop(at)

    def number(self) -> int:
        """Return the next number of this store; each is given once."""
        at = key(Area.META, "number")
        following = int(self.get(at) or 0) + 1
        self.put(at, str(following).encode())
        return following
