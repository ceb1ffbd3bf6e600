"""The body of a login request becomes the records to store, or a clear refusal."""

import json
from collections.abc import Iterator
from typing import Final

from idweave_adapters.ingress import replies
from idweave_adapters.logins import decode_login
from idweave_adapters.observations import DeadLetterCode

_SHAPE: Final = frozenset(
    {
        DeadLetterCode.EMPTY_VALUE,
        DeadLetterCode.TOO_LARGE,
        DeadLetterCode.NOT_JSON,
        DeadLetterCode.NOT_AN_OBJECT,
        DeadLetterCode.DUPLICATE_KEY,
        DeadLetterCode.TOO_DEEP,
        DeadLetterCode.LOGIN_FIELD_MISSING,
        DeadLetterCode.LOGIN_FIELD_INVALID,
    }
)
"""What the sender has to put right. Whether a signed request is genuine is for the
pipeline to say, which knows who owns the app now."""

_BLANKS: Final = " \t\n\r"
_NOT_JSON: Final = "the body is not JSON in UTF-8: one event, or an array of events"

# It only finds where an event ends; each is then read strictly.
_decoder = json.JSONDecoder()


def events_of(body: bytes, *, limit: int) -> list[bytes]:
    """Return the events of *body*, each byte for byte as it was written.

    Raises:
        Refused: the body is neither an event nor an array of up to *limit*, or one of
            its events is not as the schema wants it. None is to be stored then.
    """
    if not body.lstrip(_BLANKS.encode()).startswith(b"["):
        _check(body, None)
        return [body]
    try:
        events = list(_elements(body.decode(), limit))
    except (ValueError, RecursionError):
        raise replies.bad_events(_NOT_JSON) from None
    if not events:
        raise replies.bad_events("the array is empty; send at least one event")
    for index, event in enumerate(events):
        _check(event, index)
    return events


def _check(event: bytes, index: int | None) -> None:
    problems = decode_login(event, secrets=lambda _: ()).problems
    for problem in problems:
        if problem.code in _SHAPE:
            raise replies.bad_events(problem.hint, index)


def _elements(text: str, limit: int) -> Iterator[bytes]:
    """Yield the texts of the elements of a JSON array.

    Raises:
        ValueError: it is none.
        Refused: it has more than *limit* elements.
    """
    at, count = _after_blanks(text, text.index("[") + 1), 0
    if text[at : at + 1] == "]":
        at = _after_blanks(text, at + 1)
    else:
        while True:
            _, end = _decoder.raw_decode(text, at)
            count += 1
            if count > limit:
                raise replies.too_many(limit)
            yield text[at:end].encode()
            at = _after_blanks(text, end)
            mark, at = text[at : at + 1], _after_blanks(text, at + 1)
            if mark == "]":
                break
            if mark != ",":
                raise ValueError(mark)
    if at != len(text):
        raise ValueError(at)


def _after_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at
