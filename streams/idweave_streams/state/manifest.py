"""What is in the folder of a snapshot, and whether it is still as it was written."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any

import orjson

from idweave_streams.state.copy import Cut, PartitionCut
from idweave_streams.state.errors import SnapshotDamaged
from idweave_streams.topics import TopicNames

MANIFEST = "manifest.json"
VERSION = 1
FORMAT = "jsonl"

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file was when it was written."""

    lines: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class BusinessFacts:
    """Who was whom in a business, in numbers."""

    ids: int
    persons: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Names the cut, and every file with its checksum."""

    cut: Cut
    partitions: int
    """How many each table has."""
    names: TopicNames
    counts: Mapping[str, int]
    businesses: Mapping[str, BusinessFacts]
    files: Mapping[str, FileFacts]
    formats: Mapping[str, int] = field(default_factory=lambda: {FORMAT: 1})
    """In which it is, each with its version."""
    only: tuple[str, ...] = ()
    """The businesses that were chosen; none: all."""
    pseudonyms: str = ""
    """Tells apart the keys under which names were replaced; empty: real names."""
    has_tables: bool = True
    """The tables can be made of it again."""

    @property
    def folders(self) -> frozenset[str]:
        """The folders in which the files are."""
        return frozenset(str(Path(name).parent) for name in self.files)

    def document(self) -> Document:
        """Return the manifest as JSON holds it."""
        return {
            "version": VERSION,
            "formats": dict(self.formats),
            "only": list(self.only),
            "pseudonyms": self.pseudonyms,
            "tables": self.has_tables,
            "partitions": self.partitions,
            "cut": cut_document(self.cut),
            "counts": dict(self.counts),
            "businesses": {b: asdict(f) for b, f in self.businesses.items()},
            "topics": asdict(self.names),
            "files": {name: asdict(facts) for name, facts in self.files.items()},
        }


def cut_document(cut: Cut) -> Document:
    """Return *cut* as JSON holds it."""
    return {
        "graph": _cuts(cut.graph),
        "lookups": _cuts(cut.lookups),
        "topics": {topic: _ends(ends) for topic, ends in cut.topics.items()},
    }


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of *folder*.

    Raises:
        SnapshotDamaged: there is none, or it can't be read.
    """
    path = folder / MANIFEST
    try:
        found = orjson.loads(path.read_bytes())
        version = found["version"]
        if version == VERSION:
            return _manifest(found)
    except FileNotFoundError:
        text = f"{folder} has no {MANIFEST}: name a folder that `idweave export` wrote"
        raise SnapshotDamaged(text) from None
    except OSError as error:
        raise SnapshotDamaged(f"can't read {path}: {error.strerror}") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise SnapshotDamaged(f"{path} is damaged: take another snapshot") from None
    text = f"{path} is of version {version}: use the idweave that has written it"
    raise SnapshotDamaged(text)


def damaged_files(folder: Path, manifest: Manifest) -> list[str]:
    """Name the files that are not as they were written, or not there."""
    return [
        name
        for name, facts in manifest.files.items()
        if _is_other(folder / name, facts)
    ]


def _is_other(path: Path, facts: FileFacts) -> bool:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest() != facts.sha256
    except OSError:
        return True


def _manifest(found: Document) -> Manifest:
    cut, partitions = found["cut"], int(found["partitions"])
    if {*cut["graph"], *cut["lookups"]} - {str(p) for p in range(partitions)}:
        msg = "a cut names a partition that the tables don't have"
        raise ValueError(msg)
    return Manifest(
        cut=Cut(
            graph=_read_cuts(cut["graph"]),
            lookups=_read_cuts(cut["lookups"]),
            topics={t: _read_ends(ends) for t, ends in cut["topics"].items()},
        ),
        partitions=partitions,
        # A topic that came later has its usual name.
        names=TopicNames(**{**asdict(TopicNames.build()), **found["topics"]}),
        counts={str(name): int(count) for name, count in found["counts"].items()},
        businesses={b: BusinessFacts(**f) for b, f in found["businesses"].items()},
        files={name: FileFacts(**facts) for name, facts in found["files"].items()},
        # Snapshots of before these could be chosen are whole.
        formats={n: int(v) for n, v in found.get("formats", {FORMAT: 1}).items()},
        only=tuple(map(str, found.get("only", ()))),
        pseudonyms=str(found.get("pseudonyms", "")),
        has_tables=bool(found.get("tables", True)),
    )


def _cuts(cuts: Mapping[int, PartitionCut]) -> Document:
    return {
        str(partition): {"changelog": cut.changelog, "inputs": dict(cut.inputs)}
        for partition, cut in sorted(cuts.items())
    }


def _read_cuts(found: Document) -> dict[int, PartitionCut]:
    return {
        int(partition): PartitionCut(
            int(cut["changelog"]),
            {str(topic): int(at) for topic, at in cut["inputs"].items()},
        )
        for partition, cut in found.items()
    }


def _ends(ends: Mapping[int, int]) -> Document:
    return {str(partition): end for partition, end in sorted(ends.items())}


def _read_ends(found: Document) -> dict[int, int]:
    return {int(partition): int(end) for partition, end in found.items()}
