"""How events of a case come: lost, repeated, late, in another order."""

from collections.abc import Callable
from random import Random
from typing import Any

Json = dict[str, Any]
Delivery = Callable[[list[Json]], list[Json]]


def in_order(events: list[Json]) -> list[Json]:
    return events


def reversed_(events: list[Json]) -> list[Json]:
    return events[::-1]


def each_twice(events: list[Json]) -> list[Json]:
    return [event for event in events for _ in range(2)]


def all_again(events: list[Json]) -> list[Json]:
    return events + events


def first_again(events: list[Json]) -> list[Json]:
    """The first one comes once more when all is over."""
    return [*events, events[0]]


def last_first(events: list[Json]) -> list[Json]:
    return [events[-1], *events[:-1]]


def last_only(events: list[Json]) -> list[Json]:
    """The last event of each person who was not absorbed: all that is needed."""
    last = {e["person"]["id"]: e for e in events if "person" in e}
    for event in list(last.values()):
        for old in event["person"]["absorbed"]:
            if old in last and _generation(last[old]) < _generation(event):
                del last[old]
    return [event for event in events if event in last.values()]


def _generation(event: Json) -> int:
    return int(event["person"]["generation"])


def last_only_reversed(events: list[Json]) -> list[Json]:
    return last_only(events)[::-1]


def survivor_last(events: list[Json]) -> list[Json]:
    """All about others, then all about the first person, each in order."""
    first = events[0]["person"]["id"]
    return sorted(events, key=lambda event: bool(event["person"]["id"] == first))


def without(*types: str) -> Delivery:
    """Nothing of these types comes through."""
    return lambda events: [event for event in events if event["type"] not in types]


def late(*types: str) -> Delivery:
    """Events of these types come when all is over."""

    def deliver(events: list[Json]) -> list[Json]:
        return without(*types)(events) + [e for e in events if e["type"] in types]

    return deliver


def shuffled(seed: int, kept: float = 1.0) -> Delivery:
    """In an order of their own; of those that are not needed, about *kept* come."""

    def deliver(events: list[Json]) -> list[Json]:
        random = Random(seed)
        needed = last_only(events)
        others = [e for e in events if e not in needed and random.random() < kept]
        got = [*needed, *others, *random.sample(events, k=len(events) // 3)]
        random.shuffle(got)
        return got

    return deliver


def with_news(events: list[Json]) -> list[Json]:
    """As a later release may write them: more fields, and more types."""
    grown = [
        {**event, "trace": {"id": number}, "person": {**event["person"], "mood": None}}
        for number, event in enumerate(events)
    ]
    other = {"id": "e_0", "type": "weathered", "business": "900", "weather": ["rain"]}
    return [other, *grown, other]
