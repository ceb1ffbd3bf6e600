"""What the parts of this package need of each other at run time.

Faust hands every part the app and reaches everything through it. These protocols say
which of that is ours, so that no part imports the app that is made of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from faust.types import TP, AppT

from .memory import Memory
from .records import Run


@dataclass(frozen=True, slots=True)
class SourceBounds:
    """Where a source partition starts and ends, and where the group stands."""

    start: int
    end: int
    committed: int | None


class Workshop(Protocol):
    """A stage, as the app sees it."""

    @property
    def name(self) -> str:
        """Its stable name."""
        ...

    @property
    def topics(self) -> tuple[str, ...]:
        """Its source topics."""
        ...

    async def open(self, generation: int, sources: Mapping[TP, SourceBounds]) -> None:
        """Check and start work on the given source partitions."""
        ...

    async def quiesce(self) -> None:
        """Let units in work end; nothing new begins."""
        ...


class Member(Protocol):
    """The consumer, as a member of the group."""

    @property
    def generation(self) -> int:
        """Generation of the membership; -1 once the broker says it is over."""
        ...

    @property
    def is_leased(self) -> bool:
        """Whether the broker surely still counts this process as a member."""
        ...

    def is_current(self, generation: int) -> bool:
        """Whether work may begin under ``generation``."""
        ...

    def release(self, tp: TP, through: int, generation: int) -> None:
        """Finish input records up to and with an offset."""
        ...

    def committed_offset(self, tp: TP) -> int | None:
        """Return what the group has committed."""
        ...

    def topic_partitions(self, topic: str) -> int | None:
        """Return how many partitions a subscribed topic has."""
        ...


class Restorer(Protocol):
    """The recovery of tables."""

    def apply(self, tp: TP, records: Sequence[Any], position: int) -> None:
        """Write changelog records to the local file."""
        ...

    def end_of(self, tp: TP) -> int:
        """Return up to where an active changelog partition was read."""
        ...


class Host(Protocol):
    """The app."""

    consumer_generation_id: int
    memory: Memory
    stage_topics: frozenset[str]

    async def open_stages(self, assigned: Iterable[TP], generation: int) -> None:
        """Start work on the assigned partitions."""
        ...

    async def quiesce_stages(self) -> None:
        """Let units in work end; nothing new begins."""
        ...

    async def fail(self, reason: BaseException) -> None:
        """End the process."""
        ...


class Distributor(Protocol):
    """The conductor."""

    def hand_over(self, tp: TP, run: Run) -> None:
        """Queue a run for the agent of its stage."""
        ...


def host(app: AppT) -> Host:
    """Return the app as ours."""
    return cast("Host", app)


def member(app: AppT) -> Member:
    """Return the app's consumer as ours."""
    return cast("Member", app.consumer)


def restorer(app: AppT) -> Restorer:
    """Return the recovery of the app's tables as ours."""
    return cast("Restorer", app.tables.recovery)  # type: ignore[attr-defined]


def distributor(app: AppT) -> Distributor:
    """Return the app's conductor as ours."""
    return cast("Distributor", app.topics)
