"""The lines of a file of a snapshot, as an id is looked for in them."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import orjson

_BATCH = 10_000
"""Rows that are in memory at a time."""
_XML_VALUE = re.compile(
    r"""(?:<node id|label|value|source|target)=(?:"([^"]*)"|'([^']*)')|>([^<]+)<"""
)
"""What is told, without the numbers of edges and of attributes."""


class UnreadableFormatError(Exception):
    """A file can't be looked into. The text says what to do."""


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield each row or line of *path*, with ids in it as they are.

    What a format writes in another way, such as `&` in XML, is read as it was meant.

    Raises:
        UnreadableFormatError: Parquet can't be read.
        OSError: the file can't be read.
    """
    if path.suffix == ".parquet":
        yield from _rows(path)
        return
    with path.open("rb") as lines:
        for line in lines:
            yield _meant(path.suffix, line)


def _meant(suffix: str, line: bytes) -> bytes:
    if suffix in {".graphml", ".gexf"}:
        found = _XML_VALUE.findall(line.decode(errors="replace"))
        return orjson.dumps([unescape("".join(forms)) for forms in found])
    if suffix == ".csv":
        cells = next(csv.reader(io.StringIO(line.decode(errors="replace"))), [])
        return orjson.dumps(cells)
    return line.removeprefix(b",") if suffix == ".json" else line


def _rows(path: Path) -> Iterator[bytes]:
    """Yield the rows of a Parquet file as JSON."""
    try:
        import pyarrow as pa  # noqa: PLC0415  (slow, and it may not be there)
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ModuleNotFoundError:
        text = f"{path} is Parquet: install idweave[analysts] to look into it"
        raise UnreadableFormatError(text) from None
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                for row in batch.to_pylist():
                    yield orjson.dumps(row, default=str)
    except (pa.ArrowException, ValueError) as error:
        text = f"{path} can't be read: remove it, nothing is known of it"
        raise UnreadableFormatError(text) from error
