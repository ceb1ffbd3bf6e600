"""Why two members of a business are one person, or are not."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from idweave_graph.bans import Ban, Pair
from idweave_graph.decisions import Decision, MemberPair, standing, with_decision
from idweave_graph.events import IdentityEvent
from idweave_graph.evidence import Cause, Evidence, EvidenceKind, weaving_order
from idweave_graph.ids import Member, ScopedId
from idweave_graph.person import Person

WORDS = {
    EvidenceKind.IDS_FOR_APPS: "Meta named the app's id (ids_for_apps)",
    EvidenceKind.IDS_FOR_PAGES: "Meta named the Page's id (ids_for_pages)",
    EvidenceKind.IDS_FOR_BUSINESS: "Meta named the app's id (ids_for_business)",
    EvidenceKind.TOKEN_FOR_BUSINESS: "Meta gave the id this business token",
    EvidenceKind.SIGNED_REQUEST: "a signed request held id and token",
    EvidenceKind.PAGES_ID_MAPPING: "Meta mapped the app's id (pages_id_mapping)",
    EvidenceKind.ACCOUNT_LINKING: "account linking ended with this code",
    EvidenceKind.MANUAL: "an operator said so",
}
"""What each kind of evidence says of its two ends."""

OWN_WORD = frozenset({EvidenceKind.ACCOUNT_LINKING, EvidenceKind.MANUAL})
"""Kinds that rest on the word of the business, all others on Meta's."""


@dataclass(frozen=True, slots=True)
class Step:
    """One proof on the way from one member to another."""

    start: Member
    end: Member
    proof: Evidence


@dataclass(frozen=True, slots=True)
class Joined:
    """The two are one person."""

    person: Person
    chain: tuple[Step, ...]
    """The shortest way from the first to the second, see `chain_between`."""
    decisions: tuple[Decision, ...] = ()
    """What stands about the two, or about a proof of the chain."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A proof between two persons that was not followed."""

    proof: Evidence
    rivals: tuple[tuple[Member, Member], ...]
    """Each app or Page of which one person would have had both ids."""


@dataclass(frozen=True, slots=True)
class Apart:
    """The two are different persons of one business."""

    one: Person
    two: Person
    clashes: tuple[Clash, ...]
    """Older first. Empty, as `refused`: nothing is known that would join them."""
    refused: tuple[IdentityEvent, ...] = ()
    """Links between the one id and the other's app or Page that were refused."""
    bans: tuple[Ban, ...] = ()
    """Who decided that ids of the one and the other may not be one person."""
    decisions: tuple[Decision, ...] = ()
    """What stands about proofs between a member of the one and one of the other."""


Verdict = Joined | Apart


class BrokenPersonError(ValueError):
    """A person's evidence does not hold their members together: a damaged record."""


def why(
    one: tuple[Member, Person],
    two: tuple[Member, Person],
    events: Iterable[IdentityEvent] = (),
) -> Verdict:
    """Say why two members, each with their person, are one person or two.

    *events*, which may repeat, are searched for refusals, bans and decisions only.

    Raises:
        BrokenPersonError: they are one person, and no chain of evidence says so.
    """
    (start, first), (end, second) = one, two
    told = list({event.id: event for event in events}.values())
    if first.id != second.id:
        return Apart(
            first,
            second,
            clashes(first, second),
            refused=tuple(event for event in told if _is_between(event, start, end)),
            bans=_bans(told, first, second),
            decisions=decisions_in(told, lambda pair: _are_across(pair, first, second)),
        )
    chain = chain_between(first.evidence, start, end)
    if chain is None:
        msg = "the evidence of this person does not hold them together; find out who "
        msg += "else writes to the persons topic"
        raise BrokenPersonError(msg)
    pairs = {(step.proof.a, step.proof.b) for step in chain} | {_pair(start, end)}
    return Joined(first, chain, decisions_in(told, lambda pair: pair in pairs))


def chain_between(
    proofs: Collection[Evidence], start: Member, end: Member
) -> tuple[Step, ...] | None:
    """Return the shortest chain from *start* to *end*; None where there is none.

    Of several the one whose weakest proof is the firmest, then whose next weakest, and
    so on: what Meta said before what the business said, the older before the younger.
    So the order of *proofs* does not matter, and the way back is the same way.
    """
    reached: dict[Member, tuple[Step, ...]] = {start: ()}
    newest = {start}
    while newest and end not in reached:
        ways: dict[Member, list[tuple[Step, ...]]] = {}
        for step in _steps(proofs):
            if step.start in newest and step.end not in reached:
                ways.setdefault(step.end, []).append((*reached[step.start], step))
        reached |= {
            member: min(several, key=_weakest) for member, several in ways.items()
        }
        newest = set(ways)
    return reached.get(end)


def _steps(proofs: Iterable[Evidence]) -> Iterator[Step]:
    for proof in proofs:
        yield Step(proof.a, proof.b, proof)
        yield Step(proof.b, proof.a, proof)


_Weakness = tuple[bool, tuple[int, bytes], str, int, Cause]


def _weakest(chain: Iterable[Step]) -> list[_Weakness]:
    """Return the sort key of a chain among those of one length, weakest step first."""
    return sorted((_weakness(step.proof) for step in chain), reverse=True)


def _weakness(proof: Evidence) -> _Weakness:
    epochs = -(proof.epoch_a + proof.epoch_b)
    is_own_word = proof.kind in OWN_WORD
    return (is_own_word, weaving_order(proof), proof.text, epochs, proof.cause)


def clashes(one: Person, two: Person) -> tuple[Clash, ...]:
    """Return the proofs in quarantine between two persons, the older first."""
    rivals = tuple(
        (mine, yours)
        for mine in sorted(one.members, key=str)
        for yours in two.members
        if mine.scope == yours.scope
    )
    between = {
        proof.key: proof
        for proof in (*one.quarantined, *two.quarantined)
        if _are_across((proof.a, proof.b), one, two)
    }
    ordered = sorted(between.values(), key=weaving_order)
    return tuple(Clash(proof, rivals) for proof in ordered)


def _is_between(event: IdentityEvent, one: Member, two: Member) -> bool:
    if event.refusal is None:
        return False
    subject, other = event.refusal.subject, event.refusal.other
    return any(
        subject == asked and isinstance(found, ScopedId) and found.asset == other
        for asked, found in ((one, two), (two, one))
    )


def _are_across(ends: tuple[Member, Member], one: Person, two: Person) -> bool:
    return any(
        mine in one.members and yours in two.members
        for mine, yours in (ends, ends[::-1])
    )


def _bans(events: Iterable[IdentityEvent], one: Person, two: Person) -> tuple[Ban, ...]:
    """Return what was last said of each two ids, as far as it keeps them apart."""
    latest: dict[Pair, Ban] = {}
    for said in (ban for event in events for ban in event.bans):
        known = latest.get(said.pair)
        if known is None or _precedence(said) > _precedence(known):
            latest[said.pair] = said
    return tuple(
        latest[pair]
        for pair in sorted(latest, key=str)
        if not latest[pair].is_lifted and _are_across(pair, one, two)
    )


def decisions_in(
    events: Iterable[IdentityEvent], is_meant: Callable[[MemberPair], bool]
) -> tuple[Decision, ...]:
    """Return what *events* tell of that stands, about the pairs that are meant."""
    known: tuple[Decision, ...] = ()
    for told in (each for event in events for each in event.decisions):
        if is_meant(told.pair):
            known = with_decision(known, told)
    return standing(known)


def _pair(one: Member, two: Member) -> MemberPair:
    return (one, two) if str(one) < str(two) else (two, one)


def _precedence(said: Ban) -> tuple[int, bool, Cause]:
    return (said.at_ms, not said.is_lifted, said.cause)
