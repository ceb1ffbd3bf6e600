"""The files of a table as a worker keeps them, read without leaving a trace."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import rocksdict

from idweave_streams.state.errors import StoreUnreadable

_ATTEMPTS = 3
"""A worker that writes meanwhile may take a file away that was just listed."""
_OWN = "rocksdict-config.json"
_UNUSED = ("LOCK", "LOG")


def paths_below(folder: Path) -> list[Path]:
    """List all that is below *folder*, in order of names; links are not followed.

    Unlike `Path.rglob`, which passes over a folder that it may not read.

    Raises:
        OSError: a folder can't be read.
    """
    found: list[Path] = []
    for path in folder.iterdir():
        found.append(path)
        if path.is_dir() and not path.is_symlink():
            with suppress(FileNotFoundError):  # a worker has removed it meanwhile
                found += paths_below(path)
    return sorted(found)


@contextmanager
def opened_files(path: Path) -> Iterator[rocksdict.Rdict]:
    """Open the table at *path* for reading, also while its worker has it open.

    Nothing there is written, not even a time. By that a worker tells whether what it
    left behind is too old to be used again, and rocksdict, although it is told to read
    only, writes a file of its own wherever it opens a table; so it opens links.

    Raises:
        StoreUnreadable: it can't be opened.
    """
    with tempfile.TemporaryDirectory(prefix="idweave-") as folder:
        db = _opened(path, Path(folder))
        try:
            yield db
        finally:
            db.close()


def _opened(path: Path, folder: Path) -> rocksdict.Rdict:
    reason = ""
    for attempt in range(_ATTEMPTS):
        links = folder / f"{attempt}.db"
        try:
            _link(path, links)
            return rocksdict.Rdict(
                str(links),
                options=rocksdict.Options(raw_mode=True),
                access_type=rocksdict.AccessType.read_only(),
            )
        except OSError as error:
            reason = error.strerror or ""
        except Exception as error:  # noqa: BLE001  (rocksdict has one type for everything)
            reason = str(error).partition(":")[0]
    text = f"{path} can't be read ({reason}); stop its worker and delete it"
    raise StoreUnreadable(text)


def _link(path: Path, links: Path) -> None:
    links.mkdir()
    for file in path.resolve().iterdir():
        if file.name == _OWN:
            shutil.copyfile(file, links / file.name)
        elif file.name not in _UNUSED:
            (links / file.name).symlink_to(file)
