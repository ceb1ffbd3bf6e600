"""A worker's local files against the changelog, at the offset that each file names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from pathlib import Path

from idweave_streams.reliable.progress import PROGRESS_KEY
from idweave_streams.reliable.store import PartitionState
from idweave_streams.reliable.store import Store as Files
from idweave_streams.settings import Settings
from idweave_streams.state.errors import StoreUnreadable
from idweave_streams.state.files import opened_files, paths_below
from idweave_streams.state.kafka import Reader, Records
from idweave_streams.state.space import Area, Space
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE
from idweave_streams.topic_plan import changelog_of
from idweave_streams.verifying.difference import STORE, Difference
from idweave_streams.verifying.tables import differences

_NAME = re.compile(rf"({GRAPH_TABLE}|{LOOKUP_TABLE})-(\d+)\.db")


@dataclass(frozen=True, slots=True)
class Store:
    """One partition of a table, as a worker keeps it."""

    path: Path
    table: str
    partition: int


def stores_below(folder: Path) -> list[Store]:
    """List the files of tables below a data directory, by table and partition.

    Raises:
        StoreUnreadable: there is none, or a folder can't be read.
    """
    try:
        below = paths_below(folder)
    except OSError as error:
        text = f"can't read {error.filename}: {error.strerror}; see who may read it"
        raise StoreUnreadable(text) from None
    found = [
        Store(path, match[1], int(match[2]))
        for path in below
        if (match := _NAME.fullmatch(path.name))
    ]
    if not found:
        text = f"no table lies below {folder}: name the data_dir of a worker"
        raise StoreUnreadable(text)
    return sorted(found, key=lambda store: (store.table, store.partition))


async def store_differences(
    settings: Settings, source: Reader, space: Space, store: Store
) -> list[Difference]:
    """Return where *store* is not what its changelog says, at the store's own offset.

    Keys that were written again since and are compacted away can't be compared.

    Raises:
        StoreUnreadable: the file can't be opened.
        BrokerError: the changelog can't be read.
    """
    topic = changelog_of(settings.app_id, store.table)
    with opened_files(store.path) as db:
        end = int(db.get(Files.offset_key) or b"-1") + 1
        then = space.area("then", store.table, store.partition)
        since = space.area("since", store.table, store.partition)
        there = await source.ends(topic, [store.partition])
        if end > there[store.partition]:
            what = f"is ahead of its changelog, by {end - there[store.partition]}"
            return [Difference(STORE, None, "file", what, place=store.path.name)]

        def take(_: int, records: Records) -> None:
            _part(records, end, then, since)

        await source.read(topic, {}, there, take)
        state = _Then(PartitionState(db), then, since)
        return list(differences(state, PartitionState(db), STORE, store.path.name))


def _part(records: Records, end: int, then: Area, since: Area) -> None:
    pairs = [(r.offset, r.key, r.value) for r in records if r.key != PROGRESS_KEY]
    then.write((key, value) for offset, key, value in pairs if offset < end)
    since.write((key, b"") for offset, key, _ in pairs if offset >= end)


class _Then:
    """What the changelog says of the time of a store.

    Where a later record may have displaced what it said then, the store is believed.
    """

    def __init__(self, store: PartitionState, then: Area, since: Area) -> None:
        self._store = store
        self._then = then
        self._since = since

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None."""
        value = self._then.get(key)
        if value is None and self._since.get(key) is not None:
            return self._store.get(key)
        return value

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield the pairs whose key starts with *prefix*, ordered by key, from *start*."""
        said = self._then.scan(prefix, start)
        displaced = self._displaced(prefix, start)
        yield from merge(said, displaced)

    def _displaced(self, prefix: bytes, start: bytes) -> Iterator[tuple[bytes, bytes]]:
        for key, _ in self._since.scan(prefix, start):
            value = self._store.get(key)
            if value is not None and self._then.get(key) is None:
                yield key, value
