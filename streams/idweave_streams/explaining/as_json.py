"""Answers for programs: plain dictionaries."""

from idweave_graph.documents import (
    Document,
    decision_document,
    event_document,
    person_document,
)
from idweave_graph.evidence import Cause
from idweave_graph.explain import WORDS, Apart, Joined, Step
from idweave_graph.history import Entry
from idweave_streams.explaining.tell import Answer, Asked, NotFound


def why_document(answer: Answer) -> Document:
    """One person with the chain, or two with what stands between them."""
    document: Document = {
        "ids": [str(answer.one), str(answer.two)],
        "business": answer.business,
        "one_person": isinstance(answer.verdict, Joined),
    }
    verdict = answer.verdict
    if isinstance(verdict, Apart):
        return {**document, **_apart(verdict)}
    return {
        **document,
        "person": verdict.person.id,
        "chain": [step_document(step) for step in verdict.chain],
        "decisions": [decision_document(told) for told in verdict.decisions],
    }


def not_found_document(found: NotFound) -> Document:
    """What is missing, and where."""
    missing = [str(each) for each in found.missing]
    return {"not_found": missing, "business": found.business}


def how_document(asked: Asked) -> Document:
    """The person as they are now, and every event with what it changed."""
    told = asked.history
    return {
        "person": person_document(told.person),
        "has_left": asked.has_left,
        "trail": list(told.trail),
        "history": [_entry(entry) for entry in told.entries],
    }


def _apart(apart: Apart) -> Document:
    return {
        "persons": [apart.one.id, apart.two.id],
        "quarantined": [
            {
                "proof": step_document(Step(clash.proof.a, clash.proof.b, clash.proof)),
                "rivals": [[str(mine), str(yours)] for mine, yours in clash.rivals],
            }
            for clash in apart.clashes
        ],
        "refused": [event_document(event) for event in apart.refused],
        "bans": [
            {
                "ids": [str(ban.a.id), str(ban.b.id)],
                "at_ms": ban.at_ms,
                "author": ban.author,
                "reason": ban.reason,
                "cause": _cause(ban.cause),
            }
            for ban in apart.bans
        ],
        "decisions": [decision_document(told) for told in apart.decisions],
    }


def step_document(step: Step) -> Document:
    """One proof, read from one end to the other."""
    proof = step.proof
    return {
        "from": str(step.start),
        "to": str(step.end),
        "kind": proof.kind,
        "because": WORDS[proof.kind],
        "at_ms": proof.at_ms,
        "epochs": [proof.epoch_of(step.start), proof.epoch_of(step.end)],
        "cause": _cause(proof.cause),
    }


def _cause(cause: Cause) -> Document:
    return {
        "topic": cause.topic,
        "partition": cause.partition,
        "offset": cause.offset,
    }


def _entry(entry: Entry) -> Document:
    return {
        "event": event_document(entry.event),
        "gained": [str(member) for member in entry.gained],
        "lost": [str(member) for member in entry.lost],
        "joined": list(entry.joined),
        "released": list(entry.released),
    }
