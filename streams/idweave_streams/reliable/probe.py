"""Asks the broker whether anything is left to read in a partition."""

import aiokafka
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth, server_list
from faust.types import TP, AppT

_FETCH_WAIT_MS = 500
_FETCHES = 10


async def has_records_from(app: AppT, tp: TP, position: int) -> bool:
    """Whether ``tp`` still holds a record at or after ``position``.

    A fetch of one partition alone returns at least one batch if there is any (KIP-74),
    so an answered fetch without records is proof that there is none. When no answer
    comes, True: the caller goes on waiting.
    """
    conf = app.conf
    consumer = aiokafka.AIOKafkaConsumer(
        bootstrap_servers=server_list(conf.broker_consumer, 9092),
        client_id=f"{conf.broker_client_id}-probe",
        enable_auto_commit=False,
        isolation_level="read_committed",
        fetch_max_wait_ms=_FETCH_WAIT_MS,
        **credentials_to_aiokafka_auth(conf.broker_credentials, conf.ssl_context),
    )
    await consumer.start()
    try:
        return await finds_something(
            consumer, aiokafka.TopicPartition(tp.topic, tp.partition), position
        )
    finally:
        await consumer.stop()


async def finds_something(
    consumer: aiokafka.AIOKafkaConsumer, tp: aiokafka.TopicPartition, position: int
) -> bool:
    """Ask with *consumer*, which is left assigned to ``tp`` alone."""
    consumer.assign([tp])
    consumer.seek(tp, position)
    for _ in range(_FETCHES):
        was_answered = consumer.highwater(tp) is not None
        records = await consumer.getmany(timeout_ms=_FETCH_WAIT_MS)
        if records or await consumer.position(tp) != position:
            return True
        if was_answered:  # before the take: it would have had the records
            return False
    return True
