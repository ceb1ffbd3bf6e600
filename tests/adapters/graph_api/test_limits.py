"""Usage headers are read leniently: what is not understood is not there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_adapters.graph_api.limits import NO_USAGE, Usage, parse_usage

BUC = "x-business-use-case-usage"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, NO_USAGE),
        (
            {"x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":30}'},
            Usage(30, 0),
        ),
        ({"x-page-usage": '{"call_count":28}'}, Usage(28, 0)),
        (
            {
                BUC: '{"112130216863063":[{"type":"pages","call_count":1,"total_cputime":1,'
                '"total_time":1,"estimated_time_to_regain_access":0}],'
                '"7":[{"type":"messenger","call_count":100,"total_cputime":25,'
                '"total_time":25,"estimated_time_to_regain_access":19}]}'
            },
            Usage(100, 19),
        ),
        ({"x-app-usage": '{"call_count":170}'}, Usage(170, 0)),
        (
            {"x-app-usage": '{"call_count":9}', "x-page-usage": '{"call_count":8}'},
            Usage(9, 0),
        ),
        ({BUC: '{"7":[{"estimated_time_to_regain_access":1e300}]}'}, Usage(0, 1440)),
        ({BUC: '{"7":[{"call_count":-5}, 7, null], "8": {}, "9": null}'}, NO_USAGE),
        ({"x-app-usage": '{"call_count":"28","total_time":true}'}, NO_USAGE),
        ({"x-app-usage": "not json", BUC: "[]"}, NO_USAGE),
    ],
)
def test_the_worst_of_all_is_told(headers: dict[str, str], expected: Usage) -> None:
    """Whatever header and key it stands in."""
    assert parse_usage(headers) == expected


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
