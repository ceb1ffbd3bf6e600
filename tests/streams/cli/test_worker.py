"""`idweave worker`: what keeps it from beginning is told before anything is opened."""

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
