"""The events of a copy, by business and generation, up to where its tables are."""

from collections.abc import Collection, Iterator
from struct import Struct

import orjson

from idweave_adapters.snapshots.lineage import Lineage
from idweave_adapters.snapshots.told import Told, named_by
from idweave_graph.events import IdentityEvent
from idweave_graph.ids import BusinessId, Member
from idweave_graph.reading import UnreadableDocumentError, read_event
from idweave_streams.jsonl import UnreadableLineError, read_line
from idweave_streams.packing import partition_of
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.errors import ChangelogDamaged
from idweave_streams.state.space import Area

_PLACE = Struct(">QQ")
"""Generation and time, so that they are in order."""
_TOP = 2**64 - 1


def happened(copy: StateCopy, chosen: Collection[BusinessId]) -> Iterator[Told]:
    """Yield each event of *chosen* businesses once, or of all where none is chosen.

    They are sorted on disk. What is told of a generation that the tables of the copy
    have not reached came after the cut, and is left out.

    Raises:
        ChangelogDamaged: a record of the events topic can't be read.
    """
    ordered = copy.area("events in order")
    ordered.write(_by_generation(copy, chosen))
    lineage = Lineage(_NotesOnDisk(copy.area("absorbed so far")))
    for _, line in ordered.scan(b""):
        event = _event(copy, line)
        if event is not None and not is_later(copy, event):
            yield Told(event, lineage.ended_by(event), _known(copy, event))


def _by_generation(
    copy: StateCopy, chosen: Collection[BusinessId]
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the lines of the events topic, so that repeated events are one."""
    if copy.names.events not in copy.logs():
        return
    for line in copy.log(copy.names.events):
        event = _event(copy, line)
        if event is not None and (not chosen or event.business in chosen):
            generation = event.person.generation if event.person else 0
            place = _PLACE.pack(generation, max(0, min(event.at_ms, _TOP)))
            yield b"\0".join((event.business.encode(), place + event.id.encode())), line


def _event(copy: StateCopy, line: bytes) -> IdentityEvent | None:
    topic = copy.names.events
    try:
        value = read_line(topic, line).value
        return None if value is None else read_event(orjson.loads(value))
    except (UnreadableLineError, UnreadableDocumentError, orjson.JSONDecodeError):
        text = (
            f"{topic} has a record that can't be read: find out who else writes to it"
        )
        raise ChangelogDamaged(text) from None


def is_later(copy: StateCopy, event: IdentityEvent) -> bool:
    """Say whether *event* tells of what the tables do not know yet.

    Members always move to a higher generation. So a person whom the tables do not have
    came later if a member of theirs is somebody's of a lower one; else they have ended.
    """
    told = event.person
    if told is None:
        return False
    table = copy.graph_table(partition_of(event.business, copy.partition_count))
    now = table.person(event.business, told.id)
    if now is not None:
        return told.generation > now.generation
    names = {table.person_of(event.business, who) for who in told.members}
    found = (table.person(event.business, n) for n in names if n is not None)
    return any(p is not None and p.generation < told.generation for p in found)


def _known(copy: StateCopy, event: IdentityEvent) -> frozenset[Member]:
    table = copy.graph_table(partition_of(event.business, copy.partition_count))
    return frozenset(
        who
        for who in named_by(event)
        if table.person_of(event.business, who) is not None
    )


class _NotesOnDisk:
    """What persons had absorbed, in a scratch area."""

    def __init__(self, area: Area) -> None:
        self._area = area

    def get(self, key: str, default: str, /) -> str:
        """Return what was noted, or the default."""
        found = self._area.get(key.encode())
        return default if found is None else found.decode()

    def __setitem__(self, key: str, text: str, /) -> None:
        """Note *text* for *key*."""
        self._area.write([(key.encode(), text.encode())])
