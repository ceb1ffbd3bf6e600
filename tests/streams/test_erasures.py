"""What was erased stays away, on the whole pipeline, and no id is kept to do that."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.stages import KEY, letters, record
from tests.support.town import (
    ACME,
    GAME,
    NAMES,
    OWNERS,
    PAGE,
    PEOPLE,
    RIVAL,
    SHOP,
    START_MS,
    Meta,
    Seen,
    aliases,
    engine_of,
    feed,
    scoped,
)
from tests.support.virtual_time import in_virtual_time

from idweave_adapters.commands import Requested, encode_command
from idweave_adapters.erase_commands import RequestedAssetErasure
from idweave_adapters.erasure_key import ErasureKey
from idweave_adapters.key_file import KeyFileError
from idweave_adapters.secret import Secret
from idweave_graph import withdraw
from idweave_graph.erasures import EXPIRY_STEP, Erased
from idweave_graph.ids import Asset, ScopedId
from idweave_graph.messages import CommandKind
from idweave_graph.ownership import Ownership
from idweave_streams.agents.ingest import Ingest, Memory
from idweave_streams.codecs import encode_ownership
from idweave_streams.erasures import NOWHERE, audit_hash, drop_erased, put_erased
from idweave_streams.local import LocalEngine
from idweave_streams.local.log import LocalTable
from idweave_streams.reliable import Output, Unit
from idweave_streams.settings import Settings
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE, GraphTable, LookupTable
from idweave_streams.views import OwnershipBook
from idweave_streams.worker import create_worker

FEWER = settings(max_examples=20)
OTHER_KEY = ErasureKey(Secret("fedcba9876543210" * 4))
ERASED_MS = START_MS + 100
WHO = scoped(1, SHOP)
LATER_MS = 10_000

seen_before: st.SearchStrategy[list[Seen]] = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE), st.sampled_from(list(OWNERS)), st.integers(0, 5)
    ),
    max_size=10,
).map(lambda several: [(1, SHOP, 0), *several])


@pytest.fixture(autouse=True)
def small_steps() -> Iterator[None]:
    """One member at a time, so that an asset takes several records."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(withdraw, "SWEEP_STEP", 1)
        yield


def erase(engine: LocalEngine, subject: ScopedId | Asset) -> None:
    requested = (
        RequestedAssetErasure(subject, ERASED_MS, "operator", "R1")
        if isinstance(subject, Asset)
        else Requested(subject, CommandKind.ERASE_ID, ERASED_MS, "operator", "R1")
    )
    key = str(subject).encode()
    engine.append(Output(NAMES.commands, key, encode_command(requested)))


def stored(engine: LocalEngine) -> bytes:
    """All that the tables hold, keys and values."""
    return b"\n".join(
        part
        for name in (GRAPH_TABLE, LOOKUP_TABLE)
        for table in engine.tables(name).values()
        for pair in table.scan(b"")
        for part in pair
    )


def audit(engine: LocalEngine) -> list[dict[str, object]]:
    records = (orjson.loads(r.value or b"") for r in engine.records(NAMES.policy))
    return [each for each in records if each["type"] == "erasure"]


def of_asset(engine: LocalEngine, asset: Asset) -> set[bytes]:
    part = f"/{asset}:".encode()
    return {key for key in aliases(engine) if key is not None and part in key}


@FEWER
@given(before=seen_before)
@in_virtual_time
async def test_all_old_events_once_more_bring_nobody_back(before: list[Seen]) -> None:
    """No alias, nothing in a table, and the Graph API is not asked about the id.

    Its siblings are asked about, and name it.
    """
    meta = Meta()
    engine = engine_of(meta, key=KEY)
    feed(engine, before)
    await engine.settle(patience_ms=1_000)
    erase(engine, WHO)
    await engine.settle(patience_ms=1_000)
    meta.asked.clear()

    feed(engine, [*before, (1, PAGE, LATER_MS), (1, GAME, LATER_MS)])
    await engine.settle(patience_ms=1_000)

    assert f"{ACME}/{WHO}".encode() not in aliases(engine)
    assert str(WHO).encode() not in stored(engine)
    assert WHO not in meta.asked
    assert f"{ACME}/{scoped(1, PAGE)}".encode() in aliases(engine)


@in_virtual_time
async def test_who_is_seen_later_is_back_with_all_that_is_learned_then() -> None:
    """Looked up anew, and linked again by what siblings say."""
    engine = engine_of(Meta(), key=KEY)
    feed(engine, [(1, SHOP, 0), (1, PAGE, 0)])
    await engine.settle(patience_ms=1_000)
    known = aliases(engine)
    erase(engine, WHO)
    await engine.settle(patience_ms=1_000)

    feed(engine, [(1, SHOP, LATER_MS)])
    await engine.settle(patience_ms=1_000)

    now = aliases(engine)
    key, page = (f"{ACME}/{each}".encode() for each in (WHO, scoped(1, PAGE)))
    assert now[key] == now[page] == known[page]


@FEWER
@given(before=seen_before)
@in_virtual_time
async def test_no_id_of_an_erased_asset_comes_back(before: list[Seen]) -> None:
    """Also without a key; whoever is seen later is there again."""
    meta = Meta()
    engine = engine_of(meta)
    feed(engine, before)
    await engine.settle(patience_ms=1_000)
    erase(engine, SHOP)
    await engine.settle(patience_ms=1_000)
    assert of_asset(engine, SHOP) == set()
    meta.asked.clear()

    feed(engine, before)
    await engine.settle(patience_ms=1_000)
    assert of_asset(engine, SHOP) == set()
    assert f"{SHOP}:".encode() not in stored(engine)
    assert not any(who.asset == SHOP for who in meta.asked)

    feed(engine, [(1, SHOP, LATER_MS)])
    await engine.settle(patience_ms=1_000)
    assert of_asset(engine, SHOP) == {f"{ACME}/{WHO}".encode()}


@FEWER
@given(before=seen_before, cut=st.integers(0, 12))
@in_virtual_time
async def test_events_during_the_erasure_of_an_asset_are_not_lost(
    before: list[Seen], cut: int
) -> None:
    """Whoever is seen after it was asked for, and after workers know, stays known."""
    engine = engine_of(Meta())
    feed(engine, before)
    await engine.settle(patience_ms=1_000)
    erase(engine, SHOP)
    for _ in range(3 + cut):  # commands, evidence, and what every partition is told
        engine.advance()

    feed(engine, [(who, SHOP, LATER_MS) for who in PEOPLE])
    await engine.settle(patience_ms=1_000)

    there = {f"{ACME}/{scoped(who, SHOP)}".encode() for who in PEOPLE}
    assert of_asset(engine, SHOP) == there


@in_virtual_time
async def test_the_audit_has_a_hash_where_there_is_a_key_and_never_an_id() -> None:
    """By which whoever has both can tell that it was this one."""
    with_key, without = engine_of(Meta(), key=KEY), engine_of(Meta())
    for engine in (with_key, without):
        feed(engine, [(1, SHOP, 0), (1, PAGE, 0)])
        await engine.settle(patience_ms=1_000)
        erase(engine, WHO)
        await engine.settle(patience_ms=1_000)

    ([one], [two]) = audit(with_key), audit(without)

    assert one["subject"] == audit_hash(KEY, ACME, WHO)
    assert one["subject"] != audit_hash(OTHER_KEY, ACME, WHO)
    assert one["subject"] != audit_hash(KEY, RIVAL, WHO)
    assert two["subject"] is None
    assert {k: v for k, v in one.items() if k != "subject"} == {
        k: v for k, v in two.items() if k != "subject"
    }
    assert (one["what"], one["ids"], one["receipt"]) == ("erase-id", 1, "R1")
    assert WHO.user not in {str(value) for value in one.values()}


@in_virtual_time
async def test_without_a_key_nothing_is_remembered_of_ids() -> None:
    """Rather than under a hash that can be undone by trying all numbers."""
    engine = engine_of(Meta())
    feed(engine, [(1, SHOP, 0)])
    await engine.settle(patience_ms=1_000)
    erase(engine, WHO)
    await engine.settle(patience_ms=1_000)
    kept = stored(engine)
    assert not any(line.startswith((b"x|", b"y|")) for line in kept.splitlines())

    feed(engine, [(1, SHOP, 0)])
    await engine.settle(patience_ms=1_000)
    assert f"{ACME}/{WHO}".encode() in aliases(engine)


def put(table: LocalTable, scoped_id: ScopedId, erased: Erased) -> None:
    unit = Unit(0, table)
    before = GraphTable(table, KEY).erased(ACME, scoped_id)
    put_erased(unit, KEY, ACME, scoped_id, (erased, before))
    put_erased(unit, KEY, NOWHERE, scoped_id, (erased, before))
    table.write(unit.changes)


def test_a_memory_is_found_with_its_key_alone_and_names_nobody() -> None:
    table = LocalTable()
    who = ScopedId(SHOP, "10153949089790582")
    put(table, who, Erased(5, 9))
    put(table, who, Erased(6, 12))

    assert GraphTable(table, KEY).erased(ACME, who) == Erased(6, 12)
    assert LookupTable(table, KEY).erased(who) == Erased(6, 12)
    for found in (
        GraphTable(table, OTHER_KEY).erased(ACME, who),
        GraphTable(table).erased(ACME, who),
        GraphTable(table, KEY).erased(RIVAL, who),
        GraphTable(table, KEY).erased(ACME, replace(who, user="1")),
    ):
        assert found is None
    pairs = list(table.scan(b""))
    assert len(pairs) == 4  # each once, and once more by the time of its end
    assert not any(who.user.encode() in part for pair in pairs for part in pair)


def test_memories_that_are_over_go_in_bounded_steps() -> None:
    """The oldest first, and nothing else."""
    table = LocalTable()
    for number in range(EXPIRY_STEP + 5):
        put(table, ScopedId(SHOP, f"{number}"), Erased(1, 10 + number))

    def left() -> int:
        return len(list(table.scan(f"x|{ACME}|".encode())))

    for by_ms, expected in ((10, EXPIRY_STEP + 5), (15, EXPIRY_STEP), (9_999, 0)):
        unit = Unit(0, table)
        drop_erased(unit, ACME, by_ms)
        table.write(unit.changes)
        assert left() == expected
    assert len(list(table.scan(f"y|{ACME}|".encode()))) == 0
    assert len(list(table.scan(b"x||"))) == EXPIRY_STEP + 5


def ingest(value: bytes, timestamp_ms: int = 1_000) -> tuple[Unit, LocalTable]:
    book, table = OwnershipBook(), LocalTable()
    test_app = Asset.parse("app:12")
    owned = [Ownership(SHOP, ACME, 1), Ownership(test_app, ACME, 1, parent=SHOP)]
    for each in owned:
        book.apply(str(each.asset).encode(), encode_ownership(each))
    unit = Unit(0, table)
    stage = Ingest(NAMES, 3, book, lambda _: (), memory=Memory(50, of_ids=True))
    command = replace(record(NAMES.commands, value), timestamp_ms=timestamp_ms)
    stage.handle(unit, [command])
    return unit, table


@pytest.mark.parametrize(
    ("asset", "code"),
    [("app:12", "command-field-invalid"), ("app:99", "unknown-asset")],
)
def test_an_asset_that_can_not_be_meant_is_a_dead_letter(asset: str, code: str) -> None:
    """A test app has the ids of its parent, and of others nobody is the owner."""
    requested = RequestedAssetErasure(Asset.parse(asset), ERASED_MS, "operator")

    unit, _ = ingest(encode_command(requested))

    assert letters(unit) == [(code, 1)]
    assert len(unit.outputs) == 1


@pytest.mark.parametrize("stored_ms", [0, ERASED_MS - 9, ERASED_MS + 7])
def test_the_memory_is_counted_from_when_the_request_was_stored(stored_ms: int) -> None:
    """Or asked for, if that is later."""
    for subject in (WHO, SHOP):
        requested = (
            RequestedAssetErasure(subject, ERASED_MS, "operator")
            if isinstance(subject, Asset)
            else Requested(subject, CommandKind.ERASE_ID, ERASED_MS, "operator")
        )

        unit, _ = ingest(encode_command(requested), stored_ms)

        [output] = unit.outputs
        (row,) = orjson.loads((output.value or b"")[1:])
        assert row["u" if subject == SHOP else "m"] == max(stored_ms, ERASED_MS) + 50


def test_a_key_is_read_from_its_file(tmp_path: Path) -> None:
    """What `openssl rand -hex 32` writes; the end of the line is no part of it."""
    file = tmp_path / "key"
    file.write_text("0123456789abcdef" * 4 + "\n")

    assert ErasureKey.from_file(file).of("a") == KEY.of("a")
    assert KEY.of("a") != KEY.of("b")
    assert "0123" not in repr(KEY)


@pytest.mark.parametrize("content", ["", "short", "x" * 31, "\0" * 40, "a b" * 20])
def test_a_key_that_can_not_be_used_is_refused(tmp_path: Path, content: str) -> None:
    """The fault names the file and what makes a good one, and repeats nothing."""
    file = tmp_path / "key"
    file.write_text(content)

    with pytest.raises(KeyFileError, match="openssl rand -hex 32") as fault:
        ErasureKey.from_file(file)

    assert str(file) in str(fault.value)
    assert not content.strip("\0 ") or content not in str(fault.value)


@pytest.mark.parametrize("has_key", [True, False])
def test_a_worker_says_once_that_it_remembers_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, has_key: bool
) -> None:
    """With what to do about it, and not a word of the key if there is one."""
    file = tmp_path / "key"
    file.write_text("0123456789abcdef" * 4)
    stated = Settings(data_dir=tmp_path, erasure_key_file=file if has_key else None)

    create_worker(stated, {})

    told = [each for each in caplog.messages if "not remembered" in each]
    assert len(told) == (0 if has_key else 1)
    assert all("openssl rand -hex 32 > FILE" in each for each in told)
    assert "0123456789abcdef" not in caplog.text


def test_a_key_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="can't be read"):
        ErasureKey.from_file(tmp_path / "none")
