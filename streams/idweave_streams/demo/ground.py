"""What a demo runs on: real Kafka with a worker process, or one process alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from idweave_streams.reliable import Output, Record


class Ground(Protocol):
    """Takes events in and gives the records of the tallied topics out."""

    name: str
    """What it is, for the screen."""

    async def start(self) -> None:
        """Make ready to take events."""

    async def send(self, outputs: Sequence[Output]) -> None:
        """Put records on the source topics."""

    async def poll(self) -> list[Record]:
        """Return what is new on the tallied topics."""

    async def lag(self) -> int:
        """Return how many records wait to be handled."""

    async def export(self, folder: Path) -> None:
        """Write all that is known to *folder*, as `idweave export` does."""

    def check(self) -> None:
        """Raise if what runs beside has died."""

    async def stop(self) -> None:
        """End everything that was started."""


class GroundLostError(RuntimeError):
    """What the demo runs on has ended by itself. The text says where to look."""
