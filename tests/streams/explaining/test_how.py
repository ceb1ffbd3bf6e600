"""`idweave how`, over files that the in-process engine wrote."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.streams.cli.conftest import Run
from tests.streams.explaining.stories import (
    AT_RIVALS,
    CONTRADICTED,
    IN_GAME,
    IN_SHOP,
    ON_PAGE,
    STRANGER,
    TOGETHER,
    TOKEN,
    assets,
    banned,
    erased,
    keep,
    seen,
    told,
)
from tests.support.town import ACME, RIVAL

from idweave_graph.ids import Member, ScopedId
from idweave_graph.messages import LogMessage
from idweave_graph.ownership import Ownership
from idweave_graph.person import person_id
from idweave_streams.cli.exits import Exit

FOUNDER, IN_BETWEEN, LAST = (
    person_id(ACME, who) for who in (IN_SHOP, IN_GAME, ON_PAGE)
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Acme and its rival were told."""
    return keep(tmp_path_factory.mktemp("told"), told(CONTRADICTED))


def documents(run: Run, folder: Path, who: object) -> list[dict[str, Any]]:
    answer = run("how", "--from", folder, "--json", who)
    assert answer.exit_code == Exit.OK, answer.stderr
    return [orjson.loads(line) for line in answer.stdout.splitlines()]


def steps(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(e["event"]["type"], e["event"]["reason"]) for e in document["history"]]


def test_a_person_s_history_is_told_in_order(run: Run, folder: Path) -> None:
    """From the first sighting of each who ended in them to what was put aside."""
    [document] = documents(run, folder, IN_SHOP)

    assert document["person"]["id"] == FOUNDER
    assert steps(document) == [
        ("created", "sighted"),
        ("created", "sighted"),
        ("created", "sighted"),
        ("merged", "ids_for_pages"),
        ("linked", "token_for_business"),
        ("merged", "token_for_business"),
        ("quarantined", "ids_for_pages"),
    ]
    assert [entry["joined"] for entry in document["history"]] == [
        *[[]] * 3,
        [LAST],
        [],
        [IN_BETWEEN],
        [],
    ]
    assert document["history"][4]["gained"] == [str(TOKEN)]


def test_an_id_of_each_member_tells_the_same_history(run: Run, folder: Path) -> None:
    """An app's id, a Page's id, a token, or the person id."""
    first = documents(run, folder, IN_SHOP)

    for who in (IN_GAME, ON_PAGE, TOKEN, FOUNDER):
        assert documents(run, folder, who) == first


def test_an_old_person_id_leads_to_the_survivor(run: Run, folder: Path) -> None:
    """With everybody in between, in the text too."""
    [document] = documents(run, folder, LAST)
    text = run("how", "--from", folder, LAST).stdout

    assert document["person"]["id"] == FOUNDER
    assert document["trail"] == [LAST, IN_BETWEEN, FOUNDER]
    assert f"{LAST} ended in {IN_BETWEEN}.\n{IN_BETWEEN} ended in {FOUNDER}.\n" in text


def test_the_text_tells_time_reason_evidence_and_cause(run: Run, folder: Path) -> None:
    """One aligned line an event, and below it what it changed and by what proof."""
    lines = run("how", "--from", folder, IN_SHOP).stdout.splitlines()

    assert lines[0].startswith(
        f"{FOUNDER} of business {ACME} has come to generation 3: "
    )
    at = next(
        n for n, line in enumerate(lines) if "merged (token_for_business)" in line
    )
    assert lines[at].split() == [
        "3",
        "2026-01-01T00:00:00.006Z",
        "merged",
        "(token_for_business)",
        FOUNDER,
        "facebook.logins.v1-0-6",
    ]
    assert lines[at + 1 : at + 4] == [
        f"    + {IN_GAME}",
        f"    + {ON_PAGE}",
        f"    {IN_BETWEEN} ended in it",
    ]
    assert lines[at + 4].split()[:2] == [str(IN_GAME), str(TOKEN)]


def test_a_quarantine_is_told_to_both_sides(run: Run, folder: Path) -> None:
    """It stands under one of the two persons only."""
    [document] = documents(run, folder, STRANGER)

    assert steps(document) == [("created", "sighted"), ("quarantined", "ids_for_pages")]


def erasing(who: ScopedId, *, whole: bool) -> list[LogMessage]:
    return [*TOGETHER, erased(who, 20, whole_person=whole)]


def test_who_fell_apart_is_told_on_both_sides(run: Run, tmp_path: Path) -> None:
    """One part keeps the person id; the other is somebody again."""
    folder = keep(tmp_path, told(erasing(IN_GAME, whole=False)))

    [kept] = documents(run, folder, IN_SHOP)
    [apart] = documents(run, folder, ON_PAGE)

    assert (steps(kept)[-1], steps(apart)[-1]) == (("split", "requested"),) * 2
    assert kept["history"][-1]["lost"] == [str(IN_GAME), str(ON_PAGE)]
    assert kept["person"]["id"] == FOUNDER


def test_a_ban_and_its_end_are_told_with_who_decided_them(
    run: Run, tmp_path: Path
) -> None:
    """As events of their own, and as the reason of the split and of the merge."""
    ban = banned(IN_GAME, ON_PAGE, 20)
    lift = banned(IN_GAME, ON_PAGE, 21, lifted=True)
    folder = keep(tmp_path, told([*TOGETHER, ban, lift]))

    [document] = documents(run, folder, IN_SHOP)
    text = run("how", "--from", folder, IN_SHOP).stdout

    assert sorted(steps(document)[-5:]) == [
        ("banned", "ban"),
        ("merged", "lift-ban"),
        ("quarantined", "ids_for_pages"),
        ("split", "ban"),
        ("unbanned", "lift-ban"),
    ]
    assert f"{IN_GAME} and {ON_PAGE} may not be one person: two sisters (Ada)" in text
    assert f"{IN_GAME} and {ON_PAGE} may be one person again: two sisters" in text


def test_a_forgotten_id_leads_to_who_had_it(run: Run, tmp_path: Path) -> None:
    """And it is said that it is theirs no more."""
    folder = keep(tmp_path, told(erasing(IN_GAME, whole=False)))

    [document] = documents(run, folder, IN_GAME)
    text = run("how", "--from", folder, IN_GAME).stdout

    assert (document["person"]["id"], document["has_left"]) == (FOUNDER, True)
    assert "not theirs any more" in text


@pytest.mark.parametrize("who", [IN_SHOP, FOUNDER, LAST])
def test_a_person_of_whom_nobody_is_left_is_told_to_the_end(
    run: Run, tmp_path: Path, who: Member | str
) -> None:
    """By an id, by the person id, or by one that ended in it before."""
    folder = keep(tmp_path, told(erasing(ON_PAGE, whole=True)))

    [document] = documents(run, folder, who)
    text = run("how", "--from", folder, who).stdout

    assert steps(document)[-1] == ("erased", "requested")
    assert document["person"]["members"] == []
    assert text.startswith(f"Nobody is left of {FOUNDER} of business {ACME}.\n")


def test_an_id_that_two_businesses_know_is_told_of_both(
    run: Run, tmp_path: Path
) -> None:
    """The owner of now first, then the former one, who has not let go of it yet."""
    moved = Ownership(ON_PAGE.asset, RIVAL, 2, previous=ACME)
    log = [*TOGETHER, seen(ON_PAGE, 30, RIVAL, epoch=2)]
    folder = keep(tmp_path, [*told(log), *assets(moved)])

    found = documents(run, folder, ON_PAGE)

    assert [each["person"]["business"] for each in found] == [RIVAL, ACME]


@pytest.mark.parametrize(
    "who", [ScopedId(ON_PAGE.asset, "77"), person_id(ACME, AT_RIVALS)]
)
def test_who_was_never_known_is_not_found(
    run: Run, folder: Path, who: Member | str
) -> None:
    """And nothing is printed that a script could take for an answer."""
    answer = run("how", "--from", folder, who)

    assert (answer.exit_code, answer.stdout) == (Exit.FAILURE, "")
    assert answer.stderr == "nobody of that name is found\n"  # no id on stderr


def test_repeated_records_change_nothing(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    """Outputs are sent at least once."""
    twice = keep(tmp_path, [r for r in told(CONTRADICTED) for _ in range(2)])

    assert documents(run, twice, IN_SHOP) == documents(run, folder, IN_SHOP)
