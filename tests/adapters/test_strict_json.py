"""Bytes become an object that has one reading, or an error of ours."""

import json
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from idweave_adapters.errors import UnreadableError
from idweave_adapters.observations import DeadLetterCode
from idweave_adapters.strict_json import DEFAULT_LIMIT_BYTES, read_object

DEEPEST_WRITTEN = 254
"""How deep orjson writes; it reads up to 1024."""


def nested(depth: int) -> bytes:
    """An object with lists around lists, *depth* containers in all."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def refusal(value: bytes | None) -> DeadLetterCode:
    with pytest.raises(UnreadableError) as caught:
        read_object(value)
    return caught.value.problem.code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, DeadLetterCode.EMPTY_VALUE),
        (b"", DeadLetterCode.EMPTY_VALUE),
        (b" ", DeadLetterCode.NOT_JSON),
        (b"\x00\x00\x00\x00\x01{}", DeadLetterCode.NOT_JSON),
        (b"\xef\xbb\xbf{}", DeadLetterCode.NOT_JSON),
        (b'{"a":"\xff"}', DeadLetterCode.NOT_JSON),
        (b'{"a":"\xed\xa0\x80"}', DeadLetterCode.NOT_JSON),
        (rb'{"a":"\ud83d"}', DeadLetterCode.NOT_JSON),
        (rb'{"\udc00":1}', DeadLetterCode.NOT_JSON),
        ('{"a":1}'.encode("utf-16"), DeadLetterCode.NOT_JSON),
        (b'{"a":NaN}', DeadLetterCode.NOT_JSON),
        (b'{"a":-Infinity}', DeadLetterCode.NOT_JSON),
        (b'{"a":1e999}', DeadLetterCode.NOT_JSON),
        (rb'{"\u003a":' + b"9" * 5000 + b"}", DeadLetterCode.NOT_JSON),
        (b'{"a":1}{"a":1}', DeadLetterCode.NOT_JSON),
        (b'{"a":1', DeadLetterCode.NOT_JSON),
        (b"{'a':1}", DeadLetterCode.NOT_JSON),
        (b'{"a":01}', DeadLetterCode.NOT_JSON),
        (nested(100_000), DeadLetterCode.NOT_JSON),
        (nested(DEEPEST_WRITTEN + 1), DeadLetterCode.TOO_DEEP),
        (b"[]", DeadLetterCode.NOT_AN_OBJECT),
        (b"null", DeadLetterCode.NOT_AN_OBJECT),
        (b'"{}"', DeadLetterCode.NOT_AN_OBJECT),
        (b"7", DeadLetterCode.NOT_AN_OBJECT),
        (b'{"a":1,"a":1}', DeadLetterCode.DUPLICATE_KEY),
        (rb'{"a":1,"\u0061":2}', DeadLetterCode.DUPLICATE_KEY),
        (b'{"b":[{"a":1,"c":2,"a":3}]}', DeadLetterCode.DUPLICATE_KEY),
        (b'{"a":{"b":1},"a":{"b":1}}', DeadLetterCode.DUPLICATE_KEY),
        (rb'{"a":1,"a":2,"c":"\u003a"}', DeadLetterCode.DUPLICATE_KEY),
        (rb'{"a":1,"a":2,"c":"\u003A"}', DeadLetterCode.DUPLICATE_KEY),
        (rb'{"a":"\u003a","a":2}', DeadLetterCode.DUPLICATE_KEY),
        (b'{"a":"' + b"x" * DEFAULT_LIMIT_BYTES + b'"}', DeadLetterCode.TOO_LARGE),
        (b"\xff" * (2 << 20), DeadLetterCode.TOO_LARGE),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, bytes) else None,
)
def test_what_has_no_single_reading_is_refused(
    value: bytes | None, code: DeadLetterCode
) -> None:
    """Each way to be unreadable has its stable code."""
    assert refusal(value) == code


def test_what_is_refused_is_not_quoted() -> None:
    """Neither the error nor what caused it may show the payload."""
    with pytest.raises(UnreadableError) as caught:
        read_object(b'{"user_id":"10153949089790582",}')

    assert "1015" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "value",
    [
        rb'{"\u003a":1,"::":2}',
        rb'{"url":"https\u003A\/\/a:b"}',
        b'{"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":1}]}',
        b' \n{ "a" : ":" , "b":"\\":\\"" } ',
        nested(DEEPEST_WRITTEN),
        b'{"n":' + b"1" * 300 + rb',"c":"\u003a"}',
    ],
    ids=lambda value: repr(value)[:40],
)
def test_colons_in_texts_are_no_repeated_keys(value: bytes) -> None:
    """Escaped or not, in keys or values, they don't look like a second pair."""
    assert read_object(value) == orjson.loads(value)


def _has_repeated_keys(text: str) -> bool:
    """The slow and certain answer: look at each object's pairs."""
    found = []

    def pairs(items: list[tuple[str, Any]]) -> None:
        found.append(len({key for key, _ in items}) < len(items))

    json.loads(text, object_pairs_hook=pairs)
    return any(found)


keys = st.sampled_from(['"a"', '"b"', '":"', r'"\u003a"', r'"\u0061"', '"a:b"'])
scalars = st.sampled_from(["1", "null", '":"', r'"\u003A"', r'"\"\\:"', "[]", "1.5"])


def objects(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Objects as text, so that keys may repeat."""
    pairs = st.tuples(keys, values).map(lambda pair: f"{pair[0]} : {pair[1]}")
    listed = st.lists(pairs, max_size=3).map(lambda each: "{" + ",".join(each) + "}")
    return listed | st.lists(listed, max_size=2).map(lambda each: f"[{','.join(each)}]")


@given(text=objects(st.recursive(scalars, objects, max_leaves=6)))
@example(text='{"a" : 1,"a" : 2}')
def test_repeated_keys_are_found_exactly(text: str) -> None:
    """The fast way says the same as looking at each object's pairs."""
    value = f'{{"root":{text}}}'.encode()

    if _has_repeated_keys(text):
        assert refusal(value) == DeadLetterCode.DUPLICATE_KEY
    else:
        assert read_object(value) == json.loads(value)


@given(value=st.binary())
def test_garbage_gives_an_object_or_our_error(value: bytes) -> None:
    """No bytes get another exception out of it."""
    for candidate in (value, b'{"a":' + value + b"}", b'{"a":"' + value + b'"}'):
        with suppress(UnreadableError):
            assert read_object(candidate) == orjson.loads(candidate)
