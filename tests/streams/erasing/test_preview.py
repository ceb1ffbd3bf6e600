"""What an erasure would do is what it does, and nothing is done."""

from collections.abc import Iterator
from typing import Any

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
    SETTINGS,
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
from idweave_graph.ids import Asset, ScopedId
from idweave_graph.messages import CommandKind
from idweave_streams.erasing.preview import NobodysError, preview
from idweave_streams.erasing.show import preview_document, preview_text
from idweave_streams.local import LocalEngine
from idweave_streams.local.copying import copy_of
from idweave_streams.local.what_if import FIRST_OFFSET
from idweave_streams.reliable import Output
from idweave_streams.state.space import Space, temporary_space
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE

seen = st.tuples(
    st.sampled_from(PEOPLE), st.sampled_from(list(OWNERS)), st.integers(0, 5)
)


@pytest.fixture
def space() -> Iterator[Space]:
    with temporary_space() as room:
        yield room


def wish(who: ScopedId, kind: CommandKind = CommandKind.ERASE_PERSON) -> bytes:
    return encode_command(Requested(who, kind, START_MS + 100, "operator"))


async def woven(several: list[Seen]) -> LocalEngine:
    engine = engine_of(Meta())
    feed(engine, several)
    await engine.settle(patience_ms=1_000)
    return engine


def without_cause(document: Any) -> Any:
    if isinstance(document, list):
        return [without_cause(each) for each in document]
    if not isinstance(document, dict):
        return document
    return {k: without_cause(v) for k, v in document.items() if k != "cause"}


of_acme = st.sampled_from([SHOP, GAME, PAGE])
kinds = st.sampled_from([CommandKind.ERASE_PERSON, CommandKind.ERASE_ID])
wishes = st.one_of(
    st.builds(wish, st.builds(scoped, st.sampled_from(PEOPLE), of_acme), kinds),
    of_acme.map(
        lambda asset: encode_command(
            RequestedAssetErasure(asset, START_MS + 100, "operator")
        )
    ),
)


@settings(max_examples=40)
@given(several=st.lists(seen, max_size=8), command=wishes)
@in_virtual_time
async def test_it_foretells_ids_and_events(several: list[Seen], command: bytes) -> None:
    """The very ids that have no alias afterwards, and the very events.

    Also if all ids of an app or Page are meant.
    """
    engine = await woven(several)
    before = aliases(engine)
    told = {orjson.loads(r.value or b"")["id"] for r in engine.records(NAMES.events)}

    with temporary_space() as space:
        found = preview(copy_of(engine, SETTINGS, space), SETTINGS, command)

    assert aliases(engine) == before
    engine.append(Output(NAMES.commands, None, command, partition=0))
    engine.drain()
    gone = {key for key in before if key not in aliases(engine)}
    ids = {f"{ACME}/{who}".encode() for who in found.gone if isinstance(who, ScopedId)}
    assert ids == gone
    assert found.ids == len(gone)
    new = [orjson.loads(r.value or b"") for r in engine.records(NAMES.events)]
    come = [event for event in new if event["id"] not in told]
    assert without_cause(list(found.events)) == without_cause(come)


@in_virtual_time
async def test_only_the_partition_of_the_business_is_needed(space: Space) -> None:
    """The rest may be left out of the copy."""
    engine = await woven([(1, SHOP, 0), (2, SHOP, 0)])
    copy = copy_of(engine, SETTINGS, space)
    home = next(
        p for p in copy.partitions if any(x.business == ACME for x in copy.persons(p))
    )
    for name in (GRAPH_TABLE, LOOKUP_TABLE):
        cuts = copy.cut.of(name)
        assert isinstance(cuts, dict)
        for partition in set(cuts) - {home}:
            del cuts[partition]

    found = preview(copy, SETTINGS, wish(scoped(1, SHOP)))

    assert found.ids == 3
    assert [event["type"] for event in found.events] == ["erased"]


@in_virtual_time
async def test_it_is_told_to_people_and_to_programs(space: Space) -> None:
    """With who would go, who would change, and what would come."""
    engine = await woven([(1, SHOP, 0)])
    person = aliases(engine)[f"{ACME}/{scoped(1, SHOP)}".encode()]
    copy = copy_of(engine, SETTINGS, space)

    whole = preview(copy, SETTINGS, wish(scoped(1, SHOP)))
    one = preview(copy, SETTINGS, wish(scoped(1, SHOP), CommandKind.ERASE_ID))

    text = preview_text(whole)
    assert text.startswith("3 ids would be forgotten; nothing was changed\n")
    assert f"  - {scoped(1, PAGE)}\n" in text
    assert f"  {person} would end; 3 members now\n" in text
    assert "1 event would come\n  erased " in text
    document = orjson.loads(orjson.dumps(preview_document(one)))
    assert document["ids"] == len(document["gone"]) >= 1
    assert str(scoped(1, SHOP)) in document["gone"]
    assert {each["before"]["id"] for each in document["persons"]} == {person}
    assert document["events"][0]["cause"]["offset"] == FIRST_OFFSET


@in_virtual_time
async def test_who_is_not_known_is_nobody_to_forget(space: Space) -> None:
    """There is nothing to be done, which is no error."""
    engine = await woven([(1, SHOP, 0)])
    copy = copy_of(engine, SETTINGS, space)

    found = preview(copy, SETTINGS, wish(ScopedId(SHOP, "77")))

    assert (found.gone, found.persons, found.events) == ((), (), ())
    assert preview_text(found).startswith("0 ids would be forgotten")


@in_virtual_time
async def test_an_id_of_an_app_that_nobody_owns_is_told_of(space: Space) -> None:
    """Its command would be a dead letter."""
    copy = copy_of(engine_of(Meta()), SETTINGS, space)

    with pytest.raises(NobodysError, match="dead letter"):
        preview(copy, SETTINGS, wish(ScopedId(Asset.parse("app:404"), "1")))
