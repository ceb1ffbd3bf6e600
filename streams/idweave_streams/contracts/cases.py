"""What a reader of identity events must come to, as cases for readers in any language.

Each case is a sequence of events as Kafka may hand them over, lost ones, repeated ones
and changed orders included, and the map that a reader must have after the last of them.
The file is part of the contract, as the schemas are.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

FILE_NAME: Final = "consumer-cases.v1.jsonl"

PARTS: Final = {"members": "whose it is", "survivors": "whom it stands for"}
"""Of a map, and what each says of a key."""

MAX_TOLD: Final = 3
"""Differences of one case that are told one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a reader must get right."""

    name: str
    rule: str
    """In one sentence."""
    events: tuple[Mapping[str, Any], ...]
    """Values of `identity.events.v1`, in the order in which they come."""
    expected: Mapping[str, Mapping[str, str | None]]
    """`members`: `<business>/<member>` to person id. `survivors`: `<business>/<person
    id>` of each id that was named and is not in use, to the id that it stands for."""

    @property
    def lines(self) -> bytes:
        """The events as a reader under test gets them: one JSON object a line."""
        texts = (json.dumps(event, separators=(",", ":")) for event in self.events)
        return "".join(f"{text}\n" for text in texts).encode()


def cases() -> Iterator[Case]:
    """Yield all cases, the plain ones first."""
    file = resources.files(__package__) / FILE_NAME
    for line in file.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        yield Case(case["name"], case["rule"], tuple(case["events"]), case["expected"])


def differences(case: Case, answer: object) -> list[str]:
    """Say in what *answer* is not the map that *case* expects; nothing if it is."""
    if not isinstance(answer, Mapping):
        return ["the answer is no JSON object"]
    found = []
    for part in PARTS:
        stated = answer.get(part)
        if not isinstance(stated, Mapping):
            return [f"the answer has no object `{part}`"]
        found += _unlike(part, case.expected[part], stated)
    more = len(found) - MAX_TOLD
    return [*found[:MAX_TOLD], f"and {more} more"] if more > 0 else found


def _unlike(
    part: str, expected: Mapping[str, str | None], stated: Mapping[str, object]
) -> list[str]:
    return [
        f"{part}: {key} {_said(stated, key)}, should be {_said(expected, key)}"
        for key in sorted(expected.keys() | stated.keys())
        if key not in expected or key not in stated or expected[key] != stated[key]
    ]


def _said(entries: Mapping[str, object], key: str) -> str:
    return json.dumps(entries[key]) if key in entries else "left out"
