"""Which dead letters may be sent back, and why the others may not. Does no IO."""

from dataclasses import dataclass
from enum import StrEnum

from idweave_streams.dlq.choice import Choice
from idweave_streams.dlq.codes import FOREIGN
from idweave_streams.dlq.letter import REPLAYS, Letter
from idweave_streams.dlq.memory import Replayed
from idweave_streams.topics import MIB, TOPICS, TopicNames

REPLAYABLE = ("logins", "webhooks", "commands")
"""The topics that take a record again: what comes twice or late does no harm there."""
INTERNAL = ("sightings", "answers", "evidence")
ROOM_BYTES = 512
"""For our header, and for what a record costs besides its parts."""
HEADER_ROOM_BYTES = 10
"""For the lengths of a header's name and value: five bytes each at the most."""


class Refusal(StrEnum):
    """Why a letter is not sent back, and what to do instead."""

    FOREIGN = (
        "not written by idweave as a dead letter: find who else writes to the topic"
    )
    INTERNAL = (
        "came from a topic that idweave writes for itself: put back later, it would "
        "stand behind what was learned since; find who else writes there"
    )
    ASSETS = (
        "came from the assets topic, which keeps the last record of each asset: sent "
        "again it could displace a newer one; correct it and use `idweave assets import`"
    )
    UNKNOWN_TOPIC = (
        "came from a topic that is none of this deployment: check topic_prefix"
    )
    OMITTED = (
        "was too large to be kept: its bytes are where it was read, as long as they are"
    )
    TOO_LARGE = "is larger than its topic takes: have its producer send less at a time"
    WORN_OUT = (
        "was sent back too often: repair what stops it first, then raise --max-replays"
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """What was asked for, and what is allowed."""

    names: TopicNames
    choice: Choice
    max_replays: int
    is_again: bool = False
    """Letters that were sent back already are sent once more."""

    def is_done(self, letter: Letter, replayed: Replayed) -> bool:
        """Tell whether *letter* was sent back and that is enough."""
        return not self.is_again and replayed.has(letter.place)

    def refusal(self, letter: Letter) -> Refusal | None:
        """Return why *letter* must not be sent back; None if it may be."""
        if letter.code == FOREIGN or letter.origin is None:
            return Refusal.FOREIGN
        return (
            self._refusal_of_topic(letter.origin.topic)
            or _refusal_of_size(letter, self._limit(letter.origin.topic))
            or (Refusal.WORN_OUT if letter.replays >= self.max_replays else None)
        )

    def _refusal_of_topic(self, topic: str) -> Refusal | None:
        if topic in self._named(REPLAYABLE):
            return None
        if topic in self._named(INTERNAL):
            return Refusal.INTERNAL
        return Refusal.ASSETS if topic == self.names.assets else Refusal.UNKNOWN_TOPIC

    def _named(self, keys: tuple[str, ...]) -> set[str]:
        return {getattr(self.names, key) for key in keys}

    def _limit(self, topic: str) -> int:
        """Return how many bytes a record of *topic* may have."""
        configs = (t.config for t in TOPICS if getattr(self.names, t.key) == topic)
        return next(int(each.get("max.message.bytes", MIB)) for each in configs)


def _refusal_of_size(letter: Letter, limit: int) -> Refusal | None:
    if letter.omitted_bytes:
        return Refusal.OMITTED
    room = ROOM_BYTES + len(REPLAYS) + HEADER_ROOM_BYTES * len(letter.own_headers)
    needed = letter.size_bytes + room
    return Refusal.TOO_LARGE if needed > limit else None
