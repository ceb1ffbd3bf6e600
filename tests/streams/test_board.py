"""Due lookups are handed out, each to one asker at a time, and none is forgotten."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    precondition,
    rule,
)
from tests.support.lookups import (
    ACME,
    ACMES,
    OTHER_APP,
    RIVAL,
    RIVALS,
    lookup,
    write,
)

from idweave_graph.ids import BusinessId, BusinessToken, ScopedId
from idweave_graph.lookups import Lookup, LookupPhase
from idweave_streams.calls.board import DueBoard, DueLookup
from idweave_streams.local.log import LocalTable
from idweave_streams.tables import Lane, LookupTable

NOW_MS = 1_000
ALL = 1 << 20


class Desk:
    """A board over the tables of some partitions, written as the stage does."""

    def __init__(self, partitions: int = 1) -> None:
        self.board = DueBoard()
        self.tables = [LocalTable() for _ in range(partitions)]
        for partition in range(partitions):
            self.assign(partition)

    def assign(self, partition: int) -> None:
        self.board.assign(partition, LookupTable(self.tables[partition]))

    def put(
        self, after: Lookup, before: Lookup | None = None, partition: int = 0
    ) -> None:
        write(self.tables[partition], after, before)
        self.board.changed(partition, after, before)

    def take(
        self, limit: int = ALL, lane: Lane = ACMES, now_ms: int = NOW_MS
    ) -> list[str]:
        taken = self.board.take(lane, now_ms, limit)
        return [due.lookup.seen.id.user for due in taken]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def closed(before: Lookup) -> Lookup:
    return replace(before, phase=LookupPhase.RESOLVED, answered_ms=5, due_ms=0)


def test_a_lookup_is_handed_out_once(desk: Desk) -> None:
    """Until it is answered nobody else gets it."""
    desk.put(lookup("a"))

    assert (desk.take(), desk.take()) == (["a"], [])


def test_what_is_not_due_is_not_handed_out(desk: Desk) -> None:
    """From its time on it is."""
    desk.put(lookup("a", due_ms=NOW_MS + 1))

    assert desk.board.due_lanes(NOW_MS) == []
    assert desk.take() == []
    assert desk.board.due_lanes(NOW_MS + 1) == [ACMES]
    assert desk.take(now_ms=NOW_MS + 1) == ["a"]


def test_the_earliest_due_goes_first(desk: Desk) -> None:
    """As far as the limit allows; the rest the next time."""
    for user, due_ms in (("a", 30), ("b", 10), ("c", 20)):
        desk.put(lookup(user, due_ms=due_ms))

    assert desk.take(2) == ["b", "c"]
    assert desk.take(2) == ["a"]


def test_an_asset_gets_its_own_lookups_only(desk: Desk) -> None:
    """One that may not be asked now leaves its neighbour's alone."""
    desk.put(lookup("a", due_ms=1))
    desk.put(lookup("b", asset=OTHER_APP, due_ms=2))

    assert desk.take(lane=Lane(ACME, OTHER_APP)) == ["b"]
    assert desk.board.due_lanes(NOW_MS) == [ACMES]


def test_the_lane_that_was_served_stands_behind_the_others(desk: Desk) -> None:
    for user in "ab":
        desk.put(lookup(user))
        desk.put(lookup(user, asset=OTHER_APP))

    desk.take(1)

    assert desk.board.due_lanes(NOW_MS) == [Lane(ACME, OTHER_APP), ACMES]


def test_one_that_comes_to_stand_before_the_last_one_taken_is_found(desk: Desk) -> None:
    """The table is not read from its beginning each time, but never past anybody."""
    for user in ("c", "d", "e"):
        desk.put(lookup(user, due_ms=20))
    assert desk.take(2) == ["c", "d"]

    desk.put(lookup("b", due_ms=20))
    desk.put(lookup("z", due_ms=10))

    assert desk.take() == ["z", "b", "e"]


def test_a_business_gets_its_own_lookups_only(desk: Desk) -> None:
    desk.put(lookup("a", ACME))
    desk.put(lookup("b", RIVAL))

    assert set(desk.board.due_lanes(NOW_MS)) == {ACMES, RIVALS}
    assert desk.take(lane=RIVALS) == ["b"]
    assert desk.board.due_lanes(NOW_MS) == [ACMES]


def test_a_failed_lookup_is_handed_out_again_when_it_is_due(desk: Desk) -> None:
    before = lookup("a")
    desk.put(before)
    desk.take()

    desk.put(replace(before, attempts=1, due_ms=NOW_MS + 5), before)

    assert desk.take() == []
    assert desk.take(now_ms=NOW_MS + 5) == ["a"]


def test_a_token_that_comes_meanwhile_does_not_double_the_question(desk: Desk) -> None:
    """It says nothing of asking, so whoever asks goes on alone."""
    before = lookup("a")
    desk.put(before)
    desk.take()

    desk.put(replace(before, token=BusinessToken("t"), first_seen_ms=0), before)

    assert desk.take() == []


def test_what_is_given_back_is_handed_out_again(desk: Desk) -> None:
    desk.put(lookup("a"))
    [due] = desk.board.take(ACMES, NOW_MS, 1)

    desk.board.give_back([due])

    assert desk.take() == ["a"]


def test_giving_back_what_has_changed_takes_it_from_nobody(desk: Desk) -> None:
    """The owner changed meanwhile and somebody asks anew: that one goes on alone."""
    before = lookup("a", epoch=1)
    desk.put(before)
    [stale] = desk.board.take(ACMES, NOW_MS, 1)
    desk.put(lookup("a", epoch=2), before)
    assert desk.take() == ["a"]

    desk.board.give_back([stale])

    assert desk.take() == []


def test_a_revoked_partition_is_not_handed_out() -> None:
    desk = Desk(partitions=2)
    desk.put(lookup("a"), partition=0)
    desk.put(lookup("b"), partition=1)

    desk.board.revoke(0)

    assert desk.take() == ["b"]


def test_a_partition_that_comes_back_is_handed_out_whole(desk: Desk) -> None:
    """Also what was being asked when it went: the answer may never have come."""
    desk.put(lookup("a"))
    desk.put(lookup("b"))
    desk.take(1)
    desk.board.revoke(0)

    desk.assign(0)

    assert desk.take() == ["a", "b"]


def test_giving_back_to_a_revoked_partition_does_nothing(desk: Desk) -> None:
    desk.put(lookup("a"))
    taken = desk.board.take(ACMES, NOW_MS, 1)
    desk.board.revoke(0)

    desk.board.give_back(taken)

    assert desk.board.due_lanes(NOW_MS) == []


def test_news_of_a_partition_that_has_gone_is_passed_over() -> None:
    """A unit that ended late tells of it after it was revoked."""
    desk = Desk()
    desk.board.revoke(0)

    desk.put(lookup("a"))

    assert desk.board.due_lanes(NOW_MS) == []
    assert desk.take() == []


def test_a_lane_that_was_put_off_is_left_out_for_a_while(desk: Desk) -> None:
    """Nothing is lost by it, and what comes anew is told at once."""
    desk.put(lookup("a"))

    desk.board.put_off(ACMES, NOW_MS + 5)

    assert desk.board.due_lanes(NOW_MS + 4) == []
    assert desk.board.due_lanes(NOW_MS + 5) == [ACMES]
    desk.put(lookup("b"))
    assert desk.board.due_lanes(NOW_MS) == [ACMES]
    assert desk.take() == ["a", "b"]


def test_no_partition_waits_for_ever_behind_another() -> None:
    """However much comes in for the others, each gets its turn."""
    desk = Desk(partitions=3)
    served = []
    for number in range(30):
        for partition in range(3):
            desk.put(lookup(f"{partition}-{number}"), partition=partition)
        served += desk.take(1)

    by_partition = [sum(u.startswith(f"{p}-") for u in served) for p in range(3)]
    assert by_partition == [10, 10, 10]


BUSINESSES = [ACME, RIVAL]
LANES = [ACMES, RIVALS, Lane(ACME, OTHER_APP)]
PARTITIONS = range(3)


class BoardMachine(RuleBasedStateMachine):
    """The board against a plain model: the open lookups, and who is being asked."""

    taken = Bundle("taken")

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(partitions=len(PARTITIONS))
        self.now_ms = 10
        self.known: dict[ScopedId, tuple[int, Lookup]] = {}
        self.asked: dict[ScopedId, DueLookup] = {}
        self.assigned = set(PARTITIONS)

    def due(self, lane: Lane) -> dict[ScopedId, tuple[int, Lookup]]:
        """What must be handed out now if there is no limit."""
        return {
            scoped: (partition, found)
            for scoped, (partition, found) in self.known.items()
            if found.is_open
            and Lane.of(found) == lane
            and found.due_ms <= self.now_ms
            and partition in self.assigned
            and scoped not in self.asked
        }

    def put(self, partition: int, after: Lookup, *, asked_anew: bool = True) -> None:
        before = self.known.get(after.seen.id, (0, None))[1]
        self.desk.put(after, before, partition)
        self.known[after.seen.id] = (partition, after)
        if asked_anew:
            self.asked.pop(after.seen.id, None)

    def some(self, data: st.DataObject, *, is_open: bool) -> Lookup | None:
        """One of the lookups of an assigned partition."""
        found = [
            each
            for partition, each in self.known.values()
            if partition in self.assigned and each.is_open == is_open
        ]
        return data.draw(st.sampled_from(found)) if found else None

    @rule(
        user=st.integers(0, 30),
        lane=st.sampled_from(LANES),
        later=st.integers(-3, 5),
    )
    def sighted(self, user: int, lane: Lane, later: int) -> None:
        partition = user % len(PARTITIONS)
        found = lookup(user, lane.business, asset=lane.asset)
        if found.seen.id not in self.known and partition in self.assigned:
            due_ms = max(0, self.now_ms + later)
            self.put(partition, replace(found, due_ms=due_ms))

    @rule(data=st.data())
    def answered(self, data: st.DataObject) -> None:
        if before := self.some(data, is_open=True):
            self.put(self.known[before.seen.id][0], closed(before))

    @rule(data=st.data(), later=st.integers(1, 5))
    def failed(self, data: st.DataObject, later: int) -> None:
        if before := self.some(data, is_open=True):
            due_ms = self.now_ms + later
            after = replace(before, attempts=before.attempts + 1, due_ms=due_ms)
            self.put(self.known[before.seen.id][0], after)

    @rule(data=st.data())
    def expired(self, data: st.DataObject) -> None:
        if before := self.some(data, is_open=False):
            after = replace(before, phase=LookupPhase.PENDING, due_ms=6)
            self.put(self.known[before.seen.id][0], after)

    @rule(data=st.data(), business=st.sampled_from(BUSINESSES))
    def changed_hands(self, data: st.DataObject, business: BusinessId) -> None:
        if before := self.some(data, is_open=True):
            seen = replace(before.seen, epoch=before.seen.epoch + 1)
            after = replace(before, business=business, seen=seen, due_ms=0)
            self.put(self.known[before.seen.id][0], after)

    @rule(data=st.data(), token=st.sampled_from("tuv"))
    def learned_a_token(self, data: st.DataObject, token: str) -> None:
        if before := self.some(data, is_open=True):
            after = replace(before, token=BusinessToken(token))
            self.put(self.known[before.seen.id][0], after, asked_anew=False)

    @rule(ms=st.integers(1, 5))
    def time_passes(self, ms: int) -> None:
        self.now_ms += ms

    @rule(
        target=taken,
        lane=st.sampled_from(LANES),
        limit=st.sampled_from([1, 2, ALL]),
    )
    def take(self, lane: Lane, limit: int) -> object:
        """Exactly what is due, the earliest first, as far as the limit goes."""
        due = self.due(lane)
        told = self.desk.board.due_lanes(self.now_ms)
        assert lane in told or not due

        found = self.desk.board.take(lane, self.now_ms, limit)

        names = [each.lookup.seen.id for each in found]
        assert len(names) == len(set(names)) == min(limit, len(due))
        for each, name in zip(found, names, strict=True):
            assert (each.partition, each.lookup) == due[name]
        if limit == ALL:
            assert lane not in self.desk.board.due_lanes(self.now_ms)
        self.asked |= dict(zip(names, found, strict=True))
        return multiple(*found)

    @rule(one=consumes(taken))
    def give_back(self, one: DueLookup) -> None:
        if self.asked.get(one.lookup.seen.id) is one:
            del self.asked[one.lookup.seen.id]
        self.desk.board.give_back([one])

    @precondition(lambda self: self.assigned)
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        gone = data.draw(st.sampled_from(sorted(self.assigned)))
        self.assigned.discard(gone)
        self.asked = {s: d for s, d in self.asked.items() if d.partition != gone}
        self.desk.board.revoke(gone)

    @precondition(lambda self: len(self.assigned) < len(PARTITIONS))
    @rule(data=st.data())
    def assign(self, data: st.DataObject) -> None:
        missing = sorted(set(PARTITIONS) - self.assigned)
        back = data.draw(st.sampled_from(missing))
        self.assigned.add(back)
        self.desk.assign(back)

    @initialize(users=st.integers(0, 12))
    def many_wait(self, users: int) -> None:
        for user in range(users):
            self.sighted(user, LANES[user % 3], later=user % 4)


TestBoardAgainstModel = BoardMachine.TestCase
TestBoardAgainstModel.settings = settings(max_examples=60, stateful_step_count=40)
