"""The read model: who is whom, and what was told of it, ready to be asked.

Filled by a `Writer` from the output topics, asked through `ReadModel`. Knows no Kafka.
"""

from idweave_adapters.read_model.copies import ModelCopy
from idweave_adapters.read_model.forgetting import without
from idweave_adapters.read_model.port import Page, ReadModel
from idweave_adapters.read_model.raw_files import raw_pairs
from idweave_adapters.read_model.reading import StoredReadModel, businesses_in
from idweave_adapters.read_model.records import (
    Entry,
    Place,
    ReadModelError,
    Source,
    UnreadableEntryError,
)
from idweave_adapters.read_model.rocks import OpenedFiles, RocksStore
from idweave_adapters.read_model.store import MemoryStore, Store
from idweave_adapters.read_model.writing import Writer

__all__ = [
    "Entry",
    "MemoryStore",
    "ModelCopy",
    "OpenedFiles",
    "Page",
    "Place",
    "ReadModel",
    "ReadModelError",
    "RocksStore",
    "Source",
    "Store",
    "StoredReadModel",
    "UnreadableEntryError",
    "Writer",
    "businesses_in",
    "raw_pairs",
    "without",
]
