"""The logs of a snapshot tell nothing of whom its tables do not have any more."""

from pathlib import Path

import orjson
from tests.streams.explaining.stories import (
    CONTRADICTED,
    IN_SHOP,
    STRANGER,
    TOGETHER,
    banned,
    erased,
)
from tests.support.snapshots import copy_after
from tests.support.town import NAMES

from idweave_graph.consume.reading import member_text
from idweave_streams.state.parts import topic_file
from idweave_streams.state.snapshot import write_snapshot

LOGS = (NAMES.events, NAMES.policy)


def logs_of(folder: Path) -> list[bytes]:
    """The lines of both logs."""
    files = (folder / topic_file(topic) for topic in LOGS)
    return [line for file in files for line in file.read_bytes().splitlines()]


def test_an_erased_id_is_in_no_line(tmp_path: Path) -> None:
    """What is left of an event says so; events about others are as they were."""
    log = (*CONTRADICTED, banned(IN_SHOP, STRANGER, 11))
    gone = erased(STRANGER, 20, whole_person=False)
    for name, told in (("before", log), ("after", (*log, gone))):
        with copy_after(told) as copy:
            write_snapshot(copy, tmp_path / name)

    before, after = logs_of(tmp_path / "before"), logs_of(tmp_path / "after")
    user = f'"{STRANGER.user}"'.encode()
    assert any(str(STRANGER).encode() in line for line in before)
    for line in after:
        assert str(STRANGER).encode() not in line
        value = orjson.loads(line)
        assert user not in orjson.dumps(value.get("value"))
    untouched = [line for line in before if str(STRANGER).encode() not in line]
    assert untouched
    changed = [line for line in after if b"redacted" in line]
    assert changed
    assert {*after} - {*before} >= {*changed}


def test_what_is_told_of_those_whom_the_tables_have_stays(tmp_path: Path) -> None:
    """Byte for byte, also of after the cut; who came after it is not named."""
    with copy_after(TOGETHER[:4], TOGETHER[4:]) as copy:
        told = [line for topic in LOGS for line in copy.log(topic)]
        known = {
            str(who)
            for p in copy.partitions
            for person in copy.persons(p)
            for who in person.members
        }
        write_snapshot(copy, tmp_path / "out")

    found = logs_of(tmp_path / "out")
    kept = [line for line in told if members_of(line) & known]
    assert kept
    assert [line for line in found if line in kept] == kept
    rest = [line for line in found if line not in kept]
    assert rest
    assert not any(members_of(line) for line in rest)


def members_of(line: bytes) -> set[str]:
    """Who is a member of the person that an event tells of."""
    person = orjson.loads(line)["value"].get("person", {})
    return {member_text(each) for each in person.get("members", ())}
