"""A change of owner reaches the graphs of both sides, on the evidence log."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import wire_strategies as wire
from tests.support.stages import NAMES, chunks, handled, letters, record, sent

from idweave_graph.evidence import Cause
from idweave_graph.ids import Asset, BusinessId, business_id
from idweave_graph.messages import AssetChanged, LogMessage
from idweave_graph.ownership import Ownership
from idweave_streams.agents.assets import Assets
from idweave_streams.codecs import decode_log, encode_ownership
from idweave_streams.reliable import Record, Unit

ACME, RIVAL = business_id("900"), business_id("901")
APP = Asset.parse("app:10")
CAUSE = Cause(NAMES.assets, 0, 0)
STAGE = Assets(NAMES)


def asset(ownership: Ownership, offset: int = 0) -> Record:
    found = record(NAMES.assets, encode_ownership(ownership), offset)
    return replace(found, key=str(ownership.asset).encode())


def told(unit: Unit) -> list[LogMessage]:
    """All messages on the evidence log, each in the partition of its business."""
    messages = []
    for output in sent(unit, NAMES.evidence):
        found = decode_log(output.value)
        assert {message.business.encode() for message in found} == {output.key}
        messages += found
    return messages


def change(business: BusinessId, epoch: int, *, owned: bool) -> AssetChanged:
    return AssetChanged(business, APP, epoch, owned, 77, CAUSE)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(
            Ownership(APP, ACME, 1, since_ms=77),
            [change(ACME, 1, owned=True)],
            id="the first owner gains it",
        ),
        pytest.param(
            Ownership(APP, RIVAL, 2, previous=ACME, since_ms=77),
            [change(ACME, 1, owned=False), change(RIVAL, 2, owned=True)],
            id="a transfer: the old owner loses the epoch before",
        ),
        pytest.param(
            Ownership(APP, None, 1, previous=ACME, since_ms=77),
            [change(ACME, 1, owned=False)],
            id="a gap: the owner loses the epoch that is over",
        ),
        pytest.param(
            Ownership(APP, ACME, 2, previous=ACME, since_ms=77),
            [change(ACME, 1, owned=False), change(ACME, 2, owned=True)],
            id="taken back after a gap: a new epoch",
        ),
        pytest.param(
            Ownership(APP, None, 0, since_ms=77), [], id="never owned: nobody to tell"
        ),
    ],
)
def test_both_sides_are_told(now: Ownership, expected: list[AssetChanged]) -> None:
    """In the order in which it happened, and each in its own partition."""
    unit = handled(STAGE.handle, [asset(now)])

    assert told(unit) == expected
    assert unit.changes == {}


def test_a_tombstone_tells_nobody() -> None:
    """The asset is forgotten: what it proved is nobody else's, so it stays."""
    unit = handled(STAGE.handle, [record(NAMES.assets, None)])

    assert list(unit.outputs) == []


@given(value=st.binary(max_size=50).filter(lambda value: not value.startswith(b"{")))
def test_a_broken_record_is_a_dead_letter(value: bytes) -> None:
    """The records around it count."""
    good = Ownership(APP, ACME, 1)
    broken = record(NAMES.assets, value, 1)

    unit = handled(STAGE.handle, [asset(good), broken, asset(good, 2)])

    assert letters(unit) == [("asset-record", 1)]
    assert [output.value for output in sent(unit, NAMES.dead_letters)] == [value]
    assert len(told(unit)) == 2


@given(
    owners=st.lists(wire.ownerships, max_size=6),
    sizes=st.lists(st.integers(1, 3), max_size=3),
)
def test_it_does_not_matter_how_records_are_batched(
    owners: list[Ownership], sizes: list[int]
) -> None:
    """Each business is told the same, in the same order."""
    records: Sequence[Record] = [
        replace(asset(ownership), offset=n) for n, ownership in enumerate(owners)
    ]

    pieces = [handled(STAGE.handle, piece) for piece in chunks(records, sizes)]

    told_in_pieces = [message for unit in pieces for message in told(unit)]
    together = told(handled(STAGE.handle, records))
    for business in {message.business for message in together}:
        assert [m for m in told_in_pieces if m.business == business] == [
            m for m in together if m.business == business
        ]
    assert len(told_in_pieces) == len(together)


def test_a_record_under_the_key_of_another_asset_is_a_dead_letter() -> None:
    """Compaction goes by the key: it would take the wrong one away."""
    stray = replace(asset(Ownership(APP, ACME, 1)), key=b"app:999")

    unit = handled(STAGE.handle, [stray])

    assert letters(unit) == [("asset-record", 1)]
    assert told(unit) == []
