"""Dead letters are counted by kind and age, in bounded memory."""

from tests.streams.dlq.letters import NAMES, TIME_MS, letter_of

from idweave_streams.dlq.counts import HOUR_MS, ROWS_MAX, Counts
from idweave_streams.reliable import Record


def record(topic: str = NAMES.logins) -> Record:
    return Record(topic, 0, 0, 0, b"k", b"v")


def test_each_letter_stands_in_the_column_of_its_age() -> None:
    """And in the sum of its row."""
    counts = Counts(TIME_MS)
    for hours in (0, 2, 23, 24, 200):
        letter = letter_of(record(), time_ms=TIME_MS - hours * HOUR_MS)
        counts.add(letter, is_replayed=hours == 2)

    names, row = counts.rows()

    assert names[3:] == ("hour", "day", "week", "older", "all", "replayed")
    assert row == (
        *("unknown-asset", "ingest", NAMES.logins),
        *("1", "2", "1", "1", "5", "1"),
    )


def test_no_number_of_kinds_fills_the_memory() -> None:
    """What is too much is counted together, and nothing is left out."""
    counts = Counts(TIME_MS)
    for number in range(ROWS_MAX + 50):
        counts.add(letter_of(record(f"topic{number}")), is_replayed=False)

    rows = list(counts.rows())

    assert len(rows) == 1 + ROWS_MAX + 1
    assert counts.total == ROWS_MAX + 50
    assert rows[1][0] == "others"
