"""`idweave query` and `idweave diff`, as analysts run them."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from tests.streams.cli.conftest import Run
from tests.streams.explaining.stories import CONTRADICTED, IN_SHOP, TOGETHER
from tests.support.snapshots import EVENTFUL, exported
from tests.support.town import ACME, RIVAL

from idweave_streams.cli.exits import Exit
from idweave_streams.state.manifest import MANIFEST
from idweave_streams.state.wanted import Wanted

COUNTS = "SELECT kind, count(*) AS n FROM members GROUP BY kind ORDER BY kind"


@pytest.fixture
def monday(tmp_path: Path) -> Path:
    exported(tmp_path / "monday", TOGETHER[:3])
    return tmp_path / "monday"


@pytest.fixture
def tuesday(tmp_path: Path) -> Path:
    exported(tmp_path / "tuesday", CONTRADICTED)
    return tmp_path / "tuesday"


def test_an_answer_is_a_table_csv_or_json(run: Run, tuesday: Path) -> None:
    """The same rows in each."""
    table = run("query", "--snapshot", tuesday, COUNTS)
    lines = run("query", "--snapshot", tuesday, "--format", "json", COUNTS)
    text = run("query", "--snapshot", tuesday, "--format", "csv", COUNTS)

    told = [("app", 3), ("page", 2), ("token", 1)]
    assert table.stdout.split() == ["kind", "n", *(str(x) for row in told for x in row)]
    assert [tuple(orjson.loads(x).values()) for x in lines.stdout.splitlines()] == told
    found = list(csv.reader(io.StringIO(text.stdout)))
    assert found == [["kind", "n"], *([kind, str(n)] for kind, n in told)]
    assert {table.stderr, lines.stderr, text.stderr} == {""}


def test_the_current_folder_may_be_the_snapshot(
    run: Run, tuesday: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It needs no name then."""
    monkeypatch.chdir(tuesday)

    answer = run("query", "--format", "csv", "SELECT count(*) FROM persons")

    assert answer.stdout.splitlines()[1] == "3", answer.output


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("SELECT nothing FROM persons", "nothing"),
        ("SELECT * FROM read_csv('/etc/hostname')", "disabled"),
        ("COPY persons TO 'x.csv'", "one SELECT"),
    ],
)
def test_a_question_that_fails_says_why(
    run: Run, tuesday: Path, question: str, told: str
) -> None:
    """On stderr, in the words of the database, and by its exit code."""
    answer = run("query", "--snapshot", tuesday, question)

    assert answer.exit_code == Exit.FAILURE
    assert answer.stdout == ""
    assert told in answer.stderr


@pytest.mark.parametrize(
    ("damage", "told"),
    [("manifest", "damaged"), ("none", "has no"), ("file", "not as it was written")],
)
def test_a_damaged_snapshot_is_told(
    run: Run, tuesday: Path, damage: str, told: str
) -> None:
    """Before anything is answered, by both commands."""
    if damage == "manifest":
        (tuesday / MANIFEST).write_text('{"version": 1}')
    elif damage == "none":
        (tuesday / MANIFEST).unlink()
    else:
        path = next((tuesday / "parquet" / "members").rglob("*.parquet"))
        path.write_bytes(path.read_bytes()[:-9])

    for command in (
        ("query", "--snapshot", tuesday, COUNTS),
        ("diff", tuesday, tuesday),
    ):
        answer = run(*command)
        assert answer.exit_code == Exit.BAD_DATA
        assert told in answer.stderr
        assert answer.stdout == ""


def test_a_snapshot_without_tables_is_told(run: Run, tmp_path: Path) -> None:
    """With how to take one that has them."""
    exported(tmp_path / "out", TOGETHER, Wanted(("jsonl", "graphml")))

    answer = run("query", "--snapshot", tmp_path / "out", COUNTS)

    assert answer.exit_code == Exit.BAD_DATA
    assert "--format parquet" in answer.stderr


def test_a_difference_is_told(run: Run, monday: Path, tuesday: Path) -> None:
    """Who came, who grew, who ended in whom; the counts on stderr."""
    text = run("diff", monday, tuesday)
    lines = run("diff", "--json", monday, tuesday)

    found = [orjson.loads(line) for line in lines.stdout.splitlines()]
    assert [(row["kind"], row["business"], row["members"]) for row in found] == [
        ("created", ACME, 1),
        ("created", RIVAL, 1),
        ("grown", ACME, 1),
        ("merged", ACME, 1),
        ("merged", ACME, 1),
    ]
    assert len({row["other"] for row in found if row["kind"] == "merged"}) == 1
    assert [line.split()[0] for line in text.stdout.splitlines()] == [
        row["kind"] for row in found
    ]
    assert text.stderr == lines.stderr == "2 created, 1 grown, 2 merged\n"


def test_no_difference_is_told(run: Run, tuesday: Path) -> None:
    """Nothing on stdout."""
    answer = run("diff", tuesday, tuesday)

    assert (answer.exit_code, answer.stdout) == (Exit.OK, "")
    assert answer.stderr == "no difference\n"


def test_snapshots_of_other_businesses_are_not_compared(
    run: Run, tuesday: Path, tmp_path: Path
) -> None:
    """Everybody of one of them would seem erased."""
    exported(tmp_path / "acme", CONTRADICTED, Wanted(("parquet",), (ACME,)))

    answer = run("diff", tuesday, tmp_path / "acme")

    assert answer.exit_code == Exit.BAD_DATA
    assert "--business" in answer.stderr


@pytest.mark.parametrize(
    "options", [["--pseudonymise"], ["--pseudonym-key-file", "key"]]
)
def test_pseudonyms_need_the_word_and_the_key(
    run: Run, tmp_path: Path, options: list[str]
) -> None:
    """One without the other is a slip of which nobody should learn from the files."""
    answer = run("export", tmp_path / "out", *options)

    assert answer.exit_code == Exit.USAGE
    assert "go together" in answer.stderr


def test_a_key_that_is_too_short_is_refused(run: Run, tmp_path: Path) -> None:
    """Before anything is read, and it is not repeated."""
    (tmp_path / "key").write_text("hunter2")

    answer = run(
        *("--set", "kafka=127.0.0.1:1", "export", tmp_path / "out"),
        *("--pseudonymise", "--pseudonym-key-file", tmp_path / "key"),
    )

    assert answer.exit_code == Exit.CONFIGURATION
    assert "hunter2" not in answer.output


def test_a_question_prints_nothing_but_the_answer(tuesday: Path) -> None:
    """In a process of its own: libraries may write as it ends."""
    command = [sys.executable, "-m", "idweave_streams.cli", "query", "--format", "json"]
    question = "SELECT member FROM members WHERE business = '900' ORDER BY ALL LIMIT 1"

    done = subprocess.run(  # noqa: S603  (our own program)
        [*command, "--snapshot", str(tuesday), question],
        env={**os.environ},
        capture_output=True,
        check=True,
    )

    assert orjson.loads(done.stdout) == {"member": str(IN_SHOP)}
    assert done.stderr == b""


def test_splits_are_told_too(run: Run, tuesday: Path, tmp_path: Path) -> None:
    """Here by what an operator has decided."""
    exported(tmp_path / "later", EVENTFUL)

    found = run("diff", "--json", tuesday, tmp_path / "later").stdout.splitlines()

    assert [orjson.loads(line)["kind"] for line in found] == ["split", "split"]


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_a_question_that_is_ended_leaves_nothing_behind(
    tuesday: Path, tmp_path: Path, ended_by: signal.Signals
) -> None:
    """Neither on the disk, where rows are that did not fit in memory, nor a trace."""
    spilled = tmp_path / "spilled"
    spilled.mkdir()
    endless = "SELECT count(*) FROM range(1000000000000)"
    command = [sys.executable, "-m", "idweave_streams.cli", "query"]
    with subprocess.Popen(  # noqa: S603 - our own program
        [*command, "--snapshot", str(tuesday), endless],
        env={**os.environ, "TMPDIR": str(spilled)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while process.poll() is None and not list(spilled.iterdir()):
            time.sleep(0.01)
        while process.poll() is None:  # the database may miss one while it begins
            process.send_signal(ended_by)
            time.sleep(2)
        said, told = process.communicate(timeout=60)

    assert process.returncode == Exit.INTERRUPTED
    assert said == ""
    assert "Traceback" not in told
    assert list(spilled.iterdir()) == []
