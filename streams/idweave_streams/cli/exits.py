"""How a command ends: the numbers a script can rely on, and how a failure is told."""

from enum import IntEnum
from typing import Self

import click


class Exit(IntEnum):
    """Exit codes: few, as in BSD's sysexits, and those of click and of shells."""

    def __new__(cls, value: int, meaning: str) -> Self:
        """Make a code that knows what it means."""
        code = int.__new__(cls, value)
        code._value_ = value
        code.meaning = meaning
        return code

    meaning: str

    OK = 0, "done; of `topics plan`: nothing is to be done"
    FAILURE = 1, "failed; of `topics plan`: something is to be done"
    USAGE = 2, "the command line is wrong"
    DIFFERENT = 3, "of `verify`: copies of the state differ, or a rule is broken"
    NOT_FORGOTTEN = 4, "of `erase --verify`: the id is still known somewhere"
    BAD_DATA = 65, "the data is wrong"
    UNAVAILABLE = 69, "the broker or the Graph API does not answer"
    CANNOT_CREATE = 73, "a file or folder can't be made"
    TRY_AGAIN = 75, "not yet; the same command may do later"
    NO_PERMISSION = 77, "the broker does not allow it"
    CONFIGURATION = 78, "the settings or credentials are wrong"
    INTERRUPTED = 130, "stopped by Ctrl-C"


class CommandFailed(click.ClickException):
    """Ends the command with *code*; *message* goes to stderr, and is one line or more."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.exit_code = int(code)


def exit_table() -> str:
    """Return all exit codes, one a line."""
    return "\n".join(f"  {code:>3}  {code.meaning}" for code in Exit)
