"""`idweave explore`: a folder becomes a page to look at."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import click

from idweave_streams.cli.options import settings_of
from idweave_streams.cli.serving import told_as_failure
from idweave_streams.topics import TopicNames


@click.command("explore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="Where to listen; without it a free port is taken.",
)
@click.pass_context
def command(ctx: click.Context, *, folder: Path, port: int) -> None:
    """Look at an export in a browser, until Ctrl-C.

    FOLDER is what `export`, `local --out` or `demo` wrote. Prints one link, which opens
    the page and the query API over all businesses of it. They are served to this machine
    alone, on loopback, and the key in the link is made for this run: it is in no file
    and no log, and opens nothing afterwards. For others, and for what workers find
    meanwhile, there is `idweave api`.

    \b
    Exit codes: 0 ended by Ctrl-C or SIGTERM, 65 the folder can't be read, 73 there is
    no room for a copy, 78 the port is taken.

    \b
    Examples:
      idweave explore monday
      idweave explore monday --port 8080
    """  # noqa: D301  (\b keeps click from joining lines)
    names = settings_of(ctx).topics
    click.echo(f"reading {folder}", err=True)
    serve(folder, names, port, ready=_show)
    click.echo("ended; the link opens nothing any more", err=True)


def _show(link: str) -> None:
    click.echo(link)
    click.echo("open it in a browser; Ctrl-C ends it", err=True)


def serve(
    folder: Path, names: TopicNames, port: int, *, ready: Callable[[str], None]
) -> None:
    """Serve *folder* until Ctrl-C or SIGTERM; what goes wrong ends the command."""
    from idweave_streams.explore import explore  # noqa: PLC0415  (slow)

    with told_as_failure():
        asyncio.run(explore(folder, names, port, ready=ready))
