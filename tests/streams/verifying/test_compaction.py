"""What compaction takes away is missed by nobody."""

import asyncio

import pytest
from tests.streams.verifying.conftest import HOME, contradicting_log, deploy
from tests.support.kafka import KafkaBroker, read_topic
from tests.support.waiting import until

from idweave_streams.state.live import live_state
from idweave_streams.verifying.run import Choice, verify


@pytest.mark.timeout(180)
async def test_compacted_topics_and_changelogs_agree(
    kafka: KafkaBroker, topic_prefix: str
) -> None:
    """The copy is what the worker has, while and after old values are taken away."""
    at = await deploy(kafka.bootstrap, topic_prefix, is_eager=True)
    changelog = f"{at.settings.app_id}-graph-changelog"
    written = 0
    for seed in range(6):
        await at.tell(contradicting_log(seed, size=4))
        await at.handle()
        found = await verify(at.settings, Choice(patience_s=60))
        assert found.findings.all() == []
        async with live_state(at.settings) as copy:
            assert list(copy.graph(HOME).scan(b"")) == list(at.table.scan(b""))
        written = copy.cut.graph[HOME].changelog
        await asyncio.sleep(0.2)  # or the next one would be in the same segment

    async def is_compacted() -> bool:
        left = await read_topic(kafka.bootstrap, changelog)
        return len(left) < written

    await until(is_compacted)
    found = await verify(at.settings, Choice(replay=True))
    assert found.findings.all() == []
    assert found.cut.graph[HOME].changelog == written
    async with live_state(at.settings) as copy:
        assert list(copy.graph(HOME).scan(b"")) == list(at.table.scan(b""))
        assert copy.cut.graph[HOME].inputs == {at.settings.topics.evidence: at.handled}
