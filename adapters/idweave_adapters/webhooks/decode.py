"""A raw webhook body, as Meta posted it, becomes sightings of PSIDs.

Meta puts up to 1000 updates into one body, so parts are judged one by one: a bad part
is reported and the others are used.
"""

from collections.abc import Callable
from typing import Any

from idweave_adapters.errors import UnreadableError
from idweave_adapters.fields import decimal_id, unix_ms
from idweave_adapters.observations import (
    DeadLetterCode,
    Decoded,
    Findings,
    IgnoreReason,
    Unreadable,
)
from idweave_adapters.strict_json import DEFAULT_LIMIT_BYTES, read_object
from idweave_adapters.webhooks.events import (
    Found,
    Page,
    read_change,
    read_event,
    wrong_shape,
)
from idweave_adapters.webhooks.kinds import (
    EVENT_LISTS,
    MESSENGER_OBJECT,
    OTHER_OBJECTS,
)
from idweave_graph.ids import Asset, AssetKind

_NOBODYS_IDS = (0, "0")
"""The entry id in samples that Meta's dashboard sends."""


def decode_webhook(
    value: bytes | None, *, limit_bytes: int = DEFAULT_LIMIT_BYTES
) -> Decoded:
    """Read one webhook body; nothing is raised.

    Each sighting of a PSID gives one observation, in the order of the body. Webhooks
    never carry a business token. Every part ends as an observation, a counted reason
    or a problem, so no body gives nothing at all.

    Args:
        value: The request body, byte for byte.
        limit_bytes: Larger bodies are refused unread.
    """
    findings = Findings()
    try:
        body = read_object(value, limit_bytes=limit_bytes)
    except UnreadableError as error:
        findings.add(error.problem)
    else:
        _read_body(body, findings)
    return findings.decoded()


def _read_body(body: dict[str, Any], findings: Findings) -> None:
    if "object" not in body and "field" in body and "value" in body:
        findings.add(IgnoreReason.DASHBOARD_TEST)
        return
    kind = body.get("object")
    if kind == MESSENGER_OBJECT:
        _read_entries(body, findings)
    else:
        findings.add(_other_object(kind))


def _other_object(kind: object) -> IgnoreReason | Unreadable:
    if not isinstance(kind, str):
        return wrong_shape("The body has no `object`")
    code = DeadLetterCode.WEBHOOK_OBJECT_UNSUPPORTED
    return OTHER_OBJECTS.get(kind) or Unreadable(code, code.meaning)


def _read_entries(body: dict[str, Any], findings: Findings) -> None:
    if body.get("entry") is None:
        findings.add(wrong_shape("The body has no `entry`"))
    elif not _each(body, "entry", "", _read_entry, findings):
        findings.add(IgnoreReason.NO_EVENTS)


def _each(
    holder: dict[str, Any],
    key: str,
    where: str,
    read: Callable[[Any, str, Findings], None],
    findings: Findings,
) -> bool:
    """Read each part of a list; say whether there was anything to read or report."""
    parts = holder.get(key)
    if parts is None:
        return False
    if not isinstance(parts, list):
        findings.add(wrong_shape(f"`{key}` is no list"), f"{where}/{key}")
        return True
    for number, part in enumerate(parts):
        read(part, f"{where}/{key}/{number}", findings)
    return bool(parts)


def _read_entry(entry: Any, where: str, findings: Findings) -> None:
    if not isinstance(entry, dict):
        findings.add(wrong_shape("An entry is no object"), where)
        return
    if entry.get("id") in _NOBODYS_IDS:
        findings.add(IgnoreReason.DASHBOARD_TEST)
        return
    page_id = decimal_id(entry.get("id"))
    if page_id is None:
        findings.add(wrong_shape("An entry has no Page id"), where)
        return
    page = Page(Asset(AssetKind.PAGE, page_id), unix_ms(entry.get("time")))
    _read_parts(entry, page, where, findings)


def _read_parts(
    entry: dict[str, Any], page: Page, where: str, findings: Findings
) -> None:
    def reading(read: Callable[[Any, Page], Found]) -> Callable[..., None]:
        def add(part: Any, at: str, findings: Findings) -> None:
            findings.add(read(part, page), at)

        return add

    read = [
        _each(entry, key, where, reading(read_event), findings) for key in EVENT_LISTS
    ]
    read.append(_each(entry, "changes", where, reading(read_change), findings))
    if not any(read):
        findings.add(IgnoreReason.NO_EVENTS)
