"""Lookups are asked in full batches, within bounds, and held and paused by business."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.lookups import ACME, APP, OTHER_APP, RIVAL
from tests.support.office import (
    BUSINESSES,
    LIMITS,
    MORE,
    NOTHING,
    OTHER_PAGE,
    PAGE,
    POLICY,
    THIRD,
    Meta,
    Office,
    Reply,
    Request,
    after,
)
from tests.support.virtual_time import in_virtual_time, now_ms

from idweave_adapters.graph_api import (
    CredentialRefused,
    Lookup,
    LookupAnswer,
    PolicyHold,
    Throttled,
    Transient,
    Usage,
)
from idweave_adapters.graph_api.limits import LimitScope, PartUsage
from idweave_graph.ids import Asset, BusinessId, business_id
from idweave_graph.messages import Answer
from idweave_graph.ownership import Ownership
from idweave_streams.calls.caller import TICK_S

TICK_MS = int(TICK_S * 1000)


@in_virtual_time
async def test_a_full_batch_is_asked_at_once() -> None:
    office = Office(Meta())
    office.sight(LIMITS.batch)

    async with office.open():
        await after(TICK_S)

    [request] = office.meta.requests
    assert request.at_ms == 0
    assert len(request.users) == LIMITS.batch


@in_virtual_time
async def test_a_partial_batch_waits_to_be_filled_but_not_for_long() -> None:
    """It goes with what came until then."""
    office = Office(Meta())
    office.sight(2)

    async with office.open():
        await after(1.5)
        office.sight(1, start=2)
        assert office.meta.requests == []
        await after(1)

    [request] = office.meta.requests
    assert LIMITS.linger_ms <= request.at_ms <= LIMITS.linger_ms + TICK_MS
    assert request.users == ["0", "1", "2"]


@in_virtual_time
async def test_an_answered_lookup_is_not_asked_again() -> None:
    office = Office(Meta())
    office.sight(12)

    async with office.open():
        await after(60)

    asked = Counter(user for each in office.meta.requests for user in each.users)
    assert set(asked.values()) == {1}
    assert len(asked) == 12
    assert office.waiting() == 0
    assert office.caller.is_idle


@in_virtual_time
async def test_a_failed_lookup_is_asked_again_later() -> None:
    """After a wait that grows, until there is an answer."""
    failures = [Transient(), Transient()]
    office = Office(Meta(says=lambda _: failures.pop() if failures else NOTHING))
    office.sight(1)

    async with office.open():
        await after(60)

    times = [each.at_ms for each in office.meta.requests]
    assert len(times) == 3
    assert times[2] - times[1] > times[1] - times[0] > LIMITS.linger_ms
    assert office.waiting() == 0


@in_virtual_time
async def test_no_more_is_under_way_than_allowed() -> None:
    """Some places stay free for those who have nothing under way."""
    office = Office(Meta(latency_s=dict.fromkeys(BUSINESSES, 30.0)))
    for business in BUSINESSES:
        office.sight(50, business)

    async with office.open():
        await after(2)

        kept_free = LIMITS.in_flight // 4
        assert office.meta.under_way.total() == LIMITS.in_flight - kept_free


@in_virtual_time
async def test_one_business_has_no_more_under_way_than_its_share() -> None:
    office = Office(Meta(latency_s={ACME: 30.0}))
    office.sight(100)

    async with office.open():
        await after(20)

        assert office.meta.under_way[ACME] == LIMITS.in_flight_per_business


@in_virtual_time
async def test_a_slow_business_delays_no_other() -> None:
    """It fills its own places and no more."""
    office = Office(Meta(latency_s={ACME: 3_600.0}))
    office.sight(100, ACME)
    office.sight(50, RIVAL)

    async with office.open():
        await after(10)

    assert len(office.meta.of(ACME)) == LIMITS.in_flight_per_business
    assert office.waiting(RIVAL) == 0


@in_virtual_time
async def test_businesses_that_always_have_work_leave_room_for_others() -> None:
    """Two could fill all places for ever; the third gets its share all the same."""
    office = Office(Meta())
    for business in (ACME, RIVAL, THIRD):
        office.sight(500, business)

    async with office.open():
        await after(5)

    served = [len(office.meta.of(business)) for business in (ACME, RIVAL, THIRD)]
    assert max(served) - min(served) <= 2


@in_virtual_time
async def test_a_throttled_business_is_left_alone_for_as_long_as_was_said() -> None:
    """What was gathered waits too, and nobody else does."""
    told = [Throttled(retry_after_s=30)]

    def says(business: BusinessId) -> Reply:
        return told[0] if business == ACME and now_ms() < 1_000 else NOTHING

    office = Office(Meta(says=says))
    office.sight(20, ACME)
    office.sight(20, RIVAL)

    async with office.open():
        await after(10)
        assert office.waiting(RIVAL) == 0
        assert office.waiting(ACME) == 20
        await after(60)

    before = [each.at_ms for each in office.meta.of(ACME) if each.at_ms < 30_000]
    assert len(before) == LIMITS.in_flight_per_business
    assert office.waiting(ACME) == 0


@in_virtual_time
async def test_a_later_answer_does_not_shorten_a_pause() -> None:
    """Of two batches under way one is throttled; the other one's answer comes last."""
    replies: list[Reply] = [Throttled(retry_after_s=30), NOTHING]
    delays = [0.1, 0.5]

    class Uneven(Meta):
        async def look_up(self, lookups: Sequence[Lookup]) -> list[Reply]:
            self.requests.append(Request(now_ms(), ACME, []))
            if not replies:
                return [NOTHING for _ in lookups]
            reply, delay_s = replies.pop(0), delays.pop(0)
            await asyncio.sleep(delay_s)
            return [reply for _ in lookups]

    office = Office(Uneven())
    office.sight(50)

    async with office.open():
        await after(20)

    assert len(office.meta.requests) == 2


def at_percent(percent: float, scope: LimitScope, of: str = "") -> LookupAnswer:
    usage = Usage(percent, 0, (PartUsage(scope, of, percent),))
    return LookupAnswer((), True, True, 1, usage, None)


@in_virtual_time
async def test_near_a_limit_it_waits_of_its_own_accord() -> None:
    """No call is made that would only be throttled; one now and then, to look."""
    full = at_percent(99, LimitScope.APP)
    office = Office(Meta(says=lambda _: full))
    office.sight(200)

    async with office.open():
        await after(60)

    looks = [each for each in office.meta.requests if each.at_ms > 1_000]
    assert all(len(each.users) == 1 for each in looks)
    assert len(looks) <= 8


@in_virtual_time
async def test_a_throttled_app_delays_no_other_asset_of_its_business() -> None:
    """Though its lookups came first and fill every batch."""

    def says(lookup: Lookup) -> Reply:
        return Throttled(retry_after_s=600) if lookup.scoped.asset == APP else NOTHING

    office = Office(Meta(says_of=says))
    office.sight(500, asset=APP)
    office.sight(20, asset=OTHER_APP)
    office.sight(20, asset=PAGE)

    async with office.open():
        await after(20)

    assert (office.waiting(asset=OTHER_APP), office.waiting(asset=PAGE)) == (0, 0)
    assert office.waiting(asset=APP) == 500
    assert len(office.meta.about(APP)) <= LIMITS.in_flight_per_business


@in_virtual_time
async def test_a_limit_of_a_business_stops_all_its_pages_and_no_app() -> None:
    """Its header names the business."""
    part = PartUsage(LimitScope.BUSINESS, ACME, 120, 10)
    stop = Throttled(usage=Usage(120, 10, (part,)), retry_after_s=600)

    office = Office(Meta(says_of=lambda _: stop))
    office.sight(5, asset=PAGE)
    async with office.open():
        await after(1)
        office.meta.says_of = lambda _: NOTHING
        for asset in (OTHER_PAGE, APP):
            office.sight(20, asset=asset)
        await after(500)

        assert office.waiting(asset=OTHER_PAGE) == 20
        assert office.waiting(asset=APP) == 0
        await after(500)

    assert office.waiting(asset=OTHER_PAGE) == 0


@in_virtual_time
async def test_a_limit_of_a_page_stops_that_page_only() -> None:
    def says(lookup: Lookup) -> Reply:
        return Throttled() if lookup.scoped.asset == PAGE else NOTHING

    office = Office(Meta(says_of=says))
    office.sight(5, asset=PAGE)
    async with office.open():
        await after(1)
        office.sight(20, asset=OTHER_PAGE)
        await after(20)

    assert office.waiting(asset=OTHER_PAGE) == 0
    assert len(office.meta.about(PAGE)) == 1


@in_virtual_time
async def test_after_a_stop_it_begins_gently() -> None:
    """One lookup first, and only then more."""
    stops: list[Reply] = [Throttled(retry_after_s=30)] * LIMITS.batch
    office = Office(Meta(says_of=lambda _: stops.pop() if stops else NOTHING))
    office.sight(LIMITS.batch)

    async with office.open():
        await after(1)
        office.sight(100, start=50)
        await after(100)

    first, *later = [each for each in office.meta.requests if each.at_ms > 1_000]
    assert first.at_ms >= 30_000
    assert len(first.users) == 1
    assert later[0].at_ms > first.at_ms
    assert office.waiting() == 0


@in_virtual_time
async def test_a_batch_holds_lookups_of_several_assets() -> None:
    """Few requests: what waits goes together, as far as one business goes."""
    office = Office(Meta())
    for number, asset in enumerate((APP, OTHER_APP, PAGE)):
        office.sight(1, asset=asset, start=number)
    office.sight(1, RIVAL)

    async with office.open():
        await after(5)

    assert [len(each.users) for each in office.meta.requests] == [3, 1]


@in_virtual_time
async def test_however_many_are_slow_the_others_are_not() -> None:
    """The first requests show who is slow; from then on they have their own places."""
    slow = [business_id(str(number)) for number in range(700, 712)]
    meta = Meta(latency_s=dict.fromkeys(slow, 30.0))
    office = Office(meta)
    for number, business in enumerate(slow):
        asset = Asset.parse(f"app:{700 + number}")
        office.owned[asset] = Ownership(asset, business, 1)
        office.sight(50, business, asset=asset)
    async with office.open():
        await after(20)

        for _ in range(20):
            start = now_ms()
            office.sight(LIMITS.batch, ACME, start=start)
            await after(5)
            assert office.waiting(ACME) == 0

    assert meta.most_at_once <= LIMITS.total


@in_virtual_time
async def test_a_business_that_was_slow_is_quick_again_when_it_is() -> None:
    """What was slow then does not count for ever."""
    office = Office(Meta(latency_s={ACME: 10.0}))
    office.sight(LIMITS.batch)
    async with office.open():
        await after(11)
        office.meta.latency_s.clear()
        office.sight(400, start=100)
        await after(30)

    assert office.waiting() == 0


@in_virtual_time
async def test_a_held_token_stops_its_asset_only() -> None:
    """It is tried with one lookup at a time, each time with another."""

    def says(lookup: Lookup) -> Reply:
        return CredentialRefused() if lookup.scoped.asset == APP else NOTHING

    office = Office(Meta(says_of=says))
    office.sight(LIMITS.batch, asset=APP)
    async with office.open():
        await after(1)
        office.sight(20, asset=APP, start=50)
        office.sight(20, asset=OTHER_APP)
        await after(10)
        assert office.waiting(asset=OTHER_APP) == 0
        assert len(office.meta.about(APP)) == 1
        await after(3 * POLICY.credential_retry_ms / 1000)

    probes = office.meta.about(APP)[1:]
    assert [len(each.users) for each in probes] == [1] * len(probes)
    assert len(probes) >= 2
    assert len({each.users[0] for each in probes}) == len(probes)
    assert office.waiting(asset=APP) == LIMITS.batch + 20


@in_virtual_time
async def test_what_was_gathered_for_a_token_that_is_held_now_goes_back() -> None:
    """Its neighbours in the batch go without it."""
    office = Office(Meta())
    office.sight(2, asset=APP)
    office.sight(2, asset=OTHER_APP, start=10)
    async with office.open():
        await after(1)
        office.hold(asset=APP, probe_ms=3_600_000)
        await after(5)

    [request] = office.meta.requests
    assert request.users == ["10", "11"]
    assert office.waiting(asset=APP) == 2


@in_virtual_time
async def test_a_held_business_is_not_asked() -> None:
    """What was gathered before goes back; others go on."""
    office = Office(Meta())
    office.sight(2, ACME)
    async with office.open():
        await after(1)
        office.hold()
        office.sight(20, ACME, start=2)
        office.sight(5, RIVAL)
        await after(8)

        assert office.meta.of(ACME) == []
        assert office.waiting(RIVAL) == 0
        office.hold(held=False)
        await after(5)

    assert office.waiting(ACME) == 0


@in_virtual_time
async def test_a_held_business_is_tried_with_one_lookup_when_its_time_has_come() -> (
    None
):
    """While that one is under way and when it is refused, nothing else is asked."""
    office = Office(Meta(latency_s={ACME: 20}, says=lambda _: PolicyHold()))
    office.hold(probe_ms=10_000)
    office.sight(50)

    async with office.open():
        await after(9.9)
        assert office.meta.requests == []
        await after(50)

    [request] = office.meta.requests
    assert len(request.users) == 1
    assert request.at_ms >= 10_000
    [answer] = office.answers
    assert answer.probed is not None
    hold = office.holds.of_business(ACME)
    assert hold is not None
    assert hold.probe_ms >= 10_000 + POLICY.first_probe_ms


@in_virtual_time
async def test_even_what_was_gathered_before_is_not_asked_with_the_probe() -> None:
    """It waited to be more when the hold came; its time came before the batch went."""
    office = Office(Meta())
    async with office.open():
        office.sight(3, ACME)
        await after(1)
        office.hold(probe_ms=1_000)
        await after(2)

    assert len(office.meta.of(ACME)[0].users) == 1


@in_virtual_time
async def test_a_held_business_is_not_tried_with_a_token_that_is_held_itself() -> None:
    """The refused token would be tried without end: it says nothing of the business."""

    def says(lookup: Lookup) -> Reply:
        return CredentialRefused() if lookup.scoped.asset == APP else NOTHING

    office = Office(Meta(says_of=says))
    office.hold(probe_ms=10_000)
    office.sight(50, asset=APP)
    async with office.open():
        await after(300)
        assert len(office.meta.about(APP)) == 1
        assert office.holds.of_business(ACME) is not None

        office.sight(2, asset=OTHER_APP)
        await after(60)

    assert office.waiting(asset=OTHER_APP) == 0
    assert office.holds.of_business(ACME) is None


@in_virtual_time
async def test_a_probe_that_fails_in_passing_is_not_repeated_at_once() -> None:
    """A held business gets a call now and then, not one after the other."""
    office = Office(Meta(says=lambda _: Transient()))
    office.hold(probe_ms=10_000)
    office.sight(50)

    async with office.open():
        await after(10 + 5 * POLICY.probe_again_ms / 1000)

    assert 2 <= len(office.meta.requests) <= 5
    assert all(len(each.users) == 1 for each in office.meta.requests)


@in_virtual_time
async def test_lookups_that_need_no_call_do_not_put_the_probe_off() -> None:
    """However many of them wait before one that can be asked."""
    office = Office(Meta())
    office.owned[OTHER_APP] = Ownership(OTHER_APP, RIVAL, 2)
    office.hold(probe_ms=1_000)
    office.sight(3, asset=OTHER_APP)
    async with office.open():
        await after(5)
        office.sight(1, asset=APP)
        await after(15)

    assert office.waiting(asset=OTHER_APP) == office.waiting(asset=APP) == 0
    assert office.holds.of_business(ACME) is None


@in_virtual_time
async def test_the_platforms_stop_is_obeyed_at_once() -> None:
    """The batches that are under way come home; no other one starts."""
    office = Office(Meta(says=lambda _: PolicyHold()))
    office.sight(100)

    async with office.open():
        await after(50)

    assert len(office.meta.requests) == LIMITS.in_flight_per_business
    assert all(each.at_ms < 1_000 for each in office.meta.requests)
    assert office.waiting() == 100


@in_virtual_time
async def test_the_stop_is_obeyed_before_it_has_made_its_way_over_the_topic() -> None:
    """What waits to fill a batch is not asked while the answers are being published."""
    office = Office(Meta(says=lambda _: PolicyHold()))
    office.publishing_s = 10
    office.sight(LIMITS.batch + 1)

    async with office.open():
        await after(9)

    assert len(office.meta.requests) == 1


@in_virtual_time
async def test_what_a_partition_had_waiting_goes_with_it() -> None:
    """The next owner asks; here it is not asked."""
    office = Office(Meta())
    office.sight(2, partition=0)
    office.sight(2, partition=1, start=50)

    async with office.open():
        await after(1)
        office.caller.dropped(0)
        await after(5)

    [request] = office.meta.requests
    assert request.users == ["50", "51"]


@in_virtual_time
async def test_a_failure_to_publish_ends_the_caller() -> None:
    """Without a durable answer nothing may go on; nothing is left running."""

    async def fail(_: Sequence[tuple[int, Answer]]) -> None:
        raise ConnectionError("the broker is gone")

    office = Office(Meta(latency_s={RIVAL: 3_600.0}), publish=fail)
    office.sight(20, ACME)
    office.sight(5, RIVAL)

    with pytest.raises(ConnectionError, match="the broker is gone"):
        await office.caller.run()

    assert office.meta.under_way.total() == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


@in_virtual_time
async def test_cancelling_leaves_nothing_running() -> None:
    office = Office(Meta(latency_s={ACME: 3_600.0}))
    office.sight(20)

    async with office.open():
        await after(1)
        assert office.meta.under_way.total() == LIMITS.in_flight_per_business

    assert office.meta.under_way.total() == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


@in_virtual_time
async def test_what_was_not_answered_is_asked_by_the_next_run() -> None:
    """Neither what was under way nor what was gathered is lost with the first one."""
    office = Office(Meta(latency_s={ACME: 5.0}))
    office.sight(LIMITS.batch, ACME)
    office.sight(1, RIVAL)
    async with office.open():
        await after(1)

    async with office.open():
        await after(20)

    assert [office.waiting(business) for business in BUSINESSES] == [0, 0, 0]


@in_virtual_time
async def test_a_business_without_work_costs_nothing() -> None:
    """Thousands of businesses come and go in the life of a worker."""
    office = Office(Meta())
    for business in BUSINESSES:
        office.sight(3, business)

    async with office.open():
        await after(60)

    assert office.caller._businesses == {}
    assert office.board._waiting == {}
    assert office.board._asked == {}


PATIENCE_S = 3_600
replies: st.SearchStrategy[list[Reply]] = st.lists(
    st.sampled_from(
        [
            NOTHING,
            Transient(),
            Throttled(),
            PolicyHold(),
            at_percent(97, LimitScope.APP),
            at_percent(120, LimitScope.BUSINESS, ACME),
        ]
    ),
    max_size=8,
)


@settings(max_examples=30)
@given(
    replies=replies,
    counts=st.lists(st.integers(0, 12), min_size=3, max_size=6),
    latencies_s=st.lists(st.sampled_from([0.0, 0.01, 1, 10]), min_size=3, max_size=3),
)
def test_every_lookup_is_answered_once_whatever_happens(
    replies: list[Reply], counts: list[int], latencies_s: list[float]
) -> None:
    """Failures, throttling, holds and slow answers only take time."""
    script = iter(replies)
    meta = Meta(
        latency_s=dict(zip(BUSINESSES, latencies_s, strict=True)),
        says=lambda _: next(script, NOTHING),
    )

    @in_virtual_time
    async def run() -> None:
        office = Office(meta)
        async with office.open():
            for number, count in enumerate(counts):
                business = list(BUSINESSES)[number % len(BUSINESSES)]
                office.sight(count, business, start=100 * number, partition=number % 2)
                more = MORE[number % len(MORE)]
                office.sight(count, asset=more, start=50 + 100 * number)
                await after(0.7)
            while any(map(office.waiting, BUSINESSES)) or any(
                office.waiting(asset=asset) for asset in MORE
            ):
                await after(1)
                assert now_ms() < PATIENCE_S * 1000
        answered = Counter(a.asked for a in office.answers if a.outcome == "answered")
        assert answered.total() == len(answered) == 2 * sum(counts)

    run()
    assert meta.most_at_once <= LIMITS.total
