"""Every topic: its name, what is in it, and how Kafka must keep it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

DAY_MS = 86_400_000
MIB = 1 << 20
RECORD_MAX_BYTES = 4 * MIB
"""Meta's webhook bodies stay far below; a larger record is refused by the broker."""


class Role(StrEnum):
    """Who writes a topic, seen from idweave."""

    SOURCE = "source"
    INTERNAL = "internal"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as the product defines it; its name can be configured."""

    key: str
    """What settings and code call it."""
    name: str
    role: Role
    holds: str
    keyed_by: str
    partitions: int | None
    """None: as many as the setting `partitions`; they share their numbering."""
    config: Mapping[str, str]


def _compacted(**extra: str) -> Mapping[str, str]:
    return MappingProxyType({"cleanup.policy": "compact", **extra})


def _kept(days: int | None, **extra: str) -> Mapping[str, str]:
    retention = "-1" if days is None else str(days * DAY_MS)
    return MappingProxyType(
        {"cleanup.policy": "delete", "retention.ms": retention, **extra}
    )


_LARGE = {"max.message.bytes": str(RECORD_MAX_BYTES)}
# A dead letter is the record as it came, and its headers grow.
_LARGER = {"max.message.bytes": str(RECORD_MAX_BYTES + MIB)}

# A worker that was away for less than this still learns what was deleted.
_CHANGELOG = _compacted(**_LARGE, **{"delete.retention.ms": str(7 * DAY_MS)})

TOPICS: tuple[Topic, ...] = (
    Topic(
        "logins",
        "facebook.logins.v1",
        Role.SOURCE,
        "Facebook Login events, JSON (login.v1)",
        "any",
        None,
        _kept(7, **_LARGE),
    ),
    Topic(
        "webhooks",
        "facebook.webhooks.v1",
        Role.SOURCE,
        "Messenger webhook bodies, byte for byte",
        "any",
        None,
        _kept(7, **_LARGE),
    ),
    # They name people who want to be forgotten, so they are not kept for ever, but long
    # enough to repair whatever stopped them: as long as dead letters.
    Topic(
        "commands",
        "idweave.commands.v1",
        Role.SOURCE,
        "what is to be done about a scoped id, JSON (command.v1)",
        "scoped id, or asset",
        None,
        _kept(30),
    ),
    Topic(
        "assets",
        "idweave.assets.v1",
        Role.SOURCE,
        "who owns which app and Page",
        "asset",
        1,
        _compacted(),
    ),
    Topic(
        "holds",
        "idweave.holds.v1",
        Role.INTERNAL,
        "whose lookups are stopped",
        "business, or business/asset",
        1,
        _compacted(),
    ),
    Topic(
        "sightings",
        "idweave.sightings.v1",
        Role.INTERNAL,
        "scoped ids seen, by the partition of the id",
        "none",
        None,
        _kept(7, **_LARGE),
    ),
    Topic(
        "answers",
        "idweave.answers.v1",
        Role.INTERNAL,
        "what lookups brought, by the partition of the id",
        "none",
        None,
        _kept(7, **_LARGE),
    ),
    Topic(
        "evidence",
        "idweave.evidence.v1",
        Role.INTERNAL,
        "the log of truth: whatever changes a graph",
        "business",
        None,
        _kept(None, **_LARGE),
    ),
    Topic(
        "dead_letters",
        "idweave.dead-letters.v1",
        Role.OUTPUT,
        "records that could not be read, unchanged",
        "as it came",
        None,
        _kept(30, **_LARGER),
    ),
    # Kept longer than what it tells of: forgotten too early, it would be sent twice.
    Topic(
        "replays",
        "idweave.replays.v1",
        Role.INTERNAL,
        "which dead letters were sent back",
        "partition and offset of the dead letter",
        1,
        _kept(60),
    ),
    Topic(
        "events",
        "identity.events.v1",
        Role.OUTPUT,
        "every change of identity, with the whole person",
        "person",
        None,
        _kept(None, **_LARGE),
    ),
    Topic(
        "aliases",
        "identity.aliases.v1",
        Role.OUTPUT,
        "scoped id to person",
        "business/scoped id",
        None,
        _compacted(),
    ),
    Topic(
        "persons",
        "identity.persons.v1",
        Role.OUTPUT,
        "the whole person",
        "person",
        None,
        _compacted(**_LARGE),
    ),
    Topic(
        "policy",
        "identity.policy.v1",
        Role.OUTPUT,
        "refusals, quarantines, bans, decisions, erasures, holds",
        "business",
        None,
        _kept(None, **_LARGE),
    ),
    Topic(
        "receipts",
        "idweave.receipts.v1",
        Role.OUTPUT,
        "how far a request has come that somebody waits for",
        "receipt code",
        None,
        _compacted(),
    ),
)


@dataclass(frozen=True, slots=True)
class TopicNames:
    """What this deployment calls the topics, one attribute each."""

    logins: str
    webhooks: str
    commands: str
    assets: str
    holds: str
    sightings: str
    answers: str
    evidence: str
    dead_letters: str
    replays: str
    events: str
    aliases: str
    persons: str
    policy: str
    receipts: str

    @classmethod
    def build(cls, prefix: str = "") -> "TopicNames":
        """Name all topics, each with *prefix* in front."""
        return cls(**{topic.key: prefix + topic.name for topic in TOPICS})


@dataclass(frozen=True, slots=True)
class WantedTopic:
    """A topic as it should stand on the broker."""

    name: str
    partitions: int
    config: Mapping[str, str]


def wanted_topics(
    names: TopicNames,
    partitions: int,
    changelogs: Iterable[str],
    kept_days: Mapping[str, int] = MappingProxyType({}),
) -> list[WantedTopic]:
    """List all topics of a deployment, the tables' changelogs included.

    Args:
        names: what they are called.
        partitions: how many those have that share their numbering.
        changelogs: the names of the tables' changelogs.
        kept_days: for how many days a topic is kept, if not as `TOPICS` says.
    """
    topics = [
        WantedTopic(
            getattr(names, t.key),
            t.partitions or partitions,
            {**t.config, **_kept(kept_days[t.key])} if t.key in kept_days else t.config,
        )
        for t in TOPICS
    ]
    topics += [WantedTopic(name, partitions, _CHANGELOG) for name in changelogs]
    return topics


def consumed(names: TopicNames) -> tuple[str, ...]:
    """List the topics that the workers' stages read."""
    return (
        names.assets,
        names.logins,
        names.webhooks,
        names.commands,
        names.sightings,
        names.answers,
        names.evidence,
    )


def outputs(names: TopicNames) -> tuple[str, ...]:
    """List the topics that others read."""
    return tuple(getattr(names, t.key) for t in TOPICS if t.role is Role.OUTPUT)
