"""Proof that two members of one business are one person."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from idweave_graph.ids import Member


class EvidenceKind(StrEnum):
    """Where a proof comes from."""

    IDS_FOR_APPS = "ids_for_apps"
    """The edge answered an app-scoped id."""
    IDS_FOR_PAGES = "ids_for_pages"
    """The edge answered a Page-scoped id."""
    IDS_FOR_BUSINESS = "ids_for_business"
    """The Business Mapping API's edge answered an app-scoped id."""
    TOKEN_FOR_BUSINESS = "token_for_business"  # noqa: S105  (a field's name)
    """The id carries this business token."""
    SIGNED_REQUEST = "signed_request"
    """A verified Canvas request named the id together with the token."""
    PAGES_ID_MAPPING = "pages_id_mapping"
    """The historic Page-scoped ID API mapped one to the other."""
    ACCOUNT_LINKING = "account_linking"
    """The business's own login joined them in Messenger."""
    MANUAL = "manual"
    """An operator said so."""


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """The Kafka record that everything here goes back to."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}-{self.offset}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One proof. Its two ends are in the order of their text, so it has one form."""

    kind: EvidenceKind
    a: Member
    b: Member
    at_ms: int
    """When it was learned, in event time."""
    epoch_a: int
    epoch_b: int
    """The ownership epochs of the ends' assets; 0 for a business token."""
    cause: Cause

    def __post_init__(self) -> None:
        if str(self.a) >= str(self.b):
            msg = "the ends of evidence must differ and stand in text order"
            raise ValueError(msg)

    @property
    def key(self) -> tuple[EvidenceKind, Member, Member]:
        """Two proofs with one key say the same thing."""
        return (self.kind, self.a, self.b)

    @property
    def text(self) -> str:
        """The key as text, for hashing; neither ids nor tokens hold a blank."""
        return f"{self.kind} {self.a} {self.b}"

    def epoch_of(self, end: Member) -> int:
        """Return the epoch under which *end*, one of the two, is proved."""
        return self.epoch_a if end == self.a else self.epoch_b

    def other(self, end: Member) -> Member:
        """Return the end that is not *end*."""
        return self.b if end == self.a else self.a


def evidence(
    kind: EvidenceKind,
    one: tuple[Member, int],
    two: tuple[Member, int],
    *,
    at_ms: int,
    cause: Cause,
) -> Evidence:
    """Build evidence from two (member, epoch) ends given in any order."""
    (a, epoch_a), (b, epoch_b) = sorted((one, two), key=lambda end: str(end[0]))
    return Evidence(kind, a, b, at_ms, epoch_a, epoch_b, cause)


def firmer(one: Evidence, two: Evidence) -> Evidence:
    """Choose which of two proofs with one key to keep.

    The later epochs win, then the first to be learned; the choice does not depend
    on the order in which they come.
    """

    def rank(proof: Evidence) -> tuple[int, int, int, Cause]:
        epochs = proof.epoch_a + proof.epoch_b
        return (-epochs, -proof.epoch_a, proof.at_ms, proof.cause)

    return min(one, two, key=rank)


def weaving_order(proof: Evidence) -> tuple[int, bytes]:
    """Sort key in which contradicting evidence is weighed: the older proof first."""
    return (proof.at_ms, blake2b(proof.text.encode(), digest_size=8).digest())
