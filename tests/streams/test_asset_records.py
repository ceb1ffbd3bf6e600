"""The shipped schema of asset records and the decoder say the same."""

from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support import strategies as narrow
from tests.support import wire_strategies as wire
from tests.support.ecma import Ecma

from idweave_adapters.fields import LATEST_MS
from idweave_graph.ownership import Ownership
from idweave_streams.codecs import (
    UnreadableRecordError,
    decode_ownership,
    encode_ownership,
)
from idweave_streams.codecs.views import MAX_EPOCH
from idweave_streams.contracts import schema

VALIDATOR = Ecma(schema("asset"))


def is_accepted(record: object) -> bool:
    try:
        decode_ownership(orjson.dumps(record))
    except UnreadableRecordError:
        return False
    return True


GOOD_ASSET = {"asset": "app:1", "business": "900", "epoch": 1}
asset_texts = st.sampled_from(
    ["app:1", "page:1", "app:", "app:1:2", "app:a|b", "app:1\n", "group:1", "1", ""]
)
id_texts = st.none() | st.sampled_from(["900", "", "9 0", "9\n", "1" * 128, "1" * 129])
numbers = st.sampled_from(
    [
        0,
        1,
        -1,
        1.0,
        1.5,
        True,
        "1",
        None,
        MAX_EPOCH,
        MAX_EPOCH + 1,
        LATEST_MS + 1,
        1e300,
    ]
)
asset_records = st.fixed_dictionaries(
    {},
    optional={
        "asset": asset_texts | narrow.assets.map(str) | wire.json_values,
        "business": id_texts | wire.businesses | wire.json_values,
        "epoch": numbers | wire.json_values,
        "parent": st.none() | asset_texts | narrow.assets.map(str) | wire.json_values,
        "previous": id_texts | wire.json_values,
        "since_ms": numbers | wire.json_values,
        "further": wire.json_values,
    },
)


@given(
    changed=asset_records,
    left_out=st.sets(st.sampled_from(sorted(GOOD_ASSET)), max_size=1),
)
@example(changed={}, left_out=set())
@example(changed={"since_ms": 10**17}, left_out=set())
@example(changed={"parent": "page:1"}, left_out=set())
@example(changed={"business": None}, left_out=set())
def test_schema_and_decoder_accept_the_same_assets(
    changed: dict[str, Any], left_out: set[str]
) -> None:
    """What the schema accepts is followed, and what it refuses is a dead letter."""
    record = {
        name: value
        for name, value in {**GOOD_ASSET, **changed}.items()
        if name not in left_out
    }

    assert is_accepted(record) == VALIDATOR.is_valid(record)


@given(value=wire.json_values)
def test_schema_and_decoder_refuse_the_same_foreign_json(value: object) -> None:
    """A list, a number, any object without the fields."""
    assert is_accepted(value) == VALIDATOR.is_valid(value)


def test_a_key_that_comes_twice_is_refused() -> None:
    """Two readers could understand the record differently."""
    record = b'{"asset":"app:1","business":"900","business":"901","epoch":1}'

    with pytest.raises(UnreadableRecordError):
        decode_ownership(record)


@given(ownership=wire.ownerships)
def test_what_we_write_about_assets_fits(ownership: Ownership) -> None:
    """The simulator and tools write the same topic."""
    VALIDATOR.validate(orjson.loads(encode_ownership(ownership)))
