"""A dead letter in words: for scripts, and for a terminal that others may look at."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from idweave_streams.dlq.codes import meaning
from idweave_streams.dlq.letter import Letter

REVEALED_MAX_BYTES: Final = 4_096
"""More of a value is not shown; it can be written to a file."""


def document(letter: Letter, *, is_replayed: bool) -> dict[str, Any]:
    """Return what is told of *letter* to scripts: no key, value or header of its own."""
    return {
        "letter": str(letter.place),
        "origin": str(letter.origin) if letter.origin else None,
        "time": time_text(letter.time_ms),
        "code": letter.code,
        "stage": letter.stage or None,
        "hint": meaning(letter.code),
        "count": letter.count,
        "bytes": letter.omitted_bytes or letter.size_bytes,
        "replays": letter.replays,
        "replayed": is_replayed,
    }


def described(letter: Letter, *, is_replayed: bool, reveal: bool) -> Iterator[str]:
    """Yield lines that tell all of *letter*; what may name people only to *reveal* it."""
    told = document(letter, is_replayed=is_replayed)
    told["replayed"] = "yes" if is_replayed else "no"
    if letter.omitted_bytes:
        told["omitted"] = f"{letter.omitted_bytes} bytes, too large to be kept"
    yield from (f"{name:<9} {'-' if v is None else v}" for name, v in told.items())
    yield f"{'key':<9} {_content(letter.key, reveal=reveal)}"
    yield f"{'value':<9} {_content(letter.value, reveal=reveal)}"
    for name, content in letter.own_headers:
        label = _printable(name.encode())
        yield f"{'header':<9} {label}: {_content(content, reveal=reveal)}"


def aligned(rows: Iterable[tuple[str, ...]]) -> str:
    """Return *rows* as columns."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in table)


def time_text(unix_ms: int) -> str:
    """Return the time in UTC; a dash where there is none, or none that can be."""
    try:
        when = datetime.fromtimestamp(unix_ms / 1000, UTC) if unix_ms >= 0 else None
    except (OverflowError, ValueError, OSError):
        when = None
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if when else "-"


def _content(content: bytes | None, *, reveal: bool) -> str:
    if content is None:
        return "none"
    if not reveal:
        return f"{len(content)} bytes"
    rest = len(content) - REVEALED_MAX_BYTES
    more = f" and {rest} bytes more" if rest > 0 else ""
    return _printable(content[:REVEALED_MAX_BYTES]) + more


def _printable(content: bytes) -> str:
    """Return *content* as text that can do nothing to a terminal."""
    text = content.decode(errors="backslashreplace")
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode()
        for each in text
    )
