"""How much the door takes at once, and for how long it waits."""

from dataclasses import dataclass
from typing import Final

BODY_BYTES: Final = 896 * 1024
"""The largest body. One that turns out unreadable must still fit into one record batch
with what a dead letter adds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds, sizes in bytes."""

    requests: int = 512
    """In work at once, those included whose answer is out and whose record is not in."""
    memory_bytes: int = 64 << 20
    """Of all bodies held at once."""
    connections: int = 2048
    """More are cut as they come; each may hold some 128 KiB that nobody has read."""
    body_bytes: int = BODY_BYTES
    form_bytes: int = 16 * 1024
    """The largest body of a callback; a signed request has less than one KiB."""
    login_events: int = 1000
    """In one request, as in a webhook of Meta's."""
    read_s: float = 2.0
    """For a whole body: Meta sends it at once, and so does a proxy."""
    answer_s: float = 4.5
    """For all of a request. Meta waits 5 s (Messenger Platform, webhooks)."""
    idle_s: float = 75.0
    """For the next request of a connection, its headers included. Longer than usual
    proxies keep theirs (60 s), so that none sends into a connection that we close."""
    linger_s: float = 1.0
    """For the rest of a body that is refused: closed earlier, the sender would see a
    broken connection instead of the answer."""
    stop_s: float = 10.0
    """For requests in work when it is stopped."""
