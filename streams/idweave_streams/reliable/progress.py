"""How far the source topics are in effect in a partition of a table.

The progress record is the last record of every changelog batch, under one fixed key and
never a tombstone. So the changelog always ends with a live record, which compaction
keeps, and a record that was already in effect is recognised and skipped.
"""

import json
from collections.abc import Mapping

from .unit import OWN_PREFIX

PROGRESS_KEY = OWN_PREFIX + b"progress"
_VERSION = 1


class UnknownProgressError(ValueError):
    """The bytes are no progress record of a known version."""


def encode_progress(next_offsets: Mapping[str, int]) -> bytes:
    """Encode the next offset to handle of each source topic."""
    body = {"v": _VERSION, "next": dict(sorted(next_offsets.items()))}
    return json.dumps(body, separators=(",", ":")).encode()


def decode_progress(raw: bytes | None) -> dict[str, int]:
    """Decode what ``encode_progress`` wrote; empty if nothing was ever written.

    Raises:
        UnknownProgressError: the version or the shape is not known.
    """
    if raw is None:
        return {}
    try:
        body = json.loads(raw)
        if body["v"] != _VERSION:
            raise UnknownProgressError(f"version {body['v']!r}")
        return {str(topic): int(offset) for topic, offset in body["next"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise UnknownProgressError("not a progress record") from exc
