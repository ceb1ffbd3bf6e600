"""Where credentials come from: files, folders of secret files, the environment.

Every form is brought to one list of findings, each with a path as in the document
form, so that what a setting means is decided in one place (credentials.py).

No text made here repeats a value, or a key that is not a plain number: a secret
that was typed in the wrong place stays out of the errors too.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

ENVIRONMENT_DOCUMENT = "IDWEAVE_CREDENTIALS"
"""Holds a whole document as JSON."""

MAX_FILE_BYTES = 16 * 1024 * 1024
"""Room for some fifty thousand Pages; more than that is a wrong file."""

DOCUMENT_SUFFIXES = (".json", ".toml")

_NAMES = (
    (r"business\.(\d+)\.token", ("businesses", "token")),
    (r"business\.(\d+)\.app", ("businesses", "app")),
    (r"business\.(\d+)\.app\.(\d+)\.secret", ("businesses", "apps", "secret")),
    (r"business\.(\d+)\.page\.(\d+)\.token", ("businesses", "pages", "token")),
    (r"business\.(\d+)\.page\.(\d+)\.app", ("businesses", "pages", "app")),
    (r"provider\.(\d+)\.secret", ("providers", "secret")),
)
"""File names of single secrets. Flat, since a mounted Kubernetes secret has no folders."""

_VARIABLE = re.compile(r"IDWEAVE_(?:BUSINESS|PROVIDER)_\w+")
_WORDS = {
    "businesses",
    "apps",
    "pages",
    "providers",
    "secret",
    "token",
    "app",
    "business",
}
_ID_DIGITS = 20  # a secret of digits only would be longer (they have 32 characters)
_DEEPEST = 6  # one more than the form has: what lies deeper is misplaced anyhow


@dataclass(frozen=True, slots=True)
class Finding:
    """One value and where it was found."""

    origin: str
    path: tuple[str, ...]
    value: object

    @property
    def place(self) -> str:
        """The place in words that can be shown."""
        return f"{self.origin}: {'.'.join(map(shown, self.path)) or 'the document'}"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A source, or a part of one, that could not be read, and what to do about it."""

    text: str


Read = Finding | Unreadable


def shown(key: str) -> str:
    """*key* if it is a word of the form or a plain number, else a mask."""
    is_number = key.isascii() and key.isdecimal() and len(key) <= _ID_DIGITS
    return key if is_number or key in _WORDS else "<not shown>"


def files_of(path: Path) -> list[Path]:
    """The files to read for *path*: itself, or what the folder holds, by name.

    Names that begin with a dot are left out: Kubernetes keeps its own there. A path
    that can't be looked at counts as a file, and reading that says why.
    """
    try:
        if not path.is_dir():
            return [path]
        return sorted(
            entry
            for entry in path.iterdir()
            if not entry.name.startswith(".") and entry.is_file()
        )
    except OSError:
        return [path]


def read_file(file: Path) -> Iterator[Read]:
    """All findings of one file: a document, or a secret named by the file's name."""
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            yield Unreadable(f"{file}: over {MAX_FILE_BYTES} bytes: name another file")
            return
        content = file.read_bytes()
    except OSError as error:
        yield Unreadable(f"{file}: can't be read: {error.strerror}")
        return
    if file.suffix in DOCUMENT_SUFFIXES:
        yield from _document(str(file), content, is_toml=file.suffix == ".toml")
    else:
        yield _single(str(file), file.name, content.decode("utf-8", "replace"))


def read_environment(environ: Mapping[str, str]) -> Iterator[Read]:
    """All findings of the environment: one document, or one secret a variable."""
    if document := environ.get(ENVIRONMENT_DOCUMENT):
        yield from _document(ENVIRONMENT_DOCUMENT, document.encode(), is_toml=False)
    for name in sorted(environ):
        if _VARIABLE.fullmatch(name):
            dotted = name.removeprefix("IDWEAVE_").lower().replace("_", ".")
            yield _single("environment", dotted, environ[name])


def read_document(origin: str, document: object) -> Iterator[Finding]:
    """All findings of a document that is already parsed."""
    yield from _leaves(origin, (), document)


def _document(origin: str, content: bytes, *, is_toml: bool) -> Iterator[Read]:
    try:
        parsed = tomllib.loads(content.decode()) if is_toml else orjson.loads(content)
    except (ValueError, RecursionError) as error:
        # Only the position: the parser's own words may quote what stands there.
        at = re.search(r"line \d+,? column \d+", str(error))
        form, where = "TOML" if is_toml else "JSON", at.group() if at else "somewhere"
        yield Unreadable(f"{origin}: not valid {form} at {where}: correct it there")
        return
    yield from _leaves(origin, (), parsed)


def _leaves(origin: str, path: tuple[str, ...], value: object) -> Iterator[Finding]:
    if isinstance(value, Mapping) and len(path) < _DEEPEST:
        for key, below in value.items():
            yield from _leaves(origin, (*path, str(key)), below)
    else:
        yield Finding(origin, path, value)


def _single(origin: str, name: str, content: str) -> Read:
    for pattern, words in _NAMES:
        if match := re.fullmatch(pattern, name):
            path = [
                part
                for pair in zip(words, match.groups(), strict=False)
                for part in pair
            ]
            values = content.split()
            value = values[0] if len(values) == 1 else values
            return Finding(origin, (*path, words[-1]), value)
    return Unreadable(
        f"{origin}: the name is none of business.<id>.token, business.<id>.app, "
        "business.<id>.app.<id>.secret, "
        "business.<id>.page.<id>.token, business.<id>.page.<id>.app, "
        "provider.<id>.secret, *.json, *.toml: rename or remove it"
    )
