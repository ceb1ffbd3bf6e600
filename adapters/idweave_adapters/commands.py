"""Documents of the commands topic: what somebody entitled to it wants done about an id.

`command.v1.json` is the contract; this module accepts what it accepts. It is strict,
unlike events: of a command that erases, a misspelled field must not be passed over.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from idweave_adapters.errors import UnreadableError
from idweave_adapters.fields import EARLIEST_MS, LATEST_MS
from idweave_adapters.observations import DeadLetterCode
from idweave_adapters.strict_json import DEFAULT_LIMIT_BYTES, read_object
from idweave_graph.ids import Asset, InvalidIdError, ScopedId
from idweave_graph.messages import CommandKind

MAX_SOURCE_CHARS: Final = 64
RECEIPT: Final = re.compile(r"[0-9A-Za-z]{1,64}")
"""A receipt code: letters and digits, as Meta wants a confirmation code."""

_REQUIRED: Final = ("type", "asset", "user", "at_ms", "source")
_OPTIONAL: Final = ("receipt",)
_SOURCE: Final = re.compile(r"[a-z]+(-[a-z]+)*")


@dataclass(frozen=True, slots=True)
class Requested:
    """Something is to be done about a scoped id, whoever owns its asset."""

    scoped: ScopedId = field(repr=False)
    kind: CommandKind
    at_ms: int
    """When it was asked for, in unix milliseconds."""
    source: str
    """Which way it came in."""
    receipt: str = ""
    """Under which code it is told that it is done; empty: nobody waits for it."""


def encode_command(requested: Requested) -> bytes:
    """Write one command, as `command.v1.json` has it."""
    document = {
        "type": requested.kind,
        "asset": str(requested.scoped.asset),
        "user": requested.scoped.user,
        "at_ms": requested.at_ms,
        "source": requested.source,
    }
    if requested.receipt:
        document["receipt"] = requested.receipt
    return orjson.dumps(document)


def command_key(requested: Requested) -> bytes:
    """Return the key of its record: all commands about one id keep their order."""
    return str(requested.scoped).encode()


def decode_command(
    value: bytes | None, *, limit_bytes: int = DEFAULT_LIMIT_BYTES
) -> Requested:
    """Read one command.

    Raises:
        UnreadableError: it is not as `command.v1.json` has it. Nothing of it is used.
    """
    row = read_object(value, limit_bytes=limit_bytes)
    _check_names(row)
    return Requested(_scoped(row), _kind(row), _time(row), _source(row), _receipt(row))


def _check_names(row: dict[str, Any]) -> None:
    missing = [name for name in _REQUIRED if name not in row]
    if missing:
        detail = f"Missing: {', '.join(missing)}"
        raise UnreadableError(DeadLetterCode.COMMAND_FIELD_MISSING, detail)
    if not row.keys() <= {*_REQUIRED, *_OPTIONAL}:
        raise _invalid("Its fields are type, asset, user, at_ms, source and receipt")


def _scoped(row: dict[str, Any]) -> ScopedId:
    asset, user = row["asset"], row["user"]
    try:
        if isinstance(asset, str) and isinstance(user, str):
            return ScopedId(Asset.parse(asset), user)
    except InvalidIdError:
        pass
    raise _invalid("asset must be app:<id> or page:<id>, and user an id, both texts")


def _kind(row: dict[str, Any]) -> CommandKind:
    try:
        return CommandKind(row["type"])
    except ValueError:
        raise _invalid(f"type must be one of {', '.join(CommandKind)}") from None


def _time(row: dict[str, Any]) -> int:
    value = row["at_ms"]
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 1.7e12 is an integer in JSON Schema
    if type(value) is not int or not EARLIEST_MS <= value <= LATEST_MS:
        raise _invalid("at_ms must be unix milliseconds (13 digits, not seconds)")
    return value


def _source(row: dict[str, Any]) -> str:
    value = row["source"]
    is_word = isinstance(value, str) and _SOURCE.fullmatch(value)
    if not is_word or len(value) > MAX_SOURCE_CHARS:
        raise _invalid("source must be a word in small letters, dashes between")
    return str(value)


def _receipt(row: dict[str, Any]) -> str:
    if "receipt" not in row:
        return ""
    value = row["receipt"]
    if not isinstance(value, str) or not RECEIPT.fullmatch(value):
        raise _invalid("receipt must be up to 64 letters and digits, or be left out")
    return value


def _invalid(detail: str) -> UnreadableError:
    return UnreadableError(DeadLetterCode.COMMAND_FIELD_INVALID, detail)
