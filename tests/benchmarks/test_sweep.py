"""The benchmark in small: nobody is lost or left, whatever the machine's speed."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.estate import estate
from benchmarks.latency import Journeys, Spread
from benchmarks.sweep import HEIR_LOGINS, Plan, measure
from tests.support.kafka import KafkaBroker

from idweave_graph.ids import Asset, BusinessId, ScopedId
from idweave_streams.tables import GraphTable
from idweave_streams.topics import TopicNames


async def test_an_app_leaves_whole_while_others_come(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Its ids are nobody's at the old owner's and new persons at the heir's.

    The ids of the Page stay, and an event tells of everybody who came meanwhile.
    """
    plan = Plan(members=1_000, quiet_s=2, settle_s=1)

    figures = await measure(
        plan, tmp_path, kafka=kafka.bootstrap, name=topic_prefix.rstrip("-")
    )

    assert (figures.swept, figures.left, figures.lost) == (plan.members, 0, 0)
    assert figures.stayed == plan.members
    assert figures.taken == HEIR_LOGINS
    assert all(spread.count for spread in figures.spreads.values())


def test_the_table_holds_each_member_as_one_person_of_two_ids() -> None:
    here = estate(50, 0)
    pairs = dict(here.table(TopicNames.build("")))
    graph, business = GraphTable(Held(pairs)), BusinessId(here.owner.id)

    for number in range(here.members):
        one = ScopedId(Asset.parse(here.leaving.asset), here.user(number))
        name = graph.person_of(business, one)
        assert name is not None
        person = graph.person(business, name)
        assert person is not None
        assert one in person.members
        assert len(person.members) == 2

    assert len(pairs) == 2 + 3 * here.members


class Held:
    """A table in memory, for reading by key."""

    def __init__(self, pairs: dict[bytes, bytes]) -> None:
        self._pairs = pairs

    def get(self, key: bytes) -> bytes | None:
        return self._pairs.get(key)

    def scan(self, prefix: bytes, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        found = ((k, v) for k, v in self._pairs.items() if k.startswith(prefix))
        return iter(sorted(pair for pair in found if pair[0] >= start))


def test_times_are_told_by_half_by_99_in_100_and_by_the_longest() -> None:
    spread = Spread.of([each / 1000 for each in range(101)])

    assert (spread.half, spread.most, spread.longest) == (50, 99, 100)
    assert Spread.of([]).count == 0


def test_a_journey_counts_where_it_was_due() -> None:
    """Not where it ended: what waits out a phase is that phase's."""
    seen = Journeys(under_way={"1": 5.0})

    seen.arrived(b'{"person":{"members":[{"value":"1"}]}}', 25.0)

    assert seen.between(0, 10).count == 1
    assert seen.between(10, 30).count == 0
    assert seen.under_way == {}
