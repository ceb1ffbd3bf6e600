"""`idweave why`, over files that the in-process engine wrote."""

import socket
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
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
    decided,
    keep,
    proved,
    seen,
    told,
)
from tests.support.town import ACME, NAMES, RIVAL

from idweave_graph.decisions import Verdict
from idweave_graph.evidence import EvidenceKind
from idweave_graph.explain import WORDS
from idweave_graph.ids import Asset, AssetKind, ScopedId
from idweave_graph.messages import RefusalReason
from idweave_graph.ownership import Ownership
from idweave_graph.person import person_id
from idweave_streams.cli import main
from idweave_streams.cli.exits import Exit
from idweave_streams.explaining.text import REFUSED

NOBODY = ScopedId(ON_PAGE.asset, "77")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Acme and its rival were told."""
    return keep(tmp_path_factory.mktemp("told"), told(CONTRADICTED))


def test_the_chain_is_told_step_by_step(run: Run, folder: Path) -> None:
    """A sentence, then one aligned line a proof, with its grounds."""
    answer = run("why", "--from", folder, IN_SHOP, ON_PAGE)

    assert answer.exit_code == Exit.OK
    sentence, blank, *table = answer.stdout.splitlines()
    assert sentence.startswith(f"{IN_SHOP} and {ON_PAGE} are one person, p_")
    assert sentence.endswith(f", of business {ACME}: 3 proofs join them.")
    assert blank == ""
    words = WORDS[EvidenceKind.TOKEN_FOR_BUSINESS]
    assert [line.split("  ") for line in _squeezed(table)] == [
        ["from", "to", "because", "learned", "epochs", "cause"],
        [str(IN_SHOP), str(TOKEN), words, _at(5), "1, 0", "facebook.logins.v1-0-5"],
        [str(TOKEN), str(IN_GAME), words, _at(6), "0, 1", "facebook.logins.v1-0-6"],
        [
            str(IN_GAME),
            str(ON_PAGE),
            WORDS[EvidenceKind.IDS_FOR_PAGES],
            _at(4),
            "1, 1",
            "facebook.logins.v1-0-4",
        ],
    ]
    assert len({line.index("facebook") for line in table[1:]}) == 1


def _at(ms: int) -> str:
    return f"2026-01-01T00:00:00.{ms:03}Z"


def _squeezed(lines: list[str]) -> list[str]:
    """Each line with two blanks between its cells."""
    return ["  ".join(filter(None, map(str.strip, x.split("  ")))) for x in lines]


def test_scripts_get_the_same_as_json(run: Run, folder: Path) -> None:
    """Each step with its kind, its ends in order, times, epochs and cause."""
    answer = run("why", "--from", folder, "--json", ON_PAGE, IN_GAME)

    document = orjson.loads(answer.stdout)
    assert answer.exit_code == Exit.OK
    assert document.pop("person").startswith("p_")
    assert document == {
        "ids": [str(ON_PAGE), str(IN_GAME)],
        "business": ACME,
        "one_person": True,
        "chain": [
            {
                "from": str(ON_PAGE),
                "to": str(IN_GAME),
                "kind": "ids_for_pages",
                "because": WORDS[EvidenceKind.IDS_FOR_PAGES],
                "at_ms": 1_767_225_600_004,
                "epochs": [1, 1],
                "cause": {"topic": "facebook.logins.v1", "partition": 0, "offset": 4},
            }
        ],
        "decisions": [],
    }


def test_a_token_can_be_asked_for_too(run: Run, folder: Path) -> None:
    """It has no alias, so all persons are looked through."""
    answer = run("why", "--from", folder, TOKEN, ON_PAGE)

    assert answer.exit_code == Exit.OK
    assert "2 proofs join them" in answer.stdout


def test_two_persons_are_told_with_the_proof_in_quarantine(
    run: Run, folder: Path
) -> None:
    """And with the two ids of one Page that one person would have had."""
    answer = run("why", "--from", folder, ON_PAGE, STRANGER)
    document = orjson.loads(
        run("why", "--from", folder, "--json", ON_PAGE, STRANGER).stdout
    )

    assert answer.exit_code == Exit.FAILURE
    assert f"are two persons of business {ACME}" in answer.stdout
    assert f"One person would have both {ON_PAGE} and {STRANGER}." in answer.stdout
    [quarantined] = document["quarantined"]
    assert document["one_person"] is False
    assert quarantined["rivals"] == [[str(ON_PAGE), str(STRANGER)]]
    assert (quarantined["proof"]["from"], quarantined["proof"]["to"]) == (
        str(IN_SHOP),
        str(STRANGER),
    )


def test_two_persons_whom_nothing_joins_are_told_so(run: Run, tmp_path: Path) -> None:
    """There is nothing in quarantine, and nothing was refused."""
    other = ScopedId(ON_PAGE.asset, "3")
    folder = keep(tmp_path, told([*TOGETHER, seen(other, 8)]))

    answer = run("why", "--from", folder, IN_SHOP, other)

    assert answer.exit_code == Exit.FAILURE
    assert "Nothing is known that would join them." in answer.stdout


def test_a_link_that_was_refused_is_told_once(run: Run, tmp_path: Path) -> None:
    """Though it stands on the topic twice, as everything may."""
    stale = proved(EvidenceKind.IDS_FOR_PAGES, IN_SHOP, STRANGER, 9)
    newer = Ownership(STRANGER.asset, ACME, 2)
    records = told([seen(IN_SHOP, 1), seen(STRANGER, 8, epoch=2), stale])
    policy = [r for r in records if r.topic == "identity.policy.v1"]
    folder = keep(tmp_path, [*records, *policy, *assets(newer)])

    answer = run("why", "--from", folder, IN_SHOP, STRANGER)

    assert len(policy) == 1
    assert answer.stdout.count("was refused") == 1
    assert REFUSED[RefusalReason.STALE_EPOCH] in answer.stdout
    assert f"from {IN_SHOP} to {STRANGER.asset}" in answer.stdout


def test_a_ban_is_told_with_who_decided_it(run: Run, tmp_path: Path) -> None:
    """Beside the proof that it keeps out; no two ids of one app or Page are named."""
    folder = keep(tmp_path, told([*TOGETHER, banned(IN_GAME, ON_PAGE, 20)]))

    answer = run("why", "--from", folder, IN_SHOP, ON_PAGE)
    document = orjson.loads(
        run("why", "--from", folder, "--json", IN_SHOP, ON_PAGE).stdout
    )

    assert answer.exit_code == Exit.FAILURE
    assert f"{IN_GAME} and {ON_PAGE} may not be one person" in answer.stdout
    assert "two sisters (Ada)" in answer.stdout
    assert "would have both" not in answer.stdout
    [quarantined], [ban] = document["quarantined"], document["bans"]
    assert quarantined["rivals"] == []
    assert (ban["author"], ban["ids"]) == ("Ada", [str(IN_GAME), str(ON_PAGE)])


def test_a_ban_that_was_lifted_is_not_told(run: Run, tmp_path: Path) -> None:
    """Whichever the topic repeats."""
    third = ScopedId(ON_PAGE.asset, "3")
    log = [*TOGETHER, seen(third, 8), banned(IN_SHOP, third, 20)]
    records = told([*log, banned(IN_SHOP, third, 21, lifted=True)])
    folder = keep(tmp_path, [*records, *records])

    answer = run("why", "--from", folder, IN_SHOP, third)

    assert answer.exit_code == Exit.FAILURE
    assert "Nothing is known that would join them." in answer.stdout


def test_a_rejection_is_told_with_who_decided_it(run: Run, tmp_path: Path) -> None:
    """Nothing is in quarantine any more; that is why."""
    rejected = decided(Verdict.REJECT, IN_GAME, ON_PAGE, 20)
    folder = keep(tmp_path, told([*TOGETHER, rejected]))

    answer = run("why", "--from", folder, IN_SHOP, ON_PAGE)
    document = orjson.loads(
        run("why", "--from", folder, "--json", IN_SHOP, ON_PAGE).stdout
    )

    assert answer.exit_code == Exit.FAILURE
    assert "the proofs between them do not count: asked her (Ada)" in answer.stdout
    assert "Nothing is known" not in answer.stdout
    [decision] = document["decisions"]
    assert (decision["a"], decision["b"]) == (str(IN_GAME), str(ON_PAGE))
    assert (decision["verdict"], decision["author"]) == ("reject", "Ada")


def test_who_linked_two_ids_is_told(run: Run, tmp_path: Path) -> None:
    """Beside the proof by hand; a decision that was taken back is not told."""
    log = [seen(IN_SHOP, 1), seen(STRANGER, 2)]
    log += [decided(Verdict.REJECT, IN_SHOP, STRANGER, 20)]
    folder = keep(tmp_path, told([*log, decided(Verdict.LINK, STRANGER, IN_SHOP, 21)]))

    answer = run("why", "--from", folder, IN_SHOP, STRANGER)

    assert answer.exit_code == Exit.OK
    assert WORDS[EvidenceKind.MANUAL] in answer.stdout
    assert "they are one person: asked her (Ada)" in answer.stdout
    assert "do not count" not in answer.stdout


def test_an_acceptance_is_told_of_the_chain_that_it_is_about(
    run: Run, tmp_path: Path
) -> None:
    """Also where the two that were asked for are others."""
    accepted = decided(Verdict.ACCEPT, IN_GAME, ON_PAGE, 20)
    folder = keep(tmp_path, told([*TOGETHER, accepted]))

    chain = run("why", "--from", folder, IN_SHOP, ON_PAGE)
    elsewhere = run("why", "--from", folder, IN_SHOP, TOKEN)

    assert "come before all others: asked her (Ada)" in chain.stdout
    assert "come before" not in elsewhere.stdout


def test_an_id_of_another_business_is_as_unknown_as_any(run: Run, folder: Path) -> None:
    """The answer is the same word for word, so it tells nothing of the other."""
    theirs = run("why", "--from", folder, IN_SHOP, AT_RIVALS)
    nobodys = run("why", "--from", folder, IN_SHOP, NOBODY)

    assert theirs.exit_code == nobodys.exit_code == Exit.FAILURE
    assert theirs.stdout == nobodys.stdout == ""
    assert theirs.stderr == f"the second id is not found in business {ACME}\n"
    assert theirs.stderr == nobodys.stderr


def test_the_first_id_may_be_the_unknown_one(run: Run, folder: Path) -> None:
    """Also as JSON; no id is on stderr, which may be kept in a log."""
    one = run("why", "--from", folder, "--json", NOBODY, IN_SHOP)
    both = run("why", "--from", folder, NOBODY, ScopedId(NOBODY.asset, "78"))

    assert orjson.loads(one.stdout) == {"not_found": [str(NOBODY)], "business": ACME}
    assert one.stderr == f"the first id is not found in business {ACME}\n"
    assert both.stderr == "neither id is found\n"


def test_an_id_may_come_by_stdin(folder: Path) -> None:
    """So that no id or token stands in the list of processes, whichever command asks."""
    ask = CliRunner().invoke
    where = ["--from", str(folder)]

    why = ask(main, ["why", *where, "-", "-"], input=f"{IN_SHOP}\n{TOKEN}\n")
    how = ask(main, ["how", *where, "-"], input=f"{TOKEN}\n")
    person = ask(main, ["how", *where, "-"], input=f"{person_id(ACME, IN_SHOP)}\n")
    show = ask(
        main, ["quarantine", "show", *where, "-", str(TOKEN)], input=f"{IN_SHOP}\n"
    )

    assert why.stdout.startswith(f"{IN_SHOP} and {TOKEN} are one person")
    assert f"{IN_SHOP}" in how.stdout
    assert f"{IN_SHOP}" in person.stdout
    assert show.stdout.startswith(f"{IN_SHOP} and {TOKEN}")


def test_two_names_of_one_id_are_told_as_such(run: Run, tmp_path: Path) -> None:
    """A test app names people as its parent app does; no proof joins them."""
    test_app = Asset(AssetKind.APP, "4711")
    owned = Ownership(test_app, ACME, 1, parent=IN_SHOP.asset)
    folder = keep(tmp_path, [*told(TOGETHER), *assets(owned)])

    answer = run("why", "--from", folder, IN_SHOP, ScopedId(test_app, IN_SHOP.user))

    assert answer.exit_code == Exit.OK
    assert answer.stdout.startswith(f"Both are one id, {IN_SHOP}: ")
    assert " proofs join" not in answer.stdout


def test_who_moves_to_another_owner_is_found_with_the_former_one(
    run: Run, tmp_path: Path
) -> None:
    """As long as that one has not let go of the id."""
    moved = Ownership(ON_PAGE.asset, RIVAL, 2, previous=ACME)
    folder = keep(tmp_path, [*told(TOGETHER), *assets(moved)])

    answer = run("why", "--from", folder, IN_GAME, ON_PAGE)

    assert answer.exit_code == Exit.OK
    assert f"of business {ACME}" in answer.stdout


def test_the_id_of_a_test_app_is_that_of_its_parent(run: Run, tmp_path: Path) -> None:
    """They share the ids of their people."""
    test_app = Asset(AssetKind.APP, "99")
    owners = [Ownership(IN_SHOP.asset, ACME, 1)]
    owners += [Ownership(test_app, ACME, 1, parent=IN_SHOP.asset)]
    folder = keep(tmp_path, [*told(TOGETHER), *assets(*owners)])

    answer = run("why", "--from", folder, ScopedId(test_app, IN_SHOP.user), ON_PAGE)

    assert answer.exit_code == Exit.OK
    assert answer.stdout.startswith(f"{IN_SHOP} and {ON_PAGE} are one person")


def test_who_was_merged_while_we_read_is_found_all_the_same(
    run: Run, tmp_path: Path
) -> None:
    """The alias still names who had the id before; that person has ended."""
    records = told(TOGETHER)
    key = f"{ACME}/{ON_PAGE}".encode()
    first, *later = [r for r in records if r.key == key and r.topic == NAMES.aliases]
    folder = keep(tmp_path, [r for r in records if r not in later])

    answer = run("why", "--from", folder, IN_SHOP, ON_PAGE)

    assert person_id(ACME, ON_PAGE).encode() in (first.value or b"")
    assert later
    assert answer.exit_code == Exit.OK, answer.stderr


def test_a_broker_that_does_not_answer_is_told(run: Run) -> None:
    """With its address, and nothing of who was asked for."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        server = f"127.0.0.1:{closed.getsockname()[1]}"
        answer = run("--set", f"kafka={server}", "why", IN_SHOP, ON_PAGE)

    assert answer.exit_code == Exit.UNAVAILABLE
    assert f"no connection to {server}" in answer.stderr
    assert str(IN_SHOP) not in answer.stderr


@pytest.mark.parametrize(
    "ids",
    [
        ("12345", "page:1:1"),
        ("app:1:1", "p_0f9aeb4ce6a24d1ca1e2fd9f2bd6e4fb"),
        ("app:1:1", "app:1:1"),
    ],
)
def test_what_is_no_pair_of_ids_is_wrong_use(
    run: Run, folder: Path, ids: tuple[str, str]
) -> None:
    """A bare number says nothing of its app; an id is one person with itself."""
    answer = run("why", "--from", folder, *ids)

    assert answer.exit_code == Exit.USAGE
    assert "12345" not in answer.stderr


def test_a_folder_of_something_else_is_told(run: Run, tmp_path: Path) -> None:
    """Nobody is found in it, but that would be no answer."""
    answer = run("why", "--from", tmp_path, IN_SHOP, ON_PAGE)

    assert answer.exit_code == Exit.BAD_DATA
    assert "name a folder that has" in answer.stderr


@pytest.mark.parametrize("line", [b"{}", b"nonsense 12345", b'{"key": 12345}'])
def test_a_line_that_is_no_record_is_told_by_its_place(
    run: Run, tmp_path: Path, line: bytes
) -> None:
    """And not by what stands in it."""
    folder = keep(tmp_path, told(TOGETHER))
    file = folder / "identity.persons.v1.jsonl"
    file.write_bytes(file.read_bytes() + line + b"\n")

    answer = run("why", "--from", folder, TOKEN, ON_PAGE)

    assert answer.exit_code == Exit.BAD_DATA
    assert f"of {file}" in answer.stderr
    assert "12345" not in answer.stderr


def test_every_reason_to_refuse_has_words() -> None:
    """So that no answer falls back to a code."""
    assert REFUSED.keys() == set(RefusalReason)
