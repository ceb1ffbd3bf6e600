"""Commands are read strictly: exactly what their schema has, and nothing else."""

from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support import strategies as narrow
from tests.support import wire_strategies as wire
from tests.support.ecma import Ecma

from idweave_adapters.ban_commands import (
    MAX_AUTHOR_CHARS,
    MAX_REASON_CHARS,
    BanKind,
    RequestedBan,
)
from idweave_adapters.commands import (
    MAX_SOURCE_CHARS,
    AnyRequest,
    Requested,
    command_key,
    decode_command,
    encode_command,
)
from idweave_adapters.decision_commands import RequestedDecision
from idweave_adapters.erase_commands import ERASE_ASSET, RequestedAssetErasure
from idweave_adapters.errors import UnreadableError
from idweave_adapters.fields import EARLIEST_MS, LATEST_MS
from idweave_graph.decisions import Verdict
from idweave_graph.ids import MAX_ID_CHARS, ScopedId
from idweave_graph.messages import CommandKind
from idweave_streams.contracts import own_schema, schema

AT_MS = 1_767_225_600_000
GOOD: dict[str, Any] = {
    "type": "erase-person",
    "asset": "app:647733625268125",
    "user": "10153949089790582",
    "at_ms": AT_MS,
    "receipt": "r1",
    "source": "data-deletion",
}
BAN: dict[str, Any] = {
    "type": "ban",
    "asset": "app:647733625268125",
    "user": "10153949089790582",
    "other_asset": "page:1906385232743451",
    "other_user": "2487216814678501",
    "at_ms": AT_MS,
    "source": "operator",
    "author": "Ann of support",
    "reason": "two people, one telephone",
}
DECISION = {**BAN, "type": "reject"}
VALIDATOR = Ecma(schema("command"))


def is_accepted(document: object) -> bool:
    try:
        decode_command(orjson.dumps(document))
    except UnreadableError:
        return False
    return True


times = st.integers(EARLIEST_MS, LATEST_MS)
sources = st.from_regex(r"\A[a-z]{1,5}(-[a-z]{1,5}){0,2}\Z")
requests = st.builds(
    Requested,
    narrow.any_scoped_ids,
    st.sampled_from(CommandKind),
    times,
    sources,
    st.from_regex(r"\A[0-9A-Za-z]{0,64}\Z"),
)
bans = st.builds(
    RequestedBan,
    narrow.any_scoped_ids,
    narrow.any_scoped_ids,
    st.sampled_from(BanKind),
    times,
    sources,
    wire.words,
    wire.words,
)


decisions = st.builds(
    RequestedDecision,
    narrow.any_scoped_ids,
    wire.members,
    st.sampled_from(Verdict),
    times,
    sources,
    wire.words,
    wire.words,
)


asset_erasures = st.builds(
    RequestedAssetErasure,
    narrow.assets,
    times,
    sources,
    st.from_regex(r"\A[0-9A-Za-z]{0,64}\Z"),
)


@given(requested=requests | bans | decisions | asset_erasures)
def test_what_is_written_can_be_read(requested: AnyRequest) -> None:
    """And is as the schema says."""
    written = encode_command(requested)

    assert decode_command(written) == requested
    VALIDATOR.validate(orjson.loads(written))


@given(requested=asset_erasures)
def test_the_key_is_the_asset_where_all_its_ids_are_meant(
    requested: RequestedAssetErasure,
) -> None:
    assert command_key(requested).decode() == str(requested.asset)


def test_an_erasure_of_an_asset_that_names_a_user_is_refused() -> None:
    """Whichever of the two was meant, the other must not be done."""
    with pytest.raises(UnreadableError, match="Its fields are type, asset, at_ms"):
        decode_command(orjson.dumps({**GOOD, "type": ERASE_ASSET}))

    without = {name: value for name, value in GOOD.items() if name != "user"}
    with pytest.raises(UnreadableError, match="Missing: user"):
        decode_command(orjson.dumps(without))


@given(requested=requests | bans | decisions)
def test_the_key_is_the_id(
    requested: Requested | RequestedBan | RequestedDecision,
) -> None:
    """So commands about one id have one partition, and an order."""
    assert command_key(requested).decode() == str(requested.scoped)


@given(requested=requests)
def test_an_id_is_in_no_repr(requested: Requested) -> None:
    """Logs may hold what was asked for, and not about whom."""
    wide = Requested(
        ScopedId(requested.scoped.asset, "4711471147114711"),
        requested.kind,
        AT_MS,
        "operator",
    )

    assert "4711471147114711" not in repr(wide)


def test_neither_ids_nor_words_of_a_ban_are_in_its_repr() -> None:
    """People write ids into reasons, whatever they are told."""
    said = BAN | {"user": "4711", "other_user": "4711", "author": "4711"}
    read = decode_command(orjson.dumps(said | {"reason": "of 4711"}))

    assert "4711" not in repr(read)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(
        [*CommandKind, ERASE_ASSET, "erase", "Deauthorize", "deauthorize\n"]
    ),
    "asset": st.sampled_from(
        ["app:1", "page:2", "token:1", "app:", "app:1:2", "app:1\n", "app:a b", "1"]
        + [f"app:{'1' * n}" for n in (MAX_ID_CHARS, MAX_ID_CHARS + 1)]
    ),
    "user": st.sampled_from(
        ["1", "", "1:2", "a/b", "1\n", "1" * MAX_ID_CHARS, "1" * (MAX_ID_CHARS + 1)]
    ),
    "at_ms": st.sampled_from(
        [EARLIEST_MS - 1, EARLIEST_MS, LATEST_MS, LATEST_MS + 1, 1.7e12, 1.7e12 + 0.5]
    ),
    "receipt": st.sampled_from(["a", "A9", "", "a-b", "a\n", "a" * 64, "a" * 65]),
    "source": st.sampled_from(
        ["operator", "a-b", "a--b", "-a", "A", "a\n", ""]
        + ["a" * n for n in (MAX_SOURCE_CHARS, MAX_SOURCE_CHARS + 1)]
    ),
    "further": json_values,
}
LINES = ["Ann", " ", "\u00e4 \U0001f600", "", "a\n", "a\x7f", "\ta", None]
BAN_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    **{name: FIELDS[name] for name in ("asset", "user", "at_ms", "source", "receipt")},
    "type": st.sampled_from([*BanKind, *CommandKind, "ban\n"]),
    "other_asset": FIELDS["asset"],
    "other_user": FIELDS["user"],
    "author": st.sampled_from(LINES + ["a" * (MAX_AUTHOR_CHARS + n) for n in (0, 1)]),
    "reason": st.sampled_from(LINES + ["a" * (MAX_REASON_CHARS + n) for n in (0, 1)]),
    "further": json_values,
}
DECISION_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    **BAN_FIELDS,
    "type": st.sampled_from([*Verdict, *BanKind, *CommandKind, "link\n"]),
    "other_token": st.sampled_from(["t|:/", "", "a b", "t\n", "t" * 512, "t" * 513]),
    "other_code": st.sampled_from(["0" * 32, "0" * 31, "F" * 32, "0" * 32 + "\n"]),
}
changes = st.fixed_dictionaries(
    {}, optional={name: field | json_values for name, field in FIELDS.items()}
)


@given(changed=changes, left_out=st.sets(st.sampled_from(sorted(GOOD)), max_size=1))
@example(changed={}, left_out=set())
@example(changed={}, left_out={"receipt"})
@example(changed={"receipt": None}, left_out=set())
@example(changed={"reciept": "r1"}, left_out={"receipt"})
@example(changed={"at_ms": True}, left_out=set())
@example(changed={"type": ERASE_ASSET}, left_out={"user"})
@example(changed={"type": ERASE_ASSET}, left_out=set())
@example(changed={"type": ERASE_ASSET, "receipt": "a-b"}, left_out={"user"})
@example(changed={"type": ERASE_ASSET, "asset": "app:1:2"}, left_out={"user"})
def test_schema_and_decoder_accept_the_same(
    changed: dict[str, Any], left_out: set[str]
) -> None:
    """A field too many is refused as one that is wrong: it might be misspelled."""
    document = {n: v for n, v in {**GOOD, **changed}.items() if n not in left_out}

    assert is_accepted(document) == VALIDATOR.is_valid(document)


@given(
    changed=st.fixed_dictionaries(
        {}, optional={name: field | json_values for name, field in BAN_FIELDS.items()}
    ),
    left_out=st.sets(st.sampled_from(sorted(BAN)), max_size=1),
)
@example(changed={}, left_out=set())
@example(changed={"type": "lift-ban"}, left_out=set())
@example(changed={"type": "erase-id"}, left_out=set())
@example(changed={"receipt": "r1"}, left_out=set())
def test_schema_and_decoder_accept_the_same_bans(
    changed: dict[str, Any], left_out: set[str]
) -> None:
    """Two ids, and who decided it and why; no erasure has those."""
    document = {n: v for n, v in {**BAN, **changed}.items() if n not in left_out}

    assert is_accepted(document) == VALIDATOR.is_valid(document)


@given(
    changed=st.fixed_dictionaries(
        {},
        optional={name: field | json_values for name, field in DECISION_FIELDS.items()},
    ),
    left_out=st.sets(st.sampled_from(sorted(DECISION)), max_size=3),
)
@example(changed={}, left_out=set())
@example(changed={"other_token": "t"}, left_out={"other_asset", "other_user"})
@example(changed={"other_code": "0" * 32}, left_out={"other_asset", "other_user"})
@example(changed={"other_code": "0" * 32}, left_out={"other_asset"})
@example(changed={"type": "ban", "other_token": "t"}, left_out=set())
@example(changed={"type": "erase-id"}, left_out={"other_asset", "other_user"})
def test_schema_and_decoder_accept_the_same_decisions(
    changed: dict[str, Any], left_out: set[str]
) -> None:
    """An id, and one other member in one of three forms."""
    document = {n: v for n, v in {**DECISION, **changed}.items() if n not in left_out}

    assert is_accepted(document) == VALIDATOR.is_valid(document)


@pytest.mark.parametrize(
    "changed",
    [
        {"other_token": "hush hush"},
        {"other_code": "hush"},
        {"other_token": "hush", "other_code": "0" * 32},
        {"other_token": ["hush"]},
    ],
)
def test_another_member_that_is_none_is_told_without_its_value(
    changed: dict[str, Any],
) -> None:
    """A token is a secret of its person."""
    names = DECISION.keys() - {"other_asset", "other_user"}
    document = {name: DECISION[name] for name in names} | changed

    with pytest.raises(UnreadableError) as fault:
        decode_command(orjson.dumps(document))

    assert "other_token" in str(fault.value)
    assert "hush" not in str(fault.value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"author": "hush\nhush"}, "author must be a line of 1 to 64 characters"),
        ({"reason": ""}, "reason must be a line of 1 to 200 characters"),
        ({"other_user": "hush|"}, "other_user an id"),
        ({"receipt": "r1"}, "Its fields are"),
    ],
)
def test_a_fault_of_a_ban_is_told_without_its_value(
    changed: dict[str, Any], said: str
) -> None:
    """Nor do an author's words get there."""
    with pytest.raises(UnreadableError) as fault:
        decode_command(orjson.dumps(BAN | changed))

    assert said in str(fault.value)
    assert "hush" not in str(fault.value)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"type": None},
            "type must be one of erase-person, erase-id, deauthorize, erase-asset, ban",
        ),
        ({"user": 10153949089790582}, "both texts"),
        ({"at_ms": AT_MS // 1000}, "13 digits, not seconds"),
        ({"reciept": "r1"}, "Its fields are"),
        ({"source": "Hush"}, "source must be"),
        ({"receipt": "hush hush"}, "receipt must be"),
    ],
)
def test_a_fault_is_told_without_its_value(changed: dict[str, Any], said: str) -> None:
    """Nobody's id gets into a log by way of an error."""
    with pytest.raises(UnreadableError) as fault:
        decode_command(orjson.dumps(GOOD | changed))

    assert said in str(fault.value)
    assert GOOD["user"] not in str(fault.value)
    assert "ush" not in str(fault.value)


def test_the_schema_knows_the_kinds_of_the_code() -> None:
    """No value is missing, none is left over; each is explained."""
    kind = own_schema("command")["properties"]["type"]

    kinds = [*CommandKind, ERASE_ASSET, *BanKind, *Verdict]
    assert sorted(kind["enum"]) == sorted(kinds)
    for value in kinds:
        assert f"{value}:" in kind["description"]
