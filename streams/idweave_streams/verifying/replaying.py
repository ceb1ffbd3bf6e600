"""The evidence log, handled anew by the core into another copy of the graph."""

from collections.abc import Mapping

from idweave_adapters.erasure_key import ErasureKey
from idweave_streams.agents.weave import Weave
from idweave_streams.reliable import Record, Unit
from idweave_streams.settings import Settings
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.errors import KeyMissing, LogIncomplete
from idweave_streams.state.kafka import Reader, Records
from idweave_streams.state.space import Area

Span = tuple[int, int]
"""First offset, and the one behind the last."""


def refuse_without_key(settings: Settings, copy: StateCopy) -> None:
    """Refuse to replay without the key that the workers have.

    Raises:
        KeyMissing: they remember erasures, and the settings name no key.
    """
    if settings.erasure_key_file is not None:
        return
    for partition in copy.cut.graph:
        if next(iter(copy.graph(partition).scan(b"x|")), None) is not None:
            text = "workers remember erasures: set erasure_key_file to their key, too"
            raise KeyMissing(text)


async def replay(
    settings: Settings,
    source: Reader,
    areas: Mapping[int, Area],
    spans: Mapping[int, Span],
) -> None:
    """Let the core handle the evidence of *spans* on the graphs in *areas*.

    Raises:
        LogIncomplete: the log does not hold the whole of a span any more.
        KeyFileError: the key of the memory of erasures can't be read.
        BrokerError: it can't be read.
    """
    topic = settings.topics.evidence
    weave = Weave(settings.topics, settings.partitions, _key(settings))
    spans = {p: span for p, span in spans.items() if span[0] < span[1]}
    await _refuse_holes(source, topic, spans)

    def take(partition: int, records: Records) -> None:
        area = areas[partition]
        unit = Unit(partition, area)
        weave.handle(unit, [Record.of(record) for record in records])
        area.write(unit.changes.items())

    starts = {p: start for p, (start, _) in spans.items()}
    await source.read(topic, starts, {p: end for p, (_, end) in spans.items()}, take)


def _key(settings: Settings) -> ErasureKey | None:
    file = settings.erasure_key_file
    return None if file is None else ErasureKey.from_file(file)


async def _refuse_holes(source: Reader, topic: str, spans: Mapping[int, Span]) -> None:
    for partition, first in (await source.starts(topic, spans)).items():
        if first > spans[partition][0]:
            text = (
                f"{topic}[{partition}] begins at offset {first}, and what is needed "
                f"begins at {spans[partition][0]}: the log can't be replayed; compare "
                "with a snapshot that was taken since, or restore the log"
            )
            raise LogIncomplete(text)
    for partition, end in (await source.ends(topic, spans)).items():
        if end < spans[partition][1]:
            text = (
                f"{topic}[{partition}] ends at offset {end}, and the tables have "
                f"handled it up to {spans[partition][1]}: it has lost records; restore it"
            )
            raise LogIncomplete(text)
