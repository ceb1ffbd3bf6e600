"""Refusals as RFC 9457 problem documents. None of them repeats what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem. Its type is `urn:idweave:problem:<name>`."""

    name: str
    status: int
    title: str


NOT_FOUND: Final = Kind("not-found", 404, "Nothing of that name is known here.")
NO_SUCH_PATH: Final = Kind("no-such-path", 404, "There is nothing at this path.")
WRONG_METHOD: Final = Kind("wrong-method", 405, "The path is right, the method not.")
NO_CREDENTIAL: Final = Kind(
    "no-credential", 401, "Send a credential that is good, as a bearer token."
)
NOT_ALLOWED: Final = Kind("not-allowed", 403, "The credential is not for this.")
BAD_REQUEST: Final = Kind("bad-request", 400, "The request can't be understood.")
TOO_LARGE: Final = Kind("too-large", 413, "The body is too large.")
BAD_MEDIA: Final = Kind("bad-media", 415, "The body must be plain JSON.")
TOO_MUCH: Final = Kind("too-much", 422, "Too many ids are touched for an answer here.")
TOO_MANY: Final = Kind("too-many", 429, "Too many requests with this credential.")
OTHER_COPY: Final = Kind(
    "other-copy", 409, "The place in the changes is one of another copy; start anew."
)
NOT_READY: Final = Kind("not-ready", 503, "The topics are still being read.")
FAULT: Final = Kind("fault", 500, "A fault of ours; the log says which.")

KINDS: Final = (
    BAD_REQUEST,
    NO_CREDENTIAL,
    NOT_ALLOWED,
    NOT_FOUND,
    NO_SUCH_PATH,
    WRONG_METHOD,
    OTHER_COPY,
    TOO_LARGE,
    BAD_MEDIA,
    TOO_MUCH,
    TOO_MANY,
    FAULT,
    NOT_READY,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out: a JSON object and its headers."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


class Problem(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The request is answered with `answer`."""

    def __init__(self, kind: Kind, detail: str = "", **headers: str) -> None:
        super().__init__(kind.name)
        self.kind = kind
        body = {
            "type": f"urn:idweave:problem:{kind.name}",
            "title": kind.title,
            "status": kind.status,
        }
        if detail:
            body["detail"] = detail
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named["Content-Type"] = MEDIA_TYPE
        self.answer = Answer(kind.status, body, named)


def phrase(status: int) -> str:
    """Return the usual words for a status."""
    return HTTPStatus(status).phrase
