"""Whether the graph tables can be read, and keep the rules of the core."""

from collections.abc import Iterator

from idweave_graph.ids import BusinessId, InvalidIdError
from idweave_graph.invariants import violations
from idweave_streams.codecs import (
    UnreadableRecordError,
    decode_person,
    decode_person_id,
)
from idweave_streams.packing import partition_of
from idweave_streams.state.copy import StateCopy
from idweave_streams.verifying.difference import TABLES, Difference
from idweave_streams.verifying.tables import about

_DECODERS = ((b"p|", decode_person), (b"m|", decode_person_id))


def unreadable(copy: StateCopy) -> Iterator[Difference]:
    """Yield each person and member that can't be read, or is in a wrong partition."""
    for partition in sorted(copy.cut.graph):
        for prefix, decode in _DECODERS:
            for key, value in copy.graph(partition).scan(prefix):
                kind, business, person = about(key, value)
                what = None
                try:
                    decode(value)
                except (UnreadableRecordError, InvalidIdError):
                    what = "can't be read"
                if business is None:
                    what = "can't be read"
                elif partition_of(business, copy.partition_count) != partition:
                    what = "is in a wrong partition"
                if what is not None:
                    place = f"partition {partition}"
                    yield Difference(TABLES, business, kind, what, person, place)


def unsound(copy: StateCopy, only: BusinessId | None) -> Iterator[Difference]:
    """Yield every rule of the core that a person or an index entry breaks."""
    for partition in sorted(copy.cut.graph):
        persons = (
            p for p in copy.persons(partition) if only is None or p.business == only
        )
        index = (r for r in copy.index(partition) if only is None or r[0] == only)
        for found in violations(copy.graph_table(partition), persons, index):
            kind = f"rule {found.rule}"
            yield Difference(TABLES, found.business, kind, "is broken", found.person)
