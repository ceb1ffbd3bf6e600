"""`idweave verify` and `idweave export`, as users run them."""

import asyncio
import re
from pathlib import Path

import orjson
from tests.streams.cli.conftest import Run
from tests.streams.verifying.conftest import (
    HOME,
    Deployed,
)
from tests.support.strategies import BUSINESS

from idweave_streams.cli.exits import Exit
from idweave_streams.state.manifest import MANIFEST
from idweave_streams.verifying.difference import (
    ALIASES,
    PERSONS,
    TABLES,
)


def options(at: Deployed) -> list[str]:
    """What the command line is told of the deployment."""
    chosen = at.settings.model_dump(
        include={"kafka", "topic_prefix", "app_id", "partitions"}
    )
    return [f"--set={name}={value}" for name, value in chosen.items()]


def test_the_command_says_that_all_agree(run: Run, deployed: Deployed) -> None:
    """With 0, and one line for each copy of each business."""
    done = run(*options(deployed), "verify", "--replay")

    assert done.exit_code == Exit.OK, done.output
    sources = re.findall(rf"^{BUSINESS} +(\w+(?: topic)?)", done.stdout, re.MULTILINE)
    assert sources == [TABLES, PERSONS, ALIASES, "replay"]
    assert "differs" not in done.stdout


def test_a_business_without_ids_is_no_agreement(run: Run, deployed: Deployed) -> None:
    """A slip of the pen must not look like a clean result."""
    done = run(*options(deployed), "verify", "--business", "nobody")

    assert done.exit_code == Exit.BAD_DATA
    assert "no copy holds an id of business nobody" in done.stderr


def test_the_command_names_the_first_difference(run: Run, deployed: Deployed) -> None:
    """With code 3 and what to do next; no user's id is printed, and no id on stderr."""
    persons = sorted(deployed.persons(), key=lambda person: person.id)
    for person in persons[:2]:
        topic = deployed.settings.topics.persons
        asyncio.run(deployed.write(topic, person.id, None))

    text = run(*options(deployed), "verify", "--patience", "0")
    found = run(*options(deployed), "verify", "--patience", "0", "--json")

    assert text.exit_code == found.exit_code == Exit.DIFFERENT
    first = (
        f"first difference: {PERSONS}: person {persons[0].id} of business {BUSINESS}"
    )
    assert first in text.stdout
    assert "next: " in text.stdout
    members = [str(who) for person in deployed.persons() for who in person.members]
    assert not any(who in text.output + found.output for who in members)
    assert "p_" not in text.stderr + found.stderr
    document = orjson.loads(found.stdout)
    assert document["differences"]["total"] == 2
    assert [each["person"] for each in document["differences"]["told"]] == [
        person.id for person in persons[:2]
    ]
    assert document["businesses"][BUSINESS][PERSONS]["agrees"] is False
    assert document["businesses"][BUSINESS][TABLES]["agrees"] is True


def test_an_export_is_a_snapshot(run: Run, deployed: Deployed, tmp_path: Path) -> None:
    """Of a live deployment, which is verified by it and answers why and how."""
    out = tmp_path / "out"
    done = run(*options(deployed), "export", out)
    assert done.exit_code == Exit.OK, done.output
    person = deployed.persons()[0]
    one, two, *_ = person.members

    assert run(*options(deployed), "verify", "--snapshot", out).exit_code == Exit.OK
    live = run(*options(deployed), "how", "--json", one)
    files = run(*options(deployed), "how", "--from", out, "--json", one)
    why = run(*options(deployed), "why", "--from", out, "--json", one, two)

    assert files.stdout == live.stdout
    assert orjson.loads(files.stdout)["history"]
    assert orjson.loads(why.stdout)["person"] == person.id
    cut = orjson.loads((out / MANIFEST).read_bytes())["cut"]["graph"][str(HOME)]
    assert cut["inputs"] == {deployed.settings.topics.evidence: deployed.handled}
    again = run(*options(deployed), "export", out)
    assert again.exit_code == Exit.CANNOT_CREATE


def test_an_export_for_analysts_is_of_the_same_cut(
    run: Run, deployed: Deployed, tmp_path: Path
) -> None:
    """Tables and lines of JSON of one reading say the same."""
    out = tmp_path / "out"
    forms = ("--format", "jsonl", "--format", "parquet", "--business", BUSINESS)

    done = run(*options(deployed), "export", out, *forms)
    answer = run(
        *("query", "--snapshot", out, "--format", "json"),
        "SELECT DISTINCT person FROM members ORDER BY person",
    )

    assert done.exit_code == Exit.OK, done.output
    found = [orjson.loads(line)["person"] for line in answer.stdout.splitlines()]
    assert found == sorted(person.id for person in deployed.persons())
