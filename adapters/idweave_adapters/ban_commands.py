"""Commands about two ids: they may not be one person, or may be again."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from idweave_adapters import command_fields as fields
from idweave_graph.ids import ScopedId

MAX_AUTHOR_CHARS: Final = 64
MAX_REASON_CHARS: Final = 200

_FIELDS: Final = (
    *("type", "asset", "user", "other_asset", "other_user"),
    *("at_ms", "source", "author", "reason"),
)


class BanKind(StrEnum):
    """What is said about the two ids."""

    BAN = "ban"
    """They may not be one person from now on."""
    LIFT_BAN = "lift-ban"
    """They may be one person again."""


@dataclass(frozen=True, slots=True)
class RequestedBan:
    """Something is said about two scoped ids, whoever owns their assets."""

    scoped: ScopedId = field(repr=False)
    other: ScopedId = field(repr=False)
    kind: BanKind
    at_ms: int
    """When it was said, in unix milliseconds; of two the later one counts."""
    source: str
    """Which way it came in."""
    author: str = field(repr=False)
    """Who decided it: a name."""
    reason: str = field(repr=False)
    """Why, in a few words."""


def ban_document(requested: RequestedBan) -> dict[str, Any]:
    """Return the command as `command.v1.json` has it."""
    return {
        "type": requested.kind,
        "asset": str(requested.scoped.asset),
        "user": requested.scoped.user,
        "other_asset": str(requested.other.asset),
        "other_user": requested.other.user,
        "at_ms": requested.at_ms,
        "source": requested.source,
        "author": requested.author,
        "reason": requested.reason,
    }


def read_ban(row: dict[str, Any]) -> RequestedBan:
    """Read a command whose type is a `BanKind`.

    Raises:
        UnreadableError: it is not as `command.v1.json` has it.
    """
    fields.check_names(row, required=_FIELDS, optional=())
    return RequestedBan(
        scoped=fields.scoped(row, "asset", "user"),
        other=fields.scoped(row, "other_asset", "other_user"),
        kind=BanKind(row["type"]),
        at_ms=fields.time_ms(row),
        source=fields.source(row),
        author=fields.line(row, "author", MAX_AUTHOR_CHARS),
        reason=fields.line(row, "reason", MAX_REASON_CHARS),
    )
