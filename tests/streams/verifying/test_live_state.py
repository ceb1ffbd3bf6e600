"""The state as it is now, from the changelogs."""

import orjson
import pytest
from tests.streams.verifying.conftest import HOME, OTHER, PARTITIONS, Deployed
from tests.support.strategies import BUSINESS

from idweave_graph.ids import Asset
from idweave_streams.broker_errors import Refused
from idweave_streams.state.live import live_state


async def test_the_copy_is_what_the_worker_has(deployed: Deployed) -> None:
    """Both tables, and at which offsets; also what was said of assets and holds."""
    names = deployed.settings.topics
    asset = orjson.dumps({"asset": "app:1", "business": BUSINESS, "epoch": 1})
    await deployed.write(names.assets, "app:1", asset)
    await deployed.write(names.holds, "gone", b"x")
    await deployed.write(names.holds, "gone", None)

    async with live_state(deployed.settings) as copy:
        assert copy.partitions == list(range(PARTITIONS))
        assert list(copy.graph(HOME).scan(b"")) == list(deployed.table.scan(b""))
        assert list(copy.lookups(OTHER).scan(b"")) == [(b"l|app:1:a", b"\x01{}")]
        assert {p.id for p in copy.persons(HOME)} == {
            person.id for person in deployed.persons()
        }
        assert copy.cut.graph[HOME].inputs == {names.evidence: deployed.handled}
        assert copy.cut.graph[OTHER].changelog == 0
        assert list(copy.assets) == [(b"app:1", asset)]
        assert list(copy.holds) == []
        epoch = copy.graph_table(HOME).asset(BUSINESS, Asset.parse("app:1"))
        assert epoch == deployed.graph.asset(BUSINESS, Asset.parse("app:1"))


async def test_only_the_partitions_that_are_asked_for_are_copied(
    deployed: Deployed,
) -> None:
    """Of both tables; others are not empty, but not there."""
    async with live_state(deployed.settings, partitions={HOME}) as copy:
        assert copy.partitions == [HOME]
        assert copy.partition_count == PARTITIONS
        assert list(copy.persons(HOME))
        with pytest.raises(KeyError):
            copy.graph(OTHER)


async def test_a_deployment_that_is_not_there_is_told(deployed: Deployed) -> None:
    """With what is missing."""
    nobody = deployed.settings.model_copy(update={"app_id": "nobody"})

    with pytest.raises(Refused, match="nobody-graph-changelog"):
        async with live_state(nobody):
            pass
