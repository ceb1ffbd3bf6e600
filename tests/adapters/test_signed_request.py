"""Signed requests: published vectors, forgeries, and the age of genuine ones."""

import base64
import hmac

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_adapters.errors import UnreadableError
from idweave_adapters.observations import DeadLetterCode
from idweave_adapters.signed_request import CLOCK_SKEW_S, MAX_AGE_S, sign, verify
from idweave_graph.ids import BusinessToken

SECRET = b"foo_app_secret"

# The classic vector of Meta's documentation.
DOCUMENTED = (
    "vlXgu64BQGFSQrY0ZcJBZASMvYvTHu9GQ0YM9rjPSso."
    "eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsIjAiOiJwYXlsb2FkIn0"
)
# php-graph-sdk, SignedRequestTest: user_id is an integer.
NUMERIC_USER = (
    "U0_O1MqqNKUt32633zAkdd2Ce-jGVgRgJeRauyx_zC8=."
    "eyJvYXV0aF90b2tlbiI6ImZvb190b2tlbiIsImFsZ29yaXRobSI6IkhNQUMtU0hBMjU2IiwiaXNzdWVk"
    "X2F0IjozMjEsImNvZGUiOiJmb29fY29kZSIsInN0YXRlIjoiZm9vX3N0YXRlIiwidXNlcl9pZCI6MTIz"
    "LCJmb28iOiJiYXIifQ=="
)
# php-graph-sdk, FacebookPageTabHelperTest: user_id is a text.
PAGE_TAB = (
    "6Hi26ECjkj347belC0O8b8H5lwiIz5eA6V9VVjTg-HU=."
    "eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MzIxLCJvYXV0aF90b2tlbiI6ImZv"
    "b190b2tlbiIsInVzZXJfaWQiOiIxMjMiLCJwYWdlIjp7ImlkIjoiNDIiLCJsaWtlZCI6dHJ1ZSwiYWRt"
    "aW4iOmZhbHNlfX0="
)
# The same file: a visitor who is not logged in.
NOT_LOGGED_IN = (
    "KPlyhz-whtYAhHWr15N5TkbS_avz-2rUJFpFkfXKC88=."
    "eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTQwMjU1MTA4Nn0="
)
ISSUED_S = 1_414_257_389
CANVAS = {
    "algorithm": "HMAC-SHA256",
    "expires": ISSUED_S + 6211,
    "issued_at": ISSUED_S,
    "oauth_token": "CAAGEkq9GMZAkBAFnvvQ3M6msZBKITLa1gVZBVdnLTdJ",
    "token_for_business": "AbwoGqummPbF3zp_",
    "user_id": "10154418713995634",
}


def signed(**changes: object) -> str:
    """A Canvas request with some fields changed; None leaves a field out."""
    fields = {
        key: value for key, value in {**CANVAS, **changes}.items() if value != ...
    }
    return sign(orjson.dumps(fields), SECRET)


def refusal(text: str, *secrets: bytes, now_s: int | None = ISSUED_S) -> DeadLetterCode:
    with pytest.raises(UnreadableError) as caught:
        verify(text, secrets or [SECRET], now_s=now_s)
    return caught.value.problem.code


@pytest.mark.parametrize(
    ("text", "secret", "user_id", "issued_at_s"),
    [
        (DOCUMENTED, b"secret", None, None),
        (NUMERIC_USER, SECRET, "123", 321),
        (PAGE_TAB, SECRET, "123", 321),
        (NOT_LOGGED_IN, SECRET, None, 1_402_551_086),
    ],
    ids=["documented", "numeric user", "page tab", "not logged in"],
)
def test_published_vectors_verify(
    text: str, secret: bytes, user_id: str | None, issued_at_s: int | None
) -> None:
    """What Meta and its SDK publish as genuine is genuine here."""
    request = verify(text, [secret], now_s=None)

    assert request.user_id == user_id
    assert request.issued_at_s == issued_at_s
    assert request.token is None


def test_a_canvas_request_gives_its_token() -> None:
    """The shape of Meta's Mapping Users document gives user id and token."""
    request = verify(signed(), [SECRET], now_s=ISSUED_S + 60)

    assert request.user_id == "10154418713995634"
    assert request.token == BusinessToken("AbwoGqummPbF3zp_")
    assert request.expires_s == ISSUED_S + 6211


def test_each_secret_of_a_rotation_is_accepted() -> None:
    """Old and new secret are good, in either order."""
    for secrets in ([SECRET, b"new"], [b"new", SECRET]):
        assert verify(signed(), secrets, now_s=ISSUED_S).user_id is not None


def test_the_signature_covers_the_payload_as_received() -> None:
    """Stripping the payload's padding, or signing without it, breaks the signature."""
    mac, _, payload = NUMERIC_USER.partition(".")
    unpadded = payload.rstrip("=")
    over_unpadded = base64.urlsafe_b64encode(
        hmac.digest(SECRET, unpadded.encode(), "sha256")
    ).decode()

    assert refusal(f"{mac}.{unpadded}") == DeadLetterCode.SIGNED_REQUEST_SIGNATURE
    assert (
        refusal(f"{over_unpadded}.{payload}") == DeadLetterCode.SIGNED_REQUEST_SIGNATURE
    )
    assert verify(f"{over_unpadded}.{unpadded}", [SECRET], now_s=None).user_id == "123"


@pytest.mark.parametrize("strip", [True, False])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@given(filler=st.text(max_size=20))
def test_both_alphabets_and_paddings_are_read(
    encode: object, strip: bool, filler: str
) -> None:
    """Each half may use `+/` or `-_`, with or without `=`."""
    assert callable(encode)
    payload = encode(orjson.dumps({**CANVAS, "filler": filler}))
    payload = payload.rstrip(b"=") if strip else payload
    mac = encode(hmac.digest(SECRET, payload, "sha256"))
    mac = mac.rstrip(b"=") if strip else mac

    request = verify(f"{mac.decode()}.{payload.decode()}", [SECRET], now_s=ISSUED_S)

    assert request.user_id == CANVAS["user_id"]


def _over(payload: bytes) -> str:
    return sign(payload, SECRET)


MAC, PAYLOAD = NUMERIC_USER.split(".")
RAW_DOT = "e30.e30"
DOTTED = base64.urlsafe_b64encode(
    hmac.digest(SECRET, RAW_DOT.encode(), "sha256")
).decode()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (".", DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (MAC + PAYLOAD, DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (f".{PAYLOAD}", DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (f"{MAC}.", DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (f"{MAC}.{PAYLOAD}.", DeadLetterCode.SIGNED_REQUEST_SIGNATURE),
        (f"{DOTTED}.{RAW_DOT}", DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (f"{MAC[:-5]}.{PAYLOAD}", DeadLetterCode.SIGNED_REQUEST_SIGNATURE),
        (f"{MAC[:9]}.{PAYLOAD}", DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (f"{MAC[:8]}!!!!{MAC[8:]}.{PAYLOAD}", DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (f"=.{PAYLOAD}", DeadLetterCode.SIGNED_REQUEST_SIGNATURE),
        (f"{MAC[:-2]}\N{LATIN SMALL LETTER E WITH ACUTE}.{PAYLOAD}",
         DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (f"\udcff.{PAYLOAD}", DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (f"{MAC}.e{PAYLOAD[1:-6]}AAAA==", DeadLetterCode.SIGNED_REQUEST_SIGNATURE),
        (_over(b"no json"), DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (_over(b"[]"), DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (_over(b'{"algorithm":"HMAC-SHA256","user_id":1,"user_id":2}'),
         DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (_over(b"{}"), DeadLetterCode.SIGNED_REQUEST_ALGORITHM),
        (signed(algorithm="HMAC-SHA1"), DeadLetterCode.SIGNED_REQUEST_ALGORITHM),
        (signed(algorithm="hmac-sha256"), DeadLetterCode.SIGNED_REQUEST_ALGORITHM),
        (signed(algorithm="none"), DeadLetterCode.SIGNED_REQUEST_ALGORITHM),
        (signed(algorithm=["HMAC-SHA256"]), DeadLetterCode.SIGNED_REQUEST_ALGORITHM),
        (signed(user_id=1.0154418713995634e16), DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (signed(user_id=True), DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (signed(user_id=-1), DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (signed(user_id={"id": "1"}), DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (_over(b'{"algorithm":"HMAC-SHA256","user_id":123456789012345678901}'),
         DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (signed(token_for_business=7), DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (signed(token_for_business=""), DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (signed(token_for_business="a b"), DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (signed(issued_at="today"), DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (signed(expires=-1), DeadLetterCode.SIGNED_REQUEST_MALFORMED),
    ],
)  # fmt: skip
def test_bad_requests_are_refused_with_their_code(
    text: str, code: DeadLetterCode
) -> None:
    """Each way to be wrong has its stable code."""
    assert refusal(text) == code


def test_only_the_app_s_secrets_count() -> None:
    """A wrong secret fails; without a usable one nothing can be checked."""
    assert refusal(signed(), b"wrong") == DeadLetterCode.SIGNED_REQUEST_SIGNATURE
    anybodys = sign(orjson.dumps(CANVAS), b"")
    assert refusal(anybodys, b"") == DeadLetterCode.SIGNED_REQUEST_NO_SECRET
    assert refusal(anybodys, b"", SECRET) == DeadLetterCode.SIGNED_REQUEST_SIGNATURE


def test_a_large_numeric_user_id_keeps_its_digits() -> None:
    """2**53 + 1 would change if it went through a float."""
    request = verify(signed(user_id=9007199254740993), [SECRET], now_s=ISSUED_S)

    assert request.user_id == "9007199254740993"


def test_a_request_is_good_for_a_day_and_not_before_it_was_made() -> None:
    """Both ends of its time are inclusive; `expires` 0 or absent means never."""
    for expires in (0, ...):
        text = signed(expires=expires)
        for good_s in (ISSUED_S - CLOCK_SKEW_S, ISSUED_S, ISSUED_S + MAX_AGE_S):
            assert verify(text, [SECRET], now_s=good_s).user_id is not None
        for bad_s in (ISSUED_S - CLOCK_SKEW_S - 1, ISSUED_S + MAX_AGE_S + 1):
            assert refusal(text, now_s=bad_s) == DeadLetterCode.SIGNED_REQUEST_EXPIRED


def test_a_request_ends_when_it_says_so() -> None:
    """`expires` counts even within the age limit, and only where time is judged."""
    text = signed(expires=ISSUED_S + 10)

    assert verify(text, [SECRET], now_s=ISSUED_S + 10).expires_s == ISSUED_S + 10
    assert refusal(text, now_s=ISSUED_S + 11) == DeadLetterCode.SIGNED_REQUEST_EXPIRED
    assert verify(text, [SECRET], now_s=None).expires_s == ISSUED_S + 10


def test_a_request_without_a_date_has_no_age() -> None:
    """It is refused where its age matters, and read where it does not."""
    text = signed(issued_at=...)

    assert refusal(text) == DeadLetterCode.SIGNED_REQUEST_EXPIRED
    assert verify(text, [SECRET], now_s=None).issued_at_s is None


@given(
    user=st.integers(1, 2**64 - 1),
    as_text=st.booleans(),
    token=st.text("abcXYZ019-_", min_size=1, max_size=64),
    secret=st.binary(min_size=1),
    name=st.text(),
)
def test_what_was_signed_is_read_back(
    user: int, as_text: bool, token: str, secret: bytes, name: str
) -> None:
    """Signing and verifying are each other's inverse."""
    fields = {
        "algorithm": "HMAC-SHA256",
        "user_id": str(user) if as_text else user,
        "token_for_business": token,
        "name": name.encode("utf-8", "replace").decode(),
    }

    request = verify(sign(orjson.dumps(fields), secret), [secret], now_s=None)

    assert request.user_id == str(user)
    assert request.token == BusinessToken(token)


@given(position=st.integers(0), replacement=st.characters())
def test_a_changed_character_never_verifies_as_something_else(
    position: int, replacement: str
) -> None:
    """A request with one character changed is refused, or says just the same.

    It can say the same, because both base64 alphabets are read and a signature's
    last character has unused bits.
    """
    text = signed()
    position %= len(text)
    changed = text[:position] + replacement + text[position + 1 :]

    try:
        request = verify(changed, [SECRET], now_s=ISSUED_S)
    except UnreadableError:
        return

    assert request == verify(text, [SECRET], now_s=ISSUED_S)
    assert changed.partition(".")[2] == text.partition(".")[2]


@given(text=st.text(), secrets=st.lists(st.binary(), max_size=3))
def test_garbage_raises_only_our_error(text: str, secrets: list[bytes]) -> None:
    """No text gets an exception other than `UnreadableError` out of it."""
    for candidate in (text, f"{text}.{text}", f"{MAC}.{text}"):
        with pytest.raises(UnreadableError):
            verify(candidate, [*secrets, SECRET], now_s=None)


def test_neither_ids_nor_tokens_show() -> None:
    """The repr of a request and the text of a refusal may be logged."""
    shown = repr(verify(signed(), [SECRET], now_s=ISSUED_S))
    with pytest.raises(UnreadableError) as caught:
        verify(signed(user_id="4711 0815"), [SECRET], now_s=ISSUED_S)

    for secret in ("10154418713995634", "AbwoGqummPbF3zp_", "CAAGEkq9GMZA"):
        assert secret not in shown
    assert "4711" not in str(caught.value)
