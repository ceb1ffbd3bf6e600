"""Dead letters for tests, made by the code that makes them in a worker."""

from idweave_streams.dead_letters import dead_letter
from idweave_streams.dlq.letter import Letter, read_letter
from idweave_streams.reliable import Output, Record
from idweave_streams.topics import TopicNames

NAMES = TopicNames.build()
TIME_MS = 1_767_225_600_000


def stored(
    output: Output, offset: int = 0, *, partition: int = 0, time_ms: int = TIME_MS
) -> Record:
    """The output as a topic holds it."""
    return Record(
        output.topic,
        partition,
        offset,
        time_ms,
        output.key,
        output.value,
        output.headers,
    )


class Read:
    """A record under the names of Kafka's client."""

    def __init__(self, record: Record) -> None:
        self.topic = record.topic
        self.partition, self.offset = record.partition, record.offset
        self.timestamp = record.timestamp_ms
        self.key, self.value, self.headers = record.key, record.value, record.headers


def letter_of(
    record: Record,
    offset: int = 0,
    *,
    partition: int = 0,
    code: str = "unknown-asset",
    time_ms: int = TIME_MS,
) -> Letter:
    """What is read when *record* has become a dead letter."""
    output = dead_letter(NAMES.dead_letters, record, stage="ingest", code=code)
    return read_letter(
        Read(stored(output, offset, partition=partition, time_ms=time_ms))
    )
