"""Records that can't be read: kept byte for byte, with a code to route on.

The headers that are added follow Kafka Connect's names under our own prefix.
"""

from collections.abc import Mapping

from idweave_streams.reliable import Output, Record
from idweave_streams.topics import RECORD_MAX_BYTES

PREFIX = "idweave.errors."


def dead_letter(
    topic: str, record: Record, *, stage: str, code: str, count: int = 1
) -> Output:
    """Return *record* as it came, for the dead-letter *topic*.

    Of a record that no topic takes nothing is kept but its place: a compressed batch may
    bring it in, and going on must not depend on getting it out again.

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
    size = record.size_bytes + sum(
        len(name.encode()) + len(value or b"") for name, value in record.headers
    )
    if size > RECORD_MAX_BYTES:
        return Output(topic, None, None, _headers(added | {"omitted": str(size)}))
    headers = (*record.headers, *_headers(added))
    return Output(topic, record.key, record.value, headers)


def _headers(added: Mapping[str, str]) -> tuple[tuple[str, bytes], ...]:
    return tuple((PREFIX + name, value.encode()) for name, value in added.items())
