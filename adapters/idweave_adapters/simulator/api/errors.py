"""The error answers of the Graph API, with Meta's texts and numbers where known.

Texts and numbers: Meta's error-handling, rate-limiting and Mapping Users documents.
Where those are silent (no business, batch too long, #200's HTTP status), the number
is ours and comes from `Rules`.
"""

from collections.abc import Mapping
from typing import Any

_REFER = "https://developers.facebook.com/docs/graph-api"
_LIMITS = f"{_REFER}/overview/rate-limiting"

REVIEW_TEXT = "Your business is currently going through review to access this API."
"""Mapping Users Across Apps and Pages, section Policy."""


class GraphError(Exception):
    """An answer with an error envelope. The message is meant for the caller only."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        type: str = "OAuthException",  # noqa: A002 - the envelope's own word
        subcode: int | None = None,
        status: int = 400,
        is_transient: bool | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"graph api error {code}")
        self.code = code
        self.status = status
        self.message = message
        self.type = type
        self.headers: Mapping[str, str] = {}
        self._subcode = subcode
        self._is_transient = is_transient
        self._more = dict(more or {})

    def envelope(self, trace: str) -> dict[str, Any]:
        """The documented body, optional keys only where they apply."""
        error: dict[str, Any] = {"message": self.message, "type": self.type}
        if self._is_transient is not None:
            error["is_transient"] = self._is_transient
        error["code"] = self.code
        if self._subcode is not None:
            error["error_subcode"] = self._subcode
        return {"error": {**error, **self._more, "fbtrace_id": trace}}


def no_token() -> GraphError:
    """No access token came with the call."""
    text = "An active access token must be used to query information about the current user."
    return GraphError(2500, text)


def token_required() -> GraphError:
    """No access token came with a call about a business (Business reference)."""
    return GraphError(104, "An access token is required to request this resource.")


def not_of_business() -> GraphError:
    """The token may not manage that business. The number is documented, the text ours."""
    text = "(#200) Requires business_management permission to manage the object"
    return GraphError(200, text)


def blocked() -> GraphError:
    """Blocked for policy (Business reference, errors of `owned_pages`)."""
    text = "The action attempted has been deemed abusive or is otherwise disallowed"
    return GraphError(368, text)


def bad_token() -> GraphError:
    """The token is none that Meta made."""
    return GraphError(190, "Invalid OAuth access token - Cannot parse access token")


def revoked_token() -> GraphError:
    """The token was good once."""
    text = (
        "Error validating access token: The session has been invalidated because "
        "the user changed their password or Facebook has changed the session for "
        "security reasons."
    )
    return GraphError(190, text, subcode=460)


def bad_app_secret() -> GraphError:
    """App id and secret do not belong together."""
    return GraphError(190, "Invalid OAuth access token signature.")


def page_token_needed() -> GraphError:
    """The call came with another kind of token."""
    text = "(#210) A page access token is required to request this resource."
    return GraphError(210, text)


def app_or_user_token_needed() -> GraphError:
    """The call came with a Page token where the field needs the app or the person."""
    text = "(#15) The method you are calling must be called with an app secret signed session"
    return GraphError(15, text)


def proof_missing() -> GraphError:
    """The call needs `appsecret_proof`."""
    text = "API calls from the server require an appsecret_proof argument"
    return GraphError(100, text, type="GraphMethodException")


def proof_wrong() -> GraphError:
    """The proof does not fit the token, or its time is over."""
    text = "Invalid appsecret_proof provided in the API argument"
    return GraphError(100, text, type="GraphMethodException")


def unknown_object(node: str, method: str = "get") -> GraphError:
    """No such object, or none that this token may see: Meta does not tell which."""
    text = (
        f"Unsupported {method.lower()} request. Object with ID '{node}' does not exist, "
        "cannot be loaded due to missing permissions, or does not support this "
        f"operation. Please read the Graph API documentation at {_REFER}"
    )
    return GraphError(100, text, type="GraphMethodException", subcode=33)


def no_profile() -> GraphError:
    """Messenger accounts made with a phone number have no profile."""
    return GraphError(
        100, "(#100) No profile available for this user.", subcode=2018218
    )


def bad_parameter(text: str) -> GraphError:
    """A parameter that cannot be used."""
    return GraphError(100, f"(#100) {text}")


def unknown_field(name: str, node_type: str = "User") -> GraphError:
    """A field that this node has not."""
    return bad_parameter(
        f"Tried accessing nonexisting field ({name}) on node type ({node_type})"
    )


def syntax_error(position: int) -> GraphError:
    """The `fields` text cannot be read."""
    return GraphError(2500, f"Syntax error in fields at character {position}")


def unknown_path(path: str) -> GraphError:
    """No such endpoint or version."""
    return GraphError(2500, f"Unknown path components: /{path}")


def version_too_old(edge: str) -> GraphError:
    """The mapping edges came with v2.9."""
    return GraphError(12, f"(#12) {edge} requires version v2.9 or higher")


def under_review(status: int) -> GraphError:
    """The policy hold: a person at Meta is looking at this business."""
    return GraphError(200, f"(#200) {REVIEW_TEXT}", status=status)


def no_business(code: int) -> GraphError:
    """The app or Page is in no Business Manager."""
    text = f"(#{code}) This app or Page is not associated with a business"
    return GraphError(code, text)


def app_limit() -> GraphError:
    """App and user tokens: the platform limit."""
    return GraphError(4, "(#4) Application request limit reached", is_transient=True)


def page_limit() -> GraphError:
    """Page tokens: the business-use-case limit of Pages."""
    text = (
        "(#80001) There have been too many calls to this Page account. Wait a bit and "
        f"try again. For more info, please refer to {_LIMITS}."
    )
    return GraphError(80001, text)


def service_failed(code: int) -> GraphError:
    """Code 1 or 2, both with HTTP 500."""
    text = {
        1: "An unknown error occurred",
        2: "Service temporarily unavailable",
    }[code]
    return GraphError(code, text, status=500, is_transient=True)


def mapping_refused(code: int, text: str, **more: Any) -> GraphError:
    """A refusal of `pages_id_mapping`; its true numbers are lost, so `Rules` has them."""
    return GraphError(code, f"(#{code}) {text}", more=more)


def batch_too_long(code: int, limit: int) -> GraphError:
    """More than 50 requests in one batch."""
    text = f"Too many requests in batch message. Maximum batch size is {limit}"
    return GraphError(code, text, type="GraphBatchException")


def batch_unreadable(text: str) -> GraphError:
    """The `batch` parameter or one of its items cannot be used."""
    return GraphError(100, text, type="GraphBatchException")
