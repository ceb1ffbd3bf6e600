"""`idweave worker`: what keeps it from beginning is told before anything is opened."""

import socket
import subprocess
import sys
from pathlib import Path

from tests.streams.cli.conftest import Run

from idweave_streams.cli.exits import Exit

IDWEAVE = str(Path(sys.executable).parent / "idweave")


def test_wrong_settings_are_told(run: Run) -> None:
    result = run("--set", "partitions=0", "worker")

    assert result.exit_code == Exit.CONFIGURATION
    assert "partitions" in result.stderr


def test_credentials_that_cant_be_used_are_told(tmp_path: Path) -> None:
    """One line, with the place of the fault, and nothing is written anywhere."""
    broken = tmp_path / "credentials.json"
    broken.write_text('{"businesses": {"1": {"apps": {"2": "hidden"}}}}')
    stated = (f"credentials_file={broken}", f"data_dir={tmp_path / 'data'}")
    flags = [part for each in stated for part in ("--set", each)]

    done = subprocess.run(  # noqa: S603 - our own program
        [IDWEAVE, *flags, "worker"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == Exit.CONFIGURATION
    [line] = done.stderr.splitlines()
    assert "correct the credentials" in line
    assert "hidden" not in line
    assert not (tmp_path / "data").exists()


def test_the_log_says_at_its_end_why_a_worker_ends(tmp_path: Path) -> None:
    """Below all traces, for who looks at the end only: here nobody is at that port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        stated = (f"kafka={address}", f"data_dir={tmp_path / 'data'}")
        flags = [part for each in stated for part in ("--set", each)]
        done = subprocess.run(  # noqa: S603 - our own program
            [IDWEAVE, *flags, "worker"],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    assert done.returncode == Exit.FAILURE
    [line] = [
        x for x in done.stderr.splitlines() if x.startswith("idweave worker ends")
    ]
    assert "no broker answers" in line
    assert "start again" in line
