"""A deployment on a real broker, as workers leave it, to be damaged."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

import pytest
from tests.streams.cli.conftest import run
from tests.support.kafka import KafkaBroker, Record, create_topics, produce
from tests.support.replay import kept_apart, tangled_log
from tests.support.strategies import BUSINESS

from idweave_graph.messages import LogMessage
from idweave_graph.person import Person
from idweave_streams.agents.weave import Weave
from idweave_streams.codecs import encode_log
from idweave_streams.local.log import LocalTable
from idweave_streams.packing import partition_of
from idweave_streams.reliable import Record as Handled
from idweave_streams.reliable import Unit
from idweave_streams.reliable.progress import PROGRESS_KEY, encode_progress
from idweave_streams.settings import Settings
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE, GraphTable
from idweave_streams.topic_plan import changelog_of, topics_of
from idweave_streams.verifying.run import Choice, Report, verify

__all__ = ["run"]

PARTITIONS = 3
HOME = partition_of(BUSINESS, PARTITIONS)
"""Where the graph of the business is."""
OTHER = (HOME + 1) % PARTITIONS

Changes = Mapping[bytes, bytes | None]


@dataclass
class Deployed:
    """Topics and changelogs of a deployment in which only evidence was handled."""

    settings: Settings
    weave: Weave
    table: LocalTable = field(default_factory=LocalTable)
    """What its worker has."""
    handled: int = 0
    """The next offset of the evidence log for its worker."""
    log: list[LogMessage] = field(default_factory=list)

    @property
    def bootstrap(self) -> str:
        return self.settings.kafka

    @property
    def graph(self) -> GraphTable:
        return GraphTable(self.table)

    def persons(self) -> list[Person]:
        """Everybody, those with several members first."""
        keys = [key for key, _ in self.table.scan(b"p|")]
        names = [key.decode().rpartition("|")[2] for key in keys]
        found = [self.graph.person(BUSINESS, name) for name in names]  # type: ignore[arg-type]
        return sorted(filter(None, found), key=lambda person: -len(person.members))

    async def tell(self, messages: Iterable[LogMessage]) -> None:
        """The messages are on the evidence log."""
        told = list(messages)
        records = [Record(encode_log([m]), b"", partition=HOME) for m in told]
        await produce(self.bootstrap, self.settings.topics.evidence, records)
        self.log += told

    async def handle(self, *, is_cut_short: bool = False) -> None:
        """The worker has handled all that is on the log, in one unit.

        Cut short, it has died when its outputs were acknowledged.
        """
        unit = Unit(HOME, self.table)
        for offset, message in enumerate(self.log[self.handled :], self.handled):
            record = Handled("e", HOME, offset, 0, b"", encode_log([message]), ())
            self.weave.handle(unit, [record])
        by_topic: dict[str, list[Record]] = defaultdict(list)
        for output in unit.outputs:
            record_of = Record(output.value, output.key, output.headers)
            by_topic[output.topic].append(record_of)
        for topic, records in by_topic.items():
            await produce(self.bootstrap, topic, records)
        if not is_cut_short:
            self.handled = len(self.log)
            self.table.write(unit.changes)
            await self.log_changes(unit.changes)

    async def log_changes(
        self, changes: Changes, table: str = GRAPH_TABLE, partition: int = HOME
    ) -> None:
        """The changelog has one unit more."""
        evidence = self.settings.topics.evidence
        progress = encode_progress({evidence: self.handled})
        records = [
            Record(value, key, partition=partition)
            for key, value in [*changes.items(), (PROGRESS_KEY, progress)]
        ]
        await produce(
            self.bootstrap, changelog_of(self.settings.app_id, table), records
        )

    async def write(self, topic: str, key: str, value: bytes | None) -> None:
        """Somebody has written a record to the topic."""
        await produce(self.bootstrap, topic, [Record(value, key.encode())])

    async def verified(self, **chosen: object) -> Report:
        """What is found; topics that are ahead are not waited for."""
        choice = Choice(**{"patience_s": 0.0, **chosen})  # type: ignore[arg-type]
        return await verify(self.settings, choice)


def contradicting_log(seed: int = 7, size: int = 20) -> Sequence[LogMessage]:
    """Proofs that contradict each other, and bans."""
    random = Random(seed)
    return list(kept_apart(random, tangled_log(random, size)))


EAGER = {
    "cleanup.policy": "compact",
    "min.cleanable.dirty.ratio": "0.001",
    "segment.ms": "100",
}
"""Of a topic that is compacted as soon as it can be."""


async def deploy(bootstrap: str, prefix: str, *, is_eager: bool = False) -> Deployed:
    """All topics are there, and nothing on them."""
    settings = Settings(
        kafka=bootstrap,
        topic_prefix=prefix,
        app_id=f"{prefix}app",
        partitions=PARTITIONS,
        replication=1,
    )
    counts = {topic.name: topic.partitions for topic in topics_of(settings)}
    names, changelog = settings.topics, changelog_of(settings.app_id, GRAPH_TABLE)
    eager = {
        name: counts.pop(name)
        for name in (changelog, names.persons, names.aliases)
        if is_eager
    }
    await create_topics(bootstrap, counts)
    await create_topics(bootstrap, eager, EAGER)
    return Deployed(settings, Weave(settings.topics, PARTITIONS))


async def _deployed(bootstrap: str, prefix: str) -> Deployed:
    made = await deploy(bootstrap, prefix)
    await made.tell(contradicting_log())
    await made.handle()
    await made.log_changes({b"l|app:1:a": b"\x01{}"}, LOOKUP_TABLE, OTHER)
    return made


@pytest.fixture
def deployed(kafka: KafkaBroker, topic_prefix: str) -> Deployed:
    """A deployment that is as it should be."""
    return asyncio.run(_deployed(kafka.bootstrap, topic_prefix))
