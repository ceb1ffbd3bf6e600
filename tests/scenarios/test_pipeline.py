"""The whole pipeline in one process: events in, topics out, with calls and crashes."""

from collections import Counter
from collections.abc import Iterator

import orjson
import pytest
from tests.support.stages import latest
from tests.support.town import (
    GAME,
    NAMES,
    PAGE,
    RIVALS_APP,
    SHOP,
    START_MS,
    Meta,
    Seen,
    engine_of,
    feed,
    persons,
    scoped,
)
from tests.support.virtual_time import in_virtual_time

from idweave_adapters.commands import Requested, encode_command
from idweave_adapters.decision_commands import RequestedDecision
from idweave_adapters.erasure_key import ErasureKey
from idweave_adapters.secret import Secret
from idweave_graph.consume import Aliases, Fold
from idweave_graph.decisions import Verdict
from idweave_graph.messages import CommandKind
from idweave_streams.local import LocalEngine
from idweave_streams.reliable import Output, Record

ANN = {"900/app:10:2", "900/app:11:3", "900/page:20:4"}
BOB = {"900/app:10:3", "900/app:11:4", "900/page:20:1"}
ANN_AT_THE_RIVAL = {"901/app:60:1", "901/page:61:2"}


class CrashError(Exception):
    """The process died."""


class Crashing(LocalEngine):
    """Dies between the outputs of a unit and its changes of state, when told to."""

    dies: Iterator[bool] = iter(())

    def append(self, output: Output) -> Record:
        record = super().append(output)
        is_event = output.topic == NAMES.events
        if is_event and next(self.dies, False):
            raise CrashError
        return record


async def woven(
    *seen: Seen, kind: type[LocalEngine] = LocalEngine, meta: Meta | None = None
) -> LocalEngine:
    """Let Ann (1) and Bob (2) be seen, and everything be looked up."""
    engine = engine_of(meta or Meta(), kind)
    feed(engine, seen)
    await engine.settle(patience_ms=1_000)
    return engine


def erase(engine: LocalEngine, person: int) -> None:
    """Ask to forget the whole person that the shop knows."""
    forget = Requested(
        scoped(person, SHOP), CommandKind.ERASE_PERSON, START_MS + 100, "test", "R1"
    )
    engine.append(Output(NAMES.commands, None, encode_command(forget), partition=0))


def compacted(engine: LocalEngine, topic: str) -> dict[str, bytes]:
    """The last value of each key, as compaction leaves it; tombstones have gone."""
    told = (Output(each.topic, each.key, each.value) for each in engine.records(topic))
    return {(key or b"").decode(): value for key, value in latest(told).items()}


@in_virtual_time
async def test_one_login_is_enough_to_know_a_person() -> None:
    """Ann logs in to the shop, and nothing else ever happens.

    One call brings her ids in the game and on the Page, and none at the rival.
    """
    meta = Meta()
    engine = await woven((1, SHOP, 0), meta=meta)

    assert list(persons(engine).values()) == [ANN]
    assert len(meta.asked) == 1


@in_virtual_time
async def test_two_businesses_see_the_same_people_apart() -> None:
    """Ann is seen by both businesses, and Bob by one; Meta names all ids to each.

    There are three persons, each with the ids of one business.
    """
    engine = await woven((1, SHOP, 0), (1, RIVALS_APP, 1), (2, PAGE, 2))

    found = {frozenset(ids) for ids in persons(engine).values()}
    assert found == {frozenset(each) for each in (ANN, BOB, ANN_AT_THE_RIVAL)}


@in_virtual_time
async def test_the_compacted_topics_alone_are_enough() -> None:
    """A reader comes after a year, when all but the last record of each key has gone.

    Persons and aliases both tell who is who.
    """
    engine = await woven((1, SHOP, 0), (1, GAME, 3), (2, PAGE, 5))

    fold, aliases = Fold(), Aliases()
    for key, value in compacted(engine, NAMES.persons).items():
        fold.apply_person(key, orjson.loads(value))
    for key, value in compacted(engine, NAMES.aliases).items():
        aliases.apply(key, orjson.loads(value))
    for person in (ANN, BOB):
        ids = [key.removeprefix("900/") for key in person]
        (name,) = {fold.person_of("900", each) for each in ids}
        assert name is not None
        assert {aliases.person_of("900", each) for each in ids} == {name}


@in_virtual_time
async def test_an_erased_person_leaves_tombstones_only() -> None:
    """Ann is forgotten, and the compacted topics are compacted.

    No record of hers is left on them; Bob's are.
    """
    engine = await woven((1, SHOP, 0), (2, SHOP, 1))
    erase(engine, 1)
    await engine.settle(patience_ms=1_000)

    assert compacted(engine, NAMES.aliases).keys() == BOB
    (bob,) = compacted(engine, NAMES.persons).values()
    assert {each["value"] for each in orjson.loads(bob)["members"]} == {"3", "4", "1"}


@in_virtual_time
async def test_who_comes_back_after_an_erasure_is_somebody_new() -> None:
    """Ann is forgotten and logs in again, later.

    She is looked up once more, and goes by another person id.
    """
    meta = Meta()
    engine = await woven((1, SHOP, 0), meta=meta)
    (before,) = persons(engine)
    erase(engine, 1)
    await engine.settle(patience_ms=1_000)

    feed(engine, [(1, SHOP, 200)])
    await engine.settle(patience_ms=1_000)

    ((after, ids),) = persons(engine).items()
    assert ids == ANN
    assert after != before
    assert len(meta.asked) == 2


@in_virtual_time
async def test_all_old_events_once_more_after_an_erasure_bring_nobody_back() -> None:
    """Ann is forgotten, and then every event there ever was is sent again.

    Hers are from before the erasure, which is remembered: nothing of her is known, and
    nobody is asked about.
    """
    meta = Meta()
    engine = engine_of(meta, key=ErasureKey(Secret("k" * 64)))
    seen = [(1, SHOP, 0), (1, GAME, 1), (1, PAGE, 2), (2, SHOP, 3), (2, PAGE, 4)]
    feed(engine, seen)
    await engine.settle(patience_ms=1_000)
    asked = len(meta.asked)
    erase(engine, 1)
    await engine.settle(patience_ms=1_000)

    feed(engine, seen)
    await engine.settle(patience_ms=1_000)

    assert compacted(engine, NAMES.aliases).keys() == BOB
    assert len(compacted(engine, NAMES.persons)) == 1
    assert len(meta.asked) == asked


@in_virtual_time
async def test_an_operator_withdraws_a_link_of_a_running_pipeline() -> None:
    """Only her shop's lookup says that an id of the Page is Ann's, and that is wrong.

    An operator rejects it: nothing speaks for that id any more, so it goes.
    """
    engine = await woven((1, SHOP, 0))
    said = ("test", "olaf", "somebody else's telephone")
    reject = RequestedDecision(
        scoped(1, SHOP), scoped(1, PAGE), Verdict.REJECT, START_MS + 100, *said
    )
    engine.append(Output(NAMES.commands, None, encode_command(reject), partition=0))
    await engine.settle(patience_ms=1_000)

    assert list(persons(engine).values()) == [{"900/app:10:2", "900/app:11:3"}]
    assert compacted(engine, NAMES.aliases).keys() == {"900/app:10:2", "900/app:11:3"}


@pytest.mark.parametrize("at", range(13))
@in_virtual_time
async def test_a_crash_between_outputs_and_state_repeats_the_same_events(
    at: int,
) -> None:
    """A worker dies after it has sent events, and before its state is written.

    The unit is handled again: the same events come twice under the same ids, and in
    the end everybody is who they are.
    """
    engine = engine_of(Meta(), Crashing)
    feed(engine, [(1, SHOP, 0), (2, PAGE, 1)])
    assert isinstance(engine, Crashing)
    engine.dies = iter([False] * at + [True])
    with pytest.raises(CrashError):
        await engine.settle(patience_ms=1_000)
    await engine.settle(patience_ms=1_000)

    told = [orjson.loads(each.value or b"") for each in engine.records(NAMES.events)]
    by_id = {event["id"]: event for event in told}
    assert all(event == by_id[event["id"]] for event in told)
    kinds = Counter(event["type"] for event in by_id.values())
    assert kinds == {"epoch-changed": 5, "created": 2, "linked": 2, "refused": 4}
    assert len(told) > kinds.total()
    assert sorted(map(sorted, persons(engine).values())) == [sorted(ANN), sorted(BOB)]
