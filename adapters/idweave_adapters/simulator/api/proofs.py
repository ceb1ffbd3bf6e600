"""`appsecret_proof`, plain and timed (Meta, Securing Graph API calls)."""

import hashlib
import hmac
import re
from collections.abc import Mapping

from idweave_adapters.simulator.api import errors

_SECONDS = re.compile(r"[0-9]{1,12}")

PROOF_LIFE_S = 300
"""A timed proof is good for five minutes."""


def proof_of(token: str, secret: str, time: str | None = None) -> str:
    """The proof for a token, of one second if `time` (unix seconds) is given."""
    message = token if time is None else f"{token}|{time}"
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def check(
    params: Mapping[str, str], secret: str, *, now_s: float, timed_only: bool
) -> bool:
    """Say whether a proof came with the call; one that came must be right.

    Raises:
        GraphError: the proof is wrong, too old, from the future, or lacks its time.
    """
    proof = params.get("appsecret_proof")
    if not proof:
        return False
    time = params.get("appsecret_time") or None
    expected = proof_of(params["access_token"], secret, time)
    fits = hmac.compare_digest(proof.encode(), expected.encode())
    if not fits or not _is_fresh(time, now_s, timed_only=timed_only):
        raise errors.proof_wrong()
    return True


def _is_fresh(time: str | None, now_s: float, *, timed_only: bool) -> bool:
    if time is None:
        return not timed_only
    return bool(_SECONDS.fullmatch(time)) and abs(now_s - int(time)) <= PROOF_LIFE_S
