"""Topics and tables in memory, with the same order and numbering as Kafka's."""

from collections.abc import Iterator, Mapping

from sortedcontainers import SortedDict

from idweave_streams.reliable import Output, Record, partition_for


class LocalLog:
    """Appends records to partitions and gives them back by offset."""

    def __init__(self, partitions: Mapping[str, int], first_offset: int = 0) -> None:
        self.first_offset = first_offset
        """That of the first record of every partition."""
        self._counts = partitions
        self._records: dict[tuple[str, int], list[Record]] = {}

    def append(self, output: Output, timestamp_ms: int) -> Record:
        """Store one record at the end of its partition."""
        place = (output.topic, self._partition(output))
        records = self._records.setdefault(place, [])
        record = Record(
            *place,
            offset=self.first_offset + len(records),
            timestamp_ms=timestamp_ms,
            key=output.key,
            value=output.value,
            headers=output.headers,
        )
        records.append(record)
        return record

    def _partition(self, output: Output) -> int:
        if output.partition is not None:
            return output.partition
        return partition_for(output.key or b"", self._counts[output.topic])

    def partitions(self, topic: str) -> range:
        """Return the numbers of the topic's partitions."""
        return range(self._counts[topic])

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Return up to *limit* records from *offset* on."""
        at = offset - self.first_offset
        return self._records.get((topic, partition), [])[at : at + limit]

    def end(self, topic: str, partition: int) -> int:
        """Return the offset that the next record will have."""
        return self.first_offset + len(self._records.get((topic, partition), ()))

    def topic(self, topic: str) -> Iterator[Record]:
        """Yield all records of *topic*, partition by partition."""
        for partition in self.partitions(topic):
            yield from self._records.get((topic, partition), [])


class LocalTable:
    """One partition of a table."""

    def __init__(self) -> None:
        self._data = SortedDict()

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None."""
        value: bytes | None = self._data.get(key)
        return value

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield the pairs whose key starts with *prefix*, ordered by key, from *start*."""
        for key in self._data.irange(minimum=max(prefix, start)):
            if not key.startswith(prefix):
                return
            yield key, self._data[key]

    def write(self, changes: Mapping[bytes, bytes | None]) -> None:
        """Carry out *changes*, None for a delete."""
        for key, value in changes.items():
            if value is None:
                self._data.pop(key, None)
            else:
                self._data[key] = value
