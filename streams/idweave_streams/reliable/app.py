"""The Faust app with everything of this package wired in."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import faust
import mode
from faust.types import TP
from mode import ServiceT

from .consumer import Transport
from .errors import Overtaken, WrongUse
from .exits import ExitWatch, last_words
from .host import SourceBounds, Workshop, member
from .memory import Memory
from .producer import Outbox
from .recovery import TableManager

_SAFE: dict[str, Any] = {
    "autodiscover": False,
    "agent_supervisor": mode.CrashingSupervisor,
    "broker_client_id": "reliable",
    "broker_commit_interval": 1.0,
    "broker_heartbeat_interval": 3.0,
    "broker_rebalance_timeout": 60.0,
    "broker_request_timeout": 60.0,
    "broker_session_timeout": 12.0,  # stock: 60 s without work after a kill -9
    "consumer_auto_offset_reset": "earliest",
    "consumer_max_fetch_size": 1024**2,
    "stream_recovery_delay": 0.0,
    "table_standby_replicas": 0,
    "topic_disable_leader": True,
    "web_enabled": False,
    "web_graph_enabled": False,
    "web_metrics_enabled": False,
    "web_router_enabled": False,
    "web_stats_enabled": False,
    "web_tables_enabled": False,  # serves table contents to anybody
    "worker_redirect_stdouts": False,
}

# What this package relies on: not for the caller to choose.
_FIXED: dict[str, Any] = {
    "processing_guarantee": "at_least_once",
    "recovery_consistency_check": True,
    "stream_wait_empty": True,
    "TableManager": TableManager,
}


class ReliableApp(faust.App):
    """A Faust app whose stages lose nothing.

    Args:
        app_id: Faust's app id: consumer group, and prefix of the changelog topics.
        delivery_timeout_s: how long a unit waits for the broker before the process
            exits. Shorter than the rebalance timeout.
        exit_timeout_s: how long a stop or a crash may take before the process is ended.
        memory: what the local files of all tables may hold in memory together.
        options: any Faust setting; the defaults above apply where none is given.
    """

    def __init__(
        self,
        app_id: str,
        *,
        delivery_timeout_s: float = 45.0,
        exit_timeout_s: float = 25.0,
        memory: Memory = Memory(),  # noqa: B008 - it can't change
        **options: Any,
    ) -> None:
        clash = _FIXED.keys() & options.keys()
        if clash:
            raise WrongUse(f"these settings are fixed: {', '.join(sorted(clash))}")
        super().__init__(app_id, **{**_SAFE, **options, **_FIXED})
        self.memory = memory
        self._delivery_timeout_s = delivery_timeout_s
        self._exit_watch = ExitWatch(exit_timeout_s)
        self._assigning = asyncio.Lock()
        self._outbox: Outbox | None = None
        self.failure: BaseException | None = None
        self._overtaken: asyncio.Future[None] | None = None
        self._stages: list[Workshop] = []
        self.stage_topics: frozenset[str] = frozenset()

    @property
    def stages(self) -> tuple[Workshop, ...]:
        """The stages, in order of declaration."""
        return tuple(self._stages)

    @property
    def outbox(self) -> Outbox:
        """The producer; use ``outbox.publish`` to send from outside a unit."""
        if self._outbox is None:
            self._outbox = Outbox(
                self,
                delivery_timeout_s=self._delivery_timeout_s,
                may_write=self._may_write,
            )
        return self._outbox

    @property
    def is_ready(self) -> bool:
        """Whether partitions are assigned and recovered: the readiness of a pod."""
        return bool(self.tables.actives_ready) and not (
            self.rebalancing or self.in_recovery or self.should_stop
        )

    def add_stage(self, stage: Workshop) -> None:
        """Register a stage. A source topic belongs to one stage only."""
        taken = self.stage_topics & set(stage.topics)
        if taken:
            raise WrongUse(f"two stages read {', '.join(sorted(taken))}")
        self._stages.append(stage)
        self.stage_topics |= set(stage.topics)

    async def open_stages(self, assigned: Iterable[TP], generation: int) -> None:
        """Start work on the assigned partitions.

        Raises:
            StartRefused: a partition may not be worked on.
        """
        sources = await self._bounds(
            {tp for tp in assigned if tp.topic in self.stage_topics}
        )
        for stage in self._stages:
            own = {tp: at for tp, at in sources.items() if tp.topic in stage.topics}
            await stage.open(generation, own)

    async def quiesce_stages(self) -> None:
        """Let the units in work end; nothing new begins."""
        await asyncio.gather(*(stage.quiesce() for stage in self._stages))

    async def _bounds(self, tps: set[TP]) -> dict[TP, SourceBounds]:
        if not tps:
            return {}
        starts = await self.consumer.earliest_offsets(*tps)
        ends = await self.consumer.highwaters(*tps)
        committed = member(self).committed_offset
        return {tp: SourceBounds(starts[tp], ends[tp], committed(tp)) for tp in tps}

    def _may_write(self) -> bool:
        """Whether the broker surely still counts this process as a member.

        Ends the process where it surely does not, and something waits to be written.
        """
        if not self.consumer_generation_id:
            return self.failure is None  # it has not been one yet
        if self.failure is not None:
            return False
        group = member(self)
        if group.generation < 0:
            if not self.should_stop:
                self._overtaken = asyncio.ensure_future(self.fail(Overtaken()))
            return False
        return group.is_leased

    # Ending

    async def fail(self, reason: BaseException) -> None:
        """End the process with exit code 1; nothing more is acked."""
        await self.crash(reason)

    async def start(self) -> None:
        """Start as Faust does; what keeps it from that is known afterwards."""
        try:
            await super().start()
        except Exception as exc:
            self._note(exc)
            raise

    async def crash(self, reason: BaseException) -> None:
        """Crash as Faust does, but end for sure."""
        self._note(reason)
        await super().crash(reason)

    def _crash(self, reason: BaseException) -> None:
        self._note(reason)
        super()._crash(reason)

    def _note(self, reason: BaseException) -> None:
        """Start the clock; of several reasons the first is the cause of the others."""
        if self.failure is None:
            self.failure = reason
        self._exit_watch.arm(f"a crash: {last_words(reason)}")

    async def on_stop(self) -> None:
        """Stop in good order, but stop for sure."""
        self._exit_watch.arm("the stop signal")
        async with self._assigning:  # it opens files, and a stop closes them
            pass
        await super().on_stop()

    async def on_shutdown(self) -> None:
        """Reached the end; a crash keeps its clock, the interpreter may still hang."""
        if not self.crashed:
            self._exit_watch.disarm()
        await super().on_shutdown()

    # Wiring

    async def _on_partitions_assigned(
        self, assigned: set[TP], generation_id: int = 0
    ) -> None:
        async with self._assigning:
            await super()._on_partitions_assigned(assigned, generation_id)

    def on_init_dependencies(self) -> Iterable[ServiceT]:
        """Start the outbox before everything that may send, stop it after."""
        return [self.outbox, *super().on_init_dependencies()]

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        Path(self.conf.datadir).mkdir(parents=True, exist_ok=True)
        super()._create_directories()
