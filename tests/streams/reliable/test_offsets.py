"""A commit never passes a record that is still in work."""

from collections import defaultdict
from itertools import pairwise
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from faust.transport.consumer import Consumer as StockConsumer
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st
from intervaltree import IntervalTree  # type: ignore[import-untyped]

from idweave_streams.reliable.offsets import OffsetTracker

TP0 = TP("topic", 0)

# What each hole of the stock class looks like: where the group stands, the offsets
# that are in the log, and those that are acked. The rest is in work.
HOLES = {
    "one record at the head": (100, [100, 101, 102, 103], [101, 102, 103]),
    "a new group": (None, [0, 1, 2, 3, 4, 5, 6, 7], [5, 6, 7]),
    "after a hole in the log": (100, [100, 103, 104, 105], [100, 104, 105]),
}


def tracked(delivered: list[int], acked: list[int]) -> OffsetTracker:
    tracker = OffsetTracker()
    for offset in delivered:
        tracker.deliver(offset)
    tracker.ack(acked)
    return tracker


async def stock_commit(
    committed: int | None, delivered: list[int], acked: list[int]
) -> int | None:
    """What the stock class would commit; it is told of holes as its drain loop does."""
    me: Any = SimpleNamespace(
        _acked={TP0: list(acked)},
        _acked_index=defaultdict(set, {TP0: set(acked)}),
        _committed_offset=defaultdict(lambda: committed),
        _gap=defaultdict(IntervalTree),
    )
    for read, got in pairwise(delivered):
        if got - read > 1:
            await StockConsumer._add_gap(me, TP0, read + 1, got)
    return StockConsumer._new_offset(me, TP0)


@pytest.mark.parametrize("case", HOLES.values(), ids=HOLES)
async def test_stock_commits_past_a_record_in_work(
    case: tuple[int | None, list[int], list[int]],
) -> None:
    """The three holes of the stock class are there; when not, ours may go."""
    committed, delivered, acked = case
    in_work = min(set(delivered) - set(acked))

    offset = await stock_commit(committed, delivered, acked)

    assert offset is not None
    assert offset > in_work


@pytest.mark.parametrize("case", HOLES.values(), ids=HOLES)
def test_the_tracker_stops_at_a_record_in_work(
    case: tuple[int | None, list[int], list[int]],
) -> None:
    """The same three cases: nothing beyond the oldest record in work is committed."""
    _, delivered, acked = case
    in_work = min(set(delivered) - set(acked))

    offset = tracked(delivered, acked).committable

    assert offset is None or offset <= in_work


@given(
    offsets=st.lists(st.integers(0, 200), min_size=1, unique=True).map(sorted),
    random=st.randoms(use_true_random=False),
)
def test_any_order_of_acks_is_safe_and_complete(
    offsets: list[int], random: Random
) -> None:
    """Over any log with holes and any order of acks, the tracker knows the exact edge."""
    tracker = tracked(offsets, [])
    acked: set[int] = set()
    for offset in random.sample(offsets, len(offsets)):
        tracker.ack([offset])
        acked.add(offset)

        finished = [o for o in offsets if all(b in acked for b in offsets if b <= o)]
        assert tracker.committable == (finished[-1] + 1 if finished else None)
        assert tracker.outstanding == len(offsets) - len(finished)
    assert tracker.resume_at is None


@given(
    offsets=st.lists(st.integers(0, 200), min_size=1, unique=True).map(sorted),
    through=st.integers(0, 200),
)
def test_release_finishes_everything_up_to_an_offset(
    offsets: list[int], through: int
) -> None:
    """A release in order is the same as acking each record up to there."""
    released, acked = tracked(offsets, []), tracked(offsets, [])

    released.release(through)
    acked.ack([o for o in offsets if o <= through])

    assert released.committable == acked.committable
    assert released.resume_at == acked.resume_at


def test_acks_beyond_a_release_count_once_it_reaches_them() -> None:
    """Acks and releases of one partition add up."""
    tracker = tracked([1, 2, 3, 4], [3])

    tracker.release(2)

    assert tracker.committable == 4
    assert tracker.resume_at == 4


def test_a_record_is_entered_once() -> None:
    """Records that come again within one assignment are not handed over again."""
    tracker = tracked([5, 6], [])

    assert not tracker.deliver(6)
    assert not tracker.deliver(5)
    assert tracker.outstanding == 2


def test_sizes_are_added_up_while_outstanding() -> None:
    """The bytes in work bound what is taken from the client."""
    tracker = OffsetTracker()
    tracker.deliver(1, 100)
    tracker.deliver(2, 50)

    tracker.release(1)

    assert tracker.outstanding_bytes == 50
