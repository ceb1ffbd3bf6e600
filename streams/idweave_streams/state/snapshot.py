"""A copy as a folder of files, and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from idweave_streams.state.copy import StateCopy

Manifest = dict[str, Any]
"""What is in the folder: version, cut, counts, digests, and a checksum per file."""


def write_snapshot(copy: StateCopy, folder: Path) -> Manifest:
    """Write *copy* to *folder*, which is there as a whole afterwards, or not at all."""
    raise NotImplementedError


@contextmanager
def open_snapshot(folder: Path) -> Iterator[StateCopy]:
    """Read a copy back."""
    raise NotImplementedError
