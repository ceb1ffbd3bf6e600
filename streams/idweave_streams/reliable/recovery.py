"""Brings the tables up to date after a rebalance, then lets the sources flow.

Differences to the stock class, each with a test that fails without it:

- Sources are sought before they flow, and the queues are emptied before that (stock:
  records fetched in between are wiped and then dropped as already read).
- Done means: the position is at the end, or the broker has nothing left to read there
  (stock: the last offset was *seen*, which never happens once it is compacted away).
- Any error stops the process (stock logs "Error in recovery" and goes on with a hole).
- Changelog records are written to the local files in bulk.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from typing import Any

from aiokafka.errors import IllegalStateError
from faust.exceptions import ConsistencyError
from faust.tables import manager, recovery
from faust.types import TP
from mode import Service

from .errors import ForeignChangelog, WrongUse
from .host import host, member
from .probe import has_records_from
from .store import Change
from .table import Table

_PROBE_INTERVAL_S = 3.0
_REBALANCE_WAIT_S = 60.0


class Recovery(recovery.Recovery):
    """See the module text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._targets: dict[TP, int] = {}
        self._standby_targets: dict[TP, int] = {}
        self._caught_up = asyncio.Event()

    def apply(self, tp: TP, records: Sequence[Any], position: int) -> None:
        """Write changelog records to the local file and note how far it is."""
        offsets = self._offsets_of(tp)
        if offsets is None:
            return  # moved away; the new owner reads for itself
        table = self.tp_to_table[tp]
        if not isinstance(table, Table):
            raise WrongUse(f"table {table.name} was not made by a Stage")
        if records:
            changes = _changes(tp, records)
            table.store.write_unit(tp.partition, changes, records[-1].offset)
        offsets[tp] = position - 1
        self._note_position(tp, position)

    def end_of(self, tp: TP) -> int:
        """Return up to where an active changelog partition was read."""
        return int(max(self.active_highwaters[tp], self.active_offsets[tp])) + 1

    @Service.task
    async def _slurp_changelogs(self) -> None:
        """Nothing: the consumer calls ``apply``."""

    @Service.task
    async def _restart_recovery(self) -> None:
        while not self.should_stop:
            if await self.wait_for_stopped(self.signal_recovery_start.wait()):
                break
            self.signal_recovery_start.clear()
            try:
                await self._recover(self._generation_id)
            except recovery.RebalanceAgain:
                continue
            except IllegalStateError:
                await self._expect_rebalance()
            except recovery.ServiceStopped:
                break

    async def _expect_rebalance(self) -> None:
        """A partition is no longer ours: wait for the assignment that must follow."""
        async with asyncio.timeout(_REBALANCE_WAIT_S):
            await self.signal_recovery_start.wait()

    async def _recover(self, generation: int) -> None:
        self._set_recovery_started()
        self._targets.clear()
        self._standby_targets.clear()
        self._caught_up.clear()
        if self.active_tps:
            await self._read_actives()
        if self.standby_tps:
            await self._start_standbys()
        await self.on_recovery_completed(generation)

    async def _read_actives(self) -> None:
        consumer, tps = self.app.consumer, self.active_tps
        await self._locate(tps, self.active_highwaters, self.active_offsets, "active")
        self._targets = {
            tp: int(self.active_highwaters[tp]) + 1
            for tp in tps
            if self.active_offsets[tp] < self.active_highwaters[tp]
        }
        if not self._targets:
            return
        self.log.info("reading %d changelog partitions", len(self._targets))
        await self._seek_offsets(consumer, tps, self.active_offsets, "active")
        await self._flow(self._targets)
        await self._wait(self._caught_up.wait())
        consumer.pause_partitions(tps)

    async def _start_standbys(self) -> None:
        consumer, tps = self.app.consumer, self.standby_tps
        await self._locate(
            tps, self.standby_highwaters, self.standby_offsets, "standby"
        )
        self._standby_targets = {
            tp: int(self.standby_highwaters[tp]) + 1
            for tp in tps
            if self.standby_offsets[tp] < self.standby_highwaters[tp]
        }
        await self._seek_offsets(consumer, tps, self.standby_offsets, "standby")
        await self._flow(tps)

    async def _locate(self, tps: set[TP], ends: Any, offsets: Any, title: str) -> None:
        """Find where each changelog ends and what the local file already has."""
        consumer = self.app.consumer
        await self._until(self._build_highwaters(consumer, tps, ends, title))
        await self._until(self._build_offsets(consumer, tps, offsets, title))
        for tp in tps:
            if offsets[tp] > max(ends[tp], -1):
                raise ConsistencyError(
                    recovery.E_PERSISTED_OFFSET.format(tp, offsets[tp], ends[tp])
                )

    async def _flow(self, tps: Iterable[TP]) -> None:
        app = self.app
        app.flow_control.resume()
        app.consumer.resume_partitions(tps)
        app.consumer.resume_flow()
        await app._fetcher.maybe_start()  # type: ignore[attr-defined] # noqa: SLF001

    async def _seek_offsets(
        self, consumer: Any, tps: Iterable[TP], offsets: Any, title: str
    ) -> None:
        await self._until(consumer.seek_wait({tp: offsets[tp] + 1 for tp in tps}))

    async def on_recovery_completed(self, generation_id: int = 0) -> None:
        """Open the stages at what is committed, and only then let records flow."""
        app, consumer = self.app, self.app.consumer
        await app.on_rebalance_complete.send()
        self._set_recovery_ended()
        for table in self.tables.values():
            await table.on_recovery_completed(
                self.actives_for_table[table], self.standbys_for_table[table]
            )
        if not member(app).is_current(generation_id):
            return  # the rebalance that is under way brings its own recovery
        sources = {tp for tp in consumer.assignment() if not self._is_changelog_tp(tp)}
        if sources:
            await self._until(consumer.perform_seek())
        await self._until(host(app).open_stages(sources, generation_id))
        if not member(app).is_current(generation_id):
            return
        self.completed.set()
        # The order that keeps records: what is in the queues goes, then the sources
        # flow. Records taken before the seek can't be among them, sources were paused.
        await self._flow(sources)
        self.tables.on_actives_ready()
        self._note_standbys()
        app.on_rebalance_end()
        self.log.info("worker ready")

    async def _until(self, work: Awaitable[Any]) -> None:
        """Wait for ``work``, but not beyond the next rebalance or the end of service.

        Raises:
            TimeoutError: the broker did not answer in time; stock ends recovery for
                good here, without a word.
        """
        timeout_s = self.app.conf.broker_request_timeout
        await self._wait(asyncio.wait_for(work, timeout_s))

    def _offsets_of(self, tp: TP) -> Any:
        if tp in self.active_tps:
            return self.active_offsets
        return self.standby_offsets if tp in self.standby_tps else None

    def _note_position(self, tp: TP, position: int) -> None:
        if position >= self._targets.get(tp, position + 1):
            del self._targets[tp]
            self.app.consumer.pause_partitions([tp])
            if not self._targets:
                self._caught_up.set()
        if position >= self._standby_targets.get(tp, position + 1):
            del self._standby_targets[tp]
            self._note_standbys()

    def _note_standbys(self) -> None:
        if not self._standby_targets:
            self.tables.on_standbys_ready()
            if self.standby_tps:
                self.log.info("standbys are up to date")

    @Service.task
    async def _finish_emptied(self) -> None:
        """End the reading of partitions that have nothing left below their end."""
        while not self.should_stop:
            before = {tp: self.active_offsets[tp] for tp in self._targets}
            await self.sleep(_PROBE_INTERVAL_S)
            for tp, offset in before.items():
                if tp in self._targets and self.active_offsets[tp] == offset:
                    await self._finish_if_empty(tp, offset + 1)

    async def _finish_if_empty(self, tp: TP, position: int) -> None:
        if await has_records_from(self.app, tp, position):
            return
        target = self._targets.get(tp)
        if target is not None and self.active_offsets[tp] + 1 == position:
            self.log.info("changelog %s[%d] ends without a record", *tp)
            self.active_offsets[tp] = target - 1
            self._note_position(tp, target)


def _changes(tp: TP, records: Sequence[Any]) -> Iterator[Change]:
    for record in records:
        if record.key is None:
            raise ForeignChangelog(tp.topic, tp.partition, record.offset)
        yield record.key, record.value


class TableManager(manager.TableManager):
    """Faust's table manager with our recovery."""

    _recovery: Recovery | None = None

    async def on_start(self) -> None:
        """Start at once: stages declare their tables before the app starts."""
        await self._update_channels()
        await self.recovery.start()

    @property
    def recovery(self) -> Recovery:
        """The recovery service, made on first use."""
        if self._recovery is None:
            self._recovery = Recovery(
                self.app, self, beacon=self.beacon, loop=self.loop
            )
        return self._recovery
