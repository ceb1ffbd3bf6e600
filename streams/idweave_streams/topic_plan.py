"""What stands between the topics as they are and as they should be. Does no IO."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from idweave_streams.settings import Settings
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE
from idweave_streams.topics import WantedTopic, wanted_topics


class Need(StrEnum):
    """What a topic needs."""

    CREATE = "create"
    OK = "ok"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as it stands on the broker."""

    partitions: int
    replication: int
    """Copies of the partition that has the fewest."""
    config: Mapping[str, str | None]
    """What is in force, whoever stated it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not as it should be."""

    name: str
    found: str | None
    wanted: str

    def __str__(self) -> str:
        return f"{self.name} is {self.found}, wanted {self.wanted}"


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """One topic: as it should be, and as it is."""

    wanted: WantedTopic
    found: FoundTopic | None

    @property
    def need(self) -> Need:
        """What is to be done about it."""
        if self.found is None:
            return Need.CREATE
        return Need.DIFFERS if self.differences else Need.OK

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All that is not as it should be, partitions first."""
        if self.found is None:
            return ()
        count = Difference(
            "partitions", str(self.found.partitions), str(self.wanted.partitions)
        )
        return (count, *self.drift) if self.is_misnumbered else self.drift

    @property
    def is_misnumbered(self) -> bool:
        """Whether the number of partitions differs, which can't be put right."""
        found = self.found
        return found is not None and found.partitions != self.wanted.partitions

    @property
    def drift(self) -> tuple[Difference, ...]:
        """The configs that differ, which can be put right."""
        if self.found is None:
            return ()
        return tuple(
            Difference(name, self.found.config.get(name), value)
            for name, value in self.wanted.config.items()
            if self.found.config.get(name) != value
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """All topics of a deployment on one cluster."""

    topics: tuple[TopicPlan, ...]
    brokers: int
    replication: int
    """Copies that are wanted of each partition."""

    @property
    def is_done(self) -> bool:
        """Whether every topic is as it should be."""
        return all(topic.need is Need.OK for topic in self.topics)

    @property
    def obstacles(self) -> list[str]:
        """What keeps the plan from being carried out, each with its way out."""
        misnumbered: dict[tuple[int, int], list[str]] = {}
        for topic in self.topics:
            if topic.found is not None and topic.is_misnumbered:
                counts = (topic.found.partitions, topic.wanted.partitions)
                misnumbered.setdefault(counts, []).append(topic.wanted.name)
        found = [
            _misnumbered(names, has, wanted)
            for (has, wanted), names in misnumbered.items()
        ]
        creates = any(topic.need is Need.CREATE for topic in self.topics)
        if creates and self.replication > self.brokers:
            found.append(too_few_brokers(self.replication, self.brokers))
        return found

    @property
    def notes(self) -> list[str]:
        """What is worth knowing and keeps nothing from running."""
        thin = [
            topic.wanted.name
            for topic in self.topics
            if topic.found is not None and topic.found.replication < self.replication
        ]
        if not thin:
            return []
        wanted, names = self.replication, ", ".join(thin)
        return [
            f"fewer copies than {wanted}: {names}; kafka-reassign-partitions adds some"
        ]


def _misnumbered(names: Sequence[str], has: int, wanted: int) -> str:
    return (
        f"partitions: {has} instead of {wanted}: {', '.join(names)}. This can't be"
        " changed, as keys would move away from their tables. Set partitions="
        f"{has} if these are the topics that you mean, or start anew with another"
        " topic_prefix and app_id"
    )


def too_few_brokers(replication: int, brokers: int) -> str:
    """Say what to do where there are fewer brokers than copies."""
    there = f"there {'is' if brokers == 1 else 'are'} {brokers}"
    return (
        f"{replication} copies need as many brokers, and {there}: start more, or set"
        f" replication={brokers}"
    )


def topics_of(settings: Settings) -> list[WantedTopic]:
    """List every topic that a worker with *settings* needs."""
    changelogs = changelogs_of(settings.app_id)
    names, partitions = settings.topics, settings.partitions
    return wanted_topics(names, partitions, changelogs, settings.kept_days)


def changelogs_of(app_id: str) -> list[str]:
    """Name the changelogs of all tables, as Faust does."""
    return [changelog_of(app_id, table) for table in (GRAPH_TABLE, LOOKUP_TABLE)]


def changelog_of(app_id: str, table: str) -> str:
    """Name the changelog of *table*, as Faust does."""
    return f"{app_id}-{table}-changelog"


def compare(
    wanted: Iterable[WantedTopic],
    found: Mapping[str, FoundTopic],
    *,
    brokers: int,
    replication: int,
) -> Plan:
    """Hold what is wanted against what was found."""
    topics: Sequence[TopicPlan] = [TopicPlan(w, found.get(w.name)) for w in wanted]
    return Plan(tuple(topics), brokers, replication)
