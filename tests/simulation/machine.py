"""What a worker stands on: its machine, its membership, and what all workers share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from faust.types import TP
from tests.simulation.broker import Broker, Network, Place
from tests.simulation.lane import Copy
from tests.simulation.platform import Platform, Wire

from idweave_adapters.erasure_key import ErasureKey
from idweave_streams.reliable.offsets import OffsetTracker
from idweave_streams.settings import Settings

if TYPE_CHECKING:
    from tests.simulation.process import Process


class Died(BaseException):
    """The process of that name is no more, at once and whatever it was doing."""


@dataclass(slots=True)
class Machine:
    """Where a worker runs, and what outlasts it."""

    number: int
    disk: dict[tuple[str, int], Copy] = field(default_factory=dict)
    process: "Process | None" = None
    is_wiped: bool = False
    """Its disk goes with the next death."""
    down_moves: int = 10
    """How long nothing runs on it after a death."""


@dataclass(slots=True)
class Surroundings:
    """What all processes share."""

    settings: Settings
    broker: Broker
    network: Network
    wire: Wire
    platform: Platform
    now_ms: Callable[[], int]
    random: Random
    unit_records: int
    key: ErasureKey | None
    """Under which erasures are remembered."""


@dataclass(slots=True)
class Membership:
    """The consumer, as `Commit` knows it."""

    generation: int = -1
    is_leased: bool = True
    trackers: dict[Place, OffsetTracker] = field(default_factory=dict)

    def release(self, tp: TP, through: int, generation: int) -> None:
        """Finish records, as the product's consumer does."""
        tracker = self.trackers.get((tp.topic, tp.partition))
        if generation == self.generation and tracker is not None:
            tracker.release(through)


class App:
    """The Faust app, as far as `Commit` needs one."""

    should_stop = False

    def __init__(self, member: Membership) -> None:
        self.consumer = member
