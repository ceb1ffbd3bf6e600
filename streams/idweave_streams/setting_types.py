"""The kinds of values that settings have, and what is said where one does not fit.

No text repeats a value: a secret that was put in the wrong place stays out of it.
"""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError
from yarl import URL

from idweave_adapters.graph_api import Source

_LARGEST_PORT = 65_535
_SERVER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_NAME_PART = re.compile(r"[A-Za-z0-9._-]{0,128}")  # Kafka: 249 for the whole name
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,3}")


def refused(remedy: str) -> PydanticCustomError:
    """Return the error to raise for a value; *remedy* is shown as it is."""
    return PydanticCustomError("idweave", "{remedy}", {"remedy": remedy})


def _servers(value: str) -> str:
    for server in value.split(","):
        found = _SERVER.fullmatch(server)
        if not found or not 0 < int(found[2]) <= _LARGEST_PORT:
            raise refused("must be host:port, or several of them with commas between")
    return value


def _name_part(value: str) -> str:
    if not _NAME_PART.fullmatch(value):
        raise refused("may hold 128 letters, digits, dots, dashes and underscores")
    return value


def _address(value: str) -> str:
    try:
        url = URL(value)
        is_plain = url.scheme in {"http", "https"} and bool(url.host)
        is_plain &= not (url.user or url.password or url.query_string or url.fragment)
    except ValueError:  # its text may quote a password
        is_plain = False
    if not is_plain or any(map(str.isspace, value)):
        raise refused("must be a plain http(s)://host[:port][/path]")
    return value


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise refused("must be an address or a host name, without a port")
    return value


def _version(value: str) -> str:
    if not _VERSION.fullmatch(value):
        raise refused("must look like v25.0")
    return value


def _sources(value: str) -> str:
    names = value.split(",")
    if not set(names) <= set(Source) or len(set(names)) < len(names):
        raise refused(
            f"must be one or more of {', '.join(Source)}, with commas between"
        )
    return value


def _path(value: object) -> object:
    if not isinstance(value, str | Path):
        raise refused("must be a path, as a text")
    text = str(value)
    if not text.strip() or not text.isprintable():
        raise refused("must name a file or folder, in letters that can be shown")
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise refused("write the home folder out, it is not known here") from None


Servers = Annotated[str, AfterValidator(_servers)]
Host = Annotated[str, AfterValidator(_host)]
Address = Annotated[str, AfterValidator(_address)]
Version = Annotated[str, AfterValidator(_version)]
Sources = Annotated[str, AfterValidator(_sources)]
NamePart = Annotated[str, AfterValidator(_name_part)]
FilePath = Annotated[Path, BeforeValidator(_path)]
Span = Annotated[float, Field(gt=0, le=87_600)]
"""At most ten years, if in hours."""


class AccountLinking(StrEnum):
    """What idweave makes of Messenger's account linking."""

    IGNORED = "ignored"
    EVIDENCE = "evidence"
