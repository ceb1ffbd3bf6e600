"""From the body of a request to stored records, within the limits."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from idweave_adapters.ingress import replies
from idweave_adapters.ingress.admission import Admission, Place
from idweave_adapters.ingress.body import read_body
from idweave_adapters.ingress.limits import Limits
from idweave_adapters.ingress.ports import Headers, NotStoredError, Publish


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one request wants stored."""

    topic_key: str
    values: Sequence[bytes]
    headers: Headers = ()


class Intake:
    """Holds no more than the limits allow, counted until the last record is settled."""

    def __init__(self, publish: Publish, limits: Limits) -> None:
        self._publish = publish
        self._limits = limits
        self._admission = Admission(
            requests=limits.requests, memory_bytes=limits.memory_bytes
        )
        self._storing: set[asyncio.Task[bool]] = set()

    async def take(
        self, request: web.BaseRequest, judge: Callable[[bytes], Parcel]
    ) -> int:
        """Return how many records were stored: all that the request has.

        Raises:
            Refused: by *judge*, by a limit, or because not all records were acknowledged
                in time. In the last case they may be stored all the same.
        """
        deadline_s = asyncio.get_running_loop().time() + self._limits.answer_s
        place = self._admission.enter()
        storing = None
        try:
            parcel = judge(await read_body(request, place, self._limits))
            storing = self._store(parcel, place)
        finally:
            if storing is None:
                place.leave()
        await self._stored(storing, deadline_s)
        return len(parcel.values)

    async def settle(self) -> None:
        """Wait until nothing is on its way to `Publish` any more."""
        if self._storing:
            await asyncio.wait(self._storing)

    def _store(self, parcel: Parcel, place: Place) -> asyncio.Task[bool]:
        """Start storing. The place is left when that has ended, however late."""
        task = asyncio.create_task(self._publish_all(parcel))
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)
        task.add_done_callback(lambda _: place.leave())
        return task

    async def _publish_all(self, parcel: Parcel) -> bool:
        outcomes = await asyncio.gather(
            *(
                self._publish(parcel.topic_key, None, value, parcel.headers)
                for value in parcel.values
            ),
            return_exceptions=True,
        )
        faults = [each for each in outcomes if each is not None]
        for fault in faults:
            if not isinstance(fault, NotStoredError):
                raise fault
        return not faults

    async def _stored(self, storing: asyncio.Task[bool], deadline_s: float) -> None:
        left_s = deadline_s - asyncio.get_running_loop().time()
        # Not cancelled: Kafka may have it already, and its memory is held until then.
        done, _ = await asyncio.wait({storing}, timeout=max(0.0, left_s))
        if not done or not storing.result():
            raise replies.not_stored()
