"""Makes Faust lose nothing: units of work, strict offsets, safe recovery.

Knows Faust, aiokafka and RocksDB; knows nothing of what the records mean.
"""

from .app import ReliableApp
from .commit import Handle, Totals
from .errors import (
    DeliveryFailed,
    HandlerFailed,
    ReliableError,
    StartRefused,
    StoreFailed,
    UnitFailed,
    WrongUse,
)
from .exits import last_words
from .memory import Memory
from .producer import Outbox, partition_for
from .records import Output, Record, Run
from .stage import Stage
from .table import CHANGELOG_CONFIG, Table
from .unit import Readable, Unit

__all__ = [
    "CHANGELOG_CONFIG",
    "DeliveryFailed",
    "Handle",
    "HandlerFailed",
    "Memory",
    "Outbox",
    "Output",
    "Readable",
    "Record",
    "ReliableApp",
    "ReliableError",
    "Run",
    "Stage",
    "StartRefused",
    "StoreFailed",
    "Table",
    "Totals",
    "Unit",
    "UnitFailed",
    "WrongUse",
    "last_words",
    "partition_for",
]
