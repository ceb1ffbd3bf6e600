"""Tokens that callers show: where they come from and how they are replaced."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_adapters.credentials import Credentials, CredentialsError
from idweave_adapters.ingress import AppSecrets, Tokens, TokensError

visible = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens"


def replace(file: Path, content: bytes) -> None:
    """Put another file in its place, as a mounted secret is replaced."""
    new = file.with_name("new")
    new.write_bytes(content)
    new.replace(file)


def test_all_tokens_of_all_sources_are_good(file: Path) -> None:
    """A line each in the file; blanks between them in a variable."""
    file.write_bytes(b"one\n\n  two \r\n")

    tokens = Tokens(file, "three four")

    assert len(tokens) == 4
    assert all(map(tokens.admit, ("one", "two", "three", "four")))
    assert not any(map(tokens.admit, ("", "on", "one ", "One", "one\n", "five")))


def test_without_any_nothing_is_good() -> None:
    """Least of all nothing."""
    assert not Tokens().admit("")


def test_a_changed_file_is_taken_over(file: Path) -> None:
    """And read only when it changed."""
    file.write_bytes(b"old")
    tokens = Tokens(file)
    replace(file, b"old\nnew")

    assert (tokens.reload(), tokens.reload()) == (True, False)
    assert tokens.admit("old")
    assert tokens.admit("new")
    replace(file, b"new")
    assert tokens.reload()
    assert not tokens.admit("old")


@pytest.mark.parametrize(
    "content",
    [b"", b"\n \n", b"two words", "k\u00e4se".encode(), b"\xff", b"x" * 65_537],
)
def test_a_faulty_file_replaces_nothing(file: Path, content: bytes) -> None:
    """The old tokens stay good; the fault is told once, and shows no token."""
    file.write_bytes(b"old")
    tokens = Tokens(file)
    replace(file, content)

    with pytest.raises(TokensError) as told:
        tokens.reload()
    assert str(file) in str(told.value)
    assert "words" not in str(told.value)
    assert tokens.reload() is False
    assert tokens.admit("old")
    with pytest.raises(TokensError):
        Tokens(file)


def test_a_file_that_goes_away_is_told(file: Path) -> None:
    """It is there again before it is read again."""
    file.write_bytes(b"old")
    tokens = Tokens(file)
    file.unlink()

    with pytest.raises(TokensError, match="can't be read"):
        tokens.reload()
    assert tokens.admit("old")
    file.write_bytes(b"new")
    assert tokens.reload()
    assert tokens.admit("new")


def test_a_token_is_not_shown(file: Path) -> None:
    """Not by what holds it."""
    file.write_bytes(b"hush-in-file")
    tokens = Tokens(file, "hush-given")

    assert "hush" not in f"{tokens!r} {vars(tokens)}"


@given(token=visible, shown=st.text())
def test_a_token_is_good_if_and_only_if_it_is_the_same(token: str, shown: str) -> None:
    """Character by character; no text that can be shown raises anything."""
    tokens = Tokens(given=token)

    assert tokens.admit(token)
    assert tokens.admit(shown) == (token == shown)
    assert not tokens.admit("\udcff" + shown)


def test_changed_app_secrets_are_taken_over(tmp_path: Path) -> None:
    """New apps and new secrets; while the file is faulty the old ones hold."""
    file = tmp_path / "credentials.json"
    one = '{"businesses": {"1": {"apps": {"2": {"secret": "first"}}}}}'
    two = '{"businesses": {"1": {"apps": {"3": {"secret": ["second", "first"]}}}}}'
    file.write_text(one)
    apps = AppSecrets(Credentials([file]))

    assert (apps.of("2"), apps.of("3"), apps.reload()) == ([b"first"], [], False)
    replace(file, b"{")
    with pytest.raises(CredentialsError):
        apps.reload()
    assert apps.of("2") == [b"first"]
    replace(file, two.encode())
    assert apps.reload()
    assert (apps.of("2"), apps.of("3")) == ([], [b"second", b"first"])
    assert len(apps) == 1


def test_only_apps_of_businesses_have_secrets_here() -> None:
    """Neither Pages nor the apps of service providers."""
    apps = AppSecrets(
        Credentials.from_document(
            {
                "businesses": {"1": {"pages": {"5": {"token": "t", "app": "6"}}}},
                "providers": {"6": {"secret": "s"}},
            }
        )
    )

    assert (len(apps), apps.of("5"), apps.of("6")) == (0, [], [])
