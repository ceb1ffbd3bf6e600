"""Where things stand in the store.

Every key begins with an area and, but for the few that belong to no business, with the
business: nothing of another one can be reached by a longer prefix. Parts are ended by a
zero byte, which no id, token or hash has.
"""

from enum import StrEnum
from typing import Final

END: Final = b"\0"
_DIGITS: Final = 16
_MOST: Final = 10**_DIGITS - 1


class Area(StrEnum):
    """One kind of thing each."""

    OFFSET = "a"
    """source, partition: the next offset."""
    META = "b"
    """name: a number or a name of the model itself."""
    HOME = "c"
    """living person: their business. Tombstones have none."""
    LIVING = "d"
    """business, person: the document."""
    ENDED = "e"
    """business, person: at which generation, and who took the id over."""
    OWNER = "f"
    """business, member: their person."""
    VALUE = "g"
    """business, what stands behind the last colon of a member, member: nothing."""
    LARGEST = "h"
    """business, the number of members downwards, person: nothing."""
    COUNT = "i"
    """business, what is counted: how many."""
    WAITING = "j"
    """business, ends and kind of a proof in quarantine, person who holds it: the proof."""
    EVENT = "k"
    """business, event: the document."""
    ABOUT = "l"
    """business, person, event: nothing."""
    MENTION = "m"
    """business, member, event: nothing."""
    REFUSAL = "n"
    """business, time downwards, event: nothing."""
    SAID = "o"
    """business, time downwards, event: nothing. Bans, their ends, and decisions."""
    CHANGE = "p"
    """business, number: event."""
    HOLD = "q"
    """business, asset: the document."""
    ERASURE = "r"
    """business, time downwards, record: the document."""
    LEFT = "s"
    """business, member that is nobody's: since which number."""
    ERASED = "u"
    """business, event that may have forgotten somebody: since which number."""
    BUSINESS = "t"
    """business: nothing."""


def key(area: Area, *parts: str) -> bytes:
    """Return the key of one thing."""
    return prefix(area, *parts[:-1]) + parts[-1].encode()


def prefix(area: Area, *parts: str) -> bytes:
    """Return what all keys begin with that have *parts* in front."""
    return area.encode() + END + b"".join(part.encode() + END for part in parts)


def parts_of(found: bytes) -> list[str]:
    """Return the parts of a key, without its area."""
    return found.decode().split("\0")[1:]


def upwards(number: int) -> str:
    """Return a text that sorts as the number does."""
    return f"{min(number, _MOST):0{_DIGITS}}"


def downwards(number: int) -> str:
    """Return a text that sorts the larger number first."""
    return upwards(_MOST - min(number, _MOST))
