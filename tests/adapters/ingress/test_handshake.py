"""The handshake, by which Meta finds out whether an address is ours."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.ingress.door import APP, VERIFY_TOKEN, opened

from idweave_adapters.ingress import Tokens
from idweave_adapters.ingress.handshake import answer_to

TOKENS = Tokens(given=f"{VERIFY_TOKEN} another-token")
QUESTION = {
    "hub.mode": "subscribe",
    "hub.verify_token": VERIFY_TOKEN,
    "hub.challenge": "1158201444",
}
visible = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)


async def test_the_challenge_is_the_answer() -> None:
    """As plain text and nothing else."""
    async with opened() as door:
        answer = await door.ask("GET", f"/webhooks/{APP}?{urlencode(QUESTION)}")

    assert (answer.status, answer.body) == (200, b"1158201444")
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "changed",
    [
        {"hub.verify_token": "verify-mf"},
        {"hub.verify_token": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": ""},
        {"hub.challenge": "1\r\nSet-Cookie: x"},
        {"hub.challenge": "1" * 257},
    ],
)
async def test_another_question_is_refused(changed: dict[str, str]) -> None:
    """With one answer for all reasons, and without the challenge."""
    async with opened() as door:
        query = urlencode(QUESTION | changed)
        answer = await door.ask("GET", f"/webhooks/{APP}?{query}")

    assert answer.status == 403
    assert answer.body == (
        b'{"error":"not a handshake with the verify token of this address"}'
    )


def test_each_of_several_tokens_is_good() -> None:
    """While the token is replaced."""
    question = QUESTION | {"hub.verify_token": "another-token"}

    assert answer_to(urlencode(question), TOKENS) == "1158201444"


def test_without_a_token_nobody_is_answered() -> None:
    """Not even who shows none."""
    for shown in ("", VERIFY_TOKEN):
        question = QUESTION | {"hub.verify_token": shown}
        assert answer_to(urlencode(question), Tokens()) is None


@pytest.mark.parametrize("name", QUESTION)
def test_a_field_that_comes_twice_is_refused(name: str) -> None:
    """It could be read in two ways, even if both are the same."""
    twice = f"{urlencode(QUESTION)}&{urlencode({name: QUESTION[name]})}"

    assert answer_to(twice, TOKENS) is None


@pytest.mark.parametrize(
    "odd", ["%ff=1", "&" * 40 + "a=1", "&".join("abcdefghijklmnop")]
)
def test_a_query_that_is_none_is_refused(odd: str) -> None:
    """Bytes that are no text, and far too many fields."""
    assert answer_to(f"{urlencode(QUESTION)}&{odd}", TOKENS) is None


@given(query=st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_garbage_is_never_answered(query: str) -> None:
    """And nothing is raised."""
    assert answer_to(query, TOKENS) is None


@given(challenge=visible.filter(lambda text: len(text) <= 256), token=visible)
def test_the_challenge_comes_back_if_and_only_if_the_token_is_right(
    challenge: str, token: str
) -> None:
    """Character by character, however it was escaped."""
    question = QUESTION | {"hub.challenge": challenge}
    right = urlencode(question)
    wrong = urlencode(question | {"hub.verify_token": token})

    assert answer_to(right, TOKENS) == challenge
    assert answer_to(wrong, TOKENS) is None
