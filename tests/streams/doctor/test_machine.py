"""Checks of the machine: what is installed, and where tables can lie."""

from pathlib import Path

import pytest

from idweave_streams.doctor.findings import Blame, Status
from idweave_streams.doctor.machine import check_data_dir, check_engine


def test_what_is_installed_is_as_pinned() -> None:
    """In the environment that runs these tests."""
    assert check_engine().status is Status.OK


def test_another_version_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """idweave reaches into its engine: another version is another engine."""
    folder = tmp_path / "idweave-9.dist-info"
    folder.mkdir()
    pins = "Requires-Dist: click==0.0.1\nRequires-Dist: no-such-part==1\n"
    (folder / "METADATA").write_text(f"Name: idweave\nVersion: 9\n{pins}")
    monkeypatch.syspath_prepend(tmp_path)

    finding = check_engine()

    assert (finding.status, finding.blame) == (Status.FAILED, Blame.CONFIGURATION)
    assert "instead of 0.0.1" in finding.result
    assert "no-such-part missing" in finding.result


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """It is written to, and nothing is left in it."""
    finding = check_data_dir(tmp_path)

    assert finding.status is Status.OK
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Whether it can be made is seen where it would lie."""
    finding = check_data_dir(tmp_path / "a" / "b")

    assert finding.status is Status.OK
    assert "can be made" in finding.result
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", [".", "tables"])
def test_a_file_is_no_folder(tmp_path: Path, below: str) -> None:
    """Nor can a folder be made below it."""
    file = tmp_path / "file"
    file.touch()

    finding = check_data_dir(file / below)

    assert (finding.status, finding.blame) == (Status.FAILED, Blame.CONFIGURATION)
    assert f"{file} is no folder" in finding.result


def test_a_folder_that_takes_no_file_fails() -> None:
    """Not even root writes there."""
    finding = check_data_dir(Path("/proc"))

    assert finding.status is Status.FAILED
    assert finding.hint
