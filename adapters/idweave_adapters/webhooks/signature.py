"""Who posted a webhook: the `X-Hub-Signature-256` header over the raw body.

For the address that takes webhooks in. It must check before anything is parsed, on
the bytes as received: Meta escapes characters in its own way, so a body that was
parsed and written again has another signature.
"""

import hmac
import re
from collections.abc import Sequence

_HEADER = re.compile(r"sha256=([0-9a-fA-F]{64})")


def is_signed(body: bytes, header: str | None, secrets: Sequence[bytes]) -> bool:
    """Say whether one of the app's *secrets* signed this body.

    Takes the time of all secrets whichever fits; several are for the time of a
    rotation. Empty secrets are passed over, because anybody can sign with them. The
    older SHA-1 header is not accepted.

    Args:
        body: The request body, byte for byte.
        header: The value of `X-Hub-Signature-256`: `sha256=` and 64 hex digits.
        secrets: The secrets of the app that the address belongs to.
    """
    match = _HEADER.fullmatch(header or "")
    if match is None:
        return False
    given = bytes.fromhex(match[1])
    matches = [
        hmac.compare_digest(hmac.digest(secret, body, "sha256"), given)
        for secret in secrets
        if secret
    ]
    return any(matches)
