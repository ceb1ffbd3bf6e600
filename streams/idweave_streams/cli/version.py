"""`idweave version`: what is installed, and whether it is what was tested."""

import platform

import click
import orjson

from idweave_streams.doctor.engine import installed


@click.command("version")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, as_json: bool) -> None:
    """Print the versions of idweave and of what it is pinned to.

    A version other than the pinned one is marked: idweave reaches into its engine and
    is tested with exactly these.

    \b
    Examples:
      idweave version
      idweave version --json
    """  # noqa: D301  (\b keeps click from joining lines)
    found = installed()
    if as_json:
        versions = {part.name: part.version for part in found}
        versions["python"] = platform.python_version()
        click.echo(orjson.dumps(versions, option=orjson.OPT_INDENT_2))
        return
    width = max(len(part.name) for part in found)
    for part in found:
        mark = "" if part.is_as_pinned else f"  (pinned: {part.pinned})"
        click.echo(f"{part.name:<{width}}  {part.version or 'missing'}{mark}")
    click.echo(f"{'python':<{width}}  {platform.python_version()}")
