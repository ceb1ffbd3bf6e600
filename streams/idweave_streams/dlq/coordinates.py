"""Where one record stands, as one word that can be copied and pasted."""

import re
from dataclasses import dataclass
from typing import Self

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")


class CoordinatesError(ValueError):
    """Write it as topic-partition-offset, such as facebook.logins.v1-3-1042."""


@dataclass(frozen=True, slots=True, order=True)
class Coordinates:
    """One place in one topic. As text: topic, partition and offset, with hyphens."""

    topic: str
    partition: int
    offset: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` gives. A topic may have hyphens itself.

        Raises:
            CoordinatesError: it is something else.
        """
        topic, _, rest = text.rpartition("-")
        topic, _, partition = topic.rpartition("-")
        return cls.of(topic, partition, rest)

    @classmethod
    def of(cls, topic: str, partition: str, offset: str) -> Self:
        """Make it of its parts as texts.

        Raises:
            CoordinatesError: one of them can't be what it should be.
        """
        numbers = _NUMBER.fullmatch(partition) and _NUMBER.fullmatch(offset)
        if not (numbers and _TOPIC.fullmatch(topic)):
            raise CoordinatesError(CoordinatesError.__doc__)
        return cls(topic, int(partition), int(offset))

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}-{self.offset}"
