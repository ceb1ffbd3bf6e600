"""Workers at work are compared at the offsets they have come to."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from tests.streams.verifying.conftest import (
    HOME,
    Deployed,
    contradicting_log,
)
from tests.support.kafka import admin
from tests.support.strategies import BUSINESS

from idweave_adapters.erasure_key import ErasureKey
from idweave_graph.evidence import Cause
from idweave_graph.ids import BusinessId, ScopedId
from idweave_graph.messages import Erase
from idweave_streams.broker_errors import Refused
from idweave_streams.state.errors import (
    ChangelogDamaged,
    KeyMissing,
    LogIncomplete,
)
from idweave_streams.verifying.difference import (
    ALIASES,
    PERSONS,
)

# --- workers at work ----------------------------------------------------------


async def test_topics_that_are_ahead_are_waited_for(deployed: Deployed) -> None:
    """A worker died behind its outputs; what differs agrees once another went on."""
    await deployed.tell(contradicting_log(seed=8))
    await deployed.handle(is_cut_short=True)

    ahead = await deployed.verified()
    assert {each.source for each in ahead.findings.all()} == {PERSONS, ALIASES}
    waiting = asyncio.create_task(deployed.verified(patience_s=300.0))
    await deployed.handle()

    assert (await waiting).findings.all() == []


async def test_what_nothing_can_change_is_not_waited_for(deployed: Deployed) -> None:
    """With all evidence handled, a difference is told at once, whatever the patience."""
    person = deployed.persons()[0]
    await deployed.write(deployed.settings.topics.persons, person.id, None)

    async with asyncio.timeout(60):
        found = await deployed.verified(patience_s=86_400.0)

    assert found.findings.total == 1


async def test_one_business_alone_is_looked_at(deployed: Deployed) -> None:
    """And what is wrong with others is not told."""
    person = deployed.persons()[0]
    await deployed.write(deployed.settings.topics.persons, person.id, None)

    other = await deployed.verified(business=BusinessId("somebody-else"))
    same = await deployed.verified(business=BUSINESS)

    assert other.findings.total == 0
    assert same.findings.total == 1
    assert {line.business for line in same.lines} == {BUSINESS}


# --- replay -------------------------------------------------------------------


async def test_a_log_that_has_lost_its_beginning_is_refused(
    deployed: Deployed,
) -> None:
    """With where it begins; without a replay all is well."""
    place = TopicPartition(deployed.settings.topics.evidence, HOME)
    async with admin(deployed.bootstrap) as client:
        await client.delete_records({place: RecordsToDelete(before_offset=3)})

    with pytest.raises(LogIncomplete, match="begins at offset 3"):
        await deployed.verified(replay=True)
    assert (await deployed.verified()).findings.total == 0


async def test_a_log_that_has_lost_its_end_is_refused(deployed: Deployed) -> None:
    """The tables have handled more than there is."""
    deployed.handled += 5
    await deployed.log_changes({})

    with pytest.raises(LogIncomplete, match="lost records"):
        await deployed.verified(replay=True)


async def test_a_replay_remembers_erasures_under_the_workers_key(
    deployed: Deployed, tmp_path: Path
) -> None:
    """Without it a replay would bring the erased back, so it is refused."""
    file = tmp_path / "key"
    file.write_text("k" * 64)
    deployed.weave = replace(deployed.weave, key=ErasureKey.from_file(file))
    who = next(iter(deployed.persons()[0].members))
    assert isinstance(who, ScopedId)
    erase = Erase(BUSINESS, who, False, 99, Cause("c", 0, 0), "", until_ms=10_000)
    await deployed.tell([erase, *contradicting_log(seed=8)])
    await deployed.handle()

    with pytest.raises(KeyMissing, match="erasure_key_file"):
        await deployed.verified(replay=True)
    update = {"erasure_key_file": file}
    deployed.settings = deployed.settings.model_copy(update=update)
    assert (await deployed.verified(replay=True)).findings.all() == []
    assert next(deployed.table.scan(b"x|"))


async def test_another_number_of_partitions_is_refused(deployed: Deployed) -> None:
    """With the one that the changelog has."""
    deployed.settings = deployed.settings.model_copy(update={"partitions": 7})

    with pytest.raises(Refused, match="partitions=3"):
        await deployed.verified()


async def test_a_changelog_that_somebody_else_writes_to_is_refused(
    deployed: Deployed,
) -> None:
    """It does not end with a progress record."""
    topic = f"{deployed.settings.app_id}-graph-changelog"
    for _ in range(50):  # in whichever partition they come to lie
        await deployed.write(topic, "p|b|x", b"y")

    with pytest.raises(ChangelogDamaged, match="without a progress record"):
        await deployed.verified()
