"""The command that does in earnest what was supposed."""

import shlex
from typing import Final

from idweave_adapters.api.what_if.changes import Action, Change

_WORDS: Final = {
    Action.LINK: "link",
    Action.UNLINK: "unlink",
    Action.BAN: "ban",
    Action.UNBAN: "unban",
    Action.ACCEPT: "quarantine accept",
    Action.REJECT: "quarantine reject",
    Action.REOPEN: "quarantine reopen",
}
_WHO_AND_WHY: Final = "--author 'your name' --reason 'in a few words'"


def command_of(change: Change) -> str:
    """Return a line for a POSIX shell. Who decides and why is left to be filled in.

    The ids go through a pipe from the shell itself, so they are in no list of processes.
    """
    ids = " ".join(shlex.quote(str(end)) for end in (change.one, change.two))
    return f"printf '%s\\n' {ids} | idweave {_WORDS[change.action]} - - {_WHO_AND_WHY}"
