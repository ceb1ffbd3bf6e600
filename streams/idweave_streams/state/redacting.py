"""What logs of a copy say, without whom the tables do not have any more.

A log keeps its records; a snapshot that is taken later is not to tell of the forgotten.
As in the read model, who is nobody's is left out, for whatever reason.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import orjson

from idweave_adapters.read_model import without
from idweave_graph.events import IdentityEvent
from idweave_graph.ids import BusinessId, InvalidIdError, member
from idweave_graph.reading import UnreadableDocumentError, read_event
from idweave_streams.jsonl import UnreadableLineError, line, read_line
from idweave_streams.packing import partition_of
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.happened import is_later


def redacted(copy: StateCopy, topic: str) -> Iterator[bytes]:
    """Yield the lines of *topic*; an event of which nothing is left is passed over.

    What is told of a later generation of somebody whom the tables have stays as it is,
    and so does what is no event.
    """
    for each in copy.log(topic):
        kept = _redacted(copy, topic, each)
        if kept is not None:
            yield kept


def _redacted(copy: StateCopy, topic: str, text: bytes) -> bytes | None:
    try:
        record = read_line(topic, text)
        document: dict[str, Any] = orjson.loads(record.value or b"null")
        event = read_event(document)
    except (UnreadableLineError, UnreadableDocumentError, orjson.JSONDecodeError):
        return text
    if event is None or is_later(copy, event):
        return text
    found = without(document, _is_known(copy, event))
    if found is None or found is document:
        return None if found is None else text
    return line(replace(record, value=orjson.dumps(found)))


def _is_known(copy: StateCopy, event: IdentityEvent) -> Callable[[str], bool]:
    business: BusinessId = event.business
    table = copy.graph_table(partition_of(business, copy.partition_count))

    def is_known(text: str) -> bool:
        try:
            return table.person_of(business, member(text)) is not None
        except InvalidIdError:
            return False

    return is_known
