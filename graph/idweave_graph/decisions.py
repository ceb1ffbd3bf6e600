"""Decisions: what an operator said about the proofs between two members."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from idweave_graph.evidence import Cause, Evidence, firmer
from idweave_graph.ids import Member
from idweave_graph.person import Presence

MemberPair = tuple[Member, Member]
"""Two members in the order of their text."""


class Verdict(StrEnum):
    """What is said about the proofs between two members."""

    ACCEPT = "accept"
    """They are weighed before all others, so that what contradicts them gives way."""
    REJECT = "reject"
    """They do not count, those that are learned later included."""
    REOPEN = "reopen"
    """Nothing is decided any more: they are weighed by age, as all others."""
    LINK = "link"
    """The two are one person: a proof of its own, which ends an earlier rejection."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was last said about two members, who stand in the order of their text."""

    a: Member
    b: Member
    epoch_a: int
    epoch_b: int
    """The ownership epochs of the ends' assets; 0 for a token or a linking code."""
    verdict: Verdict
    at_ms: int
    """When it was said."""
    author: str
    reason: str
    cause: Cause
    kept: tuple[Evidence, ...] = ()
    """The proofs between the two, by kind, while a rejection keeps them out."""

    def __post_init__(self) -> None:
        if str(self.a) >= str(self.b):
            msg = "the members of a decision must differ and stand in text order"
            raise ValueError(msg)

    @property
    def pair(self) -> MemberPair:
        """Whom it is about."""
        return (self.a, self.b)

    @property
    def key(self) -> tuple[Member, Member, bool]:
        """Of two decisions with one key the later one counts.

        A link leaves what was said about the proofs as it is, but for a rejection.
        """
        return (self.a, self.b, self.verdict is Verdict.LINK)

    @property
    def epochs(self) -> tuple[int, int]:
        """Under which epochs it was said."""
        return (self.epoch_a, self.epoch_b)

    def covers(self, proof: Evidence) -> bool:
        """Say whether *proof* is one of those that it is about.

        One about an ownership that is over says nothing about a later one.
        """
        epochs = (proof.epoch_a, proof.epoch_b)
        return (proof.a, proof.b) == self.pair and epochs == self.epochs

    def stands(self, presence: Mapping[Member, Presence]) -> bool:
        """Say whether it is about two members who are here on these grounds."""
        grounds = (
            (presence.get(end), at)
            for end, at in zip(self.pair, self.epochs, strict=True)
        )
        return all(
            ground is not None and ground.epoch in (0, epoch)
            for ground, epoch in grounds
        )


def decision(
    one: tuple[Member, int],
    two: tuple[Member, int],
    verdict: Verdict,
    *,
    at_ms: int,
    author: str,
    reason: str,
    cause: Cause,
) -> Decision:
    """Build a decision about two (member, epoch) ends given in any order.

    Raises:
        ValueError: they are one member.
    """
    (a, epoch_a), (b, epoch_b) = sorted((one, two), key=lambda end: str(end[0]))
    return Decision(a, b, epoch_a, epoch_b, verdict, at_ms, author, reason, cause)


def with_decision(known: Iterable[Decision], told: Decision) -> tuple[Decision, ...]:
    """Add *told*, unless what is known under its key counts more.

    The result does not depend on the order in which decisions are told.
    """
    by_key = {each.key: each for each in known}
    by_key[told.key] = min(by_key.get(told.key, told), told, key=_precedence)
    return tuple(by_key[key] for key in sorted(by_key, key=str))


_TIES = (Verdict.REJECT, Verdict.ACCEPT, Verdict.REOPEN, Verdict.LINK)
"""Which one counts of those that were said at once."""


def _precedence(told: Decision) -> tuple[Any, ...]:
    """Sort key: later epochs first, then what was said last, and rather a rejection."""
    epochs = (-sum(told.epochs), -told.epoch_a)
    tie = _TIES.index(told.verdict)
    return (*epochs, -told.at_ms, tie, told.cause, told.author, told.reason)


def in_force(known: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return the acceptances and rejections among *known* that nothing has ended."""
    listed = tuple(known)
    linked = {each.pair: each for each in listed if each.verdict is Verdict.LINK}
    return tuple(
        each
        for each in listed
        if each.verdict is Verdict.ACCEPT
        or (each.verdict is Verdict.REJECT and not _is_over(each, linked))
    )


def standing(known: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return what is in force, and the links that no later rejection has taken back."""
    listed = tuple(known)
    kept = in_force(listed)
    rejected = {each.pair for each in kept if each.verdict is Verdict.REJECT}
    links = (each for each in listed if each.verdict is Verdict.LINK)
    return (*kept, *(link for link in links if link.pair not in rejected))


def _is_over(rejection: Decision, linked: Mapping[MemberPair, Decision]) -> bool:
    link = linked.get(rejection.pair)
    if link is None:
        return False
    said = (sum(rejection.epochs), rejection.epoch_a, rejection.at_ms)
    return (sum(link.epochs), link.epoch_a, link.at_ms) > said


def rejection_of(known: Iterable[Decision], pair: MemberPair) -> Decision | None:
    """Return the rejection of *pair* that is in force among *known*."""
    for each in in_force(known):
        if each.pair == pair and each.verdict is Verdict.REJECT:
            return each
    return None


def favoured(
    decisions: Iterable[Decision], presence: Mapping[Member, Presence]
) -> tuple[MemberPair, ...]:
    """Return whose proofs are weighed first: the pair that was accepted last, first."""
    accepted = (each for each in decisions if each.verdict is Verdict.ACCEPT)
    standing = (each for each in accepted if each.stands(presence))
    return tuple(each.pair for each in sorted(standing, key=_last_said))


def _last_said(told: Decision) -> tuple[Any, ...]:
    return (-told.at_ms, told.cause, str(told.a), str(told.b))


def keeping(rejection: Decision, proofs: Iterable[Evidence]) -> Decision:
    """Put *proofs* with those that *rejection* keeps out; of one kind the firmer stays."""
    kept = {proof.key: proof for proof in rejection.kept}
    for proof in proofs:
        kept[proof.key] = firmer(kept.get(proof.key, proof), proof)
    return replace(rejection, kept=tuple(kept[key] for key in sorted(kept, key=str)))
