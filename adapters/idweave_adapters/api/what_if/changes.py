"""What is supposed: some changes, as a request states them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import orjson

from idweave_adapters.api.problems import BAD_REQUEST, Problem
from idweave_adapters.fields import EARLIEST_MS, LATEST_MS
from idweave_graph.decisions import Verdict
from idweave_graph.ids import InvalidIdError, Member, ScopedId, member

MAX_CHANGES: Final = 20
"""In one request; each is weighed as a worker would."""


class Action(StrEnum):
    """What an operator can do about two ids, by the command's name."""

    LINK = "link"
    UNLINK = "unlink"
    BAN = "ban"
    UNBAN = "unban"
    ACCEPT = "accept"
    REJECT = "reject"
    REOPEN = "reopen"

    @property
    def verdict(self) -> Verdict | None:
        """What it says about proofs; a ban says nothing about them."""
        return VERDICTS.get(self)


VERDICTS: Final = {
    Action.LINK: Verdict.LINK,
    Action.UNLINK: Verdict.REJECT,
    Action.ACCEPT: Verdict.ACCEPT,
    Action.REJECT: Verdict.REJECT,
    Action.REOPEN: Verdict.REOPEN,
}


@dataclass(frozen=True, slots=True)
class Change:
    """Something is done about two members."""

    action: Action
    one: Member = field(repr=False)
    two: Member = field(repr=False)

    @property
    def refusal(self) -> str | None:
        """Say why no command does this, None if one does."""
        if self.one == self.two:
            return "the two ids must differ"
        is_scoped = [isinstance(end, ScopedId) for end in (self.one, self.two)]
        if self.action in {Action.BAN, Action.UNBAN} and not all(is_scoped):
            return "a ban is about two ids of apps or Pages"
        if not any(is_scoped):
            return "one of the two must be an id of an app or a Page"
        joins = self.action in {Action.LINK, Action.ACCEPT}
        if joins and all(is_scoped) and self.one.scope == self.two.scope:
            return "two ids of one app or Page are never one person"
        return None


def read_changes(body: bytes) -> tuple[int, list[Change]]:
    """Return when the changes are supposed to be made, in unix ms, and the changes.

    Raises:
        Problem: the body is not as its schema has it.
    """
    row = _object(body)
    changes = row["changes"]
    if not isinstance(changes, list) or not 1 <= len(changes) <= MAX_CHANGES:
        raise _bad(f"`changes` must be an array of 1 to {MAX_CHANGES}")
    return _time_ms(row["at_ms"]), [_change(n, each) for n, each in enumerate(changes)]


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _bad("the body is no JSON in UTF-8") from None
    if not isinstance(found, dict) or found.keys() != {"at_ms", "changes"}:
        raise _bad('the body must be an object {"at_ms": …, "changes": […]}')
    return found


def _time_ms(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 1.7e12 is an integer in JSON Schema
    if type(value) is not int or not EARLIEST_MS <= value <= LATEST_MS:
        raise _bad("`at_ms` must be unix milliseconds")
    return value


def _change(number: int, row: object) -> Change:
    what = f"`changes[{number}]`"
    if not isinstance(row, dict) or row.keys() != {"action", "one", "two"}:
        raise _bad(f"{what} must have action, one and two")
    action = row["action"]
    if not isinstance(action, str) or action not in set(Action):
        raise _bad(f"the action of {what} is none of {', '.join(Action)}")
    return Change(Action(action), _member(row["one"], what), _member(row["two"], what))


def _member(value: object, what: str) -> Member:
    try:
        return member(value if isinstance(value, str) else "")
    except InvalidIdError:
        raise _bad(f"an id of {what} is no id") from None


def _bad(detail: str) -> Problem:
    return Problem(BAD_REQUEST, detail)
