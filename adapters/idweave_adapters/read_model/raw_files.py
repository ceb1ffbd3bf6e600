"""All that lies in the folder of a read model, in effect or not, byte for byte."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from idweave_adapters.read_model.raw_logs import batch_pairs, log_records
from idweave_adapters.read_model.raw_tables import Pair, UnknownFormatError, table_pairs
from idweave_adapters.read_model.records import ReadModelError


def raw_pairs(folder: Path) -> Iterator[Pair]:
    """Yield everything in the files of *folder*: keys and values, and lines of others.

    Of tables and of the log of writes also what was replaced or deleted since. The model
    may be in use; a file that goes meanwhile is passed over.

    Raises:
        ReadModelError: a file can't be read.
    """
    try:
        for path in sorted(folder.iterdir()):
            with suppress(FileNotFoundError):
                yield from _pairs(path)
    except OSError as error:
        msg = f"{error.filename} can't be read ({error.strerror}): see who may do it"
        raise ReadModelError(msg) from None


def _pairs(path: Path) -> Iterator[Pair]:
    if path.is_dir():
        return
    try:
        yield from _entries(path)
    except UnknownFormatError as error:
        msg = f"{path} can't be read ({error}): nothing is known of it"
        raise ReadModelError(msg) from None


def _entries(path: Path) -> Iterator[Pair]:
    data = path.read_bytes()
    if path.suffix == ".sst":
        yield from table_pairs(data)
    elif path.suffix == ".log":
        for record in log_records(data):
            yield from batch_pairs(record)
    elif path.name.startswith("MANIFEST-"):
        # It names the first and the last key of each file.
        yield from ((record, b"") for record in log_records(data))
    else:
        yield from ((line, b"") for line in data.splitlines())
