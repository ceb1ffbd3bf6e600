"""What the page has of others is what they published."""

import tomllib
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest

import idweave_adapters.explorer

VENDOR = files(idweave_adapters.explorer) / "page" / "vendor"
LOCKED = [
    line.split()
    for line in (VENDOR / "vendor.lock").read_text().splitlines()
    if not line.startswith("#")
]
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("row", LOCKED, ids=lambda row: row[3])
def test_each_file_is_the_one_that_is_locked(row: list[str]) -> None:
    """Byte for byte, by its SHA-256; a script says its own name and version."""
    name, version, _, file, digest = row
    content = (VENDOR / file).read_bytes()

    assert sha256(content).hexdigest() == digest
    if file.endswith(".js"):
        assert f"{name}/ v{version} ".encode() in content.partition(b"\n")[0]


def test_every_file_is_locked_and_each_script_has_its_licence() -> None:
    """Nothing comes in beside the lock."""
    there = {each.name for each in VENDOR.iterdir()} - {"vendor.lock"}
    names = {row[0] for row in LOCKED}

    assert there == {row[3] for row in LOCKED}
    assert there == {f"{n}.{end}" for n in names for end in ("min.js", "LICENSE")}


@pytest.mark.parametrize("row", LOCKED, ids=lambda row: row[3])
def test_the_notice_names_what_is_vendored(row: list[str]) -> None:
    """With its version and licence."""
    name, version, licence, *_ = row
    notice = (ROOT / "NOTICE").read_text()

    assert f"{name} {version}" in notice
    assert f"{licence} licence" in notice


def test_the_licence_of_the_whole_names_both() -> None:
    """As SPDX writes it, with the texts of both."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    carried = {path for glob in project["license-files"] for path in ROOT.glob(glob)}
    licences = {row[3] for row in LOCKED if row[3].endswith(".LICENSE")}

    assert project["license"] == "Apache-2.0 AND ISC"
    assert {"LICENSE", "NOTICE", *licences} == {path.name for path in carried}
