"""Folders that are gone afterwards, even if the process was killed: then a bit later.

They hold people's ids, so what a killed process has left is removed by the next one.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from shutil import rmtree

_SUFFIX = ".part"


@contextmanager
def scratch(parent: Path, prefix: str) -> Iterator[Path]:
    """Have a new folder in *parent* that only its owner may read.

    Whatever is in it at the end goes; it may have been renamed by then.

    Raises:
        OSError: it can't be made.
    """
    _remove_left(parent, prefix)
    new = Path(tempfile.mkdtemp(prefix=prefix, suffix=".new", dir=parent))
    descriptor = os.open(new, os.O_RDONLY)
    folder = new.with_suffix(_SUFFIX)
    try:
        with suppress(OSError):  # a file system without locks: what is left, is left
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Locked first: nobody takes it for one that was left.
        new.rename(folder)
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _remove_left(parent: Path, prefix: str) -> None:
    """Remove the folders of that prefix that nobody holds the lock of."""
    for folder in parent.glob(f"{escape(prefix)}*{_SUFFIX}"):
        with suppress(OSError):
            if folder.lstat().st_uid == os.geteuid():
                _remove_unlocked(folder)


def _remove_unlocked(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)
