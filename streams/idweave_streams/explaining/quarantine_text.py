"""The quarantine for people: a table of what waits, and one pair in full."""

from collections.abc import Iterable, Iterator, Sequence

from idweave_graph.evidence import Evidence
from idweave_graph.explain import Step
from idweave_graph.ids import Member
from idweave_graph.person import Person
from idweave_streams.explaining.quarantine import Rival, Shown, Waiting
from idweave_streams.explaining.text import (
    HEAD,
    aligned,
    ban_line,
    dated_decision,
    step_row,
    utc,
)

LIST_HEAD = ("business", "id", "id", "proofs", "learned", "because of")
A_BAN = "a ban"


def list_text(waiting: Iterable[Waiting]) -> str:
    """Return one line a pair, with what keeps the two apart."""
    return "\n".join(aligned([LIST_HEAD, *map(_row, waiting)]))


def _row(each: Waiting) -> tuple[str, ...]:
    kinds = ", ".join(dict.fromkeys(proof.kind for proof in each.proofs))
    scopes = ", ".join(mine.scope for mine, _ in each.rivals)
    because = f"two ids of {scopes}" if scopes else A_BAN
    a, b = each.pair
    when = utc(each.proofs[0].at_ms)
    return (each.business, str(a), str(b), kinds, when, because)


def shown_text(shown: Shown) -> str:
    """Return both sides with their evidence, and what stands between them."""
    return "\n".join(_lines(shown))


def _lines(shown: Shown) -> Iterator[str]:
    a, b = shown.pair
    yield f"{a} and {b}, of business {shown.business}: {_state(shown)}."
    for title, proofs in (
        ("In quarantine:", shown.waiting),
        ("Counts now:", shown.holding),
        ("Rejected:", shown.rejected),
    ):
        yield from _table(title, proofs)
    for rival in shown.rivals:
        yield from _against(shown, rival)
    yield from map(ban_line, shown.bans)
    if shown.decisions:
        yield ""
    yield from map(dated_decision, shown.decisions)
    if shown.nearby:
        yield ""
        yield "Between others of the two persons there are proofs in quarantine:"
        yield from aligned([(str(x), str(y)) for x, y in shown.nearby])
    for who, person in ((a, shown.one), (b, shown.two)):
        yield from _person(who, person)
        if person is shown.one and shown.one == shown.two:
            return


def _state(shown: Shown) -> str:
    if shown.waiting:
        return f"{_count(shown.waiting)} in quarantine"
    if shown.holding:
        return f"one person, by {_count(shown.holding)} between them"
    if shown.rejected:
        return f"{_count(shown.rejected)} rejected"
    return "nothing directly between them is in quarantine"


def _count(proofs: Sequence[Evidence]) -> str:
    return "1 proof" if len(proofs) == 1 else f"{len(proofs)} proofs"


def _table(title: str, proofs: Iterable[Evidence]) -> Iterator[str]:
    rows = [step_row(Step(p.a, p.b, p)) for p in proofs]
    if rows:
        yield ""
        yield title
        yield from aligned([HEAD, *rows])


def _against(shown: Shown, rival: Rival) -> Iterator[str]:
    yield ""
    mine, yours = rival.pair
    yield f"One person would have both {mine} and {yours}."
    steps = [step for chain in rival.chains for step in chain]
    if steps:
        yield "What counts for these:"
        yield from aligned([HEAD, *map(step_row, steps)])


def _person(who: Member, person: Person | None) -> Iterator[str]:
    yield ""
    if person is None:
        yield f"{who} is nobody's now."
        return
    yield f"{who} is of {person.id}, generation {person.generation}:"
    rows = [
        (str(each), f"first seen {utc(at_ms)}")
        for each, at_ms in sorted(person.members.items(), key=str)
    ]
    yield from aligned(rows)
    yield from _table("Their evidence:", person.evidence)
