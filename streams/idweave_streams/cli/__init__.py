"""The command line. Nothing heavy is imported before a command is chosen."""

import os
from pathlib import Path

import click

from idweave_streams.cli.exits import exit_table
from idweave_streams.cli.lazy import Later, LazyGroup
from idweave_streams.cli.options import Assignment, Given, wants_colour

_HERE = "idweave_streams.cli"

COMMANDS = {
    "worker": Later(f"{_HERE}.worker", "Run one worker."),
    "ingress": Later(
        f"{_HERE}.ingress", "Take in webhooks, logins and callbacks over HTTP."
    ),
    "local": Later(f"{_HERE}.local", "Run the pipeline here, without Kafka."),
    "simulate": Later(f"{_HERE}.simulate", "Serve a simulated Graph API."),
    "demo": Later(f"{_HERE}.demo", "Show the whole thing at work in a minute."),
    "topics": Later(f"{_HERE}.topics", "Show or make the topics on the broker."),
    "assets": Later(f"{_HERE}.assets", "Tell idweave who owns which app and Page."),
    "holds": Later(f"{_HERE}.holds", "List whose lookups are stopped, and why."),
    "ban": Later(f"{_HERE}.ban", "Keep two ids from being one person."),
    "unban": Later(f"{_HERE}.unban", "Let two banned ids be one person again."),
    "bans": Later(f"{_HERE}.bans", "List the bans in force."),
    "link": Later(f"{_HERE}.link", "Link two ids by hand."),
    "unlink": Later(f"{_HERE}.unlink", "Withdraw the evidence between two ids."),
    "quarantine": Later(
        f"{_HERE}.quarantine", "List, show and decide what contradicts itself."
    ),
    "erase": Later(f"{_HERE}.erase", "Forget an id, or a whole person."),
    "why": Later(f"{_HERE}.why", "Tell by which evidence two ids are one person."),
    "how": Later(f"{_HERE}.how", "Tell how a person came to be."),
    "verify": Later(f"{_HERE}.verify", "Compare all copies of who is whom."),
    "export": Later(f"{_HERE}.export", "Write who is whom to a folder of files."),
    "query": Later(f"{_HERE}.query", "Ask in SQL about what was exported."),
    "diff": Later(f"{_HERE}.diff", "Tell what is different between two exports."),
    "explore": Later(f"{_HERE}.explore", "Look at an export in a browser."),
    "api": Later(f"{_HERE}.api", "Answer questions about persons over HTTP."),
    "keys": Later(f"{_HERE}.keys", "Make, list and revoke keys of the API."),
    "dlq": Later(f"{_HERE}.dlq", "List, show and send back dead letters."),
    "migrate-asids": Later(
        f"{_HERE}.migrate", "Map an app's ids to those of a Page, once."
    ),
    "conformance": Later(
        f"{_HERE}.conformance", "Try a reader of identity events on all cases."
    ),
    "check": Later(f"{_HERE}.check", "Say what keeps idweave from running, and why."),
    "config": Later(f"{_HERE}.config", "Show the settings and who stated them."),
    "version": Later(
        f"{_HERE}.version", "Show the versions of idweave and its engine."
    ),
}

EPILOG = f"""\b
Examples:
  idweave demo
  idweave --set kafka=broker:9092 topics plan
  idweave --config /etc/idweave.toml check
  IDWEAVE_KAFKA=broker:9092 idweave worker

\b
Exit codes:
{exit_table()}
"""


@click.group(
    cls=LazyGroup,
    later=COMMANDS,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="IDWEAVE_CONFIG",
    show_envvar=True,
    help="Settings file, TOML.",
)
@click.option(
    "--set",
    "assignments",
    type=Assignment(),
    multiple=True,
    help="One setting, such as partitions=8; may be repeated. The last one counts.",
)
@click.version_option(package_name="idweave", message="%(package)s %(version)s")
@click.pass_context
def main(
    ctx: click.Context, config: Path | None, assignments: tuple[tuple[str, str], ...]
) -> None:
    """Weave Facebook and Messenger ids into one identity graph per business.

    Settings come from --set, then IDWEAVE_... variables, then the file, then defaults.
    Data goes to stdout, progress and faults to stderr. NO_COLOR is honoured.
    """
    ctx.obj = Given(config, dict(assignments), os.environ)
    ctx.color = wants_colour(os.environ)
