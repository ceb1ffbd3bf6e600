"""A local map of who is whom, from identity events in whatever order they come."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Self

from idweave_graph.consume.reading import (
    MalformedError,
    array,
    checked_text,
    mapping,
    told_by_event,
    told_by_person,
    whole_number,
)
from idweave_graph.consume.register import Changes, Ended, Living, Register

VERSION: Final = 1
"""Of the form in which a fold is stored."""

_NOTHING: Final = Register("")


class Fold:
    """Folds `identity.events.v1`, or `identity.persons.v1`, into a map.

    Whoever has had the last event of each person knows who is whom, whatever else was
    lost, repeated or out of order; until then a person is as their newest event says
    that has come. What only an event that never came has told is not known before the
    next event of that person: an id that they gained is nobody's, one that was
    forgotten still theirs, an id that ended still in use.

    Businesses are kept apart: no record of one changes anything in another. A record
    that can't be read changes nothing at all.

    All is kept in memory: each member twice, and per person id, alive or ended, a
    number and a name. Ended ids are never forgotten, so that what comes late is seen
    to be late. One thread at a time.
    """

    __slots__ = ("_businesses",)

    def __init__(self) -> None:
        self._businesses: dict[str, Register] = {}

    def apply(self, event: Mapping[str, Any]) -> Changes:
        """Take one value of `identity.events.v1` in; say what it has changed.

        Events without a person change nothing, also those of a type unknown here.

        Raises:
            MalformedError: it is no identity event.
        """
        told = told_by_event(event)
        if told is None:
            return Changes(event["business"])
        return self._register(told.business).take(told)

    def apply_person(self, key: str, value: Mapping[str, Any] | None) -> Changes:
        """Take one record of `identity.persons.v1` in; say what it has changed.

        Take the records of one key in their order: a tombstone, which has no *value*,
        tells no generation. It ends the person and names no heir; that does the
        record of another person, before or after it.

        Raises:
            MalformedError: it is no record of that topic.
        """
        name = checked_text(key, "the key of a person")
        if value is None:
            return self._drop(name)
        told = told_by_person(value)
        if told.person != name:
            msg = "the key of a person is not the `id` of the value"
            raise MalformedError(msg)
        return self._register(told.business).take(told)

    def person_of(self, business: str, member: str) -> str | None:
        """Return whose *member* is: `app:<app>:<user>`, `page:…`, `token:…`, `code:…`."""
        return self._businesses.get(business, _NOTHING).owners.get(member)

    def members(self, business: str, person: str) -> tuple[str, ...]:
        """Return who is known to be *person*; empty if they have ended or are unknown."""
        known = self._businesses.get(business, _NOTHING).living.get(person)
        return known.members if known else ()

    def survivor(self, business: str, person: str) -> str | None:
        """Return who *person* stands for now: themselves while they are in use.

        None: nobody is left of them, or nothing is known yet.
        """
        return self._businesses.get(business, _NOTHING).survivor(person)

    def owners(self) -> Iterator[tuple[str, str, str]]:
        """Yield business, member and person id of each member that is somebody's."""
        for business, register in self._businesses.items():
            for member, person in register.owners.items():
                yield business, member, person

    def ended(self) -> Iterator[tuple[str, str, str | None]]:
        """Yield business, ended person id and survivor of each id not in use."""
        for business, register in self._businesses.items():
            for person in register.ended:
                yield business, person, register.survivor(person)

    def to_document(self) -> dict[str, Any]:
        """Return all that is known as JSON can hold it; equal maps, equal documents.

        Store it together with the offsets up to which records were applied. Stored too
        early does no harm, as records may come twice; too late would lose some.
        """
        return {
            "version": VERSION,
            "businesses": {
                business: _stored(self._businesses[business])
                for business in sorted(self._businesses)
            },
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the fold that `to_document` was asked of.

        Raises:
            MalformedError: the document is damaged or of another version. Fold from
                the start of the topic instead.
        """
        stated = mapping(document, "a stored fold")
        if stated.get("version") != VERSION:
            msg = f"a stored fold must have the version {VERSION}: fold from the start"
            raise MalformedError(msg)
        fold = cls()
        businesses = mapping(stated.get("businesses"), "`businesses` of a stored fold")
        for business, stored in businesses.items():
            fold._businesses[business] = _restored(business, stored)
        return fold

    def _register(self, business: str) -> Register:
        known = self._businesses.get(business)
        if known is None:
            known = self._businesses[business] = Register(business)
        return known

    def _drop(self, person: str) -> Changes:
        # The key has no business. Person ids are made from it, so one has this id.
        for register in self._businesses.values():
            if person in register.living:
                return register.drop(person)
        return Changes("")


def _stored(register: Register) -> dict[str, Any]:
    return {
        "persons": {
            name: [person.generation, sorted(person.members)]
            for name, person in sorted(register.living.items())
        },
        "ended": {
            name: [ended.generation, ended.heir]
            for name, ended in sorted(register.ended.items())
        },
    }


def _restored(business: str, stored: object) -> Register:
    register = Register(business)
    what = "a business of a stored fold"
    document = mapping(stored, what)
    for name, entry in mapping(document.get("persons"), what).items():
        generation, members = _pair(entry, f"a person of {what}")
        texts = tuple(checked_text(m, "a stored member") for m in array(members, what))
        register.living[name] = Living(generation, texts)
        register.owners.update(dict.fromkeys(texts, name))
    for name, entry in mapping(document.get("ended"), what).items():
        generation, heir = _pair(entry, f"an ended id of {what}")
        register.ended[name] = Ended(generation, checked_text(heir, "a stored heir"))
    listed = sum(len(person.members) for person in register.living.values())
    if listed != len(register.owners) or register.living.keys() & register.ended.keys():
        msg = "a stored fold contradicts itself: fold from the start"
        raise MalformedError(msg)
    return register


def _pair(entry: object, what: str) -> tuple[int, Any]:
    pair = array(entry, what)
    if len(pair) != 2:  # noqa: PLR2004 - a pair
        msg = f"{what} must have two entries"
        raise MalformedError(msg)
    return whole_number(pair[0], f"the generation of {what}"), pair[1]
