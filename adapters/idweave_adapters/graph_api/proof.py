"""The proof that who sends a token also knows the secret of the app that made it.

Meta, Securing Graph API Requests: lower-case hex of HMAC-SHA256 with the app secret
as key. The timed form covers the time too and is good for five minutes; it is the
only form that today's document describes, older clients send the plain one.
"""

import hashlib
import hmac

from idweave_adapters.secret import Secret


def appsecret_proof(token: Secret, app_secret: Secret) -> str:
    """The plain proof of *token*."""
    return _hex_hmac(app_secret, token.reveal())


def timed_appsecret_proof(token: Secret, app_secret: Secret, time_s: int) -> str:
    """The proof of *token* at *time_s*, to be sent with the same `appsecret_time`.

    Args:
        token: what is proved.
        app_secret: of the app that made the token.
        time_s: wall-clock time, in seconds since 1970.
    """
    return _hex_hmac(app_secret, f"{token.reveal()}|{time_s}")


def _hex_hmac(key: Secret, message: str) -> str:
    return hmac.digest(key.reveal().encode(), message.encode(), hashlib.sha256).hex()
