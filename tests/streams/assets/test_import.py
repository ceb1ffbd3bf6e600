"""`idweave assets import`: a file onto the topic, whole or not at all."""

import orjson
from tests.streams.assets.deployment import Deployment, lines, row, words

from idweave_streams.cli.exits import Exit


async def test_an_import_writes_what_the_file_states(on_kafka: Deployment) -> None:
    """What `idweave simulate --save` writes can be taken as it is; twice does no harm."""
    assets = on_kafka.here.world.assets()

    first = await on_kafka.state(*assets)
    second = await on_kafka.state(*assets)

    assert (first.exit_code, second.exit_code) == (Exit.OK, Exit.OK)
    assert second.stdout == ""
    assert await on_kafka.owners() == {
        each["asset"]: (each["business"], each["epoch"]) for each in assets
    }
    assert len(await on_kafka.records()) == len(assets)


async def test_a_sync_goes_on_from_an_import(on_kafka: Deployment) -> None:
    """With the epochs and the last owners that were stated."""
    here = on_kafka.here
    await on_kafka.state(
        row(here.bot.asset, "4711", 7), row(here.managed.asset, here.acme, 3)
    )

    await on_kafka.sync()

    owners = await on_kafka.owners()
    assert owners[here.bot.asset] == (here.acme.id, 8)
    assert owners[here.managed.asset] == (here.acme.id, 3)


async def test_a_file_may_tell_a_whole_story(on_kafka: Deployment) -> None:
    """Each line follows those before it, and names who has lost the asset."""
    result = await on_kafka.state(
        row("app:1", "900", 1), row("app:1", None, 1), row("app:1", "901", 2)
    )

    told = [line.split()[1] for line in result.stdout.splitlines()]
    assert told == ["gained", "lost", "gained"]
    assert [each.previous for each in await on_kafka.records()] == [None, "900", "900"]


async def test_all_unreadable_lines_are_told_and_nothing_is_written(
    on_kafka: Deployment,
) -> None:
    """With their numbers; good lines do not save the others."""
    good = orjson.dumps(row("app:1", "900", 1))
    bad = [
        b"{",
        b"[]",
        b'{"asset":"app:1"}',
        b'{"asset":"x","business":null,"epoch":1}',
    ]

    result = await on_kafka.import_(b"\n".join([good, *bad, b"", b"\xff"]))

    assert result.exit_code == Exit.BAD_DATA
    told = [x.split(":")[0] for x in result.stderr.splitlines() if x.startswith("line")]
    assert told == [f"line {number}" for number in (2, 3, 4, 5, 7)]
    assert await on_kafka.records() == []


async def test_all_lines_that_go_back_are_told_and_nothing_is_written(
    on_kafka: Deployment,
) -> None:
    """Faults of all kinds at once, with what is known."""
    await on_kafka.state(
        row("app:1", "900", 3), row("app:2", "900", 1), row("app:3", "900", 2)
    )
    before = await on_kafka.records()

    result = await on_kafka.state(
        row("app:9", "900", 1),
        row("app:1", "901", 2),
        row("app:2", "901", 1),
        row("app:3", "901", 3, previous="902"),
        row("app:4", "900", 0),
        row("app:5", "900", 1, parent="app:404"),
        row("app:6", "901", 1, parent="app:9"),
    )

    told = [x for x in result.stderr.splitlines() if x.startswith("line ")]
    assert (result.exit_code, result.stdout) == (Exit.BAD_DATA, "")
    assert [x.split(":")[0] for x in told] == [f"line {n}" for n in range(2, 8)]
    assert "(known: epoch 3, owned by 900)" in told[0]
    assert await on_kafka.records() == before


async def test_a_dry_import_tells_and_writes_nothing(on_kafka: Deployment) -> None:
    """Faults too."""
    good, bad = row("app:1", "900", 1), row("app:1", "900", 0)

    dry = await on_kafka.state(good, dry=True)
    as_json = await on_kafka.import_(lines(good), "--dry-run", "--json")
    wrong = await on_kafka.state(bad, dry=True)

    assert (dry.exit_code, words(dry)) == (Exit.OK, {"app:1": "gained"})
    assert "1 change to write" in dry.stderr
    found = orjson.loads(as_json.stdout)
    assert (found["dry_run"], found["changes"][0]["kind"]) == (True, "gained")
    assert wrong.exit_code == Exit.BAD_DATA
    assert await on_kafka.records() == []


async def test_a_file_that_is_not_there_is_a_wrong_command_line(
    deployment: Deployment,
) -> None:
    """Code 2, as every option that names a file."""
    result = await deployment.idweave("import", deployment.folder / "none.jsonl")

    assert result.exit_code == Exit.USAGE
