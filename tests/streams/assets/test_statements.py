"""What a file may state: each line by itself, and test apps by the whole file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.streams.assets.deployment import lines, row

from idweave_graph.ids import Asset, business_id
from idweave_graph.ownership import Ownership
from idweave_streams.assets.statements import StatementsError, follow, parse
from idweave_streams.codecs import encode_ownership

A, B = business_id("900"), business_id("901")


def faults(*rows: dict[str, object], known: tuple[Ownership, ...] = ()) -> list[str]:
    statements, unreadable = parse(lines(*rows).splitlines())
    assert unreadable == []
    try:
        follow({each.asset: each for each in known}, statements)
    except StatementsError as error:
        return list(error.faults)
    return []


def test_a_parent_may_come_later_in_the_file_or_be_known() -> None:
    """The whole file counts."""
    app, test_app = row("app:1", A, 1), row("app:2", A, 1, parent="app:1")

    assert faults(test_app, app) == []
    assert faults(test_app, known=(Ownership(Asset.parse("app:1"), A, 1),)) == []


@pytest.mark.parametrize(
    "rows",
    [
        [row("app:2", A, 1, parent="app:404")],
        [row("app:2", A, 1, parent="app:2")],
        [
            row("app:1", A, 1),
            row("app:3", A, 1, parent="app:1"),
            row("app:2", A, 1, parent="app:3"),
        ],
        [row("app:1", B, 1), row("app:2", A, 1, parent="app:1")],
        [row("app:2", A, 1, parent="app:1"), row("app:1", None, 1)],
    ],
    ids=["unknown", "itself", "a test app", "another owner", "no owner"],
)
def test_a_parent_that_cannot_scope_the_ids_is_a_fault(
    rows: list[dict[str, object]],
) -> None:
    """Its test app's people would be nobody's."""
    (fault,) = faults(*rows)

    assert "app:2: `parent` must" in fault


def test_a_test_app_may_move_with_its_parent() -> None:
    """Only where they end up counts."""
    assert (
        faults(
            row("app:1", A, 1),
            row("app:2", A, 1, parent="app:1"),
            row("app:2", B, 2, parent="app:1"),
            row("app:1", B, 2),
        )
        == []
    )


def test_empty_lines_count_and_state_nothing() -> None:
    """So the numbers are those of an editor."""
    statements, unreadable = parse([b"", b"  \n", lines(row("app:1", A, 1)), b"{"])

    assert [each.line for each in statements] == [3]
    assert [each.split(":")[0] for each in unreadable] == ["line 4"]


_ownerships = st.builds(
    Ownership,
    st.sampled_from([Asset.parse("app:1"), Asset.parse("page:1")]),
    st.sampled_from([A, B, None]),
    st.integers(0, 4),
    previous=st.sampled_from([A, None]),
)


@given(stated=st.lists(_ownerships, max_size=10))
def test_a_file_is_taken_over_whole_or_not_at_all(stated: list[Ownership]) -> None:
    """A fault names a line that is there; without one, the file again is no news."""
    statements, _ = parse(encode_ownership(each) for each in stated)

    try:
        changes = follow({}, statements)
    except StatementsError as error:
        numbers = [int(each.split()[1].strip(":")) for each in error.faults]
        assert set(numbers) <= {each.line for each in statements}
        assert numbers == sorted(numbers)
        return

    now = {record.asset: record for _, record in changes}
    last = {each.ownership.asset: each for each in statements}
    assert follow(now, last.values()) == []


@given(text=st.lists(st.binary(max_size=40), max_size=5))
def test_no_file_raises_anything(text: list[bytes]) -> None:
    """Each line is a statement, a fault or empty."""
    statements, unreadable = parse(text)

    filled = [line for line in text if line.strip()]
    assert len(statements) + len(unreadable) == len(filled)
