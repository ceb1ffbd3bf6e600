"""Login events: plain facts, signed requests inside, and what is refused."""

from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from idweave_adapters.logins import decode_login
from idweave_adapters.observations import (
    DeadLetterCode,
    Decoded,
    IgnoreReason,
    Observation,
)
from idweave_adapters.signed_request import MAX_AGE_S, sign
from idweave_graph.evidence import EvidenceKind
from idweave_graph.ids import Asset, AssetKind, BusinessToken, ScopedId

APP = Asset(AssetKind.APP, "647733625268125")
USER = "10153949089790582"
AT_MS = 1_767_225_600_000
TOKEN = "AbwoGqummPbF3zp_"
SECRETS = [b"the new secret", b"the old secret"]


def secrets(app: Asset) -> Sequence[bytes]:
    return SECRETS if app == APP else []


def login(**changes: Any) -> dict[str, Any]:
    event = {
        "app_id": APP.id,
        "user_id": USER,
        "time": AT_MS,
        "login_kind": "classic",
    }
    return {
        key: value for key, value in {**event, **changes}.items() if value is not ...
    }


def signed(secret: bytes = SECRETS[0], **changes: Any) -> str:
    fields = {
        "algorithm": "HMAC-SHA256",
        "issued_at": AT_MS // 1000,
        "user_id": USER,
        "token_for_business": TOKEN,
    }
    kept = {key: value for key, value in {**fields, **changes}.items() if value != ...}
    return sign(orjson.dumps(kept), secret)


def decode(**changes: Any) -> Decoded:
    return decode_login(orjson.dumps(login(**changes)), secrets=secrets)


def code(decoded: Decoded) -> DeadLetterCode:
    """The one problem's code, after checking that nothing was used."""
    assert (decoded.observations, decoded.ignored) == ((), {})
    [problem] = decoded.problems
    return problem.code


SEEN = Observation(ScopedId(APP, USER), AT_MS)
PROVED_BY_FIELD = Observation(
    SEEN.scoped, AT_MS, BusinessToken(TOKEN), EvidenceKind.TOKEN_FOR_BUSINESS
)
PROVED_BY_SIGNATURE = Observation(
    SEEN.scoped, AT_MS, BusinessToken(TOKEN), EvidenceKind.SIGNED_REQUEST
)


@pytest.mark.parametrize("kind", ["classic", "limited"])
def test_a_login_shows_an_app_scoped_id(kind: str) -> None:
    """Both kinds of login give the ASID; further keys are no matter."""
    decoded = decode(login_kind=kind, session="s-1", nested={"user_id": "9"})

    assert decoded == Decoded((SEEN,))


def test_a_token_in_the_event_is_used() -> None:
    """The login server asked Meta for the field, so it is proof without a call."""
    assert decode(token_for_business=TOKEN) == Decoded((PROVED_BY_FIELD,))


def test_optional_fields_may_be_null() -> None:
    """Many writers put null for what they do not have."""
    assert decode(token_for_business=None, signed_request=None) == Decoded((SEEN,))


@pytest.mark.parametrize("secret", SECRETS)
def test_a_genuine_signed_request_gives_its_token(secret: bytes) -> None:
    """Either secret of a rotation vouches for it, with the stronger proof."""
    request = signed(secret)

    assert decode(signed_request=request) == Decoded((PROVED_BY_SIGNATURE,))
    both = decode(signed_request=request, token_for_business=TOKEN)
    assert both == Decoded((PROVED_BY_SIGNATURE,))


def test_a_signed_request_without_a_token_leaves_the_event_s_own() -> None:
    """An app outside a business gets no token; the cookie has none either."""
    request = signed(token_for_business=...)

    assert decode(signed_request=request) == Decoded((SEEN,))
    own = decode(signed_request=request, token_for_business=TOKEN)
    assert own == Decoded((PROVED_BY_FIELD,))


def test_a_signed_request_of_a_visitor_proves_nothing() -> None:
    """It is genuine, so the event's plain facts stay good, but its token is not his."""
    decoded = decode(signed_request=signed(user_id=...))

    assert decoded.observations == (SEEN,)
    assert decoded.ignored == {IgnoreReason.SIGNED_REQUEST_WITHOUT_USER: 1}
    assert decoded.problems == ()


@pytest.mark.parametrize(
    ("request_text", "expected"),
    [
        (signed(b"a forger's"), DeadLetterCode.SIGNED_REQUEST_SIGNATURE),
        (signed(algorithm="none"), DeadLetterCode.SIGNED_REQUEST_ALGORITHM),
        ("", DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        ("nonsense", DeadLetterCode.SIGNED_REQUEST_MALFORMED),
        (signed(issued_at=AT_MS // 1000 - MAX_AGE_S - 1),
         DeadLetterCode.SIGNED_REQUEST_EXPIRED),
        (signed(issued_at=...), DeadLetterCode.SIGNED_REQUEST_EXPIRED),
        (signed(user_id="10153949089790583"), DeadLetterCode.LOGIN_CONTRADICTION),
        (signed(token_for_business="another"), DeadLetterCode.LOGIN_CONTRADICTION),
    ],
)  # fmt: skip
def test_an_event_stands_or_falls_with_its_signed_request(
    request_text: str, expected: DeadLetterCode
) -> None:
    """Where one part is forged or contradicts, the rest is not used either."""
    decoded = decode(signed_request=request_text, token_for_business=TOKEN)

    assert code(decoded) == expected


def test_a_signed_request_of_an_app_without_secret_waits_in_dead_letters() -> None:
    """It can't be checked, so nothing is used until the secret is known."""
    decoded = decode(app_id="1", signed_request=signed())

    assert code(decoded) == DeadLetterCode.SIGNED_REQUEST_NO_SECRET


def test_a_signed_request_is_judged_by_the_event_s_time() -> None:
    """So a replay years later gives the same as the first reading."""
    old_ms = 1_300_000_000_000
    request = signed(issued_at=old_ms // 1000)

    assert len(decode(time=old_ms, signed_request=request).observations) == 1


@pytest.mark.parametrize("name", ["app_id", "user_id", "time", "login_kind"])
@pytest.mark.parametrize("missing", [..., None])
def test_required_fields_are_required(name: str, missing: object) -> None:
    """The hint names the field that is missing."""
    decoded = decode(**{name: missing})

    assert code(decoded) == DeadLetterCode.LOGIN_FIELD_MISSING
    assert name in decoded.problems[0].hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("app_id", "app:1"),
        ("app_id", 647733625268125),
        ("user_id", 10153949089790582),
        ("user_id", ""),
        ("user_id", "0"),
        ("user_id", "undefined"),
        ("user_id", " 1"),
        ("user_id", "1\n"),
        ("user_id", "٣"),
        ("user_id", "1" * 129),
        ("user_id", ["1"]),
        ("time", AT_MS // 1000),
        ("time", AT_MS * 1000),
        ("time", AT_MS + 0.5),
        ("time", str(AT_MS)),
        ("time", True),
        ("time", -AT_MS),
        ("login_kind", "Classic"),
        ("login_kind", ["classic"]),
        ("token_for_business", ""),
        ("token_for_business", 7),
        ("token_for_business", "a b"),
        ("token_for_business", "a" * 513),
        ("signed_request", {"user_id": USER}),
    ],
)
def test_invalid_fields_are_named_and_not_repeated(name: str, value: object) -> None:
    """The hint names the field and keeps its value to itself."""
    decoded = decode(**{name: value})

    assert code(decoded) == DeadLetterCode.LOGIN_FIELD_INVALID
    hint = decoded.problems[0].hint
    assert hint.startswith(name)
    assert "10153949089790582" not in hint
    assert "undefined" not in hint


def test_a_float_without_fraction_is_an_integer() -> None:
    """As in JSON Schema: some writers have no other numbers."""
    assert decode(time=float(AT_MS)) == Decoded((SEEN,))


def test_ids_stay_out_of_the_repr() -> None:
    """What decoding gives may be logged."""
    shown = repr(decode(token_for_business=TOKEN))

    assert USER not in shown
    assert TOKEN not in shown


def test_the_size_limit_is_the_caller_s() -> None:
    """An event of exactly the limit is read, one byte more is refused unread."""
    event = orjson.dumps(login())
    limit = len(event)

    read = decode_login(event, secrets=secrets, limit_bytes=limit)
    refused = decode_login(event + b" ", secrets=secrets, limit_bytes=limit)

    assert read == Decoded((SEEN,))
    assert code(refused) == DeadLetterCode.TOO_LARGE
