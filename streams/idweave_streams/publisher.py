"""Stores single records of the source topics, and keeps itself connected.

It is no idempotent producer: order is not needed and repeated records do no harm, so
sequence numbers would only be one more state that can be out of step with the broker's.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.metadata import MetadataRequest

from idweave_adapters.ingress import Headers, NotStoredError

BATCH_BYTES = 256 * 1024
"""Records that come while a batch is on its way share the next one."""
RECORD_BYTES = 1 << 20
"""More than the largest body that is let in."""
ANSWER_S = 5.0
"""How long the broker may take for one request, and a record may wait for its turn."""
PROBE_S = 2.0
"""Between two looks at the broker."""
LOST_PROBES = 10
"""After so many in vain the producer is made anew, from the bootstrap servers: the
brokers may have come back with other addresses."""

_UNKNOWN_TOPIC = 3

_log = logging.getLogger(__name__)


class NotReadyError(RuntimeError):
    """Records can't be stored now. The text says what to do."""


class KafkaPublisher:
    """Stores records, and says whether it is likely to succeed.

    It starts without a broker and outlives one: while none takes records, storing
    fails at once or after its time, and works again by itself later.
    """

    def __init__(self, servers: str, topics: dict[str, str]) -> None:
        """Prepare; nothing is opened before `run`.

        Args:
            servers: bootstrap servers.
            topics: names by the keys that `publish` is called with.
        """
        self._servers = servers
        self._topics = topics
        self._producer: Any = None
        self._is_ready = False
        self._why_not = ""
        self._failed_with = ""

    @property
    def is_ready(self) -> bool:
        """Whether the brokers answer, and refused nothing since they were last asked."""
        return self._is_ready

    async def publish(
        self, topic_key: str, key: bytes | None, value: bytes, headers: Headers
    ) -> None:
        """Return once all brokers that must have the record do.

        Without a key any partition may be chosen, and one is that has a leader: load is
        even, and a partition that is lost for a while keeps nobody's records waiting.

        Raises:
            NotStoredError: there is no acknowledgement. The record may be there.
        """
        if self._producer is None:
            raise NotStoredError
        try:
            await self._producer.send_and_wait(
                self._topics[topic_key], value, key, headers=list(headers)
            )
        except KafkaError as error:
            self._is_ready, self._failed_with = False, type(error).__name__
            raise NotStoredError from error

    async def run(self) -> None:
        """Connect, and look after the connection until cancelled."""
        lost = 0
        while True:
            try:
                await self._look()
                lost, why_not = 0, self._failed_with
            except (KafkaError, NotReadyError, OSError) as error:
                lost, why_not = lost + 1, str(error) or type(error).__name__
            self._failed_with = ""
            self._note(why_not)
            if lost >= LOST_PROBES:
                lost = 0
                await self.stop()
            await asyncio.sleep(PROBE_S)

    async def stop(self) -> None:
        """Disconnect, once every record is stored or given up."""
        producer, self._producer = self._producer, None
        self._is_ready = False
        if producer is not None:
            with suppress(KafkaError):
                await producer.stop()

    async def _look(self) -> None:
        """Make sure of a producer, and that it can reach leaders of all topics."""
        if self._producer is not None:
            await self._check(self._producer)
            return
        producer = AIOKafkaProducer(
            bootstrap_servers=self._servers,
            client_id="idweave-ingress",
            acks="all",
            max_batch_size=BATCH_BYTES,
            max_request_size=RECORD_BYTES,
            request_timeout_ms=int(ANSWER_S * 1000),
        )
        try:
            await producer.start()
            await self._check(producer)
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer

    async def _check(self, producer: Any) -> None:
        """Ask one broker after the other, until one answers, for leaders of all topics.

        Raises:
            KafkaError: none answers.
            NotReadyError: a topic is missing, or has no leader.
        """
        # The producer's own requests would make topics that are missing.
        names = list(self._topics.values())
        request = MetadataRequest(names, allow_auto_topic_creation=False)
        fault: KafkaError | None = None
        for broker in producer.client.cluster.brokers():
            try:
                answer = await producer.client.send(broker.nodeId, request)
            except KafkaError as error:
                fault = error
                continue
            for topic in answer.to_object()["topics"]:
                _check_topic(topic)
            return
        raise fault or NotReadyError("no broker is known; check the setting kafka")

    def _note(self, why_not: str) -> None:
        """Take over whether records are stored, and log it when that changes.

        Only here, so that there is a line every two seconds at the most, even where
        some partitions take records and others don't.
        """
        self._is_ready = not why_not
        if why_not and not self._why_not:
            _log.warning(
                "Kafka takes no records (%s): requests are answered with 503", why_not
            )
        elif self._why_not and not why_not:
            _log.warning("Kafka takes records again")
        self._why_not = why_not


def _check_topic(topic: dict[str, Any]) -> None:
    name, code = topic["topic"], topic["error_code"]
    if code == _UNKNOWN_TOPIC:
        msg = f"topic {name} is not there: run `idweave topics apply`"
        raise NotReadyError(msg)
    if code:
        msg = f"topic {name}: {for_code(code).__name__}"
        raise NotReadyError(msg)
    partitions: Sequence[dict[str, Any]] = topic["partitions"]
    if not any(partition["leader"] >= 0 for partition in partitions):
        msg = f"topic {name} has no leader: look after the brokers"
        raise NotReadyError(msg)
