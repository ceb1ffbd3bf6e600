"""The smallest map of all: scoped id to person, from the compacted aliases topic."""

from collections.abc import Mapping
from typing import Any, Self

from idweave_graph.consume.reading import (
    MalformedError,
    array,
    checked_text,
    mapping,
    member_text,
    text,
    whole_number,
)
from idweave_graph.consume.register import Changes


class Aliases:
    """Folds `identity.aliases.v1` into a map from scoped id to person id.

    For who needs nothing else. It knows no members of a person and no ended ids.

    Of two records with one key the larger generation holds; a tombstone has none, so
    take the records of one key in their order. One thread at a time.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, str]] = {}

    def apply(self, key: str, value: Mapping[str, Any] | None) -> Changes:
        """Take one record in; say what it has changed. A tombstone has no *value*.

        Raises:
            MalformedError: it is no record of that topic.
        """
        business, slash, member = checked_text(key, "the key of an alias").partition(
            "/"
        )
        if not slash or not business or not member:
            msg = "the key of an alias must be <business>/<scoped id>"
            raise MalformedError(msg)
        if value is None:
            known = self._known.pop(key, None)
            released = frozenset((member,)) if known else frozenset()
            return Changes(business, released=released)
        generation, person = _alias(key, value)
        before, owner = self._known.get(key, (0, None))
        if before > generation:
            return Changes(business)
        self._known[key] = (generation, person)
        return Changes(business, {} if owner == person else {member: person})

    def person_of(self, business: str, member: str) -> str | None:
        """Return whose *member* is: `app:<app>:<user>` or `page:<page>:<user>`."""
        known = self._known.get(f"{business}/{member}")
        return known[1] if known else None

    def to_document(self) -> dict[str, Any]:
        """Return all that is known as JSON can hold it; equal maps, equal documents."""
        known = {key: list(entry) for key, entry in sorted(self._known.items())}
        return {"version": 1, "aliases": known}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return what `to_document` was asked of.

        Raises:
            MalformedError: the document is damaged or of another version. Fold from
                the start of the topic instead.
        """
        stated = mapping(document, "stored aliases")
        if stated.get("version") != 1:
            msg = "stored aliases must have the version 1: fold from the start"
            raise MalformedError(msg)
        aliases = cls()
        for key, entry in mapping(stated.get("aliases"), "stored aliases").items():
            pair = array(entry, "a stored alias")
            if len(pair) != 2:  # noqa: PLR2004 - a pair
                msg = "a stored alias must have two entries"
                raise MalformedError(msg)
            generation = whole_number(pair[0], "the generation of a stored alias")
            aliases._known[key] = (generation, checked_text(pair[1], "a stored alias"))
        return aliases


def _alias(key: str, value: Mapping[str, Any]) -> tuple[int, str]:
    document = mapping(value, "an alias")
    business = text(document, "business", "an alias")
    if key != f"{business}/{member_text(document)}":
        msg = "the key of an alias is not made of the value's fields"
        raise MalformedError(msg)
    generation = whole_number(document.get("generation"), "`generation` of an alias")
    return generation, text(document, "person", "an alias")
