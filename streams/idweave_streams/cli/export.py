"""`idweave export`: who is whom, and all that is known of it, as a folder of files."""

import asyncio
from pathlib import Path

import click

from idweave_streams.cli.options import settings_of
from idweave_streams.cli.state_errors import told_as_failure
from idweave_streams.settings import Settings
from idweave_streams.state.kafka import reader
from idweave_streams.state.live import copied, with_logs
from idweave_streams.state.manifest import FORMAT, Manifest
from idweave_streams.state.snapshot import refuse_filled, write_snapshot
from idweave_streams.state.space import temporary_space


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--format",
    "_form",
    type=click.Choice([FORMAT]),
    default=FORMAT,
    show_default=True,
    help="Lines of JSON.",
)
@click.pass_context
def command(ctx: click.Context, *, folder: Path, _form: str) -> None:
    """Write the state of all businesses to FOLDER, which must be new or empty.

    Workers are not disturbed. Each partition is as it was at the offsets that the
    manifest names. FOLDER is there as a whole in the end, or not at all. It holds
    people's ids, so only its owner may read it.

    \b
    Examples:
      idweave --set kafka=broker:9092 export monday
      idweave why --from monday app:647733:1015 page:190638:1542
      idweave --set kafka=broker:9092 verify --snapshot monday
    """  # noqa: D301  (\b keeps click from joining lines)
    settings = settings_of(ctx)
    with told_as_failure():
        refuse_filled(folder)
        manifest = asyncio.run(_export(settings, folder))
    counts = ", ".join(
        f"{manifest.counts[title]} {title}" for title in ("persons", "aliases")
    )
    click.echo(f"{counts} of {len(manifest.businesses)} businesses", err=True)


async def _export(settings: Settings, folder: Path) -> Manifest:
    names = settings.topics
    with temporary_space() as space:
        async with reader(settings.kafka) as source:
            copy = await copied(settings, source, space)
            await with_logs(source, copy, (names.events, names.policy))
        return write_snapshot(copy, folder)
