"""What a callback of Meta's says: who wishes something, by which app, since when.

Meta posts a form with one field, `signed_request`, signed with the app's secret; its
`user_id` is the person's id in that app (Meta, Facebook Login: deauthorize callback, data
deletion request callback). The app itself is not named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from idweave_adapters import signed_request
from idweave_adapters.errors import UnreadableError
from idweave_adapters.ingress import replies
from idweave_adapters.observations import DeadLetterCode
from idweave_adapters.signed_request import CLOCK_SKEW_S, SignedRequest
from idweave_graph.ids import Asset, AssetKind, ScopedId

MAX_AGE_S: Final = 7 * 86_400
"""Long, because what is refused for its age is lost, and a repeated one does no harm.
Meta repeats webhooks for 36 hours; what it does with these callbacks it does not say."""

_FIELD: Final = "signed_request"
_MOST_FIELDS: Final = 16


@dataclass(frozen=True, slots=True)
class Wish:
    """A genuine signed request of a callback."""

    scoped: ScopedId = field(repr=False)
    """The person, as the app knows them."""
    issued_s: int
    """When Meta says that it was issued, in unix seconds."""


def wish_of(
    body: bytes, app_id: str, secrets: Sequence[bytes], *, now_s: float
) -> Wish:
    """Return what the form says.

    Its `expires` is passed over: Meta's sample has an hour, and a callback may come
    later than that.

    Raises:
        Refused: it is no such form (400), not signed with one of *secrets* (403), too
            old or from the future (403), or of a login (403): browsers and login
            servers have those too, and whoever got hold of one could undo a person.
    """
    request = _genuine(_signed_text(body), secrets)
    if request.is_login:
        raise replies.of_a_login()
    if request.user_id is None:
        raise replies.bad_form("the signed request names no user_id")
    issued_s = request.issued_at_s
    if issued_s is None or not now_s - MAX_AGE_S <= issued_s <= now_s + CLOCK_SKEW_S:
        raise replies.stale()
    return Wish(ScopedId(Asset(AssetKind.APP, app_id), request.user_id), issued_s)


def _signed_text(body: bytes) -> str:
    """Return the one field; of two, nobody can say which one counts."""
    try:
        fields = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        fields = []
    values = [value for name, value in fields if name == _FIELD]
    if len(values) != 1:
        raise replies.bad_form("send the form field signed_request, once, urlencoded")
    return values[0]


def _genuine(text: str, secrets: Sequence[bytes]) -> SignedRequest:
    try:
        return signed_request.verify(text, secrets, now_s=None)
    except UnreadableError as error:
        if error.problem.code is DeadLetterCode.SIGNED_REQUEST_MALFORMED:
            text = (
                "signed_request is not as Meta makes it; pass it on as it was received"
            )
            raise replies.bad_form(text) from None
        raise replies.not_signed() from None
