"""Why and how, as JSON: from the read model through the core's own explanations."""

import asyncio
from collections.abc import Iterable
from typing import Any

from idweave_adapters.read_model import ReadModel
from idweave_graph.bans import Ban
from idweave_graph.documents import (
    ban_document,
    decision_document,
    event_document,
    evidence_document,
    person_document,
)
from idweave_graph.events import IdentityEvent
from idweave_graph.explain import (
    WORDS,
    Apart,
    BrokenPersonError,
    Joined,
    Step,
    why,
)
from idweave_graph.history import Entry, History, history
from idweave_graph.ids import Member
from idweave_graph.person import Person, PersonId
from idweave_graph.reading import read_event, read_person

Document = dict[str, Any]

_TRIES = 3
"""Readings of a history that is changed meanwhile."""


def person_of(model: ReadModel, business: str, name: str) -> Person | None:
    """Return the living person of that id."""
    found = model.person(business, name)
    return None if found is None else read_person(found)


async def told_of(model: ReadModel, business: str, name: str) -> History | None:
    """Return how *name*, also an ended id, came to be; None: nothing is known of it.

    Others are answered in between: of a large person it takes seconds.

    Raises:
        BrokenPersonError: the person changes faster than they can be told of.
    """
    for _ in range(_TRIES):
        person = _standing_for(model, business, name)
        names = {name} if person is None else {person.id, *person.absorbed}
        events = []
        for document in model.events_about(business, names):
            events += _events([document])
            await asyncio.sleep(0)
        # Whoever was forgotten meanwhile is in no answer.
        if _standing_for(model, business, name) == person:
            person = person or _last(events, name)
            return None if person is None else history(person, events, PersonId(name))
    raise BrokenPersonError


def _standing_for(model: ReadModel, business: str, name: str) -> Person | None:
    survivor = model.survivor(business, name)
    return None if survivor is None else person_of(model, business, survivor)


async def trail_of(model: ReadModel, business: str, name: str) -> list[str]:
    """Return the way from an ended person id to the one that stands for it now."""
    told = await told_of(model, business, name)
    return [name] if told is None else list(told.trail)


def why_document(
    model: ReadModel, business: str, one: Member, two: Member
) -> Document | None:
    """Say why two members are one person or two; None: one of them is nobody's."""
    owners = [model.owner(business, str(each)) for each in (one, two)]
    persons = [owner and person_of(model, business, owner) for owner in owners]
    first, second = persons
    if not first or not second:
        return None
    members = {str(m) for person in (first, second) for m in person.members}
    events = _events(model.events_naming(business, members))
    verdict = why((one, first), (two, second), events)
    head = {"ids": [str(one), str(two)], "business": business}
    body = _joined(verdict) if isinstance(verdict, Joined) else _apart(verdict)
    return {**head, **body}


def entry_document(entry: Entry) -> Document:
    """One event of a history, and what it changed."""
    return {
        "event": event_document(entry.event),
        "gained": [str(member) for member in entry.gained],
        "lost": [str(member) for member in entry.lost],
        "joined": list(entry.joined),
        "released": list(entry.released),
    }


def history_person(told: History) -> Document:
    """The person as they are now; without members nobody is left."""
    return person_document(told.person)


def _events(documents: Iterable[Document]) -> list[IdentityEvent]:
    found = (read_event(document) for document in documents)
    return [event for event in found if event is not None]


def _last(events: list[IdentityEvent], name: str) -> Person | None:
    """Return the last that was told of *name*, of whom nothing is left."""
    told = [
        event.person for event in events if event.person and event.person.id == name
    ]
    if not told:
        return None
    latest = max(told, key=lambda person: person.generation)
    return Person(latest.business, latest.id, latest.generation, {})


def _joined(verdict: Joined) -> Document:
    return {
        "one_person": True,
        "person": verdict.person.id,
        "chain": [_step(step) for step in verdict.chain],
        "decisions": [decision_document(told) for told in verdict.decisions],
    }


def _apart(apart: Apart) -> Document:
    return {
        "one_person": False,
        "persons": [apart.one.id, apart.two.id],
        "quarantined": [
            {
                "proof": evidence_document(clash.proof),
                "rivals": [[str(mine), str(yours)] for mine, yours in clash.rivals],
            }
            for clash in apart.clashes
        ],
        "refused": [event_document(event) for event in apart.refused],
        "bans": [_ban(ban) for ban in apart.bans],
        "decisions": [decision_document(told) for told in apart.decisions],
    }


def _ban(ban: Ban) -> Document:
    return ban_document(ban)


def _step(step: Step) -> Document:
    return {
        "from": str(step.start),
        "to": str(step.end),
        "because": WORDS[step.proof.kind],
        "proof": evidence_document(step.proof),
    }
