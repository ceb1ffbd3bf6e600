"""Points in time on the command line."""

import click
import pytest

from idweave_streams.cli import moments
from idweave_streams.cli.moments import Moment

NOW_S = 1_767_225_600.0
"""2026-01-01T00:00:00Z."""


@pytest.mark.parametrize(
    ("text", "unix_ms"),
    [
        ("2026-01-01T00:00:00Z", 1_767_225_600_000),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600_000),
        ("2026-01-01", 1_767_225_600_000),
        ("0m", 1_767_225_600_000),
        ("90m", 1_767_220_200_000),
        ("2h", 1_767_218_400_000),
        ("7d", 1_766_620_800_000),
    ],
)
def test_a_time_is_a_date_or_how_long_ago(
    text: str, unix_ms: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In UTC, unless it says otherwise."""
    monkeypatch.setattr(moments, "unix_time_s", lambda: NOW_S)

    assert Moment().convert(text, None, None) == unix_ms


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2x", "h", "-2h", "2026-13-01", "٣h"]
)
def test_anything_else_is_refused_with_both_forms(text: str) -> None:
    """So the next try is right."""
    with pytest.raises(click.BadParameter, match="2h or 7d"):
        Moment().convert(text, None, None)
