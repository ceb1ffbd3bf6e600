"""Commands about two members: how the proofs between them count, or that they are one."""

from dataclasses import dataclass, field
from typing import Any, Final

from idweave_adapters import command_fields as fields
from idweave_adapters.ban_commands import MAX_AUTHOR_CHARS, MAX_REASON_CHARS
from idweave_graph.decisions import Verdict
from idweave_graph.ids import (
    BusinessToken,
    InvalidIdError,
    LinkingCode,
    Member,
    ScopedId,
)

_FIELDS: Final = ("type", "asset", "user", "at_ms", "source", "author", "reason")
_OTHER_ID: Final = ("other_asset", "other_user")
_OTHER: Final = (*_OTHER_ID, "other_token", "other_code")


@dataclass(frozen=True, slots=True)
class RequestedDecision:
    """Something is decided about a scoped id and another member."""

    scoped: ScopedId = field(repr=False)
    other: Member = field(repr=False)
    verdict: Verdict
    at_ms: int
    """When it was said, in unix milliseconds; of two the later one counts."""
    source: str
    """Which way it came in."""
    author: str = field(repr=False)
    """Who decided it: a name."""
    reason: str = field(repr=False)
    """Why, in a few words."""


def decision_request(requested: RequestedDecision) -> dict[str, Any]:
    """Return the command as `command.v1.json` has it."""
    return {
        "type": requested.verdict,
        "asset": str(requested.scoped.asset),
        "user": requested.scoped.user,
        **_put_other(requested.other),
        "at_ms": requested.at_ms,
        "source": requested.source,
        "author": requested.author,
        "reason": requested.reason,
    }


def _put_other(other: Member) -> dict[str, str]:
    if isinstance(other, BusinessToken):
        return {"other_token": other.value}
    if isinstance(other, LinkingCode):
        return {"other_code": other.digest}
    return {"other_asset": str(other.asset), "other_user": other.user}


def read_decision(row: dict[str, Any]) -> RequestedDecision:
    """Read a command whose type is a `Verdict`.

    Raises:
        UnreadableError: it is not as `command.v1.json` has it.
    """
    fields.check_names(row, required=_FIELDS, optional=_OTHER)
    return RequestedDecision(
        scoped=fields.scoped(row, "asset", "user"),
        other=_other(row),
        verdict=Verdict(row["type"]),
        at_ms=fields.time_ms(row),
        source=fields.source(row),
        author=fields.line(row, "author", MAX_AUTHOR_CHARS),
        reason=fields.line(row, "reason", MAX_REASON_CHARS),
    )


def _other(row: dict[str, Any]) -> Member:
    named = tuple(name for name in _OTHER if name in row)
    if named == _OTHER_ID:
        return fields.scoped(row, *_OTHER_ID)
    try:
        if named == ("other_token",) and isinstance(row["other_token"], str):
            return BusinessToken(row["other_token"])
        if named == ("other_code",) and isinstance(row["other_code"], str):
            return LinkingCode(row["other_code"])
    except InvalidIdError:
        pass
    detail = (
        "the other one must be given as other_asset and other_user, as other_token,"
    )
    raise fields.invalid(f"{detail} or as other_code of 32 hexadecimal digits")
