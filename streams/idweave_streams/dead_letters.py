"""Records that can't be read: kept byte for byte, with a code to route on.

The headers that are added follow Kafka Connect's names under our own prefix.
"""

from idweave_streams.reliable import Output, Record

PREFIX = "idweave.errors."


def dead_letter(
    topic: str, record: Record, *, stage: str, code: str, count: int = 1
) -> Output:
    """Return *record* as it came, for the dead-letter *topic*.

    Args:
        topic: where dead letters go.
        record: what could not be read, or not wholly.
        stage: who gave up on it.
        code: a stable word for why; the first, if there are several reasons.
        count: how many parts of the record could not be used.
    """
    added = {
        "code": code,
        "stage": stage,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "timestamp": str(record.timestamp_ms),
        "count": str(count),
    }
    headers = tuple((PREFIX + name, value.encode()) for name, value in added.items())
    return Output(
        topic=topic,
        key=record.key,
        value=record.value,
        headers=(*record.headers, *headers),
    )
