"""Why a migration ends before its input does, by what the operator can do about it."""

from enum import Enum


class Reason(Enum):
    """What kind of stop it is."""

    NOT_THERE = "not-there"
    """The call is gone, or the time for it is over."""
    SETUP = "setup"
    """Credentials, ownership or request have to be put right."""
    LATER = "later"
    """The same command does later: a limit, a hold, a full quota."""
    FAILED = "failed"
    """The other side does not answer, or not in a way that can be understood."""


class MigrationStoppedError(Exception):
    """The rest was not asked for. What was answered until now is kept.

    The text says what to do, and holds no id of a person.
    """

    def __init__(self, reason: Reason, text: str) -> None:
        self.reason = reason
        super().__init__(text)
