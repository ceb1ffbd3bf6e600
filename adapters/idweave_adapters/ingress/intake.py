"""From the body of a request to stored records, within the limits."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

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
    key: bytes | None = None
    """Of its records; None: any partition will do."""
    first: "Parcel | None" = None
    """What must be stored before any of this is."""


P = TypeVar("P", bound=Parcel)


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
        self,
        request: web.BaseRequest,
        judge: Callable[[bytes], P],
        *,
        body_bytes: int | None = None,
    ) -> P:
        """Return what *judge* made of the body, once all of it is stored.

        Args:
            request: whose body is read.
            judge: says what is to be stored.
            body_bytes: how large the body may be, if not as the limits say.

        Raises:
            Refused: by *judge*, by a limit, or because not all records were acknowledged
                in time. In the last case they may be stored all the same.
        """
        deadline_s = asyncio.get_running_loop().time() + self._limits.answer_s
        limits = self._limits
        if body_bytes is not None:
            limits = replace(limits, body_bytes=min(body_bytes, limits.body_bytes))
        place = self._admission.enter()
        storing = None
        try:
            parcel = judge(await read_body(request, place, limits))
            storing = self._store(parcel, place)
        finally:
            if storing is None:
                place.leave()
        await self._stored(storing, deadline_s)
        return parcel

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
        if parcel.first is not None and not await self._publish_all(parcel.first):
            return False
        outcomes = await asyncio.gather(
            *(
                self._publish(parcel.topic_key, parcel.key, value, parcel.headers)
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
