"""Which dead letters were sent back: remembered on a topic of their own.

Offsets of a consumer group could not say it: filters leave letters out in between, and
the broker forgets the offsets of an idle group long before the letters. A file would
be known to one machine only.
"""

from dataclasses import dataclass, field

from idweave_streams.codecs import UnreadableRecordError
from idweave_streams.codecs.frame import pack, unpack
from idweave_streams.dlq.coordinates import Coordinates
from idweave_streams.dlq.letter import Letter
from idweave_streams.dlq.reading import Spans
from idweave_streams.follow import read_whole
from idweave_streams.settings import Settings


def encode_replay(letter: Letter) -> tuple[bytes, bytes]:
    """Return key and value of the record that remembers that *letter* was sent."""
    place = letter.place
    key = f"{place.partition}-{place.offset}".encode()
    return key, pack([place.partition, place.offset, letter.replays + 1])


@dataclass(slots=True)
class Replayed:
    """The letters that were sent back, one bit for each that stands on the topic."""

    spans: Spans
    _bits: dict[int, bytearray] = field(init=False)

    def __post_init__(self) -> None:
        """None is known yet."""
        self._bits = {
            partition: bytearray((end - begin + 7) // 8)
            for partition, (begin, end) in self.spans.items()
        }

    def apply(self, _key: bytes | None, value: bytes | None) -> None:
        """Take over one record of the topic; what idweave did not write is none."""
        try:
            partition, offset = unpack(value, lambda row: (int(row[0]), int(row[1])))
        except UnreadableRecordError:
            return
        begin, end = self.spans.get(partition, (0, 0))
        if begin <= offset < end:
            self._bits[partition][(offset - begin) // 8] |= 1 << (offset - begin) % 8

    def has(self, place: Coordinates) -> bool:
        """Tell whether the letter at *place* was sent back."""
        begin, end = self.spans.get(place.partition, (0, 0))
        if not begin <= place.offset < end:
            return False
        bit = place.offset - begin
        return bool(self._bits[place.partition][bit // 8] & 1 << bit % 8)


async def read_replayed(settings: Settings, spans: Spans) -> Replayed:
    """Return which of the letters in *spans* were sent back.

    Raises:
        BrokerError: the topic can't be read.
    """
    replayed = Replayed(spans)
    await read_whole(settings.kafka, settings.topics.replays, replayed.apply)
    return replayed
