"""What a worker tells while an app leaves its business."""

import time

import orjson
from aiokafka import AIOKafkaConsumer
from benchmarks.estate import Estate
from benchmarks.latency import Journeys

CREATED = b"idweave.identity.created.v1"


class Watch:
    """Reads what the worker tells, and keeps count."""

    def __init__(self, here: Estate, consumer: AIOKafkaConsumer) -> None:
        self.seen = Journeys()
        self.taken: set[str] = set()
        self.swept = 0
        self.swept_s = 0.0
        """When the last one was."""
        self._here = here
        self._consumer = consumer
        self._gone = bytearray(here.members)
        self._prefix = f"{here.owner.id}/{here.leaving.asset}:".encode()

    @property
    def remaining(self) -> int:
        """How many of the app's ids still have their alias."""
        return self._here.members - self.swept

    async def run(self) -> None:
        """Read on for ever."""
        while True:
            fetched = await self._consumer.getmany(timeout_ms=1_000)
            now_s = time.monotonic()
            for records in fetched.values():
                for record in records:
                    self._take(record.key, record.value, record.headers, now_s)

    def _take(
        self,
        key: bytes,
        value: bytes | None,
        headers: tuple[tuple[str, bytes], ...],
        now_s: float,
    ) -> None:
        if value is None:
            if key.startswith(self._prefix):
                self._leaves(key[len(self._prefix) :].decode(), now_s)
        elif any(text == CREATED for _, text in headers):
            self.seen.arrived(value, now_s)
            self._come(value)

    def _leaves(self, user: str, now_s: float) -> None:
        number = self._here.number(user)
        if not self._gone[number]:
            self._gone[number] = 1
            self.swept += 1
            self.swept_s = now_s

    def _come(self, value: bytes) -> None:
        event = orjson.loads(value)
        members = event["person"]["members"]
        if event["business"] == self._here.heir.id and len(members) == 1:
            self.taken.add(members[0]["value"])
