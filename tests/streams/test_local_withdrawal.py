"""What is taken back from a running pipeline: the persons of both businesses end right."""

from collections.abc import Iterator, Sequence
from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.town import (
    ACME,
    GAME,
    NAMES,
    OWNERS,
    PAGE,
    PEOPLE,
    RIVAL,
    RIVALS_APP,
    SHOP,
    START_MS,
    Meta,
    Seen,
    aliases,
    engine_of,
    event,
    feed,
    persons,
    scoped,
)
from tests.support.virtual_time import in_virtual_time

from idweave_adapters.commands import Requested, encode_command
from idweave_graph import withdraw
from idweave_graph.ids import Asset, BusinessId
from idweave_graph.messages import CommandKind
from idweave_graph.ownership import Ownership
from idweave_streams.codecs import encode_ownership
from idweave_streams.local import LocalEngine
from idweave_streams.reliable import Output

FEWER = settings(max_examples=30)
LATER_MS = 10_000

seen_before: st.SearchStrategy[list[Seen]] = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE), st.sampled_from(list(OWNERS)), st.integers(0, 5)
    ),
    max_size=10,
)
people = st.sets(st.sampled_from(PEOPLE))


@pytest.fixture(autouse=True)
def small_steps() -> Iterator[None]:
    """One member at a time, so that a sweep takes several records."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(withdraw, "SWEEP_STEP", 1)
        yield


def transfer(
    engine: LocalEngine, asset: Asset, owner: BusinessId, before: BusinessId, epoch: int
) -> None:
    ownership = Ownership(asset, owner, epoch, previous=before, since_ms=START_MS + 9)
    value = encode_ownership(ownership)
    engine.append(Output(NAMES.assets, str(asset).encode(), value))


def ids(business: BusinessId, person: int, assets: Sequence[Asset]) -> frozenset[str]:
    return frozenset(f"{business}/{scoped(person, asset)}" for asset in assets)


def found(engine: LocalEngine) -> set[frozenset[str]]:
    return {frozenset(each) for each in persons(engine).values()}


def see_all(engine: LocalEngine, who: set[int], at: int, random: Random) -> None:
    """Each of *who* writes to the Page; some are handled at once."""
    for person in who:
        engine.append(event((person, PAGE, at)))
        if random.random() < 0.5:
            engine.advance()


OF_ACME = (SHOP, GAME)
OF_RIVAL = tuple(asset for asset, owner in OWNERS.items() if owner == RIVAL)


@FEWER
@given(before=seen_before, after=people, random=st.randoms(use_true_random=False))
@in_virtual_time
async def test_a_transfer_moves_the_ids_of_a_page(
    before: list[Seen], after: set[int], random: Random
) -> None:
    """Acme keeps who its apps have seen; its rival gets only who writes from then on.

    Lookups that were on their way bring nothing across.
    """
    engine = engine_of(Meta())
    feed(engine, before)
    engine.advance()  # the events are attributed; nothing was asked yet

    transfer(engine, PAGE, RIVAL, ACME, 2)
    see_all(engine, after, 1, random)
    await engine.settle(patience_ms=1_000)

    of_rival = {p for p, asset, _ in before if OWNERS[asset] == RIVAL} | after
    of_acme = {p for p, asset, _ in before if asset in OF_ACME}
    assert found(engine) == {
        *(ids(RIVAL, person, (*OF_RIVAL, PAGE)) for person in of_rival),
        *(ids(ACME, person, OF_ACME) for person in of_acme),
    }
    assert engine.lag() == 0


@FEWER
@given(before=seen_before, back=people, random=st.randoms(use_true_random=False))
@in_virtual_time
async def test_there_and_back(
    before: list[Seen], back: set[int], random: Random
) -> None:
    """Everybody is again who they were, as far as they come back."""
    engine = engine_of(Meta())
    feed(engine, before)
    await engine.settle(patience_ms=1_000)
    known = aliases(engine)

    transfer(engine, PAGE, RIVAL, ACME, 2)
    engine.advance()
    transfer(engine, PAGE, ACME, RIVAL, 3)
    see_all(engine, back, 9, random)
    await engine.settle(patience_ms=1_000)

    of_acme = {p for p, asset, _ in before if asset in OF_ACME}
    of_rival = {p for p, asset, _ in before if OWNERS[asset] == RIVAL}
    assert found(engine) == {
        *(ids(ACME, person, (*OF_ACME, PAGE)) for person in back),
        *(ids(ACME, person, OF_ACME) for person in of_acme - back),
        *(ids(RIVAL, person, OF_RIVAL) for person in of_rival),
    }
    for person in of_acme:
        key = f"{ACME}/{scoped(person, SHOP)}".encode()
        assert aliases(engine)[key] == known[key]


def erase(engine: LocalEngine, person: int, asset: Asset, receipt: str) -> None:
    requested = Requested(
        scoped(person, asset),
        CommandKind.ERASE_PERSON,
        START_MS + 100,
        source="operator",
        receipt=receipt,
    )
    key = str(requested.scoped).encode()
    engine.append(Output(NAMES.commands, key, encode_command(requested)))


@in_virtual_time
async def test_who_is_forgotten_is_nowhere_until_they_come_back() -> None:
    """In one business, with a receipt; then they are somebody new."""
    engine = engine_of(Meta())
    feed(engine, [(1, SHOP, 0), (1, PAGE, 0), (2, SHOP, 0), (1, RIVALS_APP, 0)])
    await engine.settle(patience_ms=1_000)
    known = aliases(engine)
    key = f"{ACME}/{scoped(1, SHOP)}".encode()

    erase(engine, 1, SHOP, "R1")
    await engine.settle(patience_ms=1_000)

    assert found(engine) == {
        ids(ACME, 2, (*OF_ACME, PAGE)),
        ids(RIVAL, 1, OF_RIVAL),
    }
    [receipt] = [orjson.loads(r.value or b"") for r in engine.records(NAMES.receipts)]
    expected = {"receipt": "R1", "state": "done", "at_ms": START_MS + 100, "ids": 3}
    assert receipt == expected

    feed(engine, [(1, SHOP, LATER_MS)])
    await engine.settle(patience_ms=1_000)
    assert ids(ACME, 1, (*OF_ACME, PAGE)) in found(engine)
    assert aliases(engine)[key] not in known.values()
