"""An id is found in every format of a snapshot, whatever characters it has."""

from pathlib import Path

import pytest
from tests.streams.explaining.stories import IN_SHOP, TOGETHER, seen
from tests.support.snapshots import exported
from tests.support.town import NAMES, SHOP

from idweave_adapters.secret import Secret
from idweave_adapters.snapshots.pseudonyms import Pseudonyms
from idweave_graph.ids import ScopedId
from idweave_streams.erasing.needle import Needle
from idweave_streams.erasing.on_disk import UnreadableFileError, in_snapshot
from idweave_streams.state.wanted import FORMATS, Wanted


def places(folder: Path, who: ScopedId) -> set[str]:
    """The first part of the path of each file that names *who*."""
    return {
        Path(each.place).relative_to(folder).parts[0]
        for each in in_snapshot(folder, NAMES, Needle([who]))
        if each.stands
    }


@pytest.mark.parametrize("user", ["1015", "a&b", "a<b>", 'a"b', "a,b", "a\\b", "a'b"])
def test_an_id_is_found_in_every_format(tmp_path: Path, user: str) -> None:
    """Also where the format has to write it in another way."""
    who = ScopedId(SHOP, user)
    exported(tmp_path / "out", [*TOGETHER, seen(who, 20)], Wanted(FORMATS))

    found = places(tmp_path / "out", who)

    formats = {"parquet", "graphml", "gexf", "node-link", "neo4j"}
    assert found == {
        *formats, "tables", f"{NAMES.persons}.jsonl", f"{NAMES.aliases}.jsonl"
    }  # fmt: skip
    assert places(tmp_path / "out", ScopedId(SHOP, "2")) == set()


def test_a_snapshot_under_pseudonyms_is_told(tmp_path: Path) -> None:
    """That the id is not found there does not say that the person is not."""
    names = Pseudonyms(Secret("k" * 32))
    exported(tmp_path / "out", TOGETHER, Wanted(FORMATS, pseudonyms=names))

    with pytest.raises(UnreadableFileError, match="under pseudonyms"):
        list(in_snapshot(tmp_path / "out", NAMES, Needle([IN_SHOP])))


def test_parquet_that_is_damaged_is_told(tmp_path: Path) -> None:
    """It is not passed over."""
    exported(tmp_path / "out", TOGETHER)
    path = next((tmp_path / "out").rglob("members/*/*.parquet"))
    path.write_bytes(path.read_bytes()[:-9])

    with pytest.raises(UnreadableFileError, match="can't be read"):
        list(in_snapshot(tmp_path / "out", NAMES, Needle([IN_SHOP])))
