"""`idweave quarantine list` and `show`, over files that the in-process engine wrote."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.streams.cli.conftest import Run
from tests.streams.explaining.stories import (
    CONTRADICTED,
    IN_GAME,
    IN_SHOP,
    ON_PAGE,
    STRANGER,
    TOGETHER,
    TOKEN,
    assets,
    banned,
    decided,
    keep,
    proved,
    seen,
    told,
)
from tests.support.town import ACME, RIVAL

from idweave_graph.decisions import Verdict
from idweave_graph.evidence import EvidenceKind
from idweave_graph.ids import Asset, AssetKind, ScopedId
from idweave_graph.messages import LogMessage
from idweave_graph.ownership import Ownership
from idweave_streams.cli.exits import Exit

REJECTED = decided(Verdict.REJECT, IN_SHOP, STRANGER, 20)
PAIR = sorted((str(IN_SHOP), str(STRANGER)))


@pytest.fixture
def shown(run: Run, tmp_path: Path) -> "Shown":
    """What `show` says after a log."""
    return Shown(run, tmp_path)


class Shown:
    """Weaves a log, and shows two members of it."""

    def __init__(self, run: Run, folder: Path) -> None:
        self._run = run
        self._folder = folder

    def __call__(
        self, log: list[LogMessage], one: object, two: object, code: Exit
    ) -> tuple[str, dict[str, Any]]:
        folder = keep(self._folder, told(log))
        answer = self._run("quarantine", "show", "--from", folder, one, two)
        script = self._run("quarantine", "show", "--from", folder, "--json", one, two)
        assert (answer.exit_code, script.exit_code) == (code, code), answer.output
        return answer.stdout, orjson.loads(script.stdout)


def test_a_pair_is_listed_with_what_it_contradicts(run: Run, tmp_path: Path) -> None:
    """Once, though both persons hold the proof."""
    folder = keep(tmp_path, told(CONTRADICTED))

    table = run("quarantine", "list", "--from", folder)
    lines = run("quarantine", "list", "--from", folder, "--json").stdout.splitlines()

    head, row = table.stdout.splitlines()
    assert head.split() == [
        "business",
        "id",
        "id",
        "proofs",
        "learned",
        "because",
        "of",
    ]
    assert row.split()[:4] == [ACME, *PAIR, "ids_for_pages"]
    assert row.endswith(f"two ids of {ON_PAGE.asset}")
    [document] = map(orjson.loads, lines)
    assert (document["business"], document["ids"]) == (ACME, PAIR)
    assert document["rivals"] == [[str(ON_PAGE), str(STRANGER)]]
    assert [proof["kind"] for proof in document["proofs"]] == ["ids_for_pages"]


def test_what_a_ban_keeps_out_is_listed_as_such(run: Run, tmp_path: Path) -> None:
    folder = keep(tmp_path, told([*TOGETHER, banned(IN_GAME, ON_PAGE, 20)]))

    answer = run("quarantine", "list", "--from", folder)

    assert answer.stdout.splitlines()[1].endswith("a ban")


def test_only_one_business_may_be_asked_for(run: Run, tmp_path: Path) -> None:
    """Of another one nothing is told; what was decided waits no more."""
    folder = keep(tmp_path / "a", told(CONTRADICTED))
    done = keep(tmp_path / "b", told([*CONTRADICTED, REJECTED]))

    ours = run("quarantine", "list", "--from", folder, "--business", ACME)
    theirs = run("quarantine", "list", "--from", folder, "--business", RIVAL)
    nothing = run("quarantine", "list", "--from", done)

    assert len(ours.stdout.splitlines()) == 2
    for answer in (theirs, nothing):
        assert (answer.exit_code, answer.stdout) == (Exit.OK, "")
        assert "nothing is in quarantine" in answer.stderr


def test_both_sides_are_shown_with_what_stands_against(shown: Shown) -> None:
    """The older evidence for the rival id, and both persons."""
    text, document = shown(list(CONTRADICTED), STRANGER, IN_SHOP, Exit.OK)

    assert (
        f"{PAIR[0]} and {PAIR[1]}, of business {ACME}: 1 proof in quarantine." in text
    )
    assert f"One person would have both {ON_PAGE} and {STRANGER}." in text
    assert "facebook.logins.v1-0-4" in text  # the proof for the rival, by way of
    assert "facebook.logins.v1-0-5" in text  # the token
    [rival] = document["rivals"]
    first, second = rival["chains"]
    assert [(step["from"], step["to"]) for step in first] == [
        (str(IN_SHOP), str(TOKEN)),
        (str(TOKEN), str(IN_GAME)),
        (str(IN_GAME), str(ON_PAGE)),
    ]
    assert second == []
    assert [p["cause"]["offset"] for p in document["quarantined"]] == [9]
    assert [len(p["members"]) for p in document["persons"]] == [4, 1]
    assert document["decisions"] == []


def test_what_is_rejected_is_shown_with_who_decided_it(shown: Shown) -> None:
    """With the proofs that are kept aside; nothing waits."""
    text, document = shown([*CONTRADICTED, REJECTED], IN_SHOP, STRANGER, Exit.FAILURE)

    assert "1 proof rejected" in text
    assert "the proofs between them do not count: asked her (Ada)" in text
    assert [p["cause"]["offset"] for p in document["rejected"]] == [9]
    assert document["quarantined"] == []
    assert [told["verdict"] for told in document["decisions"]] == ["reject"]


def test_what_is_accepted_counts_and_the_rival_waits(shown: Shown) -> None:
    """The token that names the other id of the Page is left to its carrier."""
    accepted = decided(Verdict.ACCEPT, IN_SHOP, STRANGER, 20)
    text, document = shown([*CONTRADICTED, accepted], IN_SHOP, STRANGER, Exit.FAILURE)

    assert "one person, by 1 proof between them" in text
    assert "come before all others" in text
    assert [p["cause"]["offset"] for p in document["holding"]] == [9]
    assert document["persons"][0] == document["persons"][1]


def test_after_an_end_nothing_is_decided(shown: Shown) -> None:
    """What was said last is shown; the proof waits again."""
    again = decided(Verdict.REOPEN, IN_SHOP, STRANGER, 21)
    _, document = shown([*CONTRADICTED, REJECTED, again], IN_SHOP, STRANGER, Exit.OK)

    assert [told["verdict"] for told in document["decisions"]] == ["reopen"]
    assert (len(document["quarantined"]), document["rejected"]) == (1, [])


def test_other_pairs_of_the_two_persons_are_named(shown: Shown) -> None:
    """Whoever asks for the wrong two of them is led to the right ones."""
    text, document = shown(list(CONTRADICTED), ON_PAGE, STRANGER, Exit.FAILURE)

    assert "nothing directly between them is in quarantine" in text
    assert document["nearby"] == [PAIR]
    assert f"{PAIR[0]}  {PAIR[1]}" in text


def test_a_ban_is_shown(shown: Shown) -> None:
    text, document = shown(
        [*TOGETHER, banned(IN_GAME, ON_PAGE, 20)], IN_GAME, ON_PAGE, Exit.OK
    )

    assert "may not be one person: two sisters (Ada)" in text
    assert [ban["author"] for ban in document["bans"]] == ["Ada"]


def test_who_has_left_by_a_rejection_is_still_shown(shown: Shown) -> None:
    """Nothing else spoke for them, so they are nobody's."""
    nobody = ScopedId(ON_PAGE.asset, "9")
    log = [seen(IN_SHOP, 1), proved(EvidenceKind.IDS_FOR_PAGES, IN_SHOP, nobody, 2)]
    log += [decided(Verdict.REJECT, IN_SHOP, nobody, 3)]

    text, document = shown(log, IN_SHOP, nobody, Exit.FAILURE)

    assert f"{nobody} is nobody's now." in text
    assert None in document["persons"]
    assert len(document["rejected"]) == 1


def test_the_id_of_a_test_app_is_that_of_its_parent(run: Run, tmp_path: Path) -> None:
    test_app = Asset(AssetKind.APP, "99")
    owners = [Ownership(IN_SHOP.asset, ACME, 1)]
    owners += [Ownership(test_app, ACME, 1, parent=IN_SHOP.asset)]
    folder = keep(tmp_path, [*told(CONTRADICTED), *assets(*owners)])
    alias = ScopedId(test_app, IN_SHOP.user)

    answer = run("quarantine", "show", "--from", folder, alias, STRANGER)

    assert answer.exit_code == Exit.OK
    assert answer.stdout.startswith(f"{PAIR[0]} and {PAIR[1]}")


def test_what_was_decided_under_a_former_ownership_is_not_shown(
    run: Run, tmp_path: Path
) -> None:
    """It ended with it; nobody was told, because nothing else changed."""
    owners = [Ownership(IN_SHOP.asset, ACME, 3), Ownership(STRANGER.asset, ACME, 1)]
    records = [*told([*CONTRADICTED, REJECTED]), *assets(*owners)]
    folder = keep(tmp_path, records)

    answer = run("quarantine", "show", "--from", folder, IN_SHOP, STRANGER)
    why = run("why", "--from", folder, IN_SHOP, STRANGER)

    assert "do not count" not in answer.stdout + why.stdout
    assert "Nothing is known that would join them." in why.stdout


def test_an_acceptance_stands_beside_a_link(shown: Shown) -> None:
    """Both are told: the one says which proofs come first, the other who joined."""
    accepted = decided(Verdict.ACCEPT, IN_SHOP, STRANGER, 20)
    linked = decided(Verdict.LINK, IN_SHOP, STRANGER, 21)

    _, document = shown(
        [*CONTRADICTED, accepted, linked], IN_SHOP, STRANGER, Exit.FAILURE
    )

    assert [told["verdict"] for told in document["decisions"]] == ["accept", "link"]


def test_two_whom_nobody_knows_are_told_so(run: Run, tmp_path: Path) -> None:
    """Without repeating them."""
    folder = keep(tmp_path, told(TOGETHER))
    ids = [ScopedId(ON_PAGE.asset, user) for user in ("4711", "4712")]

    answer = run("quarantine", "show", "--from", folder, *ids)

    assert answer.exit_code == Exit.FAILURE
    assert "neither id is found" in answer.stderr
    assert "471" not in answer.output


def test_bans_in_force_are_listed(run: Run, tmp_path: Path) -> None:
    """With who said so; not those that were lifted, nor of a lost Page."""
    other = ScopedId(IN_GAME.asset, "7")
    log = [banned(IN_GAME, ON_PAGE, 20), banned(IN_SHOP, other, 21)]
    log += [banned(IN_SHOP, STRANGER, 22), banned(IN_SHOP, STRANGER, 23, lifted=True)]
    gone = Ownership(ON_PAGE.asset, RIVAL, 2, previous=ACME)
    owned = keep(tmp_path / "a", told(log))
    lost = keep(tmp_path / "b", [*told(log), *assets(gone)])

    table = run("bans", "--from", owned)
    ours = run("bans", "--from", owned, "--business", ACME, "--json")
    theirs = run("bans", "--from", owned, "--business", RIVAL)
    rest = run("bans", "--from", lost, "--json")

    assert [row.split()[1:3] for row in table.stdout.splitlines()[1:]] == sorted(
        sorted(map(str, pair)) for pair in ((IN_GAME, ON_PAGE), (IN_SHOP, other))
    )
    documents = [orjson.loads(line) for line in ours.stdout.splitlines()]
    assert {d["business"] for d in documents} == {ACME}
    assert [(d["author"], d["lifted"]) for d in documents] == [("Ada", False)] * 2
    assert (theirs.stdout, theirs.exit_code) == ("", Exit.OK)
    assert "no ban is in force" in theirs.stderr
    [left] = map(orjson.loads, rest.stdout.splitlines())
    assert str(ON_PAGE) not in (left["a"], left["b"])
