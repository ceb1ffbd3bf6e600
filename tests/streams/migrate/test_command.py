"""`idweave migrate-asids` as a user calls it, where no broker is needed or there is none."""

import stat
from pathlib import Path

import orjson
import pytest
from tests.streams.cli.conftest import Run, run

from idweave_streams.cli.exits import Exit

__all__ = ["run"]

NO_BROKER = ("--set", "kafka=127.0.0.1:1", "--set", "graph_api_version=v3.3")


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """The words that every call needs."""
    file = tmp_path / "asids.txt"
    file.write_text("10154673853349851\n")
    state = str(tmp_path / "state")
    return ["migrate-asids", "--page", "5", "--input", str(file), "--state", state]


def test_one_input_is_needed(run: Run, words: list[str]) -> None:
    """Neither none nor two."""
    none = run("migrate-asids", "--page", "5")
    two = run(*words, "--topic", "asids")

    assert none.exit_code == two.exit_code == Exit.USAGE
    assert "either --input or --topic" in none.stderr


def test_another_day_is_for_what_is_declared(run: Run, words: list[str]) -> None:
    """A real platform has its own day."""
    result = run(*words, "--today", "2021-04-01")

    assert result.exit_code == Exit.USAGE
    assert "--declared-supported" in result.stderr


@pytest.mark.parametrize("page", ["", "a b", "page:5"])
def test_a_page_is_an_id(run: Run, words: list[str], page: str) -> None:
    """And nothing else."""
    words[2] = page

    assert run(*words).exit_code == Exit.USAGE


@pytest.mark.parametrize(
    ("version", "why"), [("v25.0", "since version v7.0"), ("v3.3", "since 2021-05-05")]
)
def test_today_it_is_gone(
    run: Run, words: list[str], version: str, why: str, tmp_path: Path
) -> None:
    """That is said before anything is opened, with what to do for a simulator."""
    given = ("--set", "kafka=127.0.0.1:1", "--set", f"graph_api_version={version}")

    result = run(*given, *words)
    told = run(*given, *words, "--json")

    assert result.exit_code == told.exit_code == Exit.FAILURE
    assert why in result.stderr
    assert "--declared-supported" in result.stderr
    document = orjson.loads(told.stdout)
    assert (document["exit_code"], document["mapped"]) == (1, 0)
    assert why in document["stopped"]
    assert not (tmp_path / "state").exists()


def test_the_180_days_are_over(run: Run, words: list[str]) -> None:
    """Whoever declares what."""
    played = ("--declared-supported", "--today", "2021-04-01")

    result = run(*NO_BROKER, *words, *played, "--approved-on", "2020-10-03")

    assert result.exit_code == Exit.FAILURE
    assert "180 days since App Review on 2020-10-03" in result.stderr


def test_without_a_broker(run: Run, words: list[str]) -> None:
    """It says that it does not answer."""
    result = run(*NO_BROKER, *words, "--declared-supported")

    assert result.exit_code == Exit.UNAVAILABLE
    assert "127.0.0.1:1" in result.stderr


def test_faulty_credentials(run: Run, words: list[str], tmp_path: Path) -> None:
    """Are told without their values."""
    file = tmp_path / "credentials.json"
    file.write_text('{"businesses": {"1": {"apps": {"2": {"secret": "so secret"}}}}}')
    file.chmod(stat.S_IRUSR | stat.S_IWUSR)
    given = ("--set", f"credentials_file={file}")

    result = run(*NO_BROKER, *given, *words, "--declared-supported")

    assert result.exit_code == Exit.CONFIGURATION
    assert "so secret" not in result.output + result.stderr
