"""Values as rows of the tables, in the order of the model's columns."""

from collections.abc import Iterator

from idweave_adapters.snapshots.told import Told
from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.evidence import Cause, Evidence
from idweave_graph.ids import BusinessToken, LinkingCode, Member, ScopedId
from idweave_graph.person import Person

Row = tuple[object, ...]
"""What stands in the columns of a table; times in ms."""
Rows = Iterator[tuple[str, Row]]
"""Rows, each with the name of its table."""


def person_rows(person: Person) -> Rows:
    """Yield what the tables say of *person*; of one who is erased, nothing."""
    if not person.members:
        return
    place = (person.business, person.id)
    yield "persons", _person(person)
    for member, seen_ms in person.members.items():
        ground = person.presence_of(member)
        kind, asset, value = parts_of(member)
        told = (str(member), kind, asset, value, seen_ms)
        yield "members", (*place, *told, ground.sighted_ms, ground.epoch)
    for proof in person.evidence:
        yield "evidence", (*place, *_proof(proof))
    for proof in person.quarantined:
        yield "quarantine", (*place, *_proof(proof))


def _person(person: Person) -> Row:
    members, seen = person.members, person.members.values()
    return (
        person.business,
        person.id,
        person.generation,
        len(members),
        sum(isinstance(member, ScopedId) for member in members),
        len(person.evidence),
        len(person.quarantined),
        min(seen),
        max(seen),
        list(person.absorbed),
    )


def parts_of(member: Member) -> tuple[str, str | None, str]:
    """Return the kind of *member*, its app or Page if it has one, and its value."""
    if isinstance(member, BusinessToken):
        return "token", None, member.value
    if isinstance(member, LinkingCode):
        return "code", None, member.digest
    return member.asset.kind.value, member.asset.id, member.user


def event_rows(told: Told) -> Rows:
    """Yield what the tables say of an event.

    An id that nobody has any more is left out: whoever it was may have been erased.
    """
    yield from _changes(told)
    yield from _words(told)


def _changes(told: Told) -> Rows:
    event, person = told.event, told.event.person
    if person is None:
        return
    head, cause = (*_head(event), event.reason), _cause(event.cause)
    generation = person.generation
    for each in told.ended:
        end = (person.id, each.id, each.came_along, generation)
        yield "merges", (*head, *end, *cause)
    if event.type is EventType.SPLIT:
        part = (person.id, len(person.members), generation)
        yield "splits", (*head, *part, *cause)


def _words(told: Told) -> Rows:
    def known(member: Member) -> str | None:
        return str(member) if member in told.known else None

    event, head = told.event, _head(told.event)
    if (refusal := event.refusal) is not None:
        about = (event.about, known(refusal.subject), str(refusal.other))
        yield "refusals", (*head, refusal.reason.value, *about, *_cause(event.cause))
    if event.type in {EventType.BANNED, EventType.UNBANNED}:
        for ban in event.bans:
            ends = (known(ban.a.id), known(ban.b.id), ban.is_lifted)
            words = (ban.at_ms, ban.author, ban.reason)
            yield "bans", (*head, *ends, *words, *_cause(ban.cause))
    if event.type is EventType.DECIDED:
        for decision in event.decisions:
            pair = (known(decision.a), known(decision.b))
            words = (decision.at_ms, decision.author, decision.reason)
            said = (decision.verdict.value, *words)
            yield "decisions", (*head, *pair, *said, *_cause(decision.cause))


def _head(event: IdentityEvent) -> Row:
    return (event.business, event.id, event.at_ms)


def _proof(proof: Evidence) -> Row:
    ends = (str(proof.a), str(proof.b), proof.at_ms, proof.epoch_a, proof.epoch_b)
    return (proof.kind.value, *ends, *_cause(proof.cause))


def _cause(cause: Cause) -> Row:
    return (cause.topic, cause.partition, cause.offset)
