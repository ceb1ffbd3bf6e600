"""The Parquet files of a snapshot, checked, for questions and comparisons."""

from dataclasses import replace
from pathlib import Path

from idweave_adapters.snapshots.formats import PARQUET
from idweave_streams.state.errors import SnapshotDamaged
from idweave_streams.state.manifest import Manifest, damaged_files, read_manifest


def tables_of(folder: Path) -> tuple[Manifest, dict[str, list[Path]]]:
    """Return the manifest of *folder*, and the files of each table in it.

    Raises:
        SnapshotDamaged: it holds no tables as Parquet, a file has changed since, or the
            manifest names one that is not in the folder.
    """
    manifest = read_manifest(folder)
    if PARQUET not in manifest.formats:
        text = (
            f"{folder} holds no tables: name a folder that `idweave export --format "
            "parquet` wrote"
        )
        raise SnapshotDamaged(text)
    files = {n: f for n, f in manifest.files.items() if n.startswith(f"{PARQUET}/")}
    for name in files:
        _check_inside(folder, name)
    if damaged := damaged_files(folder, replace(manifest, files=files)):
        text = f"{folder / damaged[0]} is not as it was written: take another snapshot"
        raise SnapshotDamaged(text)
    found: dict[str, list[Path]] = {}
    for name in sorted(files):
        found.setdefault(name.split("/")[1], []).append(folder / name)
    return manifest, found


def _check_inside(folder: Path, name: str) -> None:
    if not (folder / name).resolve().is_relative_to(folder.resolve()):
        text = f"the manifest of {folder} names files elsewhere: take another snapshot"
        raise SnapshotDamaged(text)
