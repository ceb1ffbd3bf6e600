"""Sightings and answers change lookups and become evidence, as one unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import orjson
from hypothesis import given
from hypothesis import strategies as st
from tests.support import strategies as narrow
from tests.support.graph import DictLookups
from tests.support.stages import (
    NAMES,
    chunks,
    committed,
    handled,
    letters,
    record,
    sent,
)

from idweave_graph.evidence import Cause
from idweave_graph.holds import Hold
from idweave_graph.ids import ScopedId
from idweave_graph.lookups import Lookup, LookupPhase
from idweave_graph.messages import (
    Answer,
    Command,
    CommandKind,
    Erase,
    Forgotten,
    LogMessage,
    Outcome,
    Proved,
    Refusal,
    RefusalReason,
    Refused,
    Sighted,
    Sighting,
)
from idweave_graph.ownership import OwnedId
from idweave_graph.resolve import LookupPolicy, handle
from idweave_graph.resolve import ResolveMessage as Message
from idweave_streams.agents.resolve import Resolve
from idweave_streams.codecs import (
    decode_hold,
    decode_log,
    encode_answers,
    encode_sightings,
)
from idweave_streams.local.log import LocalTable
from idweave_streams.reliable import Output, Record, Unit
from idweave_streams.tables import LookupTable

POLICY = LookupPolicy()
BUSINESS = narrow.BUSINESS
CAUSE = Cause("logins", 0, 5)
SEEN = OwnedId(ScopedId(narrow.APPS[0], "x"), 1)
LINKED = OwnedId(ScopedId(narrow.PAGES[0], "y"), 1)
SIGHTING = Sighting(BUSINESS, SEEN, 10, CAUSE)
ANSWER = Answer(BUSINESS, SEEN, 20, Outcome.ANSWERED, links=(LINKED,))

ERASE = Command(BUSINESS, SEEN, CommandKind.ERASE_ID, 30, CAUSE, "R1")


@dataclass
class Stage:
    """The stage on a table, and what it told the board."""

    table: LocalTable = field(default_factory=LocalTable)
    changes: list[tuple[int, Lookup, Lookup | None]] = field(default_factory=list)

    @property
    def resolve(self) -> Resolve:
        def changed(partition: int, after: Lookup, before: Lookup | None) -> None:
            self.changes.append((partition, after, before))

        return Resolve(NAMES, POLICY, changed)

    def handled(self, *messages: Message) -> Unit:
        return handled(self.resolve.handle, records(messages), self.table)

    def committed(self, *messages: Message) -> Unit:
        return committed(self.resolve.handle, records(messages), self.table)

    def lookup(self) -> Lookup | None:
        return LookupTable(self.table).lookup(SEEN.id)

    def due(self) -> list[tuple[int, object]]:
        table = LookupTable(self.table)
        return [due for lane in table.waiting_lanes() for due in table.due(lane)]


def records(messages: Sequence[Message]) -> list[Record]:
    """One record each, of the topic that the message belongs to."""
    return [_record(message, offset) for offset, message in enumerate(messages)]


def _record(message: Message, offset: int) -> Record:
    if isinstance(message, Answer):
        return record(NAMES.answers, encode_answers([message]), offset)
    return record(NAMES.sightings, encode_sightings([message]), offset)


def log(outputs: Sequence[Output]) -> list[LogMessage]:
    """The messages on the evidence log, each in the partition of its business."""
    found = []
    for output in outputs:
        if output.topic == NAMES.evidence:
            messages = decode_log(output.value)
            assert {m.business.encode() for m in messages} == {output.key}
            found += messages
    return found


def test_a_first_sighting_opens_a_lookup_and_is_told() -> None:
    stage = Stage()

    unit = stage.committed(SIGHTING)

    opened = stage.lookup()
    assert opened is not None
    assert opened.phase is LookupPhase.PENDING
    assert stage.due() == [(0, SEEN.id)]
    assert log(unit.outputs) == [Sighted(BUSINESS, SEEN, 10, CAUSE)]
    assert stage.changes == [(0, opened, None)]


def test_an_answer_closes_the_lookup_and_proves() -> None:
    """The proof goes back to the event that opened the lookup."""
    stage = Stage()
    stage.committed(SIGHTING)

    unit = stage.committed(ANSWER)

    closed = stage.lookup()
    assert closed is not None
    assert closed.phase is LookupPhase.RESOLVED
    assert stage.due() == []
    [proved] = log(unit.outputs)
    assert isinstance(proved, Proved)
    assert {proof.cause for proof in proved.proofs} == {CAUSE}
    assert [after for _, after, _ in stage.changes] == [stage.changes[0][1], closed]


def test_the_board_is_told_only_when_the_unit_is_durable() -> None:
    """A unit that is dropped has changed nothing and told nobody."""
    stage = Stage()

    unit = stage.handled(SIGHTING)

    assert stage.changes == []
    assert len(unit.actions) == 1
    assert stage.lookup() is None


def test_a_sighting_and_its_repetition_in_one_unit_open_one_lookup() -> None:
    """The second one sees what the first one wrote."""
    stage = Stage()

    unit = stage.committed(SIGHTING, SIGHTING)

    assert len(stage.changes) == len(log(unit.outputs)) == 1


def test_what_is_repeated_changes_nothing() -> None:
    stage = Stage()
    stage.committed(SIGHTING, ANSWER)

    unit = stage.committed(SIGHTING, ANSWER)

    assert (unit.changes, unit.outputs, unit.actions) == ({}, [], [])


def test_a_hold_is_told_to_workers_and_to_people() -> None:
    """On the holds topic and on the policy topic, keyed by the business."""
    stage = Stage()
    held = Answer(BUSINESS, SEEN, 20, Outcome.HOLD, detail="policy-hold")
    stage.committed(SIGHTING)

    unit = stage.committed(held)

    expected = Hold(BUSINESS, True, 20, 20, 20 + POLICY.first_probe_ms, "policy-hold")
    [to_workers], [to_people] = sent(unit, NAMES.holds), sent(unit, NAMES.policy)
    assert decode_hold(to_workers.value) == expected
    assert to_workers.key == to_people.key == BUSINESS.encode()
    lookup = stage.lookup()
    assert lookup is not None
    assert lookup.phase is LookupPhase.HELD
    assert [scoped for _, scoped in stage.due()] == [SEEN.id]


def test_refused_links_are_put_on_the_record() -> None:
    stage = Stage()
    refusal = Refusal(RefusalReason.FOREIGN_ASSET, SEEN.id, narrow.APPS[1])
    stage.committed(SIGHTING)

    unit = stage.committed(replace(ANSWER, links=(), refusals=(refusal,)))

    assert log(unit.outputs) == [Refused(BUSINESS, (refusal,), 20, CAUSE)]


@given(
    value=st.none() | st.binary(max_size=30),
    topic=st.sampled_from([NAMES.sightings, NAMES.answers]),
)
def test_what_idweave_did_not_write_is_a_dead_letter(
    value: bytes | None, topic: str
) -> None:
    """The records around it count."""
    stage = Stage()
    strange = record(topic, value, 1)
    several = [*records([SIGHTING]), strange, *records([ANSWER])]

    unit = committed(stage.resolve.handle, several, stage.table)

    assert letters(unit) == [("internal-record", 1)]
    [letter] = sent(unit, NAMES.dead_letters)
    assert (letter.key, letter.value) == (strange.key, value)
    assert len(log(unit.outputs)) == 2


def test_an_erasure_takes_the_lookup_away() -> None:
    """Whoever asks it learns that it is closed; what was waiting does not wait on."""
    stage = Stage()
    stage.committed(SIGHTING)
    opened = stage.lookup()

    unit = stage.committed(ERASE)

    assert stage.lookup() is None
    assert stage.due() == []
    assert log(unit.outputs) == [
        Erase(BUSINESS, SEEN.id, False, 30, CAUSE, "R1"),
    ]
    _, after, before = stage.changes[-1]
    assert (before, after.is_open) == (opened, False)


def test_a_deauthorization_is_told_as_done() -> None:
    """Under its code, with the time that it was asked for, and without an id."""
    stage = Stage()
    stage.committed(SIGHTING)

    unit = stage.committed(replace(ERASE, kind=CommandKind.DEAUTHORIZE))

    [receipt] = sent(unit, NAMES.receipts)
    assert receipt.key == b"R1"
    assert orjson.loads(receipt.value or b"") == {
        "receipt": "R1",
        "state": "done",
        "at_ms": 30,
        "ids": 0,
    }
    assert stage.due() == []


owned = st.builds(OwnedId, narrow.scoped_ids, narrow.EPOCHS)
sightings = st.builds(
    Sighting,
    st.just(BUSINESS),
    owned,
    st.integers(1, 30),
    narrow.causes,
    st.none() | narrow.tokens,
)
answers = st.builds(
    Answer,
    st.just(BUSINESS),
    owned,
    st.integers(1, 5_000),
    st.sampled_from(Outcome),
    st.lists(owned, max_size=2).map(tuple),
    retry_after_ms=st.sampled_from([0, 50]),
)
commands = st.builds(
    Command,
    st.just(BUSINESS),
    owned,
    st.sampled_from(CommandKind),
    st.integers(1, 5_000),
    narrow.causes,
    st.just("R1"),
)
forgotten = st.builds(
    Forgotten,
    st.just(BUSINESS),
    narrow.scoped_ids,
    st.integers(1, 5_000),
    narrow.causes,
)
conversations: st.SearchStrategy[list[Message]] = st.lists(
    st.one_of(sightings, sightings, answers, commands, forgotten).filter(
        lambda m: not isinstance(m, Answer) or m.asked not in m.links
    ),
    max_size=15,
)


@given(messages=conversations, sizes=st.lists(st.integers(1, 4), max_size=6))
def test_the_stage_does_what_the_core_says(
    messages: list[Message], sizes: list[int]
) -> None:
    """Whatever the batches: same lookups, same log, and the board knows each change."""
    core, stage = DictLookups(), Stage()
    expected = [
        told
        for message in messages
        for told in core.apply(handle(core, message, policy=POLICY))
    ]

    found: list[LogMessage] = []
    for piece in chunks(records(messages), sizes):
        found += log(committed(stage.resolve.handle, piece, stage.table).outputs)

    assert found == expected
    table = LookupTable(stage.table)
    assert {scoped: table.lookup(scoped) for scoped in core.lookups} == core.lookups
    assert {scoped for _, scoped in stage.due()} == open_ids(core)
    known = _last_told(stage)
    assert {scoped: known[scoped] for scoped in core.lookups} == core.lookups
    dropped = known.keys() - core.lookups.keys()
    assert not any(known[scoped].is_open for scoped in dropped)


def open_ids(core: DictLookups) -> set[ScopedId]:
    return {scoped for scoped, lookup in core.lookups.items() if lookup.is_open}


def _last_told(stage: Stage) -> dict[ScopedId, Lookup]:
    """What the board knows. Each change begins where the one before ended."""
    known: dict[ScopedId, Lookup] = {}
    for _, after, before in stage.changes:
        last = known.get(after.seen.id)
        is_new = before is None and last is not None and not last.is_open
        assert last == before or is_new
        known[after.seen.id] = after
    return known
