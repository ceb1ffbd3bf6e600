"""`idweave config show`: what it prints can be read back."""

import tomllib
from pathlib import Path

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.streams.cli.conftest import Run

from idweave_streams.cli.exits import Exit
from idweave_streams.settings import Settings

unchanging = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_all_settings_are_shown_as_toml(run: Run) -> None:
    """What is not set stands there as a comment."""
    result = run("config", "show")

    assert result.exit_code == Exit.OK
    assert tomllib.loads(result.stdout) == {
        name: value
        for name, value in Settings().model_dump(mode="json").items()
        if value is not None
    }
    assert "# credentials_file is not set\n" in result.stdout


def test_what_is_shown_can_be_given_as_the_file(run: Run, tmp_path: Path) -> None:
    """And gives the same settings."""
    file = tmp_path / "idweave.toml"
    stated = ["--set", "partitions=3", "--set", f"data_dir={tmp_path / 'ä 1'}"]
    shown = run(*stated, "config", "show").stdout
    file.write_text(shown, encoding="utf-8")

    assert run("--config", file, "config", "show").stdout == shown
    assert run("config", "show", IDWEAVE_CONFIG=str(file)).stdout == shown


@unchanging
@given(
    st.text(
        st.characters(categories=["L", "N", "P", "S"], include_characters=" \\\"'\x7f"),
        min_size=1,
    )
)
def test_any_path_that_is_let_in_survives_the_way_through_a_file(
    run: Run, path: str
) -> None:
    """Quotes, backslashes and letters of all scripts too."""
    result = run("--set", f"data_dir=/{path}", "config", "show")

    if result.exit_code == Exit.OK:
        shown = tomllib.loads(result.stdout)["data_dir"]
        assert shown == str(Path(f"/{path}"))
    else:
        assert result.exit_code == Exit.CONFIGURATION
        assert not path.isprintable()


def test_origins_are_told(run: Run, tmp_path: Path) -> None:
    """For each value; it is still TOML."""
    file = tmp_path / "idweave.toml"
    file.write_text("replication = 2")

    result = run(
        "--config", file, "--set", "partitions=3", "config", "show", "--origin",
        IDWEAVE_KAFKA="a:1",
    )  # fmt: skip

    origins = {
        line.split(" = ")[0]: line.split("  # ")[1]
        for line in result.stdout.splitlines()
        if " = " in line
    }
    assert origins["partitions"] == "--set"
    assert origins["kafka"] == "environment"
    assert origins["replication"] == f"file {file}"
    assert origins["app_id"] == "default"
    assert tomllib.loads(result.stdout)["kafka"] == "a:1"


def test_the_last_of_two_flags_counts(run: Run) -> None:
    """As in most programs."""
    result = run("--set", "partitions=3", "--set", "partitions=4", "config", "show")

    assert tomllib.loads(result.stdout)["partitions"] == 4


def test_json_holds_the_same(run: Run) -> None:
    """With origins where they are asked for."""
    plain = orjson.loads(run("config", "show", "--json").stdout)
    traced = orjson.loads(run("config", "show", "--json", "--origin").stdout)

    assert plain == Settings().model_dump(mode="json")
    assert traced["kafka"] == {"value": plain["kafka"], "origin": "default"}
    assert traced.keys() == plain.keys()


def test_no_credential_is_shown(run: Run, tmp_path: Path) -> None:
    """Neither from the environment nor from the file that the settings name."""
    file = tmp_path / "credentials.json"
    file.write_text('{"businesses": {"1": {"apps": {"2": {"secret": "hush-file"}}}}}')

    result = run(
        "--set", f"credentials_file={file}", "config", "show", "--origin",
        IDWEAVE_BUSINESS_1_APP_3_SECRET="hush-environment",
    )  # fmt: skip

    assert result.exit_code == Exit.OK
    assert str(file) in result.stdout
    assert "hush" not in result.output
