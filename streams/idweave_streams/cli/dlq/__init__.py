"""`idweave dlq`: dead letters listed, shown, and sent back where they came from."""

import click

from idweave_streams.cli.dlq.listing import list_command
from idweave_streams.cli.dlq.replaying import replay_command
from idweave_streams.cli.dlq.showing import show_command


@click.group("dlq")
def command() -> None:
    """List, show and send back dead letters: records that could not be used.

    Keys, values and headers may name people, so none is printed unasked.
    """


command.add_command(list_command)
command.add_command(show_command)
command.add_command(replay_command)
