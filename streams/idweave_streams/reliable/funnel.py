"""Joins the outputs of all lanes into few, full record batches.

With many partitions each unit has a few records for each of them. Sent as they are, one
batch per lane and target partition, they queue behind each other: the broker takes one
batch per partition at a time. So what gathers for a partition while a batch is on its
way goes together in the next one, whoever asked for it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from .records import Output

BATCH_HEADER_BYTES = 61

Place = tuple[str, int]
Send = Callable[[Place, BatchBuilder], Awaitable[object]]
NewBatch = Callable[[], BatchBuilder]


@dataclass(frozen=True, slots=True)
class Parcel:
    """Records of one unit for one topic-partition that travel together."""

    place: Place
    outputs: Sequence[Output]
    size_bytes: int


def parcelled(placed: Sequence[tuple[Place, Output]], limit_bytes: int) -> list[Parcel]:
    """Group by place, in order, into parcels of at most ``limit_bytes``.

    A record that is larger alone is a parcel of its own.
    """
    limit_bytes -= BATCH_HEADER_BYTES
    parcels: list[Parcel] = []
    filling: dict[Place, tuple[list[Output], int]] = {}
    for place, output in placed:
        size = size_of(output)
        outputs, total = filling.get(place, ([], 0))
        if outputs and total + size > limit_bytes:
            parcels.append(Parcel(place, outputs, total))
            outputs, total = [], 0
        outputs.append(output)
        filling[place] = outputs, total + size
    parcels += [Parcel(place, *filled) for place, filled in filling.items()]
    return parcels


def size_of(output: Output) -> int:
    """Upper bound of what a record takes in a batch, the batch's own header left out."""
    size: int = DefaultRecordBatchBuilder.estimate_size_in_bytes(
        output.key, output.value, list(output.headers)
    )
    return size - BATCH_HEADER_BYTES


class Funnel:
    """Sends parcels, one batch at a time per topic-partition."""

    def __init__(self, new_batch: NewBatch, send: Send, limit_bytes: int) -> None:
        self._new_batch = new_batch
        self._send = send
        self._limit_bytes = limit_bytes - BATCH_HEADER_BYTES
        self._waiting: dict[Place, deque[tuple[Parcel, asyncio.Future[None]]]] = {}
        self._senders: set[asyncio.Task[None]] = set()

    async def deliver(self, parcels: Sequence[Parcel]) -> None:
        """Send parcels, those of one place in order, and wait for all of them.

        Raises:
            KafkaError: one of them is not acknowledged; of the others nothing is known.
        """
        await asyncio.gather(*[self._enter(parcel) for parcel in parcels])

    def _enter(self, parcel: Parcel) -> asyncio.Future[None]:
        arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue = self._waiting.get(parcel.place)
        if queue is None:
            queue = self._waiting[parcel.place] = deque()
            sender = asyncio.create_task(self._run(parcel.place, queue))
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)
        queue.append((parcel, arrived))
        return arrived

    async def _run(
        self, place: Place, queue: deque[tuple[Parcel, asyncio.Future[None]]]
    ) -> None:
        """Send until nothing waits for this place."""
        while queue:
            builder, arrivals = self._pack(queue)
            try:
                await self._send(place, builder)
            except Exception as exc:  # noqa: BLE001 - each waiting unit gets it
                _finish(arrivals, exc)
            else:
                _finish(arrivals, None)
        del self._waiting[place]

    def _pack(
        self, queue: deque[tuple[Parcel, asyncio.Future[None]]]
    ) -> tuple[BatchBuilder, list[asyncio.Future[None]]]:
        builder = self._new_batch()
        arrivals: list[asyncio.Future[None]] = []
        left = self._limit_bytes
        while queue and (not arrivals or queue[0][0].size_bytes <= left):
            parcel, arrived = queue.popleft()
            for output in parcel.outputs:
                _append(builder, output)
            arrivals.append(arrived)
            left -= parcel.size_bytes
        return builder, arrivals


def _append(builder: BatchBuilder, output: Output) -> None:
    added = builder.append(
        timestamp=output.timestamp_ms,
        key=output.key,
        value=output.value,
        headers=list(output.headers),  # the compiled builder takes no tuple
    )
    if added is None:
        raise AssertionError("the bound on a record's size does not hold")


def _finish(arrivals: list[asyncio.Future[None]], error: Exception | None) -> None:
    for arrived in arrivals:
        if arrived.done():  # its unit has given up
            continue
        if error is None:
            arrived.set_result(None)
        else:
            arrived.set_exception(error)
