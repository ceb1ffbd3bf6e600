"""Limits are nearly used up and hardly ever passed, whatever they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.rate_limit import GATE, Run, Window

from idweave_adapters.graph_api.limits import LimitScope
from idweave_streams.calls.gates import Gate, Heard
from idweave_streams.calls.pacing import (
    FIRST_TRUST,
    LONGEST_STOP_MS,
    SHORTEST_STOP_MS,
    Pacing,
)

OTHER = Gate(LimitScope.PAGE, "20")
MINUTE_MS, HOUR_S = 60_000, 3_600
SHARE = 0.85
"""Of what a limit allows in the long run, so much at least must be used."""


@pytest.mark.parametrize(
    ("budget", "window_s"),
    [
        (600, 60),
        (2_000, 60),
        (10_000, 60),
        (2_000, 600),
        (200, HOUR_S),
        (2_000, HOUR_S),
    ],
)
def test_the_long_run_rate_comes_near_the_limit(budget: int, window_s: int) -> None:
    """Neither the window nor the budget is known; both are found."""
    run = Run(Window(budget, window_s)).until(4 * window_s)

    assert run.share(window_s, 4 * window_s) >= SHARE
    assert run.refused <= 0.02 * 4 * budget


@pytest.mark.parametrize("latency_ms", [(20, 40), (1_000, 3_000)])
def test_it_does_not_matter_how_long_answers_take(latency_ms: tuple[int, int]) -> None:
    run = Run(Window(2_000, 600), latency_ms=latency_ms).until(2_400)

    assert run.share(600, 2_400) >= SHARE
    assert run.refused == 0


def test_one_reading_for_a_whole_request_is_enough() -> None:
    """Not every answer of a batch may come with a number of its own."""
    run = Run(Window(2_000, 600), is_same_reading=True).until(2_400)

    assert run.share(600, 2_400) >= SHARE
    assert run.refused == 0


def test_lookups_that_need_several_calls_are_counted_as_such() -> None:
    """Continuation pages are calls too."""
    run = Run(Window(3_000, 600), calls_per_lookup=3).until(2_400)

    assert run.share(600, 2_400) >= SHARE
    assert run.refused <= 10


@pytest.mark.parametrize("workers", [2, 4, 8])
def test_several_workers_share_a_limit_without_talking(workers: int) -> None:
    """Together they come as near as one, and each gets something."""
    run = Run(Window(4_000, 600), workers=workers).until(3_000)

    assert run.share(600, 3_000) >= SHARE
    assert run.refused <= 0.02 * 5 * 4_000
    assert min(worker.answered for worker in run.crew) >= 50


def test_what_strangers_use_is_left_to_them() -> None:
    """They take three tenths; the rest is ours, nearly all of it."""
    run = Run(Window(2_000, 600), others=lambda ms: ms // 1_000).until(3_000)

    assert 0.7 * SHARE <= run.share(600, 3_000) <= 0.7
    assert run.refused <= 0.02 * 5 * 2_000


def test_a_window_that_others_have_filled_is_not_overfilled() -> None:
    """A worker that starts beside others asks a little first, and sees it."""
    run = Run(Window(2_000, HOUR_S), others=lambda _: 1_900).until(1_800)

    assert run.refused == 0
    assert len(run.let_through) < 100


def test_it_slows_down_before_the_limit() -> None:
    """The last part of an unknown window is used up slowly."""
    run = Run(Window(2_000, HOUR_S)).until(600)

    assert run.share(0, 30) * 30 / HOUR_S >= 0.7
    assert run.share(0, 600) * 600 / HOUR_S <= 0.95


def ended(
    pacing: Pacing, *said: Heard, began_ms: int, now_ms: int, gate: Gate = GATE
) -> None:
    pacing.take((gate,), len(said), began_ms)
    passed = [((gate,), each) for each in said]
    pacing.ended(passed, began_ms=began_ms, now_ms=now_ms)


def stop(told_ms: int = 0) -> Heard:
    return Heard((), ((GATE, told_ms),))


@given(minutes=st.integers(1, 1_440), later=st.integers(0, 2_000_000))
def test_it_stops_for_as_long_as_told(minutes: int, later: int) -> None:
    """Not a moment less; then one lookup may pass."""
    pacing = Pacing(lambda: 0.5)
    told_ms = minutes * MINUTE_MS

    ended(pacing, stop(told_ms), began_ms=0, now_ms=100)

    assert pacing.room((GATE,), 99 + told_ms) == 0
    assert pacing.room((GATE,), 100 + told_ms + later) == 1
    assert pacing.stopped_until_ms((GATE,)) == 100 + told_ms


@given(draws=st.lists(st.floats(0, 1), min_size=8, max_size=8))
def test_where_nothing_is_told_waits_double_from_a_minute_to_an_hour(
    draws: list[float],
) -> None:
    """With jitter, so that workers do not come back together."""
    pacing, now_ms, waits = Pacing(iter(draws).__next__), 0, []
    for _ in draws:
        ended(pacing, stop(), began_ms=now_ms, now_ms=now_ms)
        waits.append(pacing.stopped_until_ms((GATE,)) - now_ms)
        now_ms += waits[-1]

    for number, (wait_ms, draw) in enumerate(zip(waits, draws, strict=True)):
        base_ms = min(SHORTEST_STOP_MS * 2**number, LONGEST_STOP_MS // 2)
        assert wait_ms == int(base_ms * (1 + draw))
        assert SHORTEST_STOP_MS <= wait_ms <= LONGEST_STOP_MS


def test_after_a_long_time_without_a_stop_it_waits_a_minute_again() -> None:
    pacing = Pacing(lambda: 0.0)
    for _ in range(4):
        at_ms = pacing.stopped_until_ms((GATE,))
        ended(pacing, stop(), began_ms=at_ms, now_ms=at_ms)
    later_ms = 3 * LONGEST_STOP_MS

    ended(pacing, stop(), began_ms=later_ms, now_ms=later_ms)

    assert pacing.stopped_until_ms((GATE,)) == later_ms + SHORTEST_STOP_MS


def test_requests_that_were_under_way_together_stop_it_once() -> None:
    """Each of them is refused, but it is one limit that was reached one time."""
    pacing = Pacing(lambda: 0.0)

    for at_ms in (100, 200, 300):
        ended(pacing, stop(), stop(), began_ms=0, now_ms=at_ms)

    assert pacing.stopped_until_ms((GATE,)) == 100 + SHORTEST_STOP_MS


def test_a_stop_is_never_shortened() -> None:
    """Neither by a shorter one that comes late nor by an answer that is fine."""
    pacing = Pacing(lambda: 0.0)
    ended(pacing, stop(10 * MINUTE_MS), began_ms=0, now_ms=100)

    ended(pacing, stop(MINUTE_MS), began_ms=0, now_ms=200)
    ended(pacing, Heard(((GATE, 10.0),)), began_ms=0, now_ms=300)

    assert pacing.stopped_until_ms((GATE,)) == 100 + 10 * MINUTE_MS
    assert pacing.room((GATE,), 9 * MINUTE_MS) == 0


def test_after_a_stop_it_begins_gently() -> None:
    """One lookup, and more with every answer."""
    pacing = Pacing(lambda: 0.0)
    ended(pacing, stop(), began_ms=0, now_ms=0)
    now_ms, rooms = SHORTEST_STOP_MS, []

    for _ in range(4):
        rooms.append(pacing.room((GATE,), now_ms))
        ended(pacing, *[Heard()] * rooms[-1], began_ms=now_ms, now_ms=now_ms + 100)
        now_ms += 1_000

    assert rooms == [1, 4, 16, 64]


def test_an_answer_from_before_a_stop_does_not_end_it() -> None:
    """It says how full the window was when it was not yet too full."""
    pacing = Pacing(lambda: 0.0)
    ended(pacing, stop(), began_ms=0, now_ms=0)

    ended(pacing, Heard(((GATE, 5.0),)), began_ms=0, now_ms=SHORTEST_STOP_MS)

    assert pacing.room((GATE,), SHORTEST_STOP_MS + 1) == 1


def test_a_limit_of_which_nothing_is_heard_opens_wide() -> None:
    """Headers come only after enough calls; their absence says nothing."""
    pacing, now_ms = Pacing(lambda: 0.0), 0
    assert pacing.room((GATE,), now_ms) == FIRST_TRUST

    for now_ms in range(0, 12_000, 1_000):
        ended(pacing, Heard(), began_ms=now_ms, now_ms=now_ms)

    assert pacing.room((GATE,), now_ms) > 1_000_000


def test_a_limit_that_falls_silent_does_not_stay_full_for_ever() -> None:
    """It was full once; since then no header has come, which is what a low one does."""
    pacing, now_ms = Pacing(lambda: 0.0), 0
    ended(pacing, Heard(((GATE, 120.0),)), began_ms=0, now_ms=0)
    assert pacing.room((GATE,), 500) == 0

    for now_ms in range(0, 600_000, 100):
        if room := min(50, pacing.room((GATE,), now_ms)):
            ended(pacing, *[Heard()] * room, began_ms=now_ms, now_ms=now_ms)

    assert pacing.room((GATE,), now_ms) > 1_000_000


def test_one_request_without_a_reading_changes_nothing() -> None:
    """Failures carry none."""
    pacing = Pacing(lambda: 0.0)
    ended(pacing, Heard(((GATE, 94.0),)), began_ms=0, now_ms=0)

    ended(pacing, Heard(), began_ms=1, now_ms=2)

    assert pacing.room((GATE,), 900) == 0


def test_limits_are_apart_and_a_lookup_passes_all_of_its_own() -> None:
    """The narrowest decides; where there is none, nothing does."""
    pacing = Pacing(lambda: 0.0)
    ended(pacing, stop(), began_ms=0, now_ms=0)

    assert pacing.room((GATE,), 1) == 0
    assert pacing.room((OTHER,), 1) == FIRST_TRUST
    assert pacing.room((OTHER, GATE), 1) == 0
    assert pacing.room((), 1) > 1_000_000


def test_what_is_given_back_was_never_asked() -> None:
    pacing = Pacing(lambda: 0.0)
    pacing.take((GATE,), FIRST_TRUST, 0)
    assert pacing.room((GATE,), 0) == 0

    pacing.give_back((GATE,), FIRST_TRUST)

    assert pacing.room((GATE,), 0) == FIRST_TRUST


percents = st.lists(st.floats(0, 300), max_size=5)


@given(
    steps=st.lists(
        st.tuples(percents, st.none() | st.integers(0, 10**7), st.integers(0, 10**6)),
        max_size=30,
    )
)
def test_whatever_is_said_room_stays_sane(
    steps: list[tuple[list[float], int | None, int]],
) -> None:
    """Never below nothing, nothing while stopped, and something again some day."""
    pacing, now_ms = Pacing(lambda: 1.0), 0
    for readings, told_ms, wait_ms in steps:
        stops = () if told_ms is None else ((GATE, told_ms),)
        said = [Heard(((GATE, percent),), stops) for percent in readings]
        ended(pacing, *said, began_ms=now_ms, now_ms=now_ms + 50)
        now_ms += wait_ms
        room = pacing.room((GATE,), now_ms)
        assert room >= 0
        assert room == 0 or now_ms >= pacing.stopped_until_ms((GATE,))

    assert pacing.room((GATE,), now_ms + 10**8) >= 1
