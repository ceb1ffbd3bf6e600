"""What would come is what comes: a copy and the next record, against the real thing."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.strategies import full_logs
from tests.support.town import (
    ACME,
    NAMES,
    OWNERS,
    PAGE,
    PEOPLE,
    RIVAL,
    SETTINGS,
    SHOP,
    START_MS,
    Meta,
    Seen,
    clock_ms,
    engine_of,
    event,
    feed,
    scoped,
)
from tests.support.virtual_time import in_virtual_time

from idweave_adapters.ban_commands import BanKind, RequestedBan
from idweave_adapters.commands import Requested, encode_command
from idweave_adapters.erasure_key import ErasureKey
from idweave_adapters.secret import Secret
from idweave_graph.holds import Hold
from idweave_graph.messages import CommandKind, LogMessage
from idweave_graph.ownership import Ownership
from idweave_streams.codecs import encode_hold, encode_log, encode_ownership
from idweave_streams.local import LocalEngine, Start
from idweave_streams.local.copying import copy_of
from idweave_streams.local.log import LocalTable
from idweave_streams.local.what_if import FIRST_OFFSET, engine_over
from idweave_streams.pipeline import Outside
from idweave_streams.reliable import Output
from idweave_streams.settings import Settings
from idweave_streams.state.snapshot import open_snapshot, write_snapshot
from idweave_streams.state.space import temporary_space
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE

FEWER = settings(max_examples=40)
KEY = ErasureKey(Secret("k" * 64))
"""Under which engines remember erasures."""


def outside(meta: Meta) -> Outside:
    return Outside(meta, meta, clock_ms, erasure_key=KEY)


def over(engine: LocalEngine, meta: Meta, **choices: Any) -> LocalEngine:
    """An engine that stands where *engine* does, and leaves it as it is."""
    assets = [
        (str(asset.asset).encode(), encode_ownership(asset))
        for asset in engine.pipeline.ownership.all()
    ]
    start = Start(
        lambda name, partition: engine.tables(name)[partition],
        assets,
        first_offset=FIRST_OFFSET,
        **choices,
    )
    return LocalEngine(SETTINGS, outside(meta), start)


def state(engine: LocalEngine) -> list[list[tuple[bytes, bytes]]]:
    """All that stands in the tables."""
    return [
        list(table.scan(b""))
        for name in (GRAPH_TABLE, LOOKUP_TABLE)
        for table in engine.tables(name).values()
    ]


def evidence(engine: LocalEngine, messages: Iterable[LogMessage]) -> None:
    for message in messages:
        key = message.business.encode()
        engine.append(Output(NAMES.evidence, key, encode_log([message])))
    engine.drain()


Marks = dict[int, int]


def marks(engine: LocalEngine) -> Marks:
    """Where the events topic ends now."""
    log = engine.log
    return {p: log.end(NAMES.events, p) for p in log.partitions(NAMES.events)}


def told(engine: LocalEngine, since: Marks | None = None) -> list[dict[str, Any]]:
    """The events behind *since*, in order within each partition."""
    return [
        orjson.loads(record.value or b"")
        for record in engine.records(NAMES.events)
        if since is None or record.offset >= since[record.partition]
    ]


@settings(max_examples=200)
@given(log=full_logs(), at=st.integers(0, 13))
@in_virtual_time
async def test_the_next_messages_tell_exactly_what_they_would_have_told(
    log: list[LogMessage], at: int
) -> None:
    """Whatever came before, to the byte: ids, generations, evidence, causes."""
    meta = Meta()
    real = LocalEngine(SETTINGS, outside(meta))
    evidence(real, log[:at])
    known, before = marks(real), state(real)

    supposed = over(real, meta)
    evidence(supposed, log[at:])

    assert state(real) == before
    evidence(real, log[at:])
    assert told(supposed) == told(real, known)
    assert state(supposed) == state(real)


@settings(max_examples=15)
@given(log=full_logs(), at=st.integers(0, 13))
@in_virtual_time
async def test_a_snapshot_tells_the_same(log: list[LogMessage], at: int) -> None:
    """Written to files and read back."""
    meta = Meta()
    real = LocalEngine(SETTINGS, outside(meta))
    evidence(real, log[:at])
    known = marks(real)

    with TemporaryDirectory() as folder, temporary_space() as space:
        snapshot = Path(folder) / "monday"
        write_snapshot(copy_of(real, SETTINGS, space), snapshot)
        with open_snapshot(snapshot) as copy:
            supposed = engine_over(copy, Settings(partitions=1), outside(meta))
            evidence(supposed, log[at:])

    evidence(real, log[at:])
    assert told(supposed) == told(real, known)


Step = tuple[str, Any]

seen = st.tuples(
    st.sampled_from(PEOPLE), st.sampled_from(list(OWNERS)), st.integers(0, 5)
)
who = st.tuples(st.sampled_from(PEOPLE), st.sampled_from([SHOP, PAGE]))
steps: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.tuples(st.just("see"), seen),
        st.tuples(st.just("erase"), who),
        st.tuples(st.just("forget"), who),
        st.tuples(st.just("ban"), st.tuples(who, who)),
        st.tuples(st.just("transfer"), st.sampled_from([ACME, RIVAL])),
    ),
    max_size=6,
)


def outputs(step: Step, number: int, epoch: int) -> list[Output]:
    """The records of one step; times rise with its *number*."""
    kind, what = step
    at_ms = START_MS + 100 + number
    if kind == "see":
        person, asset, _ = what
        return [event((person, asset, 100 + number))]
    if kind == "transfer":
        previous = RIVAL if what == ACME else ACME
        owner = Ownership(PAGE, what, epoch, previous=previous, since_ms=at_ms)
        return [Output(NAMES.assets, str(PAGE).encode(), encode_ownership(owner))]
    if kind == "ban":
        one, two = (scoped(*each) for each in what)
        ban = RequestedBan(one, two, BanKind.BAN, at_ms, "operator", "ann", "two")
        return [Output(NAMES.commands, None, encode_command(ban), partition=0)]
    wish = CommandKind.ERASE_PERSON if kind == "erase" else CommandKind.ERASE_ID
    value = encode_command(Requested(scoped(*what), wish, at_ms, "operator"))
    return [Output(NAMES.commands, None, value, partition=0)]


def run(engine: LocalEngine, several: Sequence[Step]) -> None:
    for number, step in enumerate(several):
        for output in outputs(step, number, 2 + number):
            engine.append(output)
        engine.drain()


def without_cause(document: Any) -> Any:
    """The event, but for where it comes from, which the id of a ban holds too."""
    if isinstance(document, list):
        return [without_cause(each) for each in document]
    if not isinstance(document, dict):
        return document
    is_ban = document.get("type") in ("banned", "unbanned")
    hidden = ("cause", "id") if is_ban else ("cause",)
    return {k: without_cause(v) for k, v in document.items() if k not in hidden}


@FEWER
@given(before=st.lists(seen, max_size=8), after=steps)
@in_virtual_time
async def test_events_commands_and_owners_do_what_they_would_do(
    before: list[Seen], after: list[Step]
) -> None:
    """All through the stages, with the lookups of before answered; nobody is asked."""
    meta = Meta()
    real = LocalEngine(SETTINGS, outside(meta))
    for asset, owner in OWNERS.items():
        value = encode_ownership(Ownership(asset, owner, 1))
        real.append(Output(NAMES.assets, str(asset).encode(), value))
    feed(real, before)
    await real.settle(patience_ms=1_000)
    known, asked, stood = marks(real), len(meta.asked), state(real)

    supposed = over(real, meta)
    run(supposed, after)

    assert (state(real), len(meta.asked)) == (stood, asked)
    run(real, after)
    assert without_cause(told(supposed)) == without_cause(told(real, known))
    assert all(e["cause"]["offset"] >= FIRST_OFFSET for e in told(supposed))


@pytest.mark.parametrize("takes_up", [False, True])
@in_virtual_time
async def test_who_waits_in_the_copy_is_asked_about_only_if_wanted(
    takes_up: bool,
) -> None:
    """Whom the events call for is asked about in any case."""
    meta = Meta()
    real = engine_of(meta)
    feed(real, [(1, SHOP, 0)])
    real.drain()
    assert meta.asked == []

    supposed = over(real, meta, takes_up_lookups=takes_up)
    supposed.append(event((2, SHOP, 5)))
    await supposed.settle(patience_ms=1_000)

    waiting = {scoped(1, SHOP)} if takes_up else set()
    assert set(meta.asked) == {scoped(2, SHOP), *waiting}
    assert len(told(supposed)) >= 2


@in_virtual_time
async def test_owners_and_holds_of_the_copy_are_known() -> None:
    """Without being told of again: nothing comes of them."""
    meta, at_ms = Meta(), clock_ms()
    hold = Hold(ACME, True, at_ms, at_ms, at_ms + 1, "review")
    start = Start(
        lambda _name, _partition: LocalTable(),
        [(str(SHOP).encode(), encode_ownership(Ownership(SHOP, ACME, 3)))],
        [(hold.key.encode(), encode_hold(hold))],
    )

    supposed = LocalEngine(SETTINGS, outside(meta), start)
    supposed.drain()

    shop = supposed.pipeline.ownership.of(SHOP)
    assert shop is not None
    assert shop.epoch == 3
    assert supposed.pipeline.holds.of_business(ACME) == hold
    assert (told(supposed), supposed.lag()) == ([], 0)
