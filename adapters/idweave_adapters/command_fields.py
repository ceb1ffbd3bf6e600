"""The fields that commands have in common, read strictly."""

import re
from typing import Any, Final

from idweave_adapters.errors import UnreadableError
from idweave_adapters.fields import EARLIEST_MS, LATEST_MS
from idweave_adapters.observations import DeadLetterCode
from idweave_graph.ids import Asset, InvalidIdError, ScopedId

Row = dict[str, Any]
"""A JSON object."""

MAX_SOURCE_CHARS: Final = 64
RECEIPT: Final = re.compile(r"[0-9A-Za-z]{1,64}")
"""A receipt code: letters and digits, as Meta wants a confirmation code."""

_SOURCE: Final = re.compile(r"[a-z]+(-[a-z]+)*")
_LINE: Final = re.compile(r"[^\x00-\x1f\x7f]+")


def check_names(
    row: Row, *, required: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    """Refuse a command with a field too few or too many.

    Raises:
        UnreadableError: that is so. What the fields hold is not repeated.
    """
    missing = [name for name in required if name not in row]
    if missing:
        detail = f"Missing: {', '.join(missing)}"
        raise UnreadableError(DeadLetterCode.COMMAND_FIELD_MISSING, detail)
    known = (*required, *optional)
    if not row.keys() <= set(known):
        *most, last = known
        raise invalid(f"Its fields are {', '.join(most)} and {last}")


def scoped(row: Row, asset_field: str, user_field: str) -> ScopedId:
    """Read a scoped id from its two fields.

    Raises:
        UnreadableError: they do not make one.
    """
    asset, user = row[asset_field], row[user_field]
    try:
        if isinstance(asset, str) and isinstance(user, str):
            return ScopedId(Asset.parse(asset), user)
    except InvalidIdError:
        pass
    detail = f"{asset_field} must be app:<id> or page:<id>, and {user_field} an id"
    raise invalid(f"{detail}, both texts")


def time_ms(row: Row) -> int:
    """Read when the command was given.

    Raises:
        UnreadableError: it is not in unix milliseconds.
    """
    value = row["at_ms"]
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 1.7e12 is an integer in JSON Schema
    if type(value) is not int or not EARLIEST_MS <= value <= LATEST_MS:
        raise invalid("at_ms must be unix milliseconds (13 digits, not seconds)")
    return value


def source(row: Row) -> str:
    """Read which way the command came in.

    Raises:
        UnreadableError: it is no word.
    """
    value = row["source"]
    is_word = isinstance(value, str) and _SOURCE.fullmatch(value)
    if not is_word or len(value) > MAX_SOURCE_CHARS:
        raise invalid("source must be a word in small letters, dashes between")
    return str(value)


def receipt(row: Row) -> str:
    """Read the code that is waited for, empty where there is none.

    Raises:
        UnreadableError: it is no such code.
    """
    if "receipt" not in row:
        return ""
    value = row["receipt"]
    if not isinstance(value, str) or not RECEIPT.fullmatch(value):
        raise invalid("receipt must be up to 64 letters and digits, or be left out")
    return value


def line(row: Row, name: str, limit: int) -> str:
    """Read what people have written, on one line.

    Raises:
        UnreadableError: it is empty, too long, or has a control character.
    """
    value = row[name]
    is_line = isinstance(value, str) and _LINE.fullmatch(value)
    if not is_line or len(value) > limit:
        raise invalid(f"{name} must be a line of 1 to {limit} characters")
    return str(value)


def invalid(detail: str) -> UnreadableError:
    """Return the error for a field with a wrong value; *detail* says what is right."""
    return UnreadableError(DeadLetterCode.COMMAND_FIELD_INVALID, detail)
