"""The one table of what can be asked: the server and its document are made from it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

from idweave_graph.ids import MAX_ID_CHARS, MAX_TOKEN_CHARS

MAX_LIMIT: Final = 1000
DEFAULT_LIMIT: Final = 100
MAX_TEXT: Final = 600
"""Characters of a parameter; a business token has up to 512 and a kind before it."""
MAX_IDS: Final = 1000
"""Ids in one look-up."""

Schema = Mapping[str, Any]


class Verb(StrEnum):
    """What a credential may be for."""

    READ = "read"
    """Persons and ids."""
    EXPLAIN = "explain"
    """Why and how."""
    REVIEW = "review"
    """Quarantine, refusals, bans, decisions and the audit of erasures."""
    OVERVIEW = "overview"
    """Numbers of a business."""
    WATCH = "watch"
    """The stream of changes."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a path or query."""

    name: str
    description: str
    schema: Schema
    in_path: bool = False
    required: bool = False
    is_id: bool = False
    """The audit keeps a keyed hash of it."""


@dataclass(frozen=True, slots=True)
class Route:
    """One operation."""

    name: str
    method: str
    template: str
    summary: str
    answer: str
    """The schema of what is answered."""
    verb: Verb | None = None
    is_open: bool = False
    """No credential is needed."""
    parameters: tuple[Parameter, ...] = ()
    body: str | None = None
    """The schema of what is sent."""
    media: str = "application/json"


# Patterns say all of the form, so that what fits a schema is never refused as malformed.
_ID = f"[!-.0-9;-{{}}~]{{1,{MAX_ID_CHARS}}}"
_FORMS = (
    f"(app|page):{_ID}:{_ID}|token:[!-~]{{1,{MAX_TOKEN_CHARS}}}|code:[0-9a-f]{{32}}"
)
MEMBER: Final[Schema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_TEXT,
    "pattern": f"^({_FORMS})$",
}
_PERSON = {"type": "string", "pattern": "^p_[0-9a-f]{32}$"}

BUSINESS = Parameter(
    "business",
    "Which of the credential's businesses; needed where it has several.",
    {"type": "string", "minLength": 1, "maxLength": 128, "pattern": f"^{_ID}$"},
)
_PERSON_ID = Parameter("person", "A person id.", _PERSON, True, True, True)
_LIMIT = Parameter(
    "limit",
    "How many at most.",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
)
_CURSOR = Parameter(
    "cursor",
    "Where to go on: `next` of the page before.",
    {
        "type": "string",
        "minLength": 1,
        "maxLength": 4096,
        # No base64 leaves a single digit over.
        "pattern": "^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-]{2,4})$",
    },
)
_PAGED = (BUSINESS, _LIMIT, _CURSOR)


def _id(name: str, description: str, *, in_path: bool = False) -> Parameter:
    return Parameter(name, description, MEMBER, in_path, True, True)


_ANY_ID = "app:<app>:<user>, page:<page>:<user>, token:<value> or code:<hash>."

ROUTES: Final = (
    Route("live", "GET", "/live", "Whether it runs.", "Live", is_open=True),
    Route("ready", "GET", "/ready", "Whether it can answer.", "Ready", is_open=True),
    Route("document", "GET", "/v1/openapi.json", "This document.", "Object"),
    Route("status", "GET", "/v1/status", "How far behind the topics.", "Status"),
    Route(
        "list_persons",
        "GET",
        "/v1/persons",
        "Persons by id.",
        "PersonPage",
        Verb.READ,
        parameters=_PAGED,
    ),
    Route(
        "get_person",
        "GET",
        "/v1/persons/{person}",
        "A person; an ended id leads to whoever stands for it now.",
        "PersonAnswer",
        Verb.READ,
        parameters=(_PERSON_ID, BUSINESS),
    ),
    Route(
        "get_history",
        "GET",
        "/v1/persons/{person}/history",
        "How a person came to be, also one of whom nothing is left.",
        "History",
        Verb.EXPLAIN,
        parameters=(_PERSON_ID, *_PAGED),
    ),
    Route(
        "get_id",
        "GET",
        "/v1/ids/{id}",
        "Whose an id is.",
        "IdAnswer",
        Verb.READ,
        parameters=(_id("id", _ANY_ID, in_path=True), BUSINESS),
    ),
    Route(
        "look_up_ids",
        "POST",
        "/v1/ids:lookup",
        "Whose many ids are.",
        "Found",
        Verb.READ,
        parameters=(BUSINESS,),
        body="Ids",
    ),
    Route(
        "why",
        "GET",
        "/v1/why",
        "Why two ids are one person, or are not.",
        "Why",
        Verb.EXPLAIN,
        parameters=(_id("one", _ANY_ID), _id("two", _ANY_ID), BUSINESS),
    ),
    Route(
        "what_if",
        "POST",
        "/v1/what-if",
        "What would come of links, cuts, bans and decisions. Nothing is changed.",
        "Supposed",
        Verb.EXPLAIN,
        parameters=(BUSINESS,),
        body="Changes",
    ),
    Route(
        "list_quarantine",
        "GET",
        "/v1/quarantine",
        "Proofs that contradict others.",
        "QuarantinePage",
        Verb.REVIEW,
        parameters=_PAGED,
    ),
    Route(
        "list_refusals",
        "GET",
        "/v1/refusals",
        "Links that would have crossed the boundary of the business, latest first.",
        "EventPage",
        Verb.REVIEW,
        parameters=_PAGED,
    ),
    Route(
        "list_decisions",
        "GET",
        "/v1/decisions",
        "Bans, their ends and decisions, latest first.",
        "EventPage",
        Verb.REVIEW,
        parameters=_PAGED,
    ),
    Route(
        "list_erasures",
        "GET",
        "/v1/erasures",
        "The audit of erasures, latest first. It names no id.",
        "Page",
        Verb.REVIEW,
        parameters=_PAGED,
    ),
    Route(
        "overview",
        "GET",
        "/v1/overview",
        "A business in numbers, and its holds.",
        "Overview",
        Verb.OVERVIEW,
        parameters=(BUSINESS,),
    ),
    Route(
        "search",
        "GET",
        "/v1/search",
        "Ids that begin with a text.",
        "SearchPage",
        Verb.READ,
        parameters=(
            Parameter(
                "q",
                "p_… searches person ids, a text with a colon members as they are "
                "written, any other what stands behind their last colon.",
                {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": MAX_TEXT,
                    "pattern": r"^[^\x00]+$",
                },
                required=True,
                is_id=True,
            ),
            *_PAGED,
        ),
    ),
    Route(
        "changes",
        "GET",
        "/v1/changes",
        "Identity events as they come, as server-sent events.",
        "Stream",
        Verb.WATCH,
        parameters=(
            BUSINESS,
            Parameter(
                "after",
                "`start`, or the id of the last event that was seen; without it only "
                "what comes from now on. The header Last-Event-ID does the same.",
                {"type": "string", "pattern": "^(start|[0-9a-f]{16}-[0-9]{1,16})$"},
            ),
        ),
        media="text/event-stream",
    ),
)


@dataclass(frozen=True, slots=True)
class Match:
    """A path that is one of ours."""

    routes: tuple[Route, ...]
    """By method."""
    values: Mapping[str, str]


def matched(raw_path: str) -> Match | None:
    """Return what a path, as it was sent, leads to; None: to nothing."""
    for pattern, routes in _by_path():
        found = pattern.fullmatch(raw_path)
        if found is None:
            continue
        try:
            values = {
                n: unquote(v, errors="strict") for n, v in found.groupdict().items()
            }
        except UnicodeDecodeError:
            return None
        return Match(routes, values)
    return None


@cache
def _by_path() -> list[tuple[re.Pattern[str], tuple[Route, ...]]]:
    """Return the routes by template: each request goes through them."""
    return [
        (_pattern(template), tuple(r for r in ROUTES if r.template == template))
        for template in dict.fromkeys(route.template for route in ROUTES)
    ]


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    texts = (
        f"(?P<{part}>[^/]+)" if number % 2 else re.escape(part)
        for number, part in enumerate(parts)
    )
    return re.compile("".join(texts))
