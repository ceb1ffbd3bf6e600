"""`idweave simulate`: a Graph API to try things against."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
import orjson

from idweave_adapters.simulator import BadFaultsError, Faults, Rules, Simulator, World
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.options import Assignment


@click.command("simulate", short_help="Serve a simulated Graph API on loopback.")
@click.option(
    "--world",
    "world_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A world.json as `--save` wrote it; without it one is drawn.",
)
@click.option(
    "--seed", default=0, show_default=True, help="Draws the same world again."
)
@click.option(
    "--people",
    default=500,
    show_default=True,
    type=click.IntRange(min=0),
    help="Humans in the world.",
)
@click.option(
    "--port",
    default=0,
    show_default=True,
    type=click.IntRange(0, 65_535),
    help="0 takes a free one.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    type=Assignment(),
    metavar="NAME=VALUE",
    help="Such as latency_s=0.3, item_failure_rate=0.05; may be repeated.",
)
@click.option(
    "--review",
    multiple=True,
    metavar="BUSINESS",
    help="Put a business under review; may be repeated.",
)
@click.option(
    "--history",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Play this day: `pages_id_mapping` is there before 2021-05-05.",
)
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write world.json, assets.jsonl and credentials.json of the world here.",
)
def command(
    *,
    world_file: Path | None,
    seed: int,
    people: int,
    port: int,
    faults: tuple[tuple[str, str], ...],
    review: tuple[str, ...],
    history: datetime | None,
    save: Path | None,
) -> None:
    """Serve a Graph API over a made-up world until it is interrupted.

    Prints its base URL on stdout as soon as calls are answered. What it counted is
    at /_simulator/stats; its faults can be changed while it runs.

    \b
    Examples:
      idweave simulate --seed 7 --save /tmp/world
      idweave simulate --world /tmp/world/world.json --fault latency_s=0.3
      idweave simulate --history 2021-04-01
    """  # noqa: D301
    world = _world(world_file, seed=seed, people=people)
    rules = Rules(history=history.date().isoformat() if history else None)
    simulator = Simulator(world, seed=seed, faults=_faults(faults), rules=rules)
    for business in review:
        if business not in world.businesses:
            there = ", ".join(world.businesses)
            raise click.BadParameter(f"the world has {there}", param_hint="--review")
        simulator.review(business)
    if save is not None:
        _save(world, save)
    asyncio.run(_serve(simulator, port=port))


def _world(file: Path | None, *, seed: int, people: int) -> World:
    if file is None:
        return World.generate(seed=seed, people=people)
    try:
        return World.from_json(file.read_bytes())
    except ValueError as error:
        raise CommandFailed(Exit.BAD_DATA, f"{file}: {error}") from None


def _faults(stated: Sequence[tuple[str, str]]) -> Faults:
    try:
        return Faults().changed({name: _value(text) for name, text in stated})
    except BadFaultsError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from None


def _value(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text  # of no type that a fault has, which is then told


def _save(world: World, folder: Path) -> None:
    """Write the world, its assets and, for the owner's eyes only, its credentials."""
    rows = b"".join(orjson.dumps(row) + b"\n" for row in world.assets())
    files = {
        "assets.jsonl": rows,
        "world.json": world.to_json(),
        "credentials.json": orjson.dumps(world.credentials()),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = folder / name
            path.touch(mode=0o600)
            path.chmod(0o600)
            path.write_bytes(content)
    except OSError as error:
        text = f"can't write to {folder}: {error.strerror}; name another folder"
        raise CommandFailed(Exit.CANNOT_CREATE, text) from None


async def _serve(simulator: Simulator, *, port: int) -> None:
    try:
        click.echo(await simulator.start(port=port))
        await asyncio.Event().wait()
    except OSError as error:
        text = (
            f"can't listen on port {port}: {error.strerror}; --port 0 takes a free one"
        )
        raise CommandFailed(Exit.FAILURE, text) from None
    finally:
        await simulator.stop()
