"""What an erasure would change, found out on a copy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api import GraphApiError, LookupAnswer
from idweave_adapters.graph_api import Lookup as Question
from idweave_adapters.secret import Secret
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId, member
from idweave_graph.ownership import home
from idweave_graph.person import Person
from idweave_streams.codecs import decode_person
from idweave_streams.follow import read_whole
from idweave_streams.local.engine import LocalEngine
from idweave_streams.local.overlay import OverlayTable
from idweave_streams.local.what_if import engine_over
from idweave_streams.packing import partition_of
from idweave_streams.pipeline import Outside
from idweave_streams.reliable import Output
from idweave_streams.settings import Settings
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.live import live_state
from idweave_streams.tables import GRAPH_TABLE
from idweave_streams.views import OwnershipBook

_PERSON, _MEMBER = b"p|", b"m|"


class NobodysError(Exception):
    """The id's app or Page has no owner, so the command would be a dead letter."""

    def __init__(self) -> None:
        text = "nobody is known to own its app or Page, so the command would be a dead"
        super().__init__(f"{text} letter; see `idweave assets`")


@dataclass(frozen=True, slots=True)
class Altered:
    """A person who would not stay as they are."""

    before: Person | None
    after: Person | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of one erasure."""

    gone: tuple[Member, ...]
    """Who would be nobody's: ids, and tokens and codes that only they carried."""
    persons: tuple[Altered, ...]
    events: tuple[dict[str, Any], ...]
    """As they would stand on the events topic, but for time and cause."""

    @property
    def ids(self) -> int:
        """How many scoped ids would be forgotten."""
        return sum(isinstance(who, ScopedId) for who in self.gone)


async def preview_live(settings: Settings, asset: Asset, command: bytes) -> Preview:
    """Return what *command*, about *asset* or an id of it, would change now.

    Only the partition of the business that owns *asset* is read.

    Raises:
        NobodysError: no business owns it.
        BrokerError: a topic can't be read.
        StateError: the tables can't be copied.
    """
    partition = partition_of(await _owner(settings, asset), settings.partitions)
    async with live_state(settings, partitions=[partition]) as copy:
        return preview(copy, settings, command)


async def _owner(settings: Settings, asset: Asset) -> BusinessId:
    book = OwnershipBook()
    await read_whole(settings.kafka, settings.topics.assets, book.apply)
    # Whose an id is does not depend on the user.
    _, ownership = home(book, ScopedId(asset, "0"))
    if ownership is None or ownership.business is None:
        raise NobodysError
    return ownership.business


def preview(copy: StateCopy, settings: Settings, command: bytes) -> Preview:
    """Return what *command*, as it stands on its topic, would change in *copy*.

    Raises:
        NobodysError: no business owns what it is about.
    """
    nobody = _Nobody()
    engine = engine_over(copy, settings, Outside(nobody, nobody, lambda: 0))
    names = settings.topics
    engine.append(Output(names.commands, None, command, partition=0))
    engine.drain()
    if any(engine.records(names.dead_letters)):
        raise NobodysError
    events = (orjson.loads(r.value or b"") for r in engine.records(names.events))
    gone = sorted(_gone(engine), key=str)
    return Preview(tuple(gone), tuple(_altered(engine)), tuple(events))


def _gone(engine: LocalEngine) -> Iterator[Member]:
    for key, before, after in _changed(engine, _MEMBER):
        if before is not None and after is None:
            yield member(key.decode().split("|", 2)[2])


def _altered(engine: LocalEngine) -> Iterator[Altered]:
    for _, before, after in _changed(engine, _PERSON):
        if before != after:
            yield Altered(_person(before), _person(after))


def _person(data: bytes | None) -> Person | None:
    return None if data is None else decode_person(data)


def _changed(
    engine: LocalEngine, prefix: bytes
) -> Iterator[tuple[bytes, bytes | None, bytes | None]]:
    """Yield key, value before and value after."""
    for table in engine.tables(GRAPH_TABLE).values():
        if isinstance(table, OverlayTable):
            for key, after in table.scan_changes(prefix):
                yield key, table.below.get(key), after


class _Nobody:
    """An outside that is not there: nobody is asked, and no secret is needed."""

    async def look_up(
        self, lookups: Sequence[Question]
    ) -> list[LookupAnswer | GraphApiError]:
        msg = f"{len(lookups)} lookups in a preview"
        raise RuntimeError(msg)

    def for_asset(self, business: BusinessId, asset: Asset) -> Credential | None:
        return None

    def pages_made_by(self, business: BusinessId, app: Asset) -> tuple[Asset, ...]:
        return ()

    def app_secrets(self, business: BusinessId, app: Asset) -> tuple[Secret, ...]:
        return ()
