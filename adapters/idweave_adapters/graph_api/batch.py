"""Many questions in one HTTP request, as Meta's Batch Requests document has it.

Up to 50 items a request, each a GET with its own token and proof. All of it travels
in the form body of one POST to the versioned root, so no address ever holds a token,
a proof or a person's id, and no access log can.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard
from urllib.parse import urlencode

import orjson

from idweave_adapters.credentials import BusinessCredential, Credential
from idweave_adapters.graph_api.classify import classify
from idweave_adapters.graph_api.errors import GraphApiError, ProtocolFault, Transient
from idweave_adapters.graph_api.limits import Usage, parse_usage

MAX_ITEMS = 50
"""Meta, Batch Requests document. Each item counts as one call for rate limits."""

VERSION_HEADER = "facebook-api-version"

_VERSION = re.compile(r"v\d{1,4}\.\d{1,4}", re.ASCII)
_STATUSES = range(100, 600)

Signed = Sequence[tuple[str, str]]
"""A token and its proof, as form fields."""


Signer = Credential | BusinessCredential
"""In whose name something is asked."""


@dataclass(frozen=True, slots=True)
class Question:
    """One read: what to ask, and as whom."""

    path: str = field(repr=False)
    """Below the versioned root; made of ids, so kept out of the repr."""
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    credential: Signer


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one question: a JSON object that states no error."""

    body: Mapping[str, object] = field(repr=False)
    usage: Usage
    served_version: str | None


Reply = Answer | GraphApiError


def encode(questions: Sequence[Question], sign: Callable[[Signer], Signed]) -> bytes:
    """The form body that asks all *questions*, in the name of the first one.

    Args:
        questions: 1 to 50.
        sign: gives the fields that authenticate a credential.
    """
    if not 0 < len(questions) <= MAX_ITEMS:
        msg = f"a batch has 1 to {MAX_ITEMS} questions, this has {len(questions)}"
        raise ValueError(msg)
    items = [
        {
            "method": "GET",
            "relative_url": f"{question.path}?"
            + urlencode([*question.fields, *sign(question.credential)]),
        }
        for question in questions
    ]
    form = [
        *sign(questions[0].credential),
        ("include_headers", "true"),
        ("batch", orjson.dumps(items).decode()),
    ]
    return urlencode(form).encode()


def decode(body: object, count: int, shared: Mapping[str, str]) -> list[Reply]:
    """One reply for each of *count* questions, in their order.

    Args:
        body: the parsed answer.
        count: of the questions.
        shared: headers of the whole answer that hold for each item that does not say
            otherwise, names in lower case.

    Raises:
        ProtocolFault: it is no list of *count* items, so that no item can be told
            apart from its neighbour.
    """
    if not isinstance(body, list) or len(body) != count:
        msg = "the batch's answer does not have one item for each question"
        raise ProtocolFault(msg)
    return [_reply(item, shared) for item in body]


def _reply(item: object, shared: Mapping[str, str]) -> Reply:
    if item is None:
        # "Not finished in time"; the official Python client asks again too.
        return Transient("the platform left the question out; ask again")
    status = item.get("code") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not _is_status(status):
        return ProtocolFault("an item of the batch's answer is malformed")
    headers = {**shared, **_headers(item.get("headers"))}
    usage = parse_usage(headers)
    body = _body(item.get("body"))
    if error := classify(body, status, usage=usage):
        return error
    if not isinstance(body, dict):
        msg = "the body of an item of the batch's answer is no JSON object"
        return ProtocolFault(msg, usage=usage)
    return Answer(body, usage, version_in(headers))


def _is_status(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value in _STATUSES


def _body(text: object) -> object:
    try:
        return orjson.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _headers(pairs: object) -> dict[str, str]:
    """Header names in lower case. What is no header is passed over."""
    found: dict[str, str] = {}
    for pair in pairs if isinstance(pairs, list) else ():
        if isinstance(pair, Mapping):
            name, value = pair.get("name"), pair.get("value")
            if isinstance(name, str) and isinstance(value, str):
                found[name.lower()] = value
    return found


def version_in(headers: Mapping[str, str]) -> str | None:
    """The API version that served an answer, if its headers say it.

    A call to an expired version is served by another one, so who asked compares.
    """
    version = headers.get(VERSION_HEADER, "")
    return version if _VERSION.fullmatch(version) else None
