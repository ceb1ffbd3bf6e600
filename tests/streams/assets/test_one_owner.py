"""An asset has one owner at most, in whatever is made of the records."""

from hypothesis import given
from tests.graph.test_reconcile import (
    Round,
    after,
    play,
    rounds_of_lists,
    start,
    written,
)
from tests.support.graph import DictGraph

from idweave_graph.evidence import Cause
from idweave_graph.ids import Asset, BusinessId
from idweave_graph.weave import handle
from idweave_streams.agents.assets import changes
from idweave_streams.codecs import decode_ownership, encode_ownership


def owners(graph: DictGraph, asset: Asset) -> list[BusinessId]:
    """Which graphs take the asset for their business's own."""
    held = graph.assets.items()
    return [name for (name, each), epoch in held if each == asset and epoch.owned]


@given(rounds=rounds_of_lists)
def test_no_two_graphs_ever_hold_an_asset(rounds: list[Round]) -> None:
    """Not even between two messages; and each record is carried out in the end."""
    known, graph = start(), DictGraph()
    for told in rounds:
        found = play(known, told)
        for record in written(found):
            stored = decode_ownership(encode_ownership(record))
            for message in changes(stored, Cause("assets", 0, 0)):
                graph.apply(handle(graph, message))
                assert len(owners(graph, record.asset)) <= 1

            expected = [record.business] if record.business else []
            assert owners(graph, record.asset) == expected
        known = after(known, found)
