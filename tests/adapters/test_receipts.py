"""Receipts: codes that tell nothing, and a book that any order of records fills alike."""

import itertools
from collections.abc import Iterable
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import strategies as narrow
from tests.support.ecma import Ecma

from idweave_adapters.key_file import KeyFileError
from idweave_adapters.receipts import (
    Receipt,
    ReceiptBook,
    ReceiptCodes,
    ReceiptState,
    encode_received,
)
from idweave_adapters.secret import Secret
from idweave_graph.documents import receipt_document
from idweave_graph.ids import Asset, ScopedId
from idweave_graph.messages import Receipt as Done
from idweave_streams.contracts import own_schema, schema

KEY = "k" * 32
CODE = "mzxw6ytboi3dsmrqmzxw6ytboi3dsmrq"
PERSON = ScopedId(Asset.parse("app:1517776481860111"), "218471")
VALIDATOR = Ecma(schema("receipt"))

Told = tuple[str, int, int]
"""State, when it was asked for, when the record was stored."""


def record(told: Told) -> tuple[bytes, bytes, int]:
    state, asked_ms, stored_ms = told
    if state == ReceiptState.RECEIVED:
        return CODE.encode(), encode_received(CODE, asked_ms), stored_ms
    done = orjson.dumps(receipt_document(Done(CODE, asked_ms, 2)))
    return CODE.encode(), done, stored_ms


def book_of(records: Iterable[Told]) -> ReceiptBook:
    book = ReceiptBook()
    for told in records:
        book.apply(*record(told))
    return book


def received(asked_ms: int) -> Told:
    return ("received", asked_ms, asked_ms + 10)


def done(asked_ms: int) -> Told:
    return ("done", asked_ms, asked_ms + 50)


# Codes.


@given(one=narrow.any_scoped_ids, other=narrow.any_scoped_ids)
def test_a_code_stands_for_one_id(one: ScopedId, other: ScopedId) -> None:
    """The same id has the same code, and no other id has it."""
    codes = ReceiptCodes(Secret(KEY))

    assert codes.of(one) == ReceiptCodes(Secret(KEY)).of(one)
    assert (codes.of(one) == codes.of(other)) == (one == other)


def test_a_code_has_letters_and_digits_only() -> None:
    """Meta wants it alphanumeric; 160 bits are not guessed."""
    code = ReceiptCodes(Secret(KEY)).of(PERSON)

    assert code.isascii()
    assert code.isalnum()
    assert len(code) == 32


def test_under_another_key_the_code_is_another_one() -> None:
    """So it tells nothing about the id to who has not the key."""
    assert ReceiptCodes(Secret(KEY)).of(PERSON) != ReceiptCodes(Secret("K" * 32)).of(
        PERSON
    )


def test_the_key_is_read_from_a_file(tmp_path: Path) -> None:
    """With or without the line's end that an editor adds."""
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")

    assert ReceiptCodes.from_file(file).of(PERSON) == ReceiptCodes(Secret(KEY)).of(
        PERSON
    )


@pytest.mark.parametrize(
    "content", ["", "hush", "hush " * 20, "h\u00fcsh" * 20, f"{KEY}\n{KEY}\n", "\xff"]
)
def test_what_is_no_key_is_refused(tmp_path: Path, content: str) -> None:
    """With its file and what to do, and nothing of what stands in it."""
    file = tmp_path / "key"
    file.write_text(content)

    with pytest.raises(KeyFileError, match="openssl rand") as fault:
        ReceiptCodes.from_file(file)

    assert str(fault.value).startswith(f"{file}: ")
    assert "ush" not in str(fault.value)


def test_a_missing_key_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="No such file"):
        ReceiptCodes.from_file(tmp_path / "none")


# Documents.


@given(asked_ms=st.integers(0, 4_102_444_800_000), ids=st.integers(0, 2**31))
def test_what_is_written_fits_the_schema(asked_ms: int, ids: int) -> None:
    """At the beginning by the ingress, at the end by a worker."""
    VALIDATOR.validate(orjson.loads(encode_received(CODE, asked_ms)))
    VALIDATOR.validate(receipt_document(Done(CODE, asked_ms, ids)))


def test_the_schema_knows_the_states_of_the_code() -> None:
    """No value is missing, none is left over."""
    assert own_schema("receipt")["properties"]["state"]["enum"] == list(ReceiptState)


# The book.


@pytest.mark.parametrize(
    ("records", "known"),
    [
        ([], None),
        ([received(1)], Receipt(1)),
        ([received(1), done(1)], Receipt(1, 51, is_sent=True)),
        ([done(1)], Receipt(1, 51, is_sent=True)),
        ([received(1), done(1), received(100)], Receipt(100)),
        ([received(100), done(1)], Receipt(100)),
    ],
)
def test_the_latest_request_counts_and_its_end(
    records: list[Told], known: Receipt | None
) -> None:
    """Whoever asks again after it was done is not told that it is done."""
    assert book_of(records).of(CODE) == known


@given(
    records=st.lists(
        st.builds(lambda make, at: make(at), st.sampled_from([received, done]),
                  st.integers(1, 3)),
        max_size=5,
    )
)  # fmt: skip
def test_the_order_of_records_does_not_matter(records: list[Told]) -> None:
    """Nor does repetition: several ingresses write, and all of them agree."""
    found = {
        book_of(order).of(CODE)
        for order in itertools.islice(itertools.permutations(records * 2), 200)
    }

    assert len(found) == 1


def test_nothing_is_done_before_it_was_asked_for() -> None:
    """Clocks differ; a page that says so would not be believed."""
    assert book_of([("done", 100, 40)]).of(CODE) == Receipt(100, 100, is_sent=True)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"x y", encode_received("x", 1)),
        (None, encode_received(CODE, 1)),
        (b"\xff", encode_received(CODE, 1)),
        (CODE.encode(), b"{"),
        (CODE.encode(), b"[]"),
        (CODE.encode(), b"{}"),
        (CODE.encode(), b'{"state":"begun","at_ms":1}'),
        (CODE.encode(), b'{"state":"done","at_ms":"1"}'),
        (CODE.encode(), b'{"state":"done","at_ms":99999999999999999}'),
        (CODE.encode(), b'{"state":"done","at_ms":-1}'),
        (CODE.encode(), b'{"state":{},"at_ms":1}'),
    ],
)
def test_an_unreadable_record_changes_nothing(key: bytes | None, value: bytes) -> None:
    """Whoever wrote it."""
    book = book_of([received(5)])

    book.apply(key, value, 1)

    assert book.of(CODE) == Receipt(5)
    assert len(book) == 1


def test_a_tombstone_forgets_a_code() -> None:
    """An operator may take one away."""
    book = book_of([done(1)])

    book.apply(CODE.encode(), None, 9)

    assert book.of(CODE) is None


def test_what_this_process_has_sent_is_known_before_it_is_read() -> None:
    """And reading it afterwards does not make it uncertain again."""
    book = ReceiptBook()

    book.sent(CODE, 7)
    book.apply(*record(received(7)))

    assert book.of(CODE) == Receipt(7, is_sent=True)
    book.apply(*record(done(7)))
    book.sent(CODE, 7)
    assert book.of(CODE) == Receipt(7, 57, is_sent=True)
