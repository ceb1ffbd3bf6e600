"""What is answered, as JSON Schema: the parts of the OpenAPI document."""

from typing import Any, Final

from idweave_adapters.api.routes import MAX_IDS, MEMBER, Verb
from idweave_adapters.api.what_if import MAX_CHANGES, Action
from idweave_adapters.fields import EARLIEST_MS, LATEST_MS

Schema = dict[str, Any]

_STRING: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_OBJECT: Final = {"type": "object"}
_NAMES: Final = {"type": "array", "items": _STRING}


def _all(**properties: Schema) -> Schema:
    """Return an object that has all of these; more may be added."""
    return {
        "type": "object",
        "required": sorted(properties),
        "properties": properties,
    }


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}


def _page(item: Schema) -> Schema:
    return _all(items=_list(item), next=_or_null(_STRING))


SCHEMAS: Final[dict[str, Schema]] = {
    "Object": _OBJECT,
    "Live": _all(live={"type": "boolean"}),
    "Ready": _all(ready={"type": "boolean"}),
    "Status": _all(
        source={"enum": ["topics", "snapshot"]},
        behind=_or_null(_COUNT),
        businesses=_NAMES,
        verbs=_list({"enum": [str(verb) for verb in Verb]}),
    ),
    "Member": {
        "type": "object",
        "required": ["kind", "value", "first_seen_ms"],
        "properties": {
            "kind": {"enum": ["app", "page", "token", "code"]},
            "asset": _STRING,
            "value": _STRING,
            "first_seen_ms": _COUNT,
        },
    },
    "Proof": _all(
        kind=_STRING,
        a=_STRING,
        b=_STRING,
        at_ms=_COUNT,
        epochs=_list(_COUNT),
        cause=_OBJECT,
    ),
    "Person": _all(
        id=_STRING,
        business=_STRING,
        generation=_COUNT,
        members=_list(_ref("Member")),
        absorbed=_NAMES,
        evidence=_list(_ref("Proof")),
        quarantined=_list(_ref("Proof")),
    ),
    "PersonAnswer": _all(person=_ref("Person"), trail=_NAMES),
    "IdAnswer": _all(id=_STRING, person=_ref("Person")),
    "Ids": {
        "type": "object",
        "additionalProperties": False,
        "required": ["ids"],
        "properties": {
            "ids": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_IDS,
                "items": dict(MEMBER),
            }
        },
    },
    "Found": _all(items=_list(_all(id=_STRING, person=_or_null(_STRING)))),
    "Event": {
        "type": "object",
        "required": ["id", "type", "business", "at_ms", "reason", "cause", "evidence"],
        "properties": {
            "id": _STRING,
            "type": _STRING,
            "redacted": {
                "type": "boolean",
                "description": "Something was taken out that is nobody's any more.",
            },
        },
    },
    "Entry": _all(
        event=_ref("Event"),
        gained=_NAMES,
        lost=_NAMES,
        joined=_NAMES,
        released=_NAMES,
    ),
    "History": _all(
        person=_ref("Person"),
        trail=_NAMES,
        items=_list(_ref("Entry")),
        next=_or_null(_STRING),
    ),
    "Why": {
        "type": "object",
        "required": ["ids", "business", "one_person", "decisions"],
        "properties": {
            "ids": _NAMES,
            "business": _STRING,
            "one_person": {"type": "boolean"},
            "person": _STRING,
            "chain": _list(
                _all(
                    **{"from": _STRING},
                    to=_STRING,
                    because=_STRING,
                    proof=_ref("Proof"),
                )
            ),
            "persons": _NAMES,
            "quarantined": _list(
                _all(proof=_ref("Proof"), rivals=_list(_NAMES)),
            ),
            "refused": _list(_ref("Event")),
            "bans": _list(_OBJECT),
            "decisions": _list(_OBJECT),
        },
    },
    "Changes": {
        "type": "object",
        "additionalProperties": False,
        "required": ["at_ms", "changes"],
        "properties": {
            "at_ms": {
                "type": "integer",
                "minimum": EARLIEST_MS,
                "maximum": LATEST_MS,
                "description": "When they are supposed to be made: unix milliseconds.",
            },
            "changes": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_CHANGES,
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["action", "one", "two"],
                    "properties": {
                        "action": {"enum": [str(action) for action in Action]},
                        "one": dict(MEMBER),
                        "two": dict(MEMBER),
                    },
                },
            },
        },
    },
    "Supposed": _all(
        business=_STRING,
        is_exact={
            "type": "boolean",
            "description": "Workers would tell the same, but for where it comes from.",
        },
        doubts={**_NAMES, "description": "Why it may be otherwise, in words."},
        changes=_list(
            _all(
                action=_STRING,
                one=_STRING,
                two=_STRING,
                refused={
                    **_or_null(_STRING),
                    "description": "Why no command does this.",
                },
                events=_list(_ref("Event")),
                command={
                    **_or_null(_STRING),
                    "description": "What does it in earnest, for a POSIX shell.",
                },
            )
        ),
        before=_list(_ref("Person")),
        after=_list(_ref("Person")),
        kept={**_NAMES, "description": "Person ids that stay."},
        ended={**_NAMES, "description": "Person ids that end."},
        given={**_NAMES, "description": "Person ids that are given out."},
    ),
    "Page": _page(_OBJECT),
    "PersonPage": _page(_all(id=_STRING, generation=_COUNT, size=_COUNT)),
    "EventPage": _page(_ref("Event")),
    "QuarantinePage": _page(
        _all(
            proof=_ref("Proof"),
            persons=_list(_or_null(_STRING)),
            rivals=_list(_NAMES),
        )
    ),
    "SearchPage": _page(_all(id=_STRING, person=_STRING)),
    "Overview": _all(
        business=_STRING,
        persons=_COUNT,
        members={"type": "object", "additionalProperties": _COUNT},
        sizes=_list(_all(size=_COUNT, persons=_COUNT)),
        largest=_list(_all(person=_STRING, size=_COUNT)),
        quarantined=_COUNT,
        events={"type": "object", "additionalProperties": _COUNT},
        days=_list(_all(day=_STRING, events=_OBJECT)),
        holds=_list(_OBJECT),
    ),
    "Stream": {
        "type": "object",
        "description": "One event of the stream, by the names of its fields.",
        "required": ["id", "event", "data"],
        "properties": {
            "id": _STRING,
            "event": {"type": "string", "description": "The type."},
            "data": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": _ref("Event"),
            },
        },
    },
    "Problem": _all(type=_STRING, title=_STRING, status=_COUNT),
}
