"""The page's files, each with the headers that it is sent with. Knows no HTTP server."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

READING: Final = ("GET", "HEAD")
"""The methods of every file."""
_MEDIA: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What is served; licences and the list of versions beside them are not."""
_DOCUMENT: Final = "index.html"
_ANY_VERSION: Final = b"/explorer/_/"
"""Stands in the document where the hash belongs."""
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_ALWAYS: Final = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class File:
    """What is sent for one path."""

    content: bytes
    headers: Mapping[str, str]


class Explorer:
    """All files of the page, by path.

    Their paths hold a hash of them all: a browser may keep them for ever, and a new
    release has new paths. Only the document's own path stays, so it is asked for again
    each time. Modules import each other by relative paths, so one hash is for all.
    """

    def __init__(self) -> None:
        """Read the files."""
        found = dict(_found(files(__package__) / "page"))
        self.version = _version(found)
        base = f"/explorer/{self.version}/"
        document = found.pop(_DOCUMENT).replace(_ANY_VERSION, base.encode())
        self._files = {"/": self._document(document)}
        for name, content in found.items():
            self._files[base + name] = _asset(name, content)

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def at(self, raw_path: str) -> File | None:
        """Return what stands at exactly that path, as it was sent.

        Nothing is looked for on the disk, so no path leads anywhere else.
        """
        return self._files.get(raw_path)

    def _document(self, content: bytes) -> File:
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Cache-Control": "no-cache",
            "ETag": f'"{self.version}"',
        }
        return File(content, {**_ALWAYS, **headers})


def _found(folder: Traversable, before: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            yield from _found(entry, f"{before}{entry.name}/")
        elif entry.name == _DOCUMENT or _suffix(entry.name) in _MEDIA:
            yield before + entry.name, entry.read_bytes()


def _asset(name: str, content: bytes) -> File:
    headers = {"Content-Type": _MEDIA[_suffix(name)], "Cache-Control": _FOR_EVER}
    return File(content, {**_ALWAYS, **headers})


def _version(found: Mapping[str, bytes]) -> str:
    digest = sha256()
    for name, content in sorted(found.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _suffix(name: str) -> str:
    return name[name.rfind(".") :]
