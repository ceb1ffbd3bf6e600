"""Proofs count as was decided last, whatever else is learned, in whatever order."""

from dataclasses import dataclass, field, replace
from itertools import chain
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, Sets, sets_of, weave, who_is_who
from tests.support.strategies import (
    BUSINESS,
    decided,
    deciding_logs,
    deciding_owner_logs,
    evidence_logs,
    full_logs,
    scoped_ids,
)

from idweave_graph import withdraw
from idweave_graph.decisions import Verdict, in_force
from idweave_graph.derive import derive
from idweave_graph.evidence import Cause, Evidence, EvidenceKind, evidence, firmer
from idweave_graph.ids import Asset, Member, ScopedId
from idweave_graph.messages import (
    AssetChanged,
    Banned,
    Decided,
    Erase,
    LogMessage,
    Proved,
    Sighted,
)
from idweave_graph.tangle import ProofKey

LATER = 1_000
TIES = (Verdict.REJECT, Verdict.ACCEPT, Verdict.REOPEN, Verdict.LINK)
Pair = tuple[Member, Member]


def counts_more(message: Decided) -> tuple[object, ...]:
    return (-message.at_ms, TIES.index(message.verdict), message.cause)


@dataclass
class Said:
    """Sets, and nothing else: sightings, proofs, and what was said last of two."""

    sighted: dict[Member, int] = field(default_factory=dict)
    proofs: dict[ProofKey, Evidence] = field(default_factory=dict)
    bans: dict[frozenset[Member], Banned] = field(default_factory=dict)
    decisions: dict[tuple[Member, Member, bool], Decided] = field(default_factory=dict)

    def take(self, message: LogMessage) -> None:
        """Learn or forget what *message* says."""
        match message:
            case Sighted(_, seen, at_ms):
                self.sighted[seen.id] = min(at_ms, self.sighted.get(seen.id, at_ms))
            case Proved(_, proofs):
                for proof in proofs:
                    self._learn(proof)
            case Banned(_, one, two):
                pair: frozenset[Member] = frozenset({one.id, two.id})
                known = self.bans.get(pair, message)
                self.bans[pair] = max(
                    known, message, key=lambda b: (b.at_ms, not b.is_lifted)
                )
            case Decided():
                self._decide(message)
            case Erase():
                self._erase(message)

    def _learn(self, proof: Evidence) -> None:
        known = self.proofs.get(proof.key, proof)
        self.proofs[proof.key] = firmer(known, proof)

    def _decide(self, told: Decided) -> None:
        key = (told.a, told.b, told.verdict is Verdict.LINK)
        known = self.decisions.get(key, told)
        self.decisions[key] = min(known, told, key=counts_more)
        if told.verdict is Verdict.LINK:
            ends = ((told.a, told.epoch_a), (told.b, told.epoch_b))
            kind, cause = EvidenceKind.MANUAL, told.cause
            self._learn(evidence(kind, *ends, at_ms=told.at_ms, cause=cause))

    def is_rejected(self, pair: Pair) -> bool:
        """Say whether the proofs of *pair* do not count."""
        told, link = (self.decisions.get((*pair, is_link)) for is_link in (False, True))
        if told is None or told.verdict is not Verdict.REJECT:
            return False
        return link is None or link.at_ms <= told.at_ms

    def counting(self) -> list[Evidence]:
        """The proofs that nobody has rejected."""
        return [p for p in self.proofs.values() if not self.is_rejected((p.a, p.b))]

    def members(self) -> dict[Member, int]:
        """Who is there, and since when."""
        first_seen = dict(self.sighted)
        for proof in self.counting():
            for end in (proof.a, proof.b):
                first_seen[end] = min(proof.at_ms, first_seen.get(end, proof.at_ms))
        return first_seen

    def sets(self) -> Sets:
        """Who is one person by these sets alone."""
        first_seen = self.members()
        bans = [b for b in self.bans.values() if not b.is_lifted]
        pairs = [(ban.one.id, ban.two.id) for ban in bans]
        told = [d for d in self.decisions.values() if d.verdict is Verdict.ACCEPT]
        told.sort(key=lambda d: (-d.at_ms, d.cause, str(d.a), str(d.b)))
        favoured = [(d.a, d.b) for d in told]
        derived = derive(first_seen, self.counting(), pairs, favoured)
        return {
            (
                frozenset((who, first_seen[who]) for who in part),
                frozenset(p for p in derived.accepted if p.a in part),
                frozenset(p for p in derived.quarantined if {p.a, p.b} & part),
            )
            for part in derived.parts
        }

    def _erase(self, message: Erase) -> None:
        subject, then_ms = message.subject, message.at_ms
        before = self.members()
        person = next((p for p, *_ in self.sets() if subject in dict(p)), frozenset())
        if before.get(subject, then_ms + 1) > then_ms:
            self._forget_what_was_said(subject, then_ms)
            return
        known: set[Member] = {
            who for who, at_ms in person if at_ms <= then_ms or who not in self.sighted
        }
        subjects: set[Member] = known if message.whole_person else {subject}
        back = {w for w in subjects if self.sighted.get(w, 0) > then_ms}
        self.sighted = {
            w: t for w, t in self.sighted.items() if w not in subjects - back
        }
        self._drop_proofs(subjects - back)
        for who in subjects:
            self._forget_what_was_said(who, then_ms)

    def _drop_proofs(self, about: set[Member]) -> None:
        self.proofs = {
            key: p for key, p in self.proofs.items() if about.isdisjoint((p.a, p.b))
        }

    def _forget_what_was_said(self, subject: Member, then_ms: int) -> None:
        self.proofs = {
            key: p
            for key, p in self.proofs.items()
            if subject not in (p.a, p.b) or p.at_ms > then_ms
        }
        self.bans = {
            pair: ban
            for pair, ban in self.bans.items()
            if subject not in pair or ban.at_ms > then_ms
        }
        self.decisions = {
            key: told
            for key, told in self.decisions.items()
            if subject not in (told.a, told.b) or told.at_ms > then_ms
        }


@given(log=deciding_logs(max_size=18), random=st.randoms())
def test_persons_follow_from_what_is_left_and_what_was_decided(
    log: list[LogMessage], random: Random
) -> None:
    """Whatever was learned, banned, decided and forgotten.

    What lies between two erasures may have come in any order, and repeatedly.
    """
    graph, said = DictGraph(), Said()
    pieces: list[list[LogMessage]] = [[]]
    for message in log:
        if isinstance(message, Erase):
            pieces += [[message], []]
        else:
            pieces[-1].append(message)

    for piece in pieces:
        for message in piece:
            said.take(message)
        repeated = piece + random.sample(piece, k=len(piece) // 2)
        random.shuffle(repeated)
        weave(repeated, graph)

    assert sets_of(graph) == said.sets()


class Epochs:
    """The last epoch of each asset that a log tells of, in whatever way."""

    def __init__(self, log: list[LogMessage]) -> None:
        self._last: dict[Asset, tuple[int, bool]] = {}
        for message in log:
            if isinstance(message, AssetChanged):
                self._tell(message.asset, message.epoch, is_lost=not message.owned)
            for who, epoch in _named(message):
                if isinstance(who, ScopedId):
                    self._tell(who.asset, epoch, is_lost=False)

    def _tell(self, asset: Asset, epoch: int, *, is_lost: bool) -> None:
        told = (epoch, is_lost)
        self._last[asset] = max(told, self._last.get(asset, told))

    def current(self, message: LogMessage) -> LogMessage | None:
        """Return what of *message* is about ownerships that are not over."""
        if isinstance(message, Proved):
            kept = tuple(p for p in message.proofs if self._counts(_ends(p)))
            return replace(message, proofs=kept)
        return message if self._counts(_named(message)) else None

    def _counts(self, named: list[tuple[Member, int]]) -> bool:
        return all(
            self._last[who.asset] == (epoch, False)
            for who, epoch in named
            if isinstance(who, ScopedId)
        )


def _ends(told: Evidence | Decided) -> list[tuple[Member, int]]:
    return [(told.a, told.epoch_a), (told.b, told.epoch_b)]


def _named(message: LogMessage) -> list[tuple[Member, int]]:
    match message:
        case Sighted(_, who):
            return [(who.id, who.epoch)]
        case Proved(_, proofs):
            return [end for proof in proofs for end in _ends(proof)]
        case Decided():
            return _ends(message)
        case Banned(_, one, two):
            return [(one.id, one.epoch), (two.id, two.epoch)]
        case _:
            return []


@given(log=deciding_owner_logs(max_size=18), random=st.randoms())
def test_only_what_was_said_under_the_last_ownership_counts(
    log: list[LogMessage], random: Random
) -> None:
    """Decisions as well as evidence, whenever the sweeps come to them."""
    graph, said = DictGraph(), Said()
    epochs = Epochs(log)
    for message in map(epochs.current, log):
        if message is not None:
            said.take(message)
    repeated = log + random.sample(log, k=len(log) // 2)
    random.shuffle(repeated)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(withdraw, "SWEEP_STEP", 1)
        weave(repeated, graph)

    assert sets_of(graph) == said.sets()


def without_erasures(log: list[LogMessage]) -> list[LogMessage]:
    return [message for message in log if not isinstance(message, Erase)]


@given(log=deciding_logs(), random=st.randoms())
def test_what_is_remembered_does_not_depend_on_the_order(
    log: list[LogMessage], random: Random
) -> None:
    """The same decisions, with the same authors, keep the same proofs out."""
    log = without_erasures(log)
    one, two = DictGraph(), DictGraph()

    weave(log, one)
    weave(random.sample(log, k=len(log)), two)

    assert one.decisions == two.decisions


@given(log=deciding_logs(max_size=18))
def test_all_messages_again_change_nothing(log: list[LogMessage]) -> None:
    """A replay of the log on top of its own graph has nothing to tell."""
    log = without_erasures(log)
    graph = DictGraph()
    weave(log, graph)
    before = (dict(graph.persons), dict(graph.decisions))

    assert weave(log, graph) == []
    assert (graph.persons, graph.decisions) == before


def said(first: Decided, verdict: Verdict, at_ms: int) -> Decided:
    cause = replace(first.cause, offset=100 + at_ms)
    return replace(first, verdict=verdict, at_ms=at_ms, cause=cause)


@given(log=evidence_logs(), first=decided())
def test_reopening_after_an_acceptance_gives_what_was(
    log: list[LogMessage], first: Decided
) -> None:
    """The same persons under the same names, the same quarantine."""
    graph, never = DictGraph(), DictGraph()
    weave(log, never)

    accepted = said(first, Verdict.ACCEPT, LATER)
    weave([*log, accepted, said(first, Verdict.REOPEN, LATER + 1)], graph)

    assert who_is_who(graph) == who_is_who(never)


@given(log=evidence_logs(), first=decided())
def test_reopening_after_a_rejection_gives_what_was(
    log: list[LogMessage], first: Decided
) -> None:
    """The same members and proofs; who had left altogether has another name."""
    graph, never = DictGraph(), DictGraph()
    weave(log, never)

    rejected = said(first, Verdict.REJECT, LATER)
    weave([*log, rejected, said(first, Verdict.REOPEN, LATER + 1)], graph)

    assert sets_of(graph) == sets_of(never)


@given(
    log=evidence_logs(),
    first=decided(),
    verdicts=st.lists(
        st.sampled_from([Verdict.REJECT, Verdict.LINK]), min_size=1, max_size=12
    ),
)
def test_two_members_are_linked_and_unlinked_over_and_over(
    log: list[LogMessage], first: Decided, verdicts: list[Verdict]
) -> None:
    """Only what was said last counts, and how often does not show."""
    graph, once = DictGraph(), DictGraph()
    rounds = [said(first, each, LATER + at) for at, each in enumerate(verdicts)]

    weave([*log, *rounds], graph)
    ever = [each for each in rounds if each.verdict is Verdict.LINK][:1]
    weave([*log, *ever, *rounds[-1:]], once)

    assert sets_of(graph) == sets_of(once)
    manual = {
        (proof.a, proof.b, proof.at_ms)
        for person in graph.persons.values()
        for proof in (*person.evidence, *person.quarantined)
        if proof.kind is EvidenceKind.MANUAL and proof.at_ms >= LATER
    }
    is_linked = verdicts[-1] is Verdict.LINK
    assert bool(manual) == (is_linked and not _is_older_manual(log, first))


def _is_older_manual(log: list[LogMessage], first: Decided) -> bool:
    keys = {
        proof.key
        for message in log
        if isinstance(message, Proved)
        for proof in message.proofs
    }
    return (EvidenceKind.MANUAL, first.a, first.b) in keys


@given(log=full_logs(max_size=20))
def test_no_rejected_proof_is_ever_told_as_holding(log: list[LogMessage]) -> None:
    """Not even for the time of one event, whatever else happens to the two."""
    graph = DictGraph()
    for message in log:
        events = weave([message], graph)
        decisions = set(chain.from_iterable(graph.decisions.values()))
        rejected = [d for d in in_force(decisions) if d.verdict is Verdict.REJECT]
        for event in events:
            person = event.person
            proofs = (*person.evidence, *person.quarantined) if person else ()
            assert not any(d.covers(proof) for d in rejected for proof in proofs)


@given(log=full_logs(), subject=scoped_ids, whole=st.booleans())
def test_no_decision_names_who_was_forgotten(
    log: list[LogMessage], subject: ScopedId, *, whole: bool
) -> None:
    """Known or not; nor does any keep a proof about them."""
    graph = DictGraph()
    weave(log, graph)
    graph.forgotten.clear()

    cause = Cause("t", 0, 99)
    weave([Erase(BUSINESS, subject, whole, LATER, cause, "")], graph)

    assert str(subject) not in {str(who) for _, who in graph.decisions}
    assert repr(subject) not in repr(graph.decisions)
    gone = {message.id for message in graph.forgotten}
    assert gone.isdisjoint(who for _, who in graph.decisions)
