"""What counts as a number of seconds."""

import pytest
from tests.streams.cli.conftest import Run

from idweave_streams.cli.exits import Exit


@pytest.mark.parametrize(
    "words",
    [
        ("local", "--patience", "nan"),
        ("verify", "--patience", "nan"),
        ("erase", "app:1:2", "--wait", "--timeout", "nan"),
        ("demo", "--seconds", "nan"),
    ],
)
def test_what_is_no_number_is_refused(run: Run, words: tuple[str, ...]) -> None:
    """Nothing is compared, written or waited for."""
    answer = run("--set", "kafka=127.0.0.1:1", *words)

    assert answer.exit_code == Exit.USAGE
    assert "write a number of seconds" in answer.stderr
