"""Numbers that settings take over from Meta's documents."""

from idweave_streams.settings import Settings

HOUR_MS = 3_600_000


def test_a_review_is_over_when_the_first_probe_comes() -> None:
    """It takes "about 48 hours", says the Japanese page on Messenger apps and bots."""
    assert Settings().lookup_policy.first_probe_ms == 48 * HOUR_MS
