"""From files of events to the records of the output topics."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import orjson

from idweave_streams.local.engine import LocalEngine
from idweave_streams.outside import reach_outside
from idweave_streams.reliable import Output, Record
from idweave_streams.settings import Settings
from idweave_streams.tally import Tally
from idweave_streams.topics import outputs


@dataclass(frozen=True, slots=True)
class LocalResult:
    """What a run over files has brought."""

    engine: LocalEngine
    settings: Settings

    def records(self, topic: str) -> Iterable[Record]:
        """Yield the records of one topic."""
        return self.engine.records(topic)

    def outputs(self) -> Iterator[Record]:
        """Yield the records of all output topics."""
        for topic in outputs(self.settings.topics):
            yield from self.records(topic)

    def tally(self) -> Tally:
        """Count what the topics say."""
        tally = Tally(self.settings.topics)
        for topic in tally.topics():
            for record in self.records(topic):
                tally.apply(record)
        return tally

    def summary(self) -> str:
        """Say in one line what was found."""
        tally = self.tally()
        return (
            f"{len(tally.sighted)} ids seen, {len(set(tally.aliases.values()))} persons, "
            f"{len(tally.events)} events, {sum(tally.refusals.values())} links refused, "
            f"{sum(tally.dead_letters.values())} dead letters, "
            f"{len(tally.sighted.keys() - tally.closed)} lookups open"
        )


@dataclass(frozen=True, slots=True)
class Lines:
    """What is put on the source topics, a record a line; blank lines are passed over."""

    assets: Iterable[bytes] = ()
    logins: Iterable[bytes] = ()
    webhooks: Iterable[bytes] = ()
    commands: Iterable[bytes] = ()


async def run_files(
    settings: Settings,
    *,
    assets: Iterable[bytes],
    logins: Iterable[bytes],
    webhooks: Iterable[bytes],
    commands: Iterable[bytes] = (),
    patience_ms: int,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> LocalResult:
    """Weave what the lines say, asking the Graph API of *settings*.

    Credentials may be in *environment* too.
    """
    api, _, outside = reach_outside(settings, environment)
    engine = LocalEngine(settings, outside)
    put(engine, settings, Lines(assets, logins, webhooks, commands))
    async with api:
        await engine.settle(patience_ms=patience_ms)
    return LocalResult(engine, settings)


def put(engine: LocalEngine, settings: Settings, lines: Lines) -> None:
    """Put *lines* on the topics of *engine*, first who owns what."""
    names = settings.topics
    for line in _lines(lines.assets):
        engine.append(Output(names.assets, _asset_key(line), line))
    for topic, file in ((names.logins, lines.logins), (names.webhooks, lines.webhooks)):
        for number, line in enumerate(_lines(file)):
            place = number % settings.partitions
            engine.append(Output(topic, None, line, partition=place))
    for line in _lines(
        lines.commands
    ):  # on one partition, so that they keep their order
        engine.append(Output(names.commands, None, line, partition=0))


def _lines(file: Iterable[bytes]) -> Iterator[bytes]:
    return (line for line in (raw.strip() for raw in file) if line)


def _asset_key(line: bytes) -> bytes | None:
    try:
        return str(orjson.loads(line)["asset"]).encode()
    except (ValueError, KeyError, TypeError):
        return None  # the assets stage puts it into the dead letters
