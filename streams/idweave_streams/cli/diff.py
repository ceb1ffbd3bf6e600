"""`idweave diff`: what has become of whom between two snapshots."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from idweave_adapters.snapshots.formats import NotInstalledError
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.state_errors import told_as_failure
from idweave_streams.state.errors import SnapshotDamaged
from idweave_streams.state.manifest import Manifest
from idweave_streams.state.tabled import tables_of

if TYPE_CHECKING:
    from idweave_adapters.snapshots.differing import Difference
    from idweave_adapters.snapshots.sql import Files

_SNAPSHOT = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("diff")
@click.argument("before", metavar="A", type=_SNAPSHOT)
@click.argument("after", metavar="B", type=_SNAPSHOT)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def command(*, before: Path, after: Path, as_json: bool) -> None:
    """Tell who was created, has grown, merged, split, shrunk or was erased since A.

    A and B are folders that `idweave export --format parquet` wrote, of the same
    businesses, and under the same names. Persons are compared by their members.

    \b
    Examples:
      idweave diff monday tuesday
      idweave diff --json monday tuesday
    """  # noqa: D301  (\b keeps click from joining lines)
    with told_as_failure():
        old, old_files = tables_of(before)
        new, new_files = tables_of(after)
        _check_comparable(old, new)
    counts = _tell(old_files, new_files, as_json=as_json)
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    click.echo(told or "no difference", err=True)


def _check_comparable(old: Manifest, new: Manifest) -> None:
    if old.pseudonyms != new.pseudonyms:
        text = (
            "A and B have other names: export both under one key, or under real names"
        )
        raise SnapshotDamaged(text)
    if sorted(old.only) != sorted(new.only):
        text = "A and B are of other businesses: export both with the same --business"
        raise SnapshotDamaged(text)


def _tell(before: "Files", after: "Files", *, as_json: bool) -> Counter[str]:
    """Print the differences; count them."""
    try:
        from idweave_adapters.snapshots.differing import (  # noqa: PLC0415  (slow)
            differences,
        )
        from idweave_adapters.snapshots.sql import QueryError  # noqa: PLC0415
    except ModuleNotFoundError:
        raise CommandFailed(Exit.CONFIGURATION, str(NotInstalledError())) from None
    counts: Counter[str] = Counter()
    try:
        for each in differences(before, after):
            counts[each.kind] += 1
            click.echo(orjson.dumps(asdict(each)) if as_json else _line(each))
    except QueryError as error:
        raise CommandFailed(Exit.BAD_DATA, str(error)) from None
    return counts


def _line(each: "Difference") -> str:
    into = f" -> {each.other}" if each.other else ""
    of = "member" if each.members == 1 else "members"
    about = f"{each.kind:<8} {each.business}  {each.person}{into}"
    return f"{about}  ({each.members} {of})"
