"""What is taken back is as if it had never been learned; but no name is lost or reused."""

from dataclasses import dataclass, field, replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, Sets, sets_of, weave
from tests.support.strategies import (
    BUSINESS,
    erasing_logs,
    evidence_logs,
    full_logs,
)

from idweave_graph.derive import derive
from idweave_graph.events import EventType
from idweave_graph.evidence import Evidence, firmer
from idweave_graph.ids import Member
from idweave_graph.messages import Erase, LogMessage, Proved, Sighted
from idweave_graph.person import PersonId
from idweave_graph.tangle import ProofKey


@dataclass
class Learned:
    """Two sets, and nothing else: who was sighted when, and the proofs."""

    sighted: dict[Member, int] = field(default_factory=dict)
    proofs: dict[ProofKey, Evidence] = field(default_factory=dict)

    def take(self, message: LogMessage, graph: DictGraph) -> None:
        """Learn or forget what *message* says; *graph* knows who is whole persons."""
        match message:
            case Sighted(_, seen, at_ms):
                self.sighted[seen.id] = min(at_ms, self.sighted.get(seen.id, at_ms))
            case Proved(_, proofs):
                for proof in proofs:
                    known = self.proofs.get(proof.key, proof)
                    self.proofs[proof.key] = firmer(known, proof)
            case Erase():
                self._erase(message, graph)

    def _erase(self, message: Erase, graph: DictGraph) -> None:
        name = graph.index.get((BUSINESS, message.subject))
        members = {} if name is None else graph.persons[BUSINESS, name].members
        if members.get(message.subject, message.at_ms + 1) > message.at_ms:
            return
        known = {
            who
            for who, at_ms in members.items()
            if at_ms <= message.at_ms or who not in self.sighted
        }
        subjects = known if message.whole_person else {message.subject}
        back = {w for w in subjects if self.sighted.get(w, 0) > message.at_ms}
        going = subjects - back
        self.sighted = {w: t for w, t in self.sighted.items() if w not in going}
        self.proofs = {
            key: proof
            for key, proof in self.proofs.items()
            if going.isdisjoint((proof.a, proof.b))
            and (back.isdisjoint((proof.a, proof.b)) or proof.at_ms > message.at_ms)
        }

    def sets(self) -> Sets:
        """Who is one person by these sets alone."""
        first_seen = dict(self.sighted)
        for proof in self.proofs.values():
            for end in (proof.a, proof.b):
                first_seen[end] = min(proof.at_ms, first_seen.get(end, proof.at_ms))
        derived = derive(first_seen, self.proofs.values())
        return {
            (
                frozenset((who, first_seen[who]) for who in part),
                frozenset(p for p in derived.accepted if p.a in part),
                frozenset(p for p in derived.quarantined if {p.a, p.b} & part),
            )
            for part in derived.parts
        }


@given(log=erasing_logs(), random=st.randoms())
def test_persons_are_derived_from_what_is_left(
    log: list[LogMessage], random: Random
) -> None:
    """Whatever was learned and forgotten, who is who follows from the rest alone.

    What lies between two erasures may have come in any order, and repeatedly.
    """
    graph, learned = DictGraph(), Learned()
    pieces: list[list[LogMessage]] = [[]]
    for message in log:
        if isinstance(message, Erase):
            pieces += [[message], []]
        else:
            pieces[-1].append(message)

    for piece in pieces:
        for message in piece:
            learned.take(message, graph)
        repeated = piece + random.sample(piece, k=len(piece) // 2)
        random.shuffle(repeated)
        weave(repeated, graph)

    assert sets_of(graph) == learned.sets()


@given(log=full_logs(max_size=20))
def test_a_name_that_has_gone_is_never_given_out_again(log: list[LogMessage]) -> None:
    """Who comes back after all of a person was forgotten is somebody new."""
    gone: set[PersonId] = set()
    for event in weave(log, DictGraph(), check=False):
        if event.person is None:
            continue
        assert gone.isdisjoint((event.person.id, *event.person.absorbed))
        if not event.person.members:
            gone |= {event.person.id, *event.person.absorbed}


@given(log=full_logs(max_size=20))
def test_no_name_is_lost(log: list[LogMessage]) -> None:
    """As long as anybody of a person is left, exactly one person stands for its id."""
    graph = DictGraph()
    names: set[PersonId] = set()
    for event in weave(log, graph, check=False):
        if event.person is None:
            continue
        called = {event.person.id, *event.person.absorbed}
        names = names | called if event.person.members else names - called

    carried = [
        name
        for person in graph.persons.values()
        for name in (person.id, *person.absorbed)
    ]
    assert sorted(carried) == sorted(names)


@given(before=evidence_logs(), after=full_logs())
def test_persons_of_an_older_release_are_taken_back_as_well(
    before: list[LogMessage], after: list[LogMessage]
) -> None:
    """Who was not written with the grounds of their members counts as seen.

    Their names go on as if they had been.
    """
    graph = DictGraph()
    weave(before, graph, check=False)
    old = dict(graph.persons)
    graph.persons = {
        key: replace(person, presence={}, titles=()) for key, person in old.items()
    }
    graph.assert_sound()

    events = weave([*before, *after], graph)

    last = {event.person.id: event.person for event in events if event.person}
    names = {
        name
        for person in graph.persons.values()
        for name in (person.id, *person.absorbed)
    }
    gone = {
        name
        for person in last.values()
        if not person.members
        for name in (person.id, *person.absorbed)
    }
    assert {name for _, name in old} <= names | gone


@given(log=full_logs(max_size=20))
def test_what_leaves_is_told(log: list[LogMessage]) -> None:
    """Whoever is in no event's last word of any person is in no person."""
    graph = DictGraph()
    events = weave(log, graph, check=False)
    last = {event.person.id: event.person for event in events if event.person}

    for person in graph.persons.values():
        assert last[person.id].members.keys() == person.members.keys()
    for event in events:
        is_erased = event.type is EventType.ERASED
        assert event.person is None or event.person.members or is_erased
