"""What the topics say so far, for the live view and for the verdict."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import orjson

from idweave_graph.messages import Outcome, Sighting
from idweave_streams.codecs import decode_answers, decode_hold, decode_sightings
from idweave_streams.dead_letters import PREFIX
from idweave_streams.reliable import Record
from idweave_streams.topics import TopicNames
from idweave_streams.views import HoldBook

CLOSING = (Outcome.ANSWERED, Outcome.GONE, Outcome.FORBIDDEN)
"""Outcomes after which an id is not asked about again."""

Alias = tuple[str, str]
"""(business, scoped id)."""


@dataclass(slots=True)
class Tally:
    """A fold over the topics. Records may repeat: nothing is counted twice."""

    names: TopicNames
    sighted: dict[str, str] = field(default_factory=dict)
    """Each scoped id that was let in, with its business."""
    closed: set[str] = field(default_factory=set)
    """Each scoped id whose lookup is over."""
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Identity events by id, in the order in which they were first read."""
    aliases: dict[Alias, str] = field(default_factory=dict)
    """The person of each scoped id."""
    dead_letters: Counter[str] = field(default_factory=Counter)
    """Dead letters by code."""
    _hold_book: HoldBook = field(default_factory=HoldBook)
    _answers: set[tuple[str, int]] = field(default_factory=set)
    _holds: set[tuple[str, int]] = field(default_factory=set)
    _letters: set[tuple[bytes, ...]] = field(default_factory=set)

    def topics(self) -> tuple[str, ...]:
        """The topics that a tally is made of."""
        names = self.names
        return (
            names.sightings,
            names.answers,
            names.holds,
            names.events,
            names.aliases,
            names.dead_letters,
        )

    def apply(self, record: Record) -> None:
        """Take one record into account."""
        names = self.names
        if record.topic == names.sightings:
            self._sightings(record)
        elif record.topic == names.answers:
            self._answer(record)
        elif record.topic == names.holds:
            self._hold(record)
        elif record.topic == names.events:
            event = orjson.loads(record.value or b"null")
            self.events.setdefault(event["id"], event)
        elif record.topic == names.aliases:
            self._alias(record)
        elif record.topic == names.dead_letters:
            self._letter(record)

    def _sightings(self, record: Record) -> None:
        for message in decode_sightings(record.value):
            if isinstance(message, Sighting):
                self.sighted[str(message.seen.id)] = message.business

    def _answer(self, record: Record) -> None:
        for answer in decode_answers(record.value):
            scoped = str(answer.asked.id)
            if answer.outcome in CLOSING:
                self.closed.add(scoped)
            if answer.outcome is Outcome.ANSWERED:
                self._answers.add((scoped, answer.at_ms))

    def _hold(self, record: Record) -> None:
        hold = decode_hold(record.value)
        self._hold_book.put(hold)
        if hold.held:
            self._holds.add((hold.key, hold.at_ms))

    def _alias(self, record: Record) -> None:
        business, _, scoped = (record.key or b"").decode().partition("/")
        if record.value is None:
            self.aliases.pop((business, scoped), None)
        else:
            self.aliases[business, scoped] = orjson.loads(record.value)["person"]

    def _letter(self, record: Record) -> None:
        headers = dict(record.headers)
        place = ("topic", "partition", "offset")
        seen = tuple(headers[PREFIX + name] for name in place)
        if seen not in self._letters:
            self._letters.add(seen)
            self.dead_letters[headers[PREFIX + "code"].decode()] += 1

    @property
    def held(self) -> set[str]:
        """What is on hold, as the workers know it: businesses, and `business/asset`."""
        return {hold.key for hold in self._hold_book.held()}

    @property
    def answered(self) -> Counter[str]:
        """How often each scoped id was asked about and answered."""
        return Counter(scoped for scoped, _ in self._answers)

    @property
    def holds(self) -> int:
        """How often a business was put, or kept, on hold."""
        return len(self._holds)

    @property
    def open_lookups(self) -> int:
        """How many ids are still to be asked about, what is on hold left out."""
        held = self.held
        return sum(
            held.isdisjoint((business, f"{business}/{scoped.rpartition(':')[0]}"))
            for scoped, business in self.sighted.items()
            if scoped not in self.closed
        )

    @property
    def event_types(self) -> Counter[str]:
        """Identity events by type."""
        return Counter(event["type"] for event in self.events.values())

    @property
    def refusals(self) -> Counter[str]:
        """Refused links by reason."""
        return Counter(
            event["reason"]
            for event in self.events.values()
            if event["type"] == "refused"
        )
