"""A Faust table of raw bytes that only units write."""

from typing import Any, cast

import faust

from .errors import WrongUse
from .store import DELETES_KEPT_S, Store, open_store

# For who creates changelog topics: never "delete", which loses live keys, and deletes
# kept until every local copy has seen them or is too old to be used.
CHANGELOG_CONFIG = {
    "cleanup.policy": "compact",
    "delete.retention.ms": str(int(DELETES_KEPT_S * 1000)),
}


class Table(faust.Table[bytes, bytes]):
    """Declared like any Faust table, recovered by our ``Recovery``, read by partition.

    ``table[key] = value`` is refused: Faust writes the local file before the changelog
    has left the process, so that a crash leaves a value that nobody else ever sees.
    """

    def __init__(self, app: faust.App, *, name: str, **kwargs: Any) -> None:
        kwargs = {"key_type": bytes, "value_type": bytes, **kwargs}
        configs = {
            **CHANGELOG_CONFIG,
            **(kwargs.pop("extra_topic_configs", None) or {}),
        }
        super().__init__(app, name=name, extra_topic_configs=configs, **kwargs)

    @property
    def store(self) -> Store:
        """The local files."""
        return cast("Store", self.data)

    def _new_store(self) -> Store:
        return open_store(self.app, self, self.name, self.options)

    def on_key_set(self, key: bytes, value: bytes) -> None:
        """Refuse a write outside a unit."""
        raise WrongUse(f"table {self.name}: use Unit.put in the handler of its stage")

    def on_key_del(self, key: bytes) -> None:
        """Refuse a delete outside a unit."""
        raise WrongUse(
            f"table {self.name}: use Unit.delete in the handler of its stage"
        )

    def on_clear(self) -> None:
        """Refuse to clear the table."""
        raise WrongUse(f"table {self.name} can't be cleared; delete its keys in units")
