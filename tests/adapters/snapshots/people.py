"""Persons of every shape, and the folders that they are written to."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from hypothesis import strategies as st
from tests.support.strategies import any_scoped_ids, any_tokens, codes, id_texts

from idweave_adapters.snapshots.formats import open_sink
from idweave_adapters.snapshots.told import Told
from idweave_adapters.snapshots.written import Written
from idweave_graph.evidence import Cause, Evidence, EvidenceKind, evidence
from idweave_graph.ids import BusinessId, Member, ScopedId, business_id
from idweave_graph.person import Person, PersonId, Presence

TIMES = st.integers(0, 4_102_444_800_000)
NAMES = st.integers(0, 2**128 - 1).map(lambda n: PersonId(f"p_{n:032x}"))
CAUSES = st.builds(
    Cause,
    st.sampled_from(["facebook.logins.v1", "idweave.answers.v1"]),
    st.integers(0, 9),
    st.integers(0, 2**40),
)
MEMBERS: st.SearchStrategy[Member] = st.one_of(any_scoped_ids, any_tokens, codes)


@st.composite
def proofs(draw: st.DrawFn, one: Member, two: Member) -> Evidence:
    ends = [
        (end, draw(st.integers(1, 9)) if isinstance(end, ScopedId) else 0)
        for end in (one, two)
    ]
    kind = draw(st.sampled_from(EvidenceKind))
    return evidence(kind, *ends, at_ms=draw(TIMES), cause=draw(CAUSES))


@st.composite
def persons(draw: st.DrawFn, business: BusinessId, name: PersonId) -> Person:
    """Somebody whose members hang together in a chain."""
    members = draw(st.lists(MEMBERS, min_size=1, max_size=5, unique=True))
    held = [draw(proofs(one, two)) for one, two in pairwise(members)]
    aside = [
        draw(proofs(members[0], other))
        for other in draw(st.lists(MEMBERS, max_size=2))
        if other != members[0]
    ]
    ground = st.builds(
        Presence, st.integers(0, 9), st.integers(0, 3), st.none() | TIMES
    )
    return Person(
        business=business,
        id=name,
        generation=draw(st.integers(1, 2**40)),
        members={member: draw(TIMES) for member in members},
        evidence=tuple(held),
        quarantined=tuple(aside),
        absorbed=tuple(sorted(draw(st.sets(NAMES, max_size=3)))),
        presence={member: draw(ground) for member in members},
    )


@st.composite
def peoples(draw: st.DrawFn, max_businesses: int = 3) -> list[Person]:
    """The persons of some businesses, grouped by business."""
    # A long name may take three times its room in a path.
    texts = id_texts.filter(lambda text: len(text) <= 60)
    chosen = st.lists(texts, min_size=1, max_size=max_businesses, unique=True)
    found = []
    for text in draw(chosen):
        business = business_id(text)
        for name in draw(st.lists(NAMES, max_size=4, unique=True)):
            found.append(draw(persons(business, name)))  # noqa: PERF401  (draws)
    return found


def write(
    folder: Path, form: str, people: Iterable[Person], told: Sequence[Told] = ()
) -> dict[str, Written]:
    """Write *people* and what happened in *form* to a folder that is made."""
    sink = open_sink(form, folder)
    for person in people:
        sink.person(person)
    for each in told:
        sink.event(each)
    return sink.close()


def files_of(folder: Path) -> dict[str, list[Path]]:
    """The Parquet files below *folder*, by table."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*/*/*.parquet")):
        found.setdefault(path.parts[-3], []).append(path)
    return found
