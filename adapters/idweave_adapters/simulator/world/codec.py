"""A world as a JSON document, and back. The document holds secrets: keep it private."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson

from idweave_adapters.simulator.world.values import App, Business, Page, Parts, Person

FORMAT = "idweave-world/1"


class UnreadableWorldError(ValueError):
    """The file is no world of this version. Write a new one from a seed."""


def encode(parts: Parts) -> bytes:
    """Write everything, tokens' key and app secrets included."""
    return orjson.dumps(
        {
            "format": FORMAT,
            "key": parts.key,
            "businesses": [asdict(each) for each in parts.businesses],
            "apps": [asdict(each) for each in parts.apps],
            "pages": [asdict(each) for each in parts.pages],
            "people": [_person_row(each) for each in parts.people],
        }
    )


def decode(text: bytes | str) -> Parts:
    """Read what `encode` wrote.

    Raises:
        UnreadableWorldError: it is not JSON, of another format, or incomplete.
    """
    try:
        raw: dict[str, Any] = orjson.loads(text)
        if raw["format"] != FORMAT:
            msg = f"the world file is not of format {FORMAT}; write it again from its seed"
            raise UnreadableWorldError(msg)
        return Parts(
            tuple(Business(**each) for each in raw["businesses"]),
            tuple(App(**_tuples(each)) for each in raw["apps"]),
            tuple(Page(**_tuples(each)) for each in raw["pages"]),
            tuple(_person(each) for each in raw["people"]),
            raw["key"],
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        # no cause: it would repeat ids out of the file
        msg = "the file is no world document; write one with World.to_json"
        raise UnreadableWorldError(msg) from None


def _tuples(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in raw.items()
    }


def _person_row(person: Person) -> dict[str, Any]:
    row: dict[str, Any] = {"key": person.key, "name": person.name}
    if person.asids:
        row["asids"] = person.asids
    if person.psids:
        row["psids"] = person.psids
    if person.phone_only:
        row["phone_only"] = True
    return row


def _person(raw: Mapping[str, Any]) -> Person:
    return Person(**raw)
