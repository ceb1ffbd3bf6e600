"""How far the read model has come."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """What the model is filled from."""

    TOPICS = "topics"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class Freshness:
    """Where it stands."""

    origin: Origin
    behind: int | None
    """Records that stand on the topics and are not in it; None: not known now."""
    is_ready: bool
    """It has been at the end of the topics once, so that what it says is whole."""


Fresh = Callable[[], Freshness]
