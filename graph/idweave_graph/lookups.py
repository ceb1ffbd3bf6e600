"""The one question to the Graph API that a scoped id costs in its life."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from idweave_graph.evidence import Cause
from idweave_graph.ids import BusinessId, BusinessToken, LinkingCode
from idweave_graph.ownership import OwnedId

FIRST_RETRY_MS = 1_000
LONGEST_RETRY_MS = 3_600_000
"""Graph API advice: after a limit wait, with jitter, up to an hour."""


class LookupPhase(StrEnum):
    """Where a lookup stands."""

    PENDING = "pending"
    """It is to be asked from its due time on."""
    RESOLVED = "resolved"
    """It was answered."""
    HELD = "held"
    """Its business or its token is held; it is asked when the hold lifts."""
    FAILED = "failed"
    """Asking again would not help; an operator or a new event may."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """The durable state of one lookup."""

    business: BusinessId
    seen: OwnedId
    first_seen_ms: int
    cause: Cause
    """The event that opened it: what its answer proves goes back to."""
    phase: LookupPhase
    attempts: int = 0
    """How often it failed since it was last answered."""
    due_ms: int = 0
    """Not to be asked before this; 0 is at once. An answer from before it is old."""
    answered_ms: int = 0
    is_final: bool = False
    """The last answer had links and left nothing out: it is believed for good."""
    token: BusinessToken | None = None
    """The business token that the id is known to carry."""
    code: LinkingCode | None = None
    """Of the id's last account linking."""
    unlinked_ms: int = 0
    """Account linkings up to this time are over."""
    detail: str = ""
    """Why it is held or failed: a code, without ids."""

    @property
    def is_open(self) -> bool:
        """Say whether an answer is still waited for."""
        return self.phase in (LookupPhase.PENDING, LookupPhase.HELD)


def retry_delay_ms(seen: OwnedId, attempts: int) -> int:
    """Return how long to wait before the try after *attempts* failures.

    It doubles from one second to an hour; up to half of it is jitter, drawn from a
    hash of the id, so that a replay waits as long and neighbours do not wait alike.
    """
    delay = min(LONGEST_RETRY_MS, FIRST_RETRY_MS << min(attempts - 1, 20))
    draw = blake2b(f"{seen.id}|{attempts}".encode(), digest_size=2).digest()
    return delay - delay // 2 * int.from_bytes(draw) // 65_536
