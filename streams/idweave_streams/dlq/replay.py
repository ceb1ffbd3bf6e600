"""Dead letters sent back: first looked through, then sent, never twice by themselves."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from idweave_streams.broker_errors import BrokerError
from idweave_streams.dlq.coordinates import Coordinates
from idweave_streams.dlq.letter import Letter
from idweave_streams.dlq.memory import Replayed, read_replayed
from idweave_streams.dlq.reading import DeadLetters, Spans, dead_letters
from idweave_streams.dlq.rules import Refusal, Rules
from idweave_streams.dlq.writing import ReplayWriter, replay_writer
from idweave_streams.settings import Settings

BATCH_LETTERS = 200
BATCH_BYTES = 2 << 20
"""What one transaction holds at the most, beside its last letter."""

Show = Callable[[Letter], None]
"""Told of each letter that is sent, or would be."""


class ReplayStoppedError(Exception):
    """Sending ended in the middle. The cause is the broker's."""

    def __init__(self, sent: int, wanted: int, last: Coordinates | None) -> None:
        behind = f", the last one {last}" if last else ""
        super().__init__(
            f"{sent} of {wanted} were sent{behind}; run the same command again: what "
            "was sent is remembered, and it goes on behind it"
        )


@dataclass(slots=True)
class Survey:
    """What a replay would do."""

    spans: Spans
    """How far the topic was looked through."""
    wanted: int = 0
    """How many letters are to be sent."""
    done: int = 0
    """How many were sent before and are passed over."""
    refused: Counter[Refusal] = field(default_factory=Counter)
    is_cut: bool = False
    """There are more than the limit allows."""

    def cut(self, place: Coordinates) -> None:
        """End before *place*, so that nothing is sent that was not looked at."""
        self.is_cut = True
        spans = {p: span for p, span in self.spans.items() if p <= place.partition}
        spans[place.partition] = (spans[place.partition][0], place.offset)
        self.spans = spans


async def survey(
    settings: Settings, rules: Rules, limit: int | None, show: Show
) -> Survey:
    """Find out what is to be sent; nothing is.

    Args:
        settings: name the broker and the topics.
        rules: which letters are meant and which may be sent.
        limit: how many at the most.
        show: told of each letter that would be sent.

    Raises:
        BrokerError: the topics can't be read.
    """
    async with dead_letters(settings) as topic:
        found = Survey(topic.spans)
        replayed = await read_replayed(settings, topic.spans)
        async for letter in topic.all():
            if not rules.choice.takes(letter):
                continue
            if rules.is_done(letter, replayed):
                found.done += 1
            elif refusal := rules.refusal(letter):
                found.refused[refusal] += 1
            elif found.wanted == limit:
                found.cut(letter.place)
                break
            else:
                found.wanted += 1
                show(letter)
    return found


async def replay(settings: Settings, rules: Rules, surveyed: Survey, show: Show) -> int:
    """Send what was *surveyed*, and return how many letters were sent.

    These are fewer where another replay has sent some since.

    Raises:
        BrokerError: nothing was sent.
        ReplayStoppedError: it ended in the middle.
    """
    async with (
        replay_writer(settings) as writer,
        dead_letters(settings, surveyed.spans) as topic,
    ):
        replayed = await read_replayed(settings, surveyed.spans)
        return await _Sending(writer, rules, replayed, surveyed.wanted, show).run(topic)


@dataclass(slots=True)
class _Sending:
    """One run over the topic."""

    writer: ReplayWriter
    rules: Rules
    replayed: Replayed
    wanted: int
    show: Show
    sent: int = 0
    last: Coordinates | None = None
    _batch: list[Letter] = field(default_factory=list)
    _bytes: int = 0

    async def run(self, topic: DeadLetters) -> int:
        """Send what is due, in batches; a failure says how many are sent."""
        try:
            await self._all(topic)
        except BrokerError as error:
            stopped = ReplayStoppedError(self.sent, self.wanted, self.last)
            raise stopped from error
        return self.sent

    async def _all(self, topic: DeadLetters) -> None:
        async for letter in topic.all():
            if self.sent + len(self._batch) == self.wanted:
                break
            if self._is_due(letter):
                self._batch.append(letter)
                self._bytes += letter.size_bytes
            if len(self._batch) >= BATCH_LETTERS or self._bytes >= BATCH_BYTES:
                await self._flush()
        await self._flush()

    def _is_due(self, letter: Letter) -> bool:
        rules = self.rules
        return (
            rules.choice.takes(letter)
            and not rules.is_done(letter, self.replayed)
            and rules.refusal(letter) is None
        )

    async def _flush(self) -> None:
        if not self._batch:
            return
        await self.writer.send(self._batch)
        for letter in self._batch:
            self.show(letter)
        self.sent += len(self._batch)
        self.last = self._batch[-1].place
        self._batch, self._bytes = [], 0
