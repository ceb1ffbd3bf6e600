"""The formats of a snapshot, each in a folder of its own."""

from collections.abc import Callable, Mapping
from pathlib import Path

from idweave_adapters.errors import AdapterError
from idweave_adapters.snapshots import neo4j, notations
from idweave_adapters.snapshots.graph_file import GraphFileSink, Notation
from idweave_adapters.snapshots.written import Sink

PARQUET = "parquet"

VERSIONS: Mapping[str, int] = {
    PARQUET: 1,
    "graphml": notations.GRAPHML_VERSION,
    "gexf": notations.GEXF_VERSION,
    "node-link": notations.NODE_LINK_VERSION,
    "neo4j": neo4j.VERSION,
}
"""Which there are, and which version of each is written."""


class NotInstalledError(AdapterError):
    """A library for analysts is missing: install idweave[analysts]."""

    def __init__(self) -> None:
        super().__init__(
            "Parquet and SQL need libraries that are not installed: install "
            "idweave[analysts], or duckdb and pyarrow beside idweave"
        )


def open_sink(name: str, folder: Path) -> Sink:
    """Begin to write the format of that *name* into *folder*, which is made.

    Raises:
        NotInstalledError: it needs a library that is not there.
        OSError: it can't be written.
    """
    folder.mkdir(mode=0o700)
    if name == PARQUET:
        return _parquet(folder)
    if name == "neo4j":
        return neo4j.Neo4jSink(folder)
    return GraphFileSink(folder, _NOTATIONS[name]())


def _parquet(folder: Path) -> Sink:
    try:
        from idweave_adapters.snapshots.parquet import ParquetSink  # noqa: PLC0415
    except ModuleNotFoundError:
        raise NotInstalledError from None
    return ParquetSink(folder)


_NOTATIONS: Mapping[str, Callable[[], Notation]] = {
    "graphml": notations.GraphML,
    "gexf": notations.Gexf,
    "node-link": notations.NodeLink,
}
