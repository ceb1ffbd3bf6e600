"""From text to ids and back."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.strategies import any_scoped_ids, any_tokens, assets, id_texts

from idweave_graph.ids import (
    MAX_ID_CHARS,
    MAX_TOKEN_CHARS,
    Asset,
    AssetKind,
    BusinessToken,
    InvalidIdError,
    LinkingCode,
    Member,
    ScopedId,
    business_id,
    member,
)


@given(asset=assets)
def test_an_asset_is_read_back_from_its_text(asset: Asset) -> None:
    """Text and value are the same thing."""
    assert Asset.parse(str(asset)) == asset


@given(
    known=st.one_of(any_scoped_ids, any_tokens, st.text().map(LinkingCode.of)),
)
def test_a_member_is_read_back_from_its_text(known: Member) -> None:
    """Text and value are the same thing, so a text names one member."""
    assert member(str(known)) == known


@given(text=id_texts)
def test_a_business_id_is_its_text(text: str) -> None:
    """It is checked and otherwise as it was."""
    assert business_id(text) == text


def error_of(read: Callable[[str], object], text: str) -> InvalidIdError | None:
    try:
        assert str(read(text)) == text
    except InvalidIdError as error:
        return error
    return None


@given(
    start=st.sampled_from(["", "app:", "page:1:", "token:", "token"]),
    around=st.tuples(st.text(), st.text()),
)
def test_garbage_is_an_invalid_id_and_is_not_repeated(
    start: str, around: tuple[str, str]
) -> None:
    """Nothing else is ever raised, and what was read stays out of the error."""
    text = start + "QZQZ".join(around)
    for read in (member, Asset.parse, business_id):
        error = error_of(read, text)
        if error is not None:
            assert "QZ" not in str(error)
            assert error.__context__ is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * (MAX_ID_CHARS + 1),
        "1:2",
        "1/2",
        "1|2",
        "1 2",
        "1\n",
        "\x7f",
        "\u0661",  # a digit, but not of ASCII: two spellings of one id
    ],
)
def test_what_no_id_has(text: str) -> None:
    """Separators, blanks and anything but visible ASCII would make ids ambiguous."""
    with pytest.raises(InvalidIdError):
        business_id(text)
    with pytest.raises(InvalidIdError):
        Asset(AssetKind.APP, text)
    with pytest.raises(InvalidIdError):
        ScopedId(Asset(AssetKind.APP, "1"), text)


@pytest.mark.parametrize("text", ["", "x" * (MAX_TOKEN_CHARS + 1), "a b", "\x7f", "é"])
def test_what_no_token_has(text: str) -> None:
    """A token is opaque, but visible ASCII of some length."""
    with pytest.raises(InvalidIdError):
        BusinessToken(text)


def test_ids_of_one_asset_share_a_scope() -> None:
    """A person has at most one of a scope: an id per app or Page, and a token."""
    app, page = Asset(AssetKind.APP, "1"), Asset(AssetKind.PAGE, "1")

    assert ScopedId(app, "x").scope == ScopedId(app, "y").scope
    assert ScopedId(app, "x").scope != ScopedId(page, "x").scope
    assert BusinessToken("x").scope == BusinessToken("y").scope
    assert BusinessToken("x").scope != ScopedId(app, "x").scope


def test_a_linking_code_is_kept_as_a_hash_alone() -> None:
    """What was given out can't be read back; the same gives the same."""
    code = LinkingCode.of("PASS-THROUGH")

    assert code == LinkingCode.of("PASS-THROUGH") != LinkingCode.of("pass-through")
    assert member(str(code)) == code
    assert "PASS" not in repr(code)


@pytest.mark.parametrize("text", ["", "PASS", "0" * 31, "0" * 33, "G" * 32, "A" * 32])
def test_what_no_linking_code_is(text: str) -> None:
    with pytest.raises(InvalidIdError):
        LinkingCode(text)
