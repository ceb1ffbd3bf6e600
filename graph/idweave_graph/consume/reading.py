"""From public documents to checked values: what a record says of one person.

Only what the fold needs is looked at, so fields, event types and kinds of members that
a later release adds are no fault. Texts of faults name fields, never ids.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


class MalformedError(ValueError):
    """The record is none of this topic. Put it aside and check which topic is read."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a record says: the whole person, at one generation."""

    business: str
    person: str
    generation: int
    members: tuple[str, ...]
    """As text, each once; empty where the person has ended."""
    absorbed: tuple[str, ...]


def told_by_event(event: object) -> Told | None:
    """Read a value of `identity.events.v1`; None where it changes nobody.

    The type is not looked at: whatever carries a person says how they are now.

    Raises:
        MalformedError: it is no identity event.
    """
    document = mapping(event, "an event")
    text(document, "type", "an event")
    business = text(document, "business", "an event")
    if "person" not in document:
        return None
    told = told_by_person(document["person"])
    if told.business != business:
        msg = "an event and its person name different businesses"
        raise MalformedError(msg)
    return told


def told_by_person(person: object) -> Told:
    """Read a value of `identity.persons.v1`, or the `person` of an event.

    Raises:
        MalformedError: it is no person.
    """
    document = mapping(person, "a person")
    name = text(document, "id", "a person")
    absorbed = tuple(dict.fromkeys(_absorbed(document)))
    if name in absorbed:
        msg = "a person lists their own id in `absorbed`"
        raise MalformedError(msg)
    return Told(
        text(document, "business", "a person"),
        name,
        whole_number(document.get("generation"), "`generation` of a person"),
        tuple(dict.fromkeys(_members(document))),
        absorbed,
    )


def member_text(member: object) -> str:
    """Return `<kind>:<asset>:<value>`, or `<kind>:<value>` of what has no asset.

    Raises:
        MalformedError: it is no member.
    """
    document = mapping(member, "a member")
    kind, value = (text(document, field, "a member") for field in ("kind", "value"))
    if "asset" not in document:
        return f"{kind}:{value}"
    return f"{kind}:{text(document, 'asset', 'a member')}:{value}"


def _members(document: Mapping[str, Any]) -> Iterator[str]:
    for member in array(document.get("members"), "`members` of a person"):
        yield member_text(member)


def _absorbed(document: Mapping[str, Any]) -> Iterator[str]:
    for name in array(document.get("absorbed"), "`absorbed` of a person"):
        yield checked_text(name, "`absorbed` of a person")


def mapping(value: object, what: str) -> Mapping[str, Any]:
    """Return *value* if it is a JSON object."""
    if not isinstance(value, Mapping):
        msg = f"{what} must be an object"
        raise MalformedError(msg)
    return value


def array(value: object, what: str) -> list[Any] | tuple[Any, ...]:
    """Return *value* if it is a JSON array."""
    if not isinstance(value, (list, tuple)):
        msg = f"{what} must be an array"
        raise MalformedError(msg)
    return value


def text(document: Mapping[str, Any], field: str, what: str) -> str:
    """Return a field that is a text and not empty."""
    return checked_text(document.get(field), f"`{field}` of {what}")


def checked_text(value: object, what: str) -> str:
    """Return *value* if it is a text and not empty."""
    if not isinstance(value, str) or not value:
        msg = f"{what} must be a text that is not empty"
        raise MalformedError(msg)
    return value


def whole_number(value: object, what: str) -> int:
    """Return *value* if it counts something, from 1 on."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        msg = f"{what} must be a whole number from 1 on"
        raise MalformedError(msg)
    return value
