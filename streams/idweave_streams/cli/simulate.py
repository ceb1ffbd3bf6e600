"""`idweave simulate`: a Graph API to try things against."""

import asyncio
import contextlib
import sys
from pathlib import Path

import click
import orjson

from idweave_adapters.simulator import Faults, Simulator, World
from idweave_streams.cli.exits import Exit


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
@click.option("--people", default=500, show_default=True, help="Humans in the world.")
@click.option("--port", default=0, show_default=True, help="0 takes a free one.")
@click.option(
    "--fault",
    "fault_values",
    multiple=True,
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
    fault_values: tuple[str, ...],
    review: tuple[str, ...],
    save: Path | None,
) -> None:
    """Serve a Graph API over a made-up world until it is interrupted.

    Prints its base URL on stdout as soon as calls are answered. What it counted is
    at /_simulator/stats; its faults can be changed while it runs.

    \b
    Examples:
      idweave simulate --seed 7 --save /tmp/world
      idweave simulate --world /tmp/world/world.json --fault latency_s=0.3
    """  # noqa: D301
    try:
        if world_file is None:
            world = World.generate(seed=seed, people=people)
        else:
            world = World.from_json(world_file.read_bytes())
        faults = Faults().changed(_parsed(fault_values))
    except ValueError as error:
        click.echo(f"idweave simulate: {error}", err=True)
        sys.exit(Exit.BAD_DATA)
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
        (save / "world.json").write_bytes(world.to_json())
        rows = b"".join(orjson.dumps(row) + b"\n" for row in world.assets())
        (save / "assets.jsonl").write_bytes(rows)
        credentials = save / "credentials.json"
        credentials.touch(mode=0o600)
        credentials.write_bytes(orjson.dumps(world.credentials()))
    simulator = Simulator(world, seed=seed, faults=faults)
    for business in review:
        simulator.review(business)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(simulator, port=port))


async def _serve(simulator: Simulator, *, port: int) -> None:
    try:
        click.echo(await simulator.start(port=port))
        await asyncio.Event().wait()
    finally:
        await simulator.stop()


def _parsed(values: tuple[str, ...]) -> dict[str, object]:
    parsed: dict[str, object] = {}
    for value in values:
        name, _, text = value.partition("=")
        parsed[name] = orjson.loads(text or "null")
    return parsed
