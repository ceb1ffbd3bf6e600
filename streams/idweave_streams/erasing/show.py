"""A preview for people and for programs. Both hold ids: they were asked for."""

from collections.abc import Iterator
from typing import Any

from idweave_graph.documents import person_document
from idweave_graph.person import Person
from idweave_streams.erasing.preview import Altered, Preview

_SHOWN = 100
"""An app may have millions of ids; `--json` has them all."""


def preview_document(preview: Preview) -> dict[str, Any]:
    """Return the preview as one JSON object."""
    return {
        "ids": preview.ids,
        "gone": [str(who) for who in preview.gone],
        "persons": [
            {"before": _document(each.before), "after": _document(each.after)}
            for each in preview.persons
        ],
        "events": list(preview.events),
    }


def _document(person: Person | None) -> dict[str, Any] | None:
    return None if person is None else person_document(person)


def preview_text(preview: Preview) -> str:
    """Return the preview as lines."""
    return "\n".join(
        (
            f"{_many(preview.ids, 'id')} would be forgotten; nothing was changed",
            *_some([f"  - {who}" for who in preview.gone]),
            f"{_many(len(preview.persons), 'person')} would change",
            *_some([f"  {_told(each)}" for each in preview.persons]),
            f"{_many(len(preview.events), 'event')} would come",
            *_some([f"  {_event(each)}" for each in preview.events]),
        )
    )


def _some(lines: list[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"  and {len(lines) - _SHOWN} more; --json has them all"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _told(altered: Altered) -> str:
    before, after = altered.before, altered.after
    if before is None:
        return f"{_name(after)} would be new, with {_size(after)}"
    if after is None:
        return f"{_name(before)} would end; {_size(before)} now"
    return f"{_name(before)} would have {_size(after)}; {_size(before)} now"


def _name(person: Person | None) -> str:
    return "" if person is None else person.id


def _size(person: Person | None) -> str:
    return _many(0 if person is None else len(person.members), "member")


def _event(event: dict[str, Any]) -> str:
    person = event.get("person")
    whose = event.get("about") or event["business"]
    if person is not None:
        whose = f"{person['id']} generation {person['generation']}"
    return f"{event['type']} {whose}, reason {event['reason']}"
