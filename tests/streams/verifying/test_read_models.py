"""A read model is held against the tables, also while both go on."""

import asyncio
from pathlib import Path

from tests.streams.api.test_on_kafka import following
from tests.streams.cli.conftest import Run
from tests.streams.verifying.conftest import Deployed, contradicting_log
from tests.streams.verifying.test_command import options
from tests.support.strategies import BUSINESS

from idweave_adapters.read_model import RocksStore
from idweave_adapters.read_model.keys import Area, key
from idweave_streams.cli.exits import Exit
from idweave_streams.verifying.difference import (
    ALTERED,
    EXTRA,
    MISSING,
    READ_MODEL,
    TABLES,
    Difference,
)


async def filled(at: Deployed, folder: Path) -> None:
    """A model in *folder* has read all that there is."""
    async with following(at, folder) as made:
        await made.is_level()


async def test_a_model_at_the_end_of_the_topics_agrees(
    deployed: Deployed, tmp_path: Path
) -> None:
    """By the same digest; one that is behind is waited for, and told if in vain."""
    await filled(deployed, tmp_path / "api")
    agrees = await deployed.verified(read_model=tmp_path)
    await deployed.tell(contradicting_log(seed=9))
    await deployed.handle()
    behind = await deployed.verified(read_model=tmp_path)
    waiting = asyncio.create_task(
        deployed.verified(read_model=tmp_path, patience_s=60.0)
    )
    await filled(deployed, tmp_path / "api")

    assert agrees.findings.all() == []
    digests = {line.source: line.digest for line in agrees.lines}
    assert digests[READ_MODEL] == digests[TABLES]
    found = behind.findings.all()
    assert {each.source for each in found} == {READ_MODEL}
    assert (await waiting).findings.all() == []


async def test_what_is_wrong_in_a_model_is_named(
    deployed: Deployed, tmp_path: Path
) -> None:
    """A member that is missing, one too many, one at another person, and a person."""
    await filled(deployed, tmp_path / "api")
    one, two = deployed.persons()[:2]
    first, second = [str(who) for who in one.members][:2]
    store = RocksStore(tmp_path / "api")
    living = key(Area.LIVING, BUSINESS, two.id)
    store.write(
        {
            key(Area.OWNER, BUSINESS, first): None,
            key(Area.OWNER, BUSINESS, second): two.id.encode(),
            key(Area.OWNER, BUSINESS, "app:1:nobody"): b"p_gone",
            living: (store.get(living) or b"").replace(
                b'"generation":', b'"generation":9'
            ),
        }
    )
    store.close()

    found = (await deployed.verified(read_model=tmp_path)).findings.all()

    place = str(tmp_path / "api")
    told = {(each.kind, each.what, each.person) for each in found}
    assert told == {
        ("member", MISSING, one.id),
        ("member", ALTERED, one.id),
        ("member", EXTRA, "p_gone"),
        ("person", ALTERED, two.id),
    }
    assert all(isinstance(each, Difference) for each in found)
    assert {(each.source, each.business, each.place) for each in found} == {
        (READ_MODEL, BUSINESS, place)
    }


def test_the_command_names_the_first_difference(
    run: Run, deployed: Deployed, tmp_path: Path
) -> None:
    """With code 3 and what to do, and no id of a user; without a model it says so."""
    asyncio.run(filled(deployed, tmp_path / "api"))
    person = deployed.persons()[0]
    who = str(next(iter(person.members)))
    store = RocksStore(tmp_path / "api")
    store.write({key(Area.OWNER, BUSINESS, who): None})
    store.close()
    (tmp_path / "empty").mkdir()
    command = ("verify", "--patience", "0", "--read-model")

    done = run(*options(deployed), *command, tmp_path)
    none = run(*options(deployed), *command, tmp_path / "empty")

    assert done.exit_code == Exit.DIFFERENT
    assert f"first difference: {READ_MODEL} [{tmp_path / 'api'}]: member" in done.stdout
    assert f"(person {person.id})" in done.stdout
    assert "empty this folder and start it" in done.stdout
    assert who not in done.output
    assert none.exit_code == Exit.BAD_DATA
    assert "name the data_dir of `idweave api`" in none.stderr
