"""Answers for people: a sentence, and what it rests on, aligned."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from idweave_graph.bans import Ban
from idweave_graph.decisions import Decision
from idweave_graph.decisions import Verdict as Decided
from idweave_graph.events import IdentityEvent
from idweave_graph.evidence import Evidence
from idweave_graph.explain import WORDS, Apart, Clash, Joined, Step
from idweave_graph.history import Entry, History, names_of
from idweave_graph.ids import Member
from idweave_graph.messages import RefusalReason
from idweave_graph.person import Person, PersonId
from idweave_streams.explaining.tell import Answer, Asked, NotFound

DECIDED = {
    Decided.ACCEPT: "the proofs between them come before all others",
    Decided.REJECT: "the proofs between them do not count",
    Decided.REOPEN: "the proofs between them are weighed by age",
    Decided.LINK: "they are one person",
}
"""What each verdict says of two members."""

REFUSED = {
    RefusalReason.FOREIGN_CREDENTIAL: "the access token was made by an app of another business",
    RefusalReason.FOREIGN_ASSET: "it belonged to another business",
    RefusalReason.UNOWNED_ASSET: "it was between two owners",
    RefusalReason.UNKNOWN_ASSET: "nobody was known to own it",
    RefusalReason.STALE_EPOCH: "it was proved under an ownership that is over",
}
"""What each reason to refuse a link says of the app or Page on its other side."""

HEAD = ("from", "to", "because", "learned", "epochs", "cause")


def why_text(answer: Answer) -> str:
    """Return the sentence and its grounds."""
    verdict = answer.verdict
    if isinstance(verdict, Apart):
        return "\n".join(_apart(answer, verdict))
    return "\n".join(_joined(answer, verdict))


def _joined(answer: Answer, joined: Joined) -> Iterator[str]:
    person, chain = joined.person, joined.chain
    if not chain:  # they were asked for by two names
        yield f"Both are one id, {answer.one}: a test app shares its ids with its parent."
        yield f"It is of {person.id}, of business {answer.business}."
        return
    proofs = "one proof joins" if len(chain) == 1 else f"{len(chain)} proofs join"
    yield (
        f"{answer.one} and {answer.two} are one person, {person.id}, "
        f"of business {answer.business}: {proofs} them."
    )
    yield ""
    yield from aligned([HEAD, *map(step_row, chain)])
    if joined.decisions:
        yield ""
    yield from (dated_decision(told) for told in joined.decisions)


def _apart(answer: Answer, apart: Apart) -> Iterator[str]:
    yield (
        f"{answer.one} and {answer.two} are two persons of business "
        f"{answer.business}: {apart.one.id} and {apart.two.id}."
    )
    if not (apart.clashes or apart.refused or apart.bans or apart.decisions):
        yield "Nothing is known that would join them."
    for clash in apart.clashes:
        yield from _clash(clash)
    for ban in apart.bans:
        yield ban_line(ban)
    yield from (dated_decision(told) for told in apart.decisions)
    for event in apart.refused:
        yield f"{_refusal(event)} ({utc(event.at_ms)}, {event.cause})"


def _clash(clash: Clash) -> Iterator[str]:
    yield "A proof that would join them is in quarantine:"
    yield ""
    proof = clash.proof
    yield from aligned([HEAD, step_row(Step(proof.a, proof.b, proof))])
    yield ""
    for mine, yours in clash.rivals:
        yield f"One person would have both {mine} and {yours}."


def _refusal(event: IdentityEvent) -> str:
    refusal = event.refusal
    if refusal is None:
        return ""
    because = REFUSED.get(refusal.reason, refusal.reason)
    return f"A link from {refusal.subject} to {refusal.other} was refused: {because}"


def _ban(ban: Ban) -> str:
    may = "may be one person again" if ban.is_lifted else "may not be one person"
    return f"{ban.a.id} and {ban.b.id} {may}: {ban.reason} ({ban.author})"


def ban_line(ban: Ban) -> str:
    """Say what was said about two ids, by whom, why and when."""
    return f"{_ban(ban)} ({utc(ban.at_ms)}, {ban.cause})"


def _decision(told: Decision) -> str:
    pair = f"{told.a} and {told.b}"
    return f"{pair}: {DECIDED[told.verdict]}: {told.reason} ({told.author})"


def dated_decision(told: Decision) -> str:
    """Say what was decided, by whom, why and when."""
    return f"{_decision(told)} ({utc(told.at_ms)}, {told.cause})"


def not_found_text(found: NotFound) -> str:
    """Say which is not found, and in which business, but no id: it goes to stderr."""
    if found.place is None:
        return "neither id is found"
    which = ("first", "second")[found.place]
    return f"the {which} id is not found in business {found.business}"


def how_text(asked: Asked) -> str:
    """Return who the person is now, and all that led there."""
    told = asked.history
    lines = [_headline(told.person)]
    if asked.has_left:
        lines.append("The id that was asked for is not theirs any more.")
    ways = zip(told.trail, told.trail[1:], strict=False)
    lines += [f"{ended} ended in {into}." for ended, into in ways]
    return "\n".join([*lines, "", *_entries(told)])


def _headline(person: Person) -> str:
    who = f"{person.id} of business {person.business}"
    if not person.members:
        return f"Nobody is left of {who}."
    members = ", ".join(map(str, sorted(person.members, key=str)))
    return f"{who} has come to generation {person.generation}: {members}."


def _entries(told: History) -> Iterator[str]:
    if not told.entries:
        yield "No event tells of them."
    names = names_of(told.person)
    heads = aligned([_line(entry, names) for entry in told.entries])
    for head, entry in zip(heads, told.entries, strict=True):
        yield head
        yield from (f"    {line}" for line in _details(entry))


def _line(entry: Entry, names: Collection[PersonId]) -> tuple[str, ...]:
    event = entry.event
    is_own = event.person is not None and event.person.id in names
    place = str(event.person.generation) if event.person and is_own else "-"
    what = f"{event.type} ({event.reason})"
    return (place, utc(event.at_ms), what, event.key, str(event.cause))


def _details(entry: Entry) -> Iterator[str]:
    yield from (f"+ {member}" for member in entry.gained)
    yield from (f"- {member}" for member in entry.lost)
    yield from (f"{name} ended in it" for name in entry.joined)
    yield from (f"{name} is somebody else again" for name in entry.released)
    if entry.event.refusal is not None:
        yield _refusal(entry.event)
    yield from map(_ban, entry.event.bans)
    yield from map(_decision, entry.event.decisions)
    yield from aligned([step_row(Step(p.a, p.b, p)) for p in entry.event.proofs])


def step_row(step: Step) -> tuple[str, ...]:
    """Return the cells of one proof, under `HEAD`."""
    proof = step.proof
    return (
        str(step.start),
        str(step.end),
        WORDS[proof.kind],
        utc(proof.at_ms),
        _epochs(proof, step.start, step.end),
        str(proof.cause),
    )


def _epochs(proof: Evidence, start: Member, end: Member) -> str:
    return f"{proof.epoch_of(start)}, {proof.epoch_of(end)}"


def utc(unix_ms: int) -> str:
    """Return a time to the millisecond, in UTC."""
    time = datetime.fromtimestamp(unix_ms / 1000, UTC).replace(tzinfo=None)
    return f"{time.isoformat(timespec='milliseconds')}Z"


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return each row as a line, its columns as wide as their widest cell."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]
