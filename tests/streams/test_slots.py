"""Places for requests are shared so that nobody's trouble is another's."""

from hypothesis import given
from hypothesis import strategies as st

from idweave_graph.ids import BusinessId, business_id
from idweave_streams.calls.slots import CallLimits, Slots

LIMITS = CallLimits(in_flight=8, in_flight_per_business=4, slow_ms=3_000)
FIRST, SECOND, THIRD, *MANY = (business_id(str(number)) for number in range(1, 60))


def fill(slots: Slots, *businesses: BusinessId, now_ms: int = 0) -> list[int]:
    """Each gets all that it may have."""
    tickets = []
    for business in businesses:
        while slots.may_begin(business, now_ms):
            tickets.append(slots.begin(business, now_ms))
    return tickets


def made_slow(slots: Slots, *businesses: BusinessId) -> None:
    for business in businesses:
        ticket = slots.begin(business, 0)
        slots.answered(ticket, LIMITS.slow_ms)
        slots.end(ticket)


def test_one_business_gets_its_share() -> None:
    assert len(fill(Slots(LIMITS), FIRST)) == LIMITS.in_flight_per_business


def test_the_last_places_are_for_those_who_have_none() -> None:
    """Two that always have work leave room for a third."""
    slots = Slots(LIMITS)

    taken = fill(slots, FIRST, SECOND)

    assert len(taken) == LIMITS.in_flight - LIMITS.in_flight // 4
    assert slots.may_begin(THIRD, 0)


def test_no_more_begin_than_there_are_places() -> None:
    slots = Slots(LIMITS)
    fill(slots, *MANY)

    assert not slots.may_begin(FIRST, 0)


def test_a_place_that_was_given_back_is_free() -> None:
    slots = Slots(LIMITS)
    for ticket in fill(slots, *MANY):
        slots.answered(ticket, 10)
        slots.end(ticket)

    assert slots.may_begin(FIRST, 0)


def test_requests_that_take_long_free_the_places_of_the_others() -> None:
    """All places were taken when they turned out to be slow."""
    slots = Slots(LIMITS)
    fill(slots, *MANY)

    assert slots.may_begin(FIRST, LIMITS.slow_ms)


def test_slow_businesses_share_places_of_their_own() -> None:
    """However many there are, the others find theirs free."""
    slots = Slots(LIMITS)
    made_slow(slots, *MANY)

    taken = fill(slots, *MANY)

    assert len(taken) == LIMITS.slow_in_flight
    assert len(fill(slots, FIRST)) == LIMITS.in_flight_per_business


def test_one_quick_answer_makes_a_business_quick_again() -> None:
    slots = Slots(LIMITS)
    made_slow(slots, FIRST, *MANY)
    ticket = slots.begin(FIRST, 0)
    fill(slots, *MANY)
    assert not slots.may_begin(FIRST, 10)

    slots.answered(ticket, 20)
    slots.end(ticket)

    assert slots.may_begin(FIRST, 20)


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(MANY[:5]), st.integers(0, 2_000), st.booleans()),
        max_size=80,
    )
)
def test_there_is_a_bound_whatever_happens(
    steps: list[tuple[BusinessId, int, bool]],
) -> None:
    """In all and for each business; and a newcomer is never kept out for long."""
    slots, running, now_ms = Slots(LIMITS), list[tuple[int, BusinessId]](), 0
    for business, wait_ms, ends in steps:
        now_ms += wait_ms
        if slots.may_begin(business, now_ms):
            running.append((slots.begin(business, now_ms), business))
        if ends and running:
            ticket, _ = running.pop(0)
            slots.answered(ticket, now_ms)
            slots.end(ticket)
        assert len(running) <= LIMITS.total
        owners = [owner for _, owner in running]
        assert max(map(owners.count, owners), default=0) <= 4

    assert slots.may_begin(FIRST, now_ms + LIMITS.slow_ms)
