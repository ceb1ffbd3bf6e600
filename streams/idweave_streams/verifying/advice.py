"""What to do about a difference."""

from collections.abc import Mapping
from types import MappingProxyType

from idweave_streams.verifying.difference import (
    ALIASES,
    PERSONS,
    READ_MODEL,
    REPLAY,
    SNAPSHOT,
    STORE,
    TABLES,
    Difference,
)

_TOPIC = (
    "see that workers run and handle all evidence, and verify again: one that stood "
    "still may have told what its table does not have yet; if it stays, find out who "
    "else writes to the topic; `idweave export` has the record as it should be"
)

_ADVICE: Mapping[str, str] = MappingProxyType(
    {
        TABLES: (
            "the graph table is damaged: run `idweave verify --replay` to learn what "
            "the evidence log says, stop the workers, and let them rebuild the tables "
            "from the logs, under a new app_id"
        ),
        PERSONS: _TOPIC,
        ALIASES: _TOPIC,
        REPLAY: (
            "the tables are not what the evidence log says: if the log is whole, stop "
            "the workers, and let them rebuild the tables under a new app_id; if it was "
            "restored in part, restore it whole"
        ),
        SNAPSHOT: "the snapshot can't be relied on: take another one",
        STORE: (
            "stop the worker, delete this file, and start it again: it is rebuilt from "
            "the changelog"
        ),
        READ_MODEL: (
            "see that its `idweave api` runs and is at the end of the topics "
            "(`GET /v1/status`), and verify again; if it stays, stop it, empty this "
            "folder and start it: it is filled anew"
        ),
    }
)


def advice(found: Difference) -> str:
    """Say what to do next."""
    return _ADVICE[found.source]
