"""What would come of events, commands and owners, told from a copy of the tables.

It is the same pipeline as in a worker, over tables that read through to the copy and
keep their changes in memory. So what it tells of is what workers would tell of: the
same event ids, person ids and generations. Only where an event comes from is made up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from idweave_streams.codecs import decode_lookup
from idweave_streams.local.engine import LocalEngine, Start
from idweave_streams.local.files import Lines, LocalResult, put
from idweave_streams.local.log import LocalTable
from idweave_streams.local.overlay import OverlayTable
from idweave_streams.outside import reach_outside
from idweave_streams.pipeline import Outside
from idweave_streams.reliable import Readable
from idweave_streams.settings import Settings
from idweave_streams.state.copy import StateCopy
from idweave_streams.tables import LOOKUP_TABLE
from idweave_streams.verifying.replaying import refuse_without_key

FIRST_OFFSET = 9_000_000_000_000_000
"""Of all that is only supposed: no topic will ever get that far, and it is below 2^53,
so that every reader of JSON has it exactly."""

_LOOKUP = b"l|"


class Asks(StrEnum):
    """About whom the Graph API is asked."""

    NOBODY = "nobody"
    NEW = "new"
    """Whom the events call for."""
    ALL = "all"
    """Whoever waits for it in the copy, too."""


@dataclass(frozen=True, slots=True)
class Supposed(LocalResult):
    """What would come of it."""

    opened: int
    """How many lookups would be made that are not made yet."""

    def summary(self) -> str:
        """Say in one line what would come, and that nothing has."""
        tally = self.tally()
        return (
            f"{len(tally.events)} events would come, "
            f"{sum(tally.refusals.values())} links refused, "
            f"{sum(tally.dead_letters.values())} dead letters, "
            f"{self.opened} lookups would be made; "
            "nothing was changed"
        )


def _opened(engine: LocalEngine) -> int:
    return sum(
        _is_open(value) and not _is_open(table.below.get(key))
        for table in engine.tables(LOOKUP_TABLE).values()
        if isinstance(table, OverlayTable)
        for key, value in table.scan_changes(_LOOKUP)
    )


def _is_open(lookup: bytes | None) -> bool:
    return lookup is not None and decode_lookup(lookup).is_open


def engine_over(
    copy: StateCopy, settings: Settings, outside: Outside, asks: Asks = Asks.NOBODY
) -> LocalEngine:
    """Return an engine that stands where *copy* does. It leaves *copy* as it is.

    Partitions that are not in *copy* are empty.
    """

    def table(name: str, partition: int) -> Readable:
        is_there = partition in copy.cut.of(name)
        return copy.table(name, partition) if is_there else LocalTable()

    start = Start(
        table,
        copy.assets,
        copy.holds,
        first_offset=FIRST_OFFSET,
        takes_up_lookups=asks is Asks.ALL,
    )
    return LocalEngine(like(copy, settings), outside, start)


def like(copy: StateCopy, settings: Settings) -> Settings:
    """Return *settings* with the number of partitions that *copy* has."""
    return settings.model_copy(update={"partitions": copy.partition_count})


async def what_if(
    copy: StateCopy,
    settings: Settings,
    lines: Lines,
    *,
    asks: Asks = Asks.NOBODY,
    patience_ms: int = 0,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Supposed:
    """Return what *lines* would change, in a worker with these *settings*.

    Credentials may be in *environment* too.

    Raises:
        KeyMissing: the copy remembers erasures, and *settings* name no key for that.
        CredentialsError: they can't be used.
        KeyFileError: the key can't be used.
        UnreadableRecordError: the copy holds what this program has not written.
    """
    refuse_without_key(settings, copy)
    api, _, outside = reach_outside(settings, environment)
    engine = engine_over(copy, settings, outside, asks)
    settings = like(copy, settings)
    put(engine, settings, lines)
    if asks is Asks.NOBODY:
        engine.drain()
    else:
        async with api:
            await engine.settle(patience_ms=patience_ms)
    return Supposed(engine, settings, _opened(engine))
