"""What was emitted, and what must come out of it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Topic = Literal["login", "webhook"]


class Event(NamedTuple):
    """One record: which topic it is for, its bytes, and its event time."""

    topic: Topic
    value: bytes
    time_ms: int


@dataclass(frozen=True, slots=True)
class Made:
    """An event with what the generator knows about it.

    Args:
        kinds: `login.classic`, `webhook.message` and so on, one per item.
        sighted: scoped ids that the event shows, once per showing.
        token: the scoped id's `token_for_business`, where the event carries it.
        dead: why the event can only become a dead letter, if so.
    """

    event: Event
    kinds: tuple[str, ...]
    sighted: tuple[str, ...] = field(default=(), repr=False)
    token: tuple[str, str] | None = field(default=None, repr=False)
    dead: Literal["garbage", "unknown_app"] | None = None


@dataclass(slots=True)
class Report:
    """Sums over the events emitted so far, duplicates included.

    Args:
        events: by topic.
        kinds: items by kind; a webhook body has one or more.
        sighted: scoped ids in text form; those of a test app under its parent.
        sightings: how often any of them was shown.
        tokens: `token_for_business` by scoped id, where an event carried it.
        dead_letters: events by the reason why they must end as dead letters.
        duplicates: events that repeat an earlier one.
        out_of_order: events with a time before that of an earlier event.
    """

    events: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    sighted: set[str] = field(default_factory=set, repr=False)
    sightings: int = 0
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    dead_letters: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    out_of_order: int = 0
    latest_ms: int = 0

    def add(self, made: Made) -> None:
        """Count one emitted event."""
        self.events[made.event.topic] += 1
        self.kinds.update(made.kinds)
        self.sighted.update(made.sighted)
        self.sightings += len(made.sighted)
        if made.token:
            self.tokens[made.token[0]] = made.token[1]
        if made.dead:
            self.dead_letters[made.dead] += 1
        self.out_of_order += made.event.time_ms < self.latest_ms
        self.latest_ms = max(self.latest_ms, made.event.time_ms)
