"""Input lines, terms, patience and the screen, each by itself."""

import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from idweave_adapters.credentials import Credentials
from idweave_graph.ids import Asset, business_id
from idweave_graph.ownership import Ownership
from idweave_streams.codecs import encode_ownership
from idweave_streams.migrate.entries import FileInput, InputChangedError, read_asid
from idweave_streams.migrate.figures import Figures
from idweave_streams.migrate.journal import Aside, Pair
from idweave_streams.migrate.screen import Screen
from idweave_streams.migrate.seen import Seen
from idweave_streams.migrate.setup import Wish, plan_of
from idweave_streams.migrate.stops import MigrationStoppedError
from idweave_streams.migrate.terms import Terms, quota_of
from idweave_streams.views import OwnershipBook


@pytest.mark.parametrize(
    ("text", "asid"),
    [
        (b"10154673853349851\r\n", "10154673853349851"),
        (b' {"asid": "10154673853349851"} ', "10154673853349851"),
        (b'{"asid": 1001789542988, "more": []}', "1001789542988"),
        (b'{"id": "1"}', None),
        (b'{"asid": "1", "asid": "2"}', None),
        (b'{"asid": 1.5}', None),
        (b'{"asid": true}', None),
        (b"1,2", None),
        (b"me", None),
        (b"0", None),
        (b"007", None),
        (b"\xff", None),
        (b"1" * 129, None),
        (b"", None),
        (None, None),
    ],
)
def test_an_entry_is_one_id(text: bytes | None, asid: str | None) -> None:
    """Bare or as JSON; all else is unreadable."""
    assert read_asid(text) == asid


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_not(text: bytes) -> None:
    """Nothing is raised, and what is read is a number."""
    found = read_asid(text)

    assert found is None or found.isdecimal()


async def test_a_file_is_read_from_where_it_was_left(tmp_path: Path) -> None:
    """By bytes and lines; empty lines count as lines."""
    path = tmp_path / "asids.txt"
    path.write_bytes(b"11\n\n22\r\n33")
    source = FileInput(path)

    whole = [each async for each in source.entries({})]
    rest = [each async for each in source.entries(whole[1].after)]

    assert [each.asid for each in whole] == ["11", "22", "33"]
    assert [each.place.offset for each in whole] == [1, 3, 4]
    assert rest == whole[2:]


async def test_a_shorter_file_is_another_one(tmp_path: Path) -> None:
    """The text says what to name."""
    path = tmp_path / "asids.txt"
    path.write_bytes(b"11\n")

    with pytest.raises(InputChangedError, match="--state"):
        _ = [each async for each in FileInput(path).entries({"byte": 4, "line": 1})]


def test_seen_ids_are_seen() -> None:
    """Any number of them, once."""
    with Seen() as seen:
        seen.add(["1", "2"])
        seen.add(["2", "3"])

        assert [each in seen for each in ("1", "2", "3", "4", "01")] == [
            True,
            True,
            True,
            False,
            False,
        ]


@pytest.mark.parametrize(
    ("stated", "fans", "quota"),
    [
        (None, None, 5_000_000),
        (None, 600_000_000, 5_000_000),
        (None, 499_999_999, 4_999_999),
        (None, 99, 0),
        (7, 600, 7),
    ],
)
def test_the_quota(stated: int | None, fans: int | None, quota: int) -> None:
    """5 million or one percent of the fans, whichever is less, unless stated."""
    assert quota_of(stated, fans) == quota


def owned(*rows: Ownership) -> OwnershipBook:
    book = OwnershipBook()
    for row in rows:
        book.apply(str(row.asset).encode(), encode_ownership(row))
    return book


PAGE, APP = Asset.parse("page:5"), Asset.parse("app:7")
ONE, TWO = business_id("1"), business_id("2")
WISH = Wish(PAGE, Terms("v3.3", 1), ignore_invalid=True, patience_s=0)
DOCUMENT = {
    "businesses": {"1": {"pages": {"5": {"token": "EAAt0ken", "app": "7"}}}},
    "providers": {"7": {"secret": "s3cret"}},
}


@pytest.mark.parametrize(
    ("rows", "document", "why"),
    [
        ([], DOCUMENT, "assets sync"),
        ([Ownership(PAGE, None, 1)], DOCUMENT, "assets sync"),
        ([Ownership(PAGE, ONE, 1)], {"businesses": {}}, "has no token"),
        ([Ownership(PAGE, ONE, 1)], DOCUMENT, "does not own"),
        ([Ownership(PAGE, ONE, 1), Ownership(APP, TWO, 1)], DOCUMENT, "does not own"),
    ],
)
def test_whose_ids_may_not_be_asked(
    rows: list[Ownership], document: dict[str, object], why: str
) -> None:
    """Nobody's Page, no token, or a token of a service provider's app."""
    credentials = Credentials.from_document(document)

    with pytest.raises(MigrationStoppedError, match=why) as stopped:
        plan_of(WISH, owned(*rows), credentials)

    assert "t0ken" not in str(stopped.value)


def test_lines_where_there_is_no_terminal() -> None:
    """One at most every five seconds, one for each wait, and numbers alone."""
    out, now = io.StringIO(), 0.0
    figures = Figures(mapped=1_200, quota=5_000, days_left=3)
    with Screen(Console(file=out), clock=lambda: now) as screen:
        for now in (0.1, 4.9, 5.1, 5.2, 10.2):  # noqa: B007 - the clock reads it
            screen.show(figures)
        figures.waiting_s = 60
        screen.show(figures)

    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert "mapped 1,200" in lines[0]
    assert "quota left 3,800, days left 3" in lines[0]
    assert lines[2].endswith("waiting 60 s")


def test_one_living_line_on_a_terminal() -> None:
    """It is gone at the end, where the summary stands."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=120)
    with Screen(console) as screen:
        screen.show(Figures(mapped=1_200))

    assert "mapped 1,200" in out.getvalue()


def test_no_ids_in_reprs() -> None:
    """Of what the journal holds."""
    pair = Pair("10154673853349851", "1535748669783931", "t", 0, 1)
    aside = Aside("invalid", "10154673853349851")

    assert "10154673853349851" not in f"{pair!r}{aside!r}"
    assert "1535748669783931" not in f"{pair!r}"
    assert Terms("v3.3", 1).days_left(date(2021, 1, 1)) is None
