"""The API's what-if against the one of `idweave local --snapshot`, on the same export."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.support.town import (
    ACME,
    NAMES,
    OWNERS,
    PEOPLE,
    SETTINGS,
    START_MS,
    Meta,
    Seen,
    engine_of,
    feed,
    scoped,
)
from tests.support.virtual_time import in_virtual_time

from idweave_adapters.api.asked import Asked
from idweave_adapters.api.what_if import Action, what_if
from idweave_adapters.api.what_if.answer import FIRST_OFFSET
from idweave_adapters.api.what_if.changes import VERDICTS
from idweave_adapters.ban_commands import BanKind, RequestedBan
from idweave_adapters.commands import Requested, encode_command
from idweave_adapters.decision_commands import RequestedDecision
from idweave_adapters.read_model import MemoryStore, StoredReadModel
from idweave_graph.ids import ScopedId
from idweave_graph.messages import CommandKind
from idweave_streams.api import fill
from idweave_streams.local import LocalEngine
from idweave_streams.local.copying import copy_of, with_logs
from idweave_streams.local.files import Lines
from idweave_streams.local.what_if import what_if as told_locally
from idweave_streams.reliable import Output
from idweave_streams.state.snapshot import open_snapshot, write_snapshot
from idweave_streams.state.space import temporary_space

NOW_MS = START_MS + 30_000
Json = dict[str, Any]
MINE = [asset for asset, owner in OWNERS.items() if owner == ACME]
IDS = [scoped(person, asset) for person in PEOPLE for asset in MINE]

seen = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(MINE), st.integers(0, 999))
ids = st.sampled_from(IDS)
changes = st.lists(
    st.tuples(st.sampled_from(list(Action)), ids, ids), min_size=1, max_size=1
)
"""One: commands about other ids are in other partitions, which may overtake each other."""
Change = tuple[Action, ScopedId, ScopedId]


def command(change: Change, at_ms: int) -> bytes:
    """What the command line would write."""
    action, one, two = change
    said = (at_ms, "operator", "nobody", "supposed")
    verdict = VERDICTS.get(action)
    if verdict is not None:
        return encode_command(RequestedDecision(one, two, verdict, *said))
    kind = BanKind.BAN if action is Action.BAN else BanKind.LIFT_BAN
    return encode_command(RequestedBan(one, two, kind, *said))


def give(engine: LocalEngine, line: bytes) -> None:
    engine.append(Output(NAMES.commands, None, line, partition=0))


async def lived(
    logins: list[Seen], said: list[Change], erased: list[ScopedId]
) -> LocalEngine:
    """An engine after logins and messages, what operators said, and erasures."""
    engine = engine_of(Meta())
    feed(engine, logins)
    await engine.settle(patience_ms=0)
    for number, change in enumerate(said):
        if change[1] != change[2]:
            give(engine, command(change, START_MS + 2_000 + number))
    for who in erased:
        at_ms = START_MS + 3_000
        requested = Requested(who, CommandKind.ERASE_ID, at_ms, "operator")
        give(engine, encode_command(requested))
    await engine.settle(patience_ms=0)
    return engine


def without_place(found: Any) -> Any:
    """The same, but for where it is supposed to come from, and what is named after it."""
    if isinstance(found, list):
        return [without_place(each) for each in found]
    if not isinstance(found, dict):
        return found
    if found.get("offset", 0) >= FIRST_OFFSET:
        return "supposed"
    kept = {key: without_place(value) for key, value in found.items()}
    if kept.get("type") in {"banned", "unbanned", "decided", "quarantined"}:
        del kept["id"]
    return kept


def in_order(events: list[Json]) -> list[bytes]:
    told = (orjson.dumps(event, option=orjson.OPT_SORT_KEYS) for event in events)
    return sorted(told)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(
    logins=st.lists(seen, min_size=1, max_size=8),
    said=st.lists(st.tuples(st.sampled_from(list(Action)), ids, ids), max_size=2),
    erased=st.lists(ids, max_size=1),
    wanted=changes,
)
@in_virtual_time
async def test_both_tell_the_same_events(
    logins: list[Seen], said: list[Change], erased: list[ScopedId], wanted: list[Change]
) -> None:
    """The same pipeline as in a worker tells what an exact answer tells."""
    engine = await lived(logins, said, erased)
    with TemporaryDirectory() as folder, temporary_space() as space:
        copy = copy_of(engine, SETTINGS, space)
        with_logs(engine, copy)
        snapshot = Path(folder) / "monday"
        write_snapshot(copy, snapshot)
        store = MemoryStore()
        await fill(store, snapshot, NAMES)
        model = StoredReadModel(store)
        wanted = [each for each in wanted if all(_is_known(model, w) for w in each[1:])]
        assume(wanted)

        answer = _answer(model, wanted)
        assume(answer["is_exact"])

        lines = [
            command(change, NOW_MS + number)
            for number, change in enumerate(wanted)
            if answer["changes"][number]["refused"] is None
        ]
        with open_snapshot(snapshot) as there:
            result = await told_locally(there, SETTINGS, Lines(commands=lines))
            records = [
                orjson.loads(r.value or b"") for r in result.records(NAMES.events)
            ]

    said_by_api = [event for each in answer["changes"] for event in each["events"]]
    assert in_order(without_place(said_by_api)) == in_order(without_place(records))


def _is_known(model: StoredReadModel, who: ScopedId) -> bool:
    return model.owner(ACME, str(who)) is not None


def _answer(model: StoredReadModel, wanted: list[Change]) -> Json:
    rows = [{"action": a, "one": str(one), "two": str(two)} for a, one, two in wanted]
    body = orjson.dumps({"at_ms": NOW_MS, "changes": rows})
    found: Json = orjson.loads(orjson.dumps(what_if(model, ACME, Asked({}, body))))
    return found
