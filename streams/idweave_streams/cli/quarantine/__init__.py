"""`idweave quarantine`: proofs that contradict older ones, and what is decided about them."""

import click

from idweave_streams.cli.quarantine.deciding import (
    accept_command,
    reject_command,
    reopen_command,
)
from idweave_streams.cli.quarantine.listing import list_command
from idweave_streams.cli.quarantine.showing import show_command


@click.group("quarantine")
def command() -> None:
    """List and show proofs in quarantine, and decide which side counts.

    A proof that would put two ids of one app or Page, or two banned ids, into one
    person waits in quarantine while the older ones count, until someone decides.
    """


command.add_command(list_command)
command.add_command(show_command)
command.add_command(accept_command)
command.add_command(reject_command)
command.add_command(reopen_command)
