"""What a check says."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    """Works, but not fully; it fails nothing."""
    FAILED = "failed"
    SKIPPED = "skipped"


class Blame(StrEnum):
    """Where a failure has to be put right."""

    CONFIGURATION = "configuration"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Finding:
    """The end of one check, in one line."""

    name: str
    status: Status
    result: str
    hint: str = ""
    """What to do; where it failed, always there."""
    blame: Blame | None = None
    """Of a failure."""


def ok(name: str, result: str) -> Finding:
    """All is well."""
    return Finding(name, Status.OK, result)


def warning(name: str, result: str, hint: str) -> Finding:
    """It works, but not fully."""
    return Finding(name, Status.WARNING, result, hint)


def skipped(name: str, reason: str) -> Finding:
    """Nobody looked."""
    return Finding(name, Status.SKIPPED, reason)


def wrong(name: str, result: str, hint: str) -> Finding:
    """Settings, credentials or topics have to be put right."""
    return Finding(name, Status.FAILED, result, hint, Blame.CONFIGURATION)


def unavailable(name: str, result: str, hint: str) -> Finding:
    """Something does not answer."""
    return Finding(name, Status.FAILED, result, hint, Blame.UNAVAILABLE)


def counted(number: int, thing: str) -> str:
    """Return *number* of *thing*, which takes an s or -es for more than one."""
    if number == 1:
        return f"1 {thing}"
    return f"{number} {thing}{'es' if thing.endswith('s') else 's'}"
