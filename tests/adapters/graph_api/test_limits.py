"""Usage headers are read leniently: what is not understood is not there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_adapters.graph_api.limits import (
    MAX_BUSINESSES,
    LimitScope,
    PartUsage,
    Usage,
    parse_usage,
    worst_usage,
)

APP, PAGE, BUSINESS = LimitScope

BUC = "x-business-use-case-usage"
BUSY_7 = '{"7":[{"call_count":90,"estimated_time_to_regain_access":3}]}'


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (0, 0)),
        (
            {"x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":30}'},
            (30, 0),
        ),
        ({"x-page-usage": '{"call_count":28}'}, (28, 0)),
        (
            {
                BUC: '{"112130216863063":[{"type":"pages","call_count":1,"total_cputime":1,'
                '"total_time":1,"estimated_time_to_regain_access":0}],'
                '"7":[{"type":"messenger","call_count":100,"total_cputime":25,'
                '"total_time":25,"estimated_time_to_regain_access":19}]}'
            },
            (100, 19),
        ),
        ({"x-app-usage": '{"call_count":170}'}, (170, 0)),
        (
            {"x-app-usage": '{"call_count":9}', "x-page-usage": '{"call_count":8}'},
            (9, 0),
        ),
        ({BUC: '{"7":[{"estimated_time_to_regain_access":1e300}]}'}, (0, 1440)),
        ({BUC: '{"7":[{"call_count":-5}, 7, null], "8": {}, "9": null}'}, (0, 0)),
        ({"x-app-usage": '{"call_count":"28","total_time":true}'}, (0, 0)),
        ({"x-app-usage": "not json", BUC: "[]"}, (0, 0)),
    ],
)
def test_the_worst_of_all_is_told(
    headers: dict[str, str], expected: tuple[float, float]
) -> None:
    """Whatever header and key it stands in."""
    usage = parse_usage(headers)

    assert (usage.percent, usage.regain_minutes) == expected


def test_each_limit_is_told_by_itself() -> None:
    """An app's, a Page's and each business's stand side by side."""
    entry = '{"call_count":%d,"estimated_time_to_regain_access":%d}'
    headers = {
        "x-app-usage": entry % (10, 0),
        "x-page-usage": entry % (20, 0),
        BUC: f'{{"7":[{entry % (30, 0)},{entry % (25, 4)}],"8":[{entry % (40, 0)}]}}',
    }

    assert parse_usage(headers).parts == (
        PartUsage(APP, "", 10),
        PartUsage(PAGE, "", 20),
        PartUsage(BUSINESS, "7", 30, 4),
        PartUsage(BUSINESS, "8", 40),
    )


def test_a_header_cannot_name_businesses_without_end() -> None:
    """What is beyond the documented number is not looked at."""
    many = {str(number): [{"call_count": 1}] for number in range(100)}

    assert len(parse_usage({BUC: json.dumps(many)}).parts) == MAX_BUSINESSES


def test_the_worst_of_several_answers_is_taken_limit_by_limit() -> None:
    """The worst of one limit does not hide another."""
    first = parse_usage({"x-app-usage": '{"call_count":80}', BUC: '{"7":[{}]}'})
    second = parse_usage({"x-app-usage": '{"call_count":70}', BUC: BUSY_7})

    worst = worst_usage(first, second)

    assert worst == worst_usage(second, first)
    assert (worst.percent, worst.regain_minutes) == (90, 3)
    assert set(worst.parts) == {
        PartUsage(APP, "", 80),
        PartUsage(BUSINESS, "7", 90, 3),
    }
    assert worst_usage() == Usage()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below) | st.dictionaries(st.text(), below),
)


@given(value=st.text() | JSON.map(json.dumps))
def test_no_header_makes_reading_fail(value: str) -> None:
    """Any text is read as some usage within its bounds."""
    for name in ("x-app-usage", "x-page-usage", BUC):
        usage = parse_usage({name: value})

        assert usage.percent >= 0
        assert 0 <= usage.regain_minutes <= 1440
