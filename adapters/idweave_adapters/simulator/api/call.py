"""One call, as it came by URL, form or batch item, and the answer to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

_VERSION = re.compile(r"v(\d{1,3})\.(\d{1,3})")


@dataclass(frozen=True, slots=True)
class Call:
    """A method, a path without its version, and the parameters from wherever they came.

    Its parts hold tokens and ids, so `repr` is silent.
    """

    method: str
    path: tuple[str, ...] = field(repr=False)
    params: Mapping[str, str] = field(repr=False)
    version: tuple[int, int] | None = None  # none: the newest

    @property
    def token(self) -> str | None:
        """The access token, if one came."""
        return self.params.get("access_token") or None


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body to be written as JSON, and headers beyond the usual ones."""

    status: int
    body: Any = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


def call(method: str, path: str, params: Mapping[str, str]) -> Call:
    """Read a path like `/v25.0/123/ids_for_apps`.

    `method=GET` in the parameters turns a POST into a read, as the Graph API allows.
    """
    parts = [unquote(each) for each in path.split("/") if each]
    found = _VERSION.fullmatch(parts[0]) if parts else None
    version = (int(found[1]), int(found[2])) if found else None
    given = params.get("method", "")
    return Call(
        method=(given or method).upper(),
        path=tuple(parts[1:] if found else parts),
        params=params,
        version=version,
    )


def form(text: str) -> dict[str, str]:
    """Read `a=1&b=2`; of a repeated name the last counts."""
    return dict(parse_qsl(text, keep_blank_values=True))
