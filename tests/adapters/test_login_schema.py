"""The shipped schema of login events and the decoder say the same."""

from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.ecma import Ecma

from idweave_adapters.fields import MAX_CODE_CHARS
from idweave_adapters.logins import LOGIN_KINDS, decode_login, schema
from idweave_adapters.signed_request import sign
from idweave_graph.ids import MAX_ID_CHARS, MAX_TOKEN_CHARS

SECRET = b"secret"
AT_MS = 1_767_225_600_000
GOOD: dict[str, Any] = {
    "app_id": "647733625268125",
    "user_id": "10153949089790582",
    "time": AT_MS,
    "login_kind": "classic",
}
GENUINE = sign(
    orjson.dumps(
        {
            "algorithm": "HMAC-SHA256",
            "issued_at": AT_MS // 1000,
            "user_id": GOOD["user_id"],
        }
    ),
    SECRET,
)


VALIDATOR = Ecma(schema())


def is_accepted(event: object) -> bool:
    decoded = decode_login(orjson.dumps(event), secrets=lambda _: [SECRET])
    assert bool(decoded.problems) != bool(decoded.observations)
    return not decoded.problems


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["id", "user_id"]), inner, max_size=2)
    ),
    max_leaves=4,
)
ids = st.one_of(
    st.from_regex(r"\A[0-9]{1,3}\n?\Z"),
    st.sampled_from(["1" * MAX_ID_CHARS, "1" * (MAX_ID_CHARS + 1), "٣", "<PSID>"]),
)
times = st.one_of(
    st.integers(10**12 - 2, 10**12 + 2),
    st.integers(4_102_444_800_000 - 2, 4_102_444_800_000 + 2),
    st.integers(10**12, 10**13).map(float),
    st.floats(1e12, 2e12),
)
tokens = st.one_of(
    st.text(st.characters(max_codepoint=0x81), max_size=3),
    st.sampled_from(["a" * MAX_TOKEN_CHARS, "a" * (MAX_TOKEN_CHARS + 1)]),
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "app_id": ids,
    "user_id": ids,
    "time": times,
    "login_kind": st.sampled_from([*LOGIN_KINDS, "Classic", "limited\n", ""]),
    "token_for_business": tokens,
    "authorization_code": st.one_of(
        tokens, st.sampled_from(["c" * MAX_CODE_CHARS, "c" * (MAX_CODE_CHARS + 1)])
    ),
    # That a text is genuine is more than a schema can say.
    "signed_request": st.none(),
    "further": json_values,
}
not_texts = json_values.filter(lambda value: not isinstance(value, str))
changes = st.fixed_dictionaries(
    {},
    optional={
        name: field | (not_texts if name == "signed_request" else json_values)
        for name, field in FIELDS.items()
    },
)


@given(changed=changes, left_out=st.sets(st.sampled_from(sorted(GOOD)), max_size=1))
@example(changed={}, left_out=set())
@example(changed={"signed_request": None}, left_out=set())
@example(changed={"time": float(AT_MS)}, left_out=set())
@example(changed={"time": True}, left_out=set())
@example(changed={"user_id": "1\n"}, left_out=set())
@example(changed={"token_for_business": "\x7f"}, left_out=set())
def test_schema_and_decoder_accept_the_same(
    changed: dict[str, Any], left_out: set[str]
) -> None:
    """What the schema accepts is read, and what it refuses is a dead letter."""
    event = {
        name: value
        for name, value in {**GOOD, **changed}.items()
        if name not in left_out
    }

    assert is_accepted(event) == VALIDATOR.is_valid(event)


@given(value=json_values)
def test_schema_and_decoder_refuse_the_same_foreign_json(value: object) -> None:
    """Any other JSON is refused by both."""
    assert is_accepted(value) == VALIDATOR.is_valid(value)


def test_a_genuine_signed_request_is_accepted_by_both() -> None:
    """The schema takes it as a text, and the decoder checks it."""
    event = {**GOOD, "signed_request": GENUINE}

    assert is_accepted(event)
    assert VALIDATOR.is_valid(event)


def test_the_schema_is_a_schema_with_good_examples() -> None:
    """It is valid itself, and a producer can copy its examples."""
    document = schema()

    Ecma.check_schema(document)
    assert document["$schema"].endswith("/2020-12/schema")
    for example_event in document["examples"]:
        assert is_accepted(example_event)


@pytest.mark.parametrize("name", sorted(set(FIELDS) - {"further"}))
def test_each_field_is_explained(name: str) -> None:
    """A producer's author has nothing else to go by."""
    assert len(schema()["properties"][name]["description"]) > 20
