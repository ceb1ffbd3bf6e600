"""Meta's `signed_request`: proof by the app's secret of who uses the app.

Canvas, the JavaScript SDK's cookie and the deauthorize and data deletion callbacks
all send `<base64url(HMAC-SHA256)>.<base64url(JSON)>` (Meta, Login Security and Games
on Facebook documents). Pure: no IO and no clock.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from idweave_adapters.errors import UnreadableError
from idweave_adapters.fields import decimal_id
from idweave_adapters.observations import DeadLetterCode
from idweave_adapters.strict_json import read_object
from idweave_graph.ids import BusinessToken, InvalidIdError

ALGORITHM: Final = "HMAC-SHA256"
MAX_AGE_S: Final = 86_400
"""A day, as python-social-auth has it: a captured request is of little use later."""
CLOCK_SKEW_S: Final = 300
"""How far a site's clock may be behind Meta's."""

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_BASE64_GROUP = 4


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The facts of a genuine signed request. The user's access token is left out."""

    user_id: str | None = field(repr=False)
    """The ASID in the app whose secret signed it; None for a visitor not logged in."""
    token: BusinessToken | None = field(repr=False)
    issued_at_s: int | None
    expires_s: int | None
    """0 or None: never."""
    is_login: bool = False
    """It carries the code or the access token of a login, as no callback does."""


def verify(
    text: str,
    secrets: Sequence[bytes],
    *,
    now_s: int | None,
    max_age_s: int = MAX_AGE_S,
) -> SignedRequest:
    """Return the facts that one of *secrets* vouches for.

    Several secrets are for the time of a rotation. Nothing of the payload is read
    before its signature holds.

    Args:
        text: Exactly as received; even a stripped `=` breaks the signature.
        secrets: The secrets of one app. Empty ones are passed over.
        now_s: The time to judge its age by, in unix seconds; None skips that check,
            for callbacks that Meta may deliver late.
        max_age_s: How long after `issued_at` it is accepted, in seconds.

    Raises:
        UnreadableError: with a `signed-request-…` code.
    """
    encoded_mac, payload = _halves(text)
    _check_signature(_unbase64(encoded_mac), payload, secrets)
    fields = _payload(payload)
    if fields.get("algorithm") != ALGORITHM:
        raise UnreadableError(DeadLetterCode.SIGNED_REQUEST_ALGORITHM)
    request = _request(fields)
    if now_s is not None:
        _check_age(request, now_s=now_s, max_age_s=max_age_s)
    return request


def sign(payload: bytes, secret: bytes) -> str:
    """Make the signed request that Meta would send for this JSON payload."""
    encoded = base64.urlsafe_b64encode(payload)
    mac = hmac.digest(secret, encoded, "sha256")
    return f"{base64.urlsafe_b64encode(mac).decode()}.{encoded.decode()}"


def _halves(text: str) -> tuple[bytes, bytes]:
    if not text.isascii():
        raise UnreadableError(DeadLetterCode.SIGNED_REQUEST_MALFORMED)
    mac, _, payload = text.encode("ascii").partition(b".")
    if not mac or not payload:
        raise UnreadableError(DeadLetterCode.SIGNED_REQUEST_MALFORMED)
    return mac, payload


def _unbase64(encoded: bytes) -> bytes:
    """Decode either alphabet, with or without `=`, as Meta's own SDKs do."""
    digits = encoded.rstrip(b"=").translate(_TO_STANDARD)
    padded = digits + b"=" * (-len(digits) % _BASE64_GROUP)
    try:
        return base64.b64decode(padded, validate=True)
    except binascii.Error:
        raise UnreadableError(DeadLetterCode.SIGNED_REQUEST_MALFORMED) from None


def _check_signature(mac: bytes, payload: bytes, secrets: Sequence[bytes]) -> None:
    # Anybody can sign with an empty secret.
    usable = [secret for secret in secrets if secret]
    if not usable:
        raise UnreadableError(DeadLetterCode.SIGNED_REQUEST_NO_SECRET)
    # A list, so that every secret is tried whichever fits.
    matches = [
        hmac.compare_digest(hmac.digest(secret, payload, "sha256"), mac)
        for secret in usable
    ]
    if not any(matches):
        raise UnreadableError(DeadLetterCode.SIGNED_REQUEST_SIGNATURE)


def _payload(encoded: bytes) -> dict[str, Any]:
    try:
        return read_object(_unbase64(encoded))
    except UnreadableError as error:
        detail = f"Its payload is unusable ({error.problem.code})"
        code = DeadLetterCode.SIGNED_REQUEST_MALFORMED
        raise UnreadableError(code, detail) from None


def _request(fields: dict[str, Any]) -> SignedRequest:
    user_id = decimal_id(fields.get("user_id"))
    if user_id is None and fields.get("user_id") is not None:
        code = DeadLetterCode.SIGNED_REQUEST_MALFORMED
        raise UnreadableError(code, "Its user_id is no id")
    return SignedRequest(
        user_id=user_id,
        token=_token(fields.get("token_for_business")),
        issued_at_s=_seconds(fields, "issued_at"),
        expires_s=_seconds(fields, "expires"),
        is_login=not fields.keys().isdisjoint({"code", "oauth_token"}),
    )


def _token(value: object) -> BusinessToken | None:
    if value is None:
        return None
    try:
        if isinstance(value, str):
            return BusinessToken(value)
    except InvalidIdError:
        pass
    code = DeadLetterCode.SIGNED_REQUEST_MALFORMED
    raise UnreadableError(code, "Its token_for_business is no token")


def _seconds(fields: dict[str, Any], name: str) -> int | None:
    value = fields.get(name)
    if value is not None and (type(value) is not int or value < 0):
        code = DeadLetterCode.SIGNED_REQUEST_MALFORMED
        raise UnreadableError(code, f"Its {name} is no time in seconds")
    return value


def _check_age(request: SignedRequest, *, now_s: int, max_age_s: int) -> None:
    issued_at_s = request.issued_at_s
    is_fresh = (
        issued_at_s is not None
        and now_s - max_age_s <= issued_at_s <= now_s + CLOCK_SKEW_S
    )
    if not is_fresh or 0 < (request.expires_s or 0) < now_s:
        raise UnreadableError(DeadLetterCode.SIGNED_REQUEST_EXPIRED)
