"""What is asked, checked: from a query and a body to values."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson

from idweave_adapters.api.problems import BAD_REQUEST, NOT_FOUND, Problem
from idweave_adapters.api.routes import DEFAULT_LIMIT, MAX_IDS, Parameter, Route
from idweave_graph.ids import InvalidIdError, Member, member

MAX_FIELDS = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of one request, each as its schema wants it."""

    values: Mapping[str, str]
    body: bytes = b""

    def __repr__(self) -> str:
        return f"Asked({', '.join(self.values)})"

    def text(self, name: str) -> str:
        """Return a parameter that is there."""
        return self.values[name]

    def member(self, name: str) -> Member:
        """Return a parameter that is an id."""
        return _member(self.values[name], f"`{name}`")

    @property
    def limit(self) -> int:
        """How many are wanted."""
        return int(self.values.get("limit", DEFAULT_LIMIT))

    @property
    def after(self) -> str:
        """Behind which place to go on."""
        return read_cursor(self.values.get("cursor", ""))

    def ids(self) -> list[Member]:
        """Return the ids of the body, in their order."""
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise Problem(BAD_REQUEST, "the body is no JSON in UTF-8") from None
        if not isinstance(found, dict) or found.keys() != {"ids"}:
            raise Problem(BAD_REQUEST, 'the body must be an object {"ids": […]}')
        ids = found["ids"]
        if not isinstance(ids, list) or not 1 <= len(ids) <= MAX_IDS:
            raise Problem(BAD_REQUEST, f"`ids` must be an array of 1 to {MAX_IDS}")
        return [_member(each, f"`ids[{n}]`") for n, each in enumerate(ids)]


def asked(
    route: Route, path: Mapping[str, str], raw_query: str, body: bytes = b""
) -> Asked:
    """Check the parameters of a request against its route.

    Raises:
        Problem: one is missing, unknown, there twice, or not as its schema wants it.
    """
    values = {**_query(raw_query), **path}
    known = {parameter.name: parameter for parameter in route.parameters}
    if values.keys() - known.keys():
        names = ", ".join(sorted(known)) or "none"
        raise Problem(BAD_REQUEST, f"a parameter is not known; there are: {names}")
    for parameter in route.parameters:
        _check(parameter, values.get(parameter.name))
    return Asked(values, body)


def cursor(place: str) -> str:
    """Return *place* as it can stand in a query."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def read_cursor(text: str) -> str:
    """Return the place that `cursor` was made of.

    Raises:
        Problem: it was made of none.
    """
    try:
        padded = text.encode() + b"=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError):
        raise Problem(NOT_FOUND, "`cursor` is none of ours") from None


def _query(raw: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            raw,
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise Problem(BAD_REQUEST, "the query can't be read") from None
    values = dict(pairs)
    if len(values) != len(pairs):
        raise Problem(BAD_REQUEST, "a parameter is there twice")
    return values


def _check(parameter: Parameter, value: str | None) -> None:
    if value is None:
        if parameter.required:
            raise Problem(BAD_REQUEST, f"`{parameter.name}` is missing")
    elif not _fits(parameter, value):
        detail = f"`{parameter.name}` is not as it should be: {parameter.description}"
        raise Problem(BAD_REQUEST, detail)


def _fits(parameter: Parameter, value: str) -> bool:
    schema = parameter.schema
    if schema["type"] == "integer":
        is_number = re.fullmatch(r"[0-9]{1,9}", value) is not None
        return is_number and schema["minimum"] <= int(value) <= schema["maximum"]
    least, most = schema.get("minLength", 0), schema.get("maxLength", len(value))
    pattern = schema.get("pattern")
    has_form = pattern is None or re.fullmatch(pattern, value) is not None
    return least <= len(value) <= most and has_form and "\0" not in value


def _member(value: object, what: str) -> Member:
    try:
        return member(value if isinstance(value, str) else "")
    except InvalidIdError:
        raise Problem(BAD_REQUEST, f"{what} is no id") from None
