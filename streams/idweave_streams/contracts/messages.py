"""Which messages each topic carries, and by which schemas."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from idweave_adapters import logins
from idweave_streams.outputs import POLICY_EVENTS

SchemaPart = dict[str, Any]

JSON: Final = "application/json"
BYTES: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of record of a topic."""

    name: str
    summary: str
    payload: SchemaPart
    key: SchemaPart | None = None
    """None: the record has no key, or any."""
    headers: str | None = None
    """Name of the schema of its headers."""
    content_type: str = JSON


def ref(name: str) -> SchemaPart:
    """Refer to a schema among the document's components."""
    return {"$ref": f"#/components/schemas/{name}"}


_ID = "[!-.0-9;-{}~]{1,128}"
# AsyncAPI's own schema refuses a key that is nothing but a reference.
BUSINESS_KEY: Final = {
    "description": "The business.",
    "allOf": [ref("common.business_id")],
}
PERSON_KEY: Final = {
    "description": "The person's id.",
    "allOf": [ref("common.person_id")],
}
EVENT_KEY: Final = {
    "description": "The person's id; the business, where no person is known.",
    "anyOf": [ref("common.person_id"), ref("common.business_id")],
}
ALIAS_KEY: Final = {
    "description": "The business, a slash, and the scoped id as text.",
    "type": "string",
    "pattern": f"^{_ID}/(app|page):{_ID}:{_ID}$",
}
COMMAND_KEY: Final = {
    "description": "The scoped id as text; the asset, where all its ids are meant.",
    "type": "string",
    "pattern": f"^(app|page):{_ID}(:{_ID})?$",
}
RECEIPT_KEY: Final = {
    "description": "The same text as `receipt` in the value.",
    "type": "string",
    "pattern": "^[0-9A-Za-z]{1,64}$",
}
ASSET_KEY: Final = {
    "description": "The same text as `asset` in the value.",
    "type": "string",
    "pattern": f"^(app|page):{_ID}$",
}
HOLD_KEY: Final = {
    "description": "The business; a slash and the asset too, where it is one token.",
    "type": "string",
    "pattern": f"^{_ID}(/(app|page):{_ID})?$",
}
REPLAY_KEY: Final = {
    "description": "Partition and offset of the dead letter, with a hyphen.",
    "type": "string",
    "pattern": "^[0-9]+-[0-9]+$",
}
GONE: Final = {"description": "A tombstone: no value.", "type": "null"}


def _internal(name: str, what: str, key: SchemaPart | None = None) -> Message:
    payload = {
        "description": "A version byte, then JSON. For idweave alone: the form may "
        "change with any release.",
        "type": "string",
        "format": "binary",
    }
    return Message(name, what, payload, key, content_type=BYTES)


_WEBHOOK = {
    "description": "The body of a Messenger webhook as Meta sent it, byte for byte: "
    "an object with `object` and `entry`.",
    "type": "object",
}
_POLICY_EVENT = {
    "allOf": [
        ref("event"),
        {"properties": {"type": {"enum": [kind.value for kind in POLICY_EVENTS]}}},
    ]
}
_ANYTHING = {
    "description": "The value as it came, byte for byte.",
    "type": ["string", "null"],
    "format": "binary",
}

MESSAGES: Final[Mapping[str, tuple[Message, ...]]] = MappingProxyType(
    {
        "logins": (Message("login", "A person logged into an app.", logins.schema()),),
        "webhooks": (Message("webhook", "Something happened on Pages.", _WEBHOOK),),
        "commands": (
            Message(
                "command",
                "Something is to be done about a scoped id.",
                ref("command"),
                COMMAND_KEY,
            ),
        ),
        "assets": (
            Message("asset", "Who owns an app or a Page.", ref("asset"), ASSET_KEY),
            Message("assetForgotten", "The asset is unknown now.", GONE, ASSET_KEY),
        ),
        "holds": (
            _internal(
                "internalHold", "A business or a token is held or free.", HOLD_KEY
            ),
        ),
        "sightings": (_internal("sightings", "Scoped ids that were seen."),),
        "answers": (_internal("answers", "What lookups brought."),),
        "evidence": (
            _internal(
                "evidence", "What changes the graph of one business.", BUSINESS_KEY
            ),
        ),
        "dead_letters": (
            Message(
                "deadLetter",
                "A record that could not be read, or not wholly, as it came.",
                _ANYTHING,
                headers="dead-letter-headers",
                content_type=BYTES,
            ),
        ),
        "replays": (_internal("replay", "A dead letter was sent back.", REPLAY_KEY),),
        "events": (
            Message(
                "identityEvent",
                "A change of identity, with the whole person.",
                ref("event"),
                EVENT_KEY,
                headers="event-headers",
            ),
        ),
        "aliases": (
            Message("alias", "Whose id a scoped id is.", ref("alias"), ALIAS_KEY),
            Message("aliasGone", "The id was forgotten.", GONE, ALIAS_KEY),
        ),
        "persons": (
            Message("person", "The whole person.", ref("person"), PERSON_KEY),
            Message("personGone", "The person id has ended.", GONE, PERSON_KEY),
        ),
        "policy": (
            Message(
                "policyEvent",
                "A link was refused or quarantined, a ban or a decision told of: the identity event again.",
                _POLICY_EVENT,
                BUSINESS_KEY,
                headers="event-headers",
            ),
            Message(
                "hold",
                "A business or a token is held or free.",
                ref("hold"),
                BUSINESS_KEY,
            ),
            Message(
                "erasure",
                "Ids were forgotten; it does not say which.",
                ref("erasure"),
                BUSINESS_KEY,
            ),
        ),
        "receipts": (
            Message(
                "receipt", "How far a request has come.", ref("receipt"), RECEIPT_KEY
            ),
        ),
    }
)
"""By what code calls the topic."""
