"""Events: one id per fact, the same ids in every replay."""

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from tests.support.graph import DictGraph, weave
from tests.support.strategies import full_logs

from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.messages import LogMessage
from idweave_graph.person import PersonId


@given(log=full_logs())
def test_no_two_events_have_one_id(log: list[LogMessage]) -> None:
    """Each event that a graph tells has an id of its own."""
    events = weave(log, DictGraph(), check=False)

    assert len({event.id for event in events}) == len(events)


@given(log=full_logs())
def test_a_replay_tells_the_same(log: list[LogMessage]) -> None:
    """The same log tells the same events with the same ids in the same order."""
    assert weave(log, DictGraph(), check=False) == weave(log, DictGraph(), check=False)


def test_a_replay_in_another_process_tells_the_same() -> None:
    """Nothing depends on how Python orders sets, which differs between processes."""

    def run(seed: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "tests.support.replay"],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    told = run("1")

    assert len(told.splitlines()) > 60
    assert [run(seed) for seed in ("2", "3")] == [told, told]


@given(log=full_logs())
def test_generations_grow_by_person(log: list[LogMessage]) -> None:
    """Each event about a person has a higher generation than the one before.

    A quarantine changes nobody, so it comes with the generation that is there.
    """
    last: dict[PersonId, int] = {}
    for event in weave(log, DictGraph(), check=False):
        if event.person is None:
            continue
        before = last.get(event.person.id, 0)
        if event.type is EventType.QUARANTINED:
            assert event.person.generation >= before
        else:
            assert event.person.generation > before
        last[event.person.id] = event.person.generation


@given(log=full_logs())
def test_an_event_says_what_it_rests_on(log: list[LogMessage]) -> None:
    """Proofs are in its person, and the reason is the first one's kind.

    What comes of a decision has its verdict for a reason; the decision itself lists
    all proofs between the two that it is about.
    """

    def is_explained(event: IdentityEvent) -> bool:
        person = event.person
        if event.type is EventType.DECIDED:
            (told,) = event.decisions
            return all((proof.a, proof.b) == told.pair for proof in event.proofs)
        if person is None:
            return event.proofs == ()
        if event.type is EventType.QUARANTINED:
            return set(event.proofs) <= set(person.quarantined)
        reasons = {told.verdict.value for told in event.decisions} or {
            proof.kind.value for proof in event.proofs[:1]
        }
        return set(event.proofs) <= set(person.evidence) and (
            not reasons or event.reason in reasons
        )

    events = weave(log, DictGraph(), check=False)

    assert all(is_explained(event) for event in events)
