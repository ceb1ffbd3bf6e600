"""The tokens of a world, derived from its key: nothing to store, nothing to draw twice."""

import base64
import hashlib
import hmac


class Keys:
    """Makes tokens. The same key and words always give the same token."""

    __slots__ = ("_key",)

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def page_token(self, page: str, app: str) -> str:
        """The token that `app` made for `page`; opaque, as Meta's are."""
        return f"EAA{self._mac('page', page, app)}"

    def user_token(self, app: str, user: str) -> str:
        """The token of one person in one app."""
        return f"EAAU{app}Z{user}Z{self._mac('user', app, user)[:24]}"

    def read_user_token(self, token: str) -> tuple[str, str] | None:
        """App and app-scoped id of a user token, or nothing when it is none of ours."""
        app, _, rest = token.removeprefix("EAAU").partition("Z")
        user, _, _ = rest.partition("Z")
        genuine = hmac.compare_digest(
            token.encode(), self.user_token(app, user).encode()
        )
        return (app, user) if genuine else None

    def system_user_token(self, business: str, app: str) -> str:
        """The token that `app` made for a system user of a business."""
        return f"EAAS{business}Z{app}Z{self._mac('system', business, app)[:24]}"

    def read_system_user_token(self, token: str) -> tuple[str, str] | None:
        """Business and app of such a token, or nothing when it is none of ours."""
        business, _, rest = token.removeprefix("EAAS").partition("Z")
        app, _, _ = rest.partition("Z")
        made = self.system_user_token(business, app)
        genuine = hmac.compare_digest(token.encode(), made.encode())
        return (business, app) if genuine else None

    def business_token(self, person: str, business: str) -> str:
        """`token_for_business`: 16 characters, as in Meta's signed-request sample."""
        return f"Ab{self._mac('business', person, business)[:14]}"

    def psid(self, person: str, page: str) -> str:
        """The Page-scoped id of someone whom the Page had not met: 16 digits."""
        drawn = int.from_bytes(self._mac("psid", person, page).encode())
        return str(10**15 + drawn % (9 * 10**15))

    def _mac(self, *words: str) -> str:
        raw = hmac.digest(self._key, "|".join(words).encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")
