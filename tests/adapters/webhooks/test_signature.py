"""Who posted a webhook."""

import hashlib
import hmac

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import webhook_samples as samples

from idweave_adapters.webhooks import is_signed

SECRET = b"app secret"
BODY = samples.as_meta_writes(samples.FEED_CHANGE | {"text": "caf\u00e9 / <b>"})


def header(body: bytes, secret: bytes = SECRET) -> str:
    """The header as Meta sends it."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


def test_the_published_vector_verifies() -> None:
    """RFC 4231, test case 2: an HMAC that was not made by this code."""
    mac = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

    assert is_signed(b"what do ya want for nothing?", f"sha256={mac}", [b"Jefe"])


def test_each_secret_of_a_rotation_is_accepted() -> None:
    """Old and new secret are good, in either order, and others are not."""
    assert is_signed(BODY, header(BODY), [SECRET, b"new"])
    assert is_signed(BODY, header(BODY), [b"new", SECRET])
    assert not is_signed(BODY, header(BODY), [b"new", b"newer"])


def test_the_signature_covers_the_bytes_as_received() -> None:
    """A body that was parsed and written again is another body."""
    rewritten = orjson.dumps(orjson.loads(BODY))

    assert rewritten != BODY
    assert is_signed(BODY, header(BODY), [SECRET])
    assert not is_signed(rewritten, header(BODY), [SECRET])


def test_without_a_secret_nothing_is_signed() -> None:
    """An empty secret is nobody's, even when the header fits it."""
    assert not is_signed(BODY, header(BODY, b""), [])
    assert not is_signed(BODY, header(BODY, b""), [b""])


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "",
        "sha256=",
        header(BODY).removeprefix("sha256="),
        header(BODY)[:-1],
        header(BODY) + "0",
        header(BODY) + "\n",
        header(BODY).replace("sha256=", "sha1="),
        header(BODY).replace("sha256=", "sha256= "),
        "sha1=" + hmac.new(SECRET, BODY, hashlib.sha1).hexdigest(),
        "sha256=" + "é" * 64,
        "sha256=" + "٣" * 64,
    ],
)
def test_other_headers_are_refused(bad: str | None) -> None:
    """Only the one documented form is a signature."""
    assert not is_signed(BODY, bad, [SECRET])


def test_hex_digits_may_be_capitals() -> None:
    """Proxies may rewrite a header's case; the value is the same."""
    mac = header(BODY).removeprefix("sha256=").upper()

    assert is_signed(BODY, f"sha256={mac}", [SECRET])


@given(body=st.binary(), other=st.binary(), secret=st.binary(min_size=1))
def test_one_signature_fits_one_body(body: bytes, other: bytes, secret: bytes) -> None:
    """It holds for the signed body and for no other."""
    assert is_signed(body, header(body, secret), [secret])
    assert is_signed(other, header(body, secret), [secret]) == (other == body)
