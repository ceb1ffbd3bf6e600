"""Which limits a lookup meets, and which of them an answer speaks of."""

import pytest
from tests.support.lookups import ACME, APP, RIVAL, scoped_id

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api import (
    Facts,
    GraphApiError,
    Lookup,
    LookupAnswer,
    Throttled,
    Transient,
    Usage,
)
from idweave_adapters.graph_api.limits import LimitScope, PartUsage, worst_usage
from idweave_adapters.secret import Secret
from idweave_graph.ids import Asset
from idweave_streams.calls.gates import Gate, Heard, gates_of, heard

PAGE = Asset.parse("page:40")
SECRET = Secret("secret")
OF_APP = Credential(ACME, APP, APP, Secret("app-token"), SECRET)
OF_PAGE = Credential(ACME, PAGE, APP, Secret("page-token"), SECRET)
APPS = Gate(LimitScope.APP, APP.id)
PAGES = Gate(LimitScope.PAGE, PAGE.id)
ACMES = Gate(LimitScope.BUSINESS, ACME)

BY_APP = Lookup(scoped_id("a"), OF_APP)
BY_BOTH = Lookup(scoped_id("a"), OF_APP, OF_PAGE)
BY_PAGE = Lookup(scoped_id("a", PAGE), OF_PAGE)


def usage(*parts: PartUsage) -> Usage:
    return worst_usage(Usage(parts=parts))


def answered(*parts: PartUsage) -> LookupAnswer:
    return LookupAnswer((), True, True, 1, usage(*parts), None)


def test_an_app_meets_its_own_limit_and_a_page_two() -> None:
    """A Page's tokens count for the Page and for its business (Meta, Rate Limits)."""
    assert gates_of(OF_APP) == (APPS,)
    assert gates_of(OF_PAGE) == (ACMES, PAGES)
    assert gates_of(OF_APP, OF_PAGE) == (APPS, ACMES, PAGES)


@pytest.mark.parametrize(
    ("question", "part", "gate"),
    [
        (BY_APP, PartUsage(LimitScope.APP, "", 7), APPS),
        (BY_PAGE, PartUsage(LimitScope.APP, "", 7), APPS),
        (BY_PAGE, PartUsage(LimitScope.PAGE, "", 7), PAGES),
        (BY_BOTH, PartUsage(LimitScope.PAGE, "", 7), PAGES),
        (BY_APP, PartUsage(LimitScope.PAGE, "", 7), APPS),
        (BY_PAGE, PartUsage(LimitScope.BUSINESS, ACME, 7), ACMES),
        (BY_BOTH, PartUsage(LimitScope.BUSINESS, ACME, 7), ACMES),
        (BY_BOTH, PartUsage(LimitScope.BUSINESS, PAGE.id, 7), PAGES),
        (BY_BOTH, PartUsage(LimitScope.APP, "", 7), APPS),
        (BY_PAGE, PartUsage(LimitScope.BUSINESS, RIVAL, 7), PAGES),
        (BY_PAGE, PartUsage(LimitScope.BUSINESS, PAGE.id, 7), PAGES),
    ],
)
def test_each_reading_belongs_to_one_limit(
    question: Lookup, part: PartUsage, gate: Gate
) -> None:
    """One that names somebody else counts for who asked, and stops no other."""
    assert heard(question, answered(part)) == Heard(((gate, 7),))


def test_minutes_to_wait_stop_the_limit_that_they_are_said_of() -> None:
    """Also with an answer that is fine: they are minutes, not seconds."""
    part = PartUsage(LimitScope.BUSINESS, ACME, 100, 19)

    said = heard(BY_PAGE, answered(part, PartUsage(LimitScope.PAGE, "", 30)))

    assert said.stops == ((ACMES, 19 * 60_000),)
    assert said.percents == ((ACMES, 100), (PAGES, 30))


@pytest.mark.parametrize(
    ("question", "error", "stops"),
    [
        (BY_APP, Throttled(), ((APPS, 0),)),
        (BY_PAGE, Throttled(retry_after_s=9), ((PAGES, 9_000),)),
        (
            BY_PAGE,
            Throttled(usage=usage(PartUsage(LimitScope.BUSINESS, ACME, 101))),
            ((ACMES, 0),),
        ),
        (
            BY_PAGE,
            Throttled(usage=usage(PartUsage(LimitScope.BUSINESS, ACME, 50))),
            ((PAGES, 0),),
        ),
        (
            BY_PAGE,
            Throttled(
                usage=usage(PartUsage(LimitScope.BUSINESS, ACME, 101, 2)),
                retry_after_s=120,
            ),
            ((ACMES, 120_000),),
        ),
        (BY_APP, Transient(), ()),
    ],
)
def test_a_refusal_stops_the_limit_that_was_reached(
    question: Lookup, error: GraphApiError, stops: tuple[tuple[Gate, int], ...]
) -> None:
    """The one that is full; where none says so, the narrowest."""
    assert heard(question, error).stops == stops


@pytest.mark.parametrize(
    ("error", "gate"),
    [
        (Throttled(facts=Facts(80001)), PAGES),
        (Throttled(facts=Facts(80006)), PAGES),
        (Throttled(facts=Facts(4)), APPS),
        (Throttled(facts=Facts(http_status=429)), APPS),
        (Throttled(usage=usage(PartUsage(LimitScope.BUSINESS, ACME, 101))), ACMES),
    ],
)
def test_of_two_tokens_the_one_that_was_refused_is_stopped(
    error: GraphApiError, gate: Gate
) -> None:
    """80000 and on are said to Page tokens (Meta, Rate Limits).

    While the Page's token is only a spare one, its limits hold nobody up, so the app's
    is stopped in its place.
    """
    assert heard(BY_BOTH, error, by_page=True).stops == ((gate, 0),)
    assert dict(heard(BY_BOTH, error).stops) == {APPS: 0}


def test_a_refusal_always_stops_who_asked() -> None:
    """Even where the minutes are said of a limit that it does not meet."""
    part = PartUsage(LimitScope.BUSINESS, ACME, 100, 5)
    error = Throttled(usage=usage(part), retry_after_s=300)

    stops = dict(heard(BY_APP, error).stops)

    assert stops == {ACMES: 300_000, APPS: 300_000}


def test_a_limit_is_named_by_what_it_is_of() -> None:
    """For logs and labels: no person is part of it."""
    assert [str(gate) for gate in (APPS, PAGES, ACMES)] == [
        "app:10",
        "page:40",
        "business:900",
    ]
