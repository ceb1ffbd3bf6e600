"""Which dead letters are meant."""

from dataclasses import dataclass

from idweave_streams.dlq.letter import Letter


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for. What is empty or None leaves everything in."""

    codes: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    """Names of the topics that the records came from."""
    since_ms: int | None = None
    until_ms: int | None = None
    """Of the time when the records were given up; the end is not in it."""

    def takes(self, letter: Letter) -> bool:
        """Tell whether *letter* is meant."""
        topic = letter.origin.topic if letter.origin else ""
        return (
            (not self.codes or letter.code in self.codes)
            and (not self.topics or topic in self.topics)
            and (self.since_ms is None or letter.time_ms >= self.since_ms)
            and (self.until_ms is None or letter.time_ms < self.until_ms)
        )
