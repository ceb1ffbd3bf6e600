"""What is answered: plain values. None of them repeats what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

FULL_RETRY_S: Final = 1
KAFKA_RETRY_S: Final = 5


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. A text goes out as it is, anything else as JSON."""

    status: int
    body: str | Mapping[str, Any] = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The request is answered with `reply`, and nobody vouches that it is stored."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def refused(status: int, error: str, **headers: str) -> Refused:
    """Return a refusal. *error* says what to do; header names with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refused(Reply(status, {"error": error}, named))


def no_such_path() -> Refused:
    """Unknown path, or an app without credentials: not told apart."""
    return refused(404, "there is nothing here; check the address and the app id")


def wrong_method(allowed: str) -> Refused:
    """The path is right."""
    return refused(405, f"use {allowed}", Allow=allowed)


def not_signed() -> Refused:
    """A missing and a wrong signature get one answer."""
    return refused(403, "not signed with a secret of this app")


def not_verified() -> Refused:
    """The handshake is not Meta's, or the verify token is another one."""
    return refused(403, "not a handshake with the verify token of this address")


def no_bearer() -> Refused:
    """A missing and a wrong token get one answer."""
    text = "send one of the login tokens as a bearer token"
    return refused(401, text, WWW_Authenticate="Bearer")


def too_slow() -> Refused:
    """The body took too long."""
    return refused(408, "the body took too long; send it at once")


def too_large(limit_bytes: int) -> Refused:
    """The body is larger than what can be stored."""
    return refused(413, f"the body may have {limit_bytes} bytes")


def too_many(limit: int) -> Refused:
    """The array is too long."""
    return refused(413, f"an array may have {limit} events; send several")


def broken_body() -> Refused:
    """The body ends early or is framed wrongly."""
    return refused(400, "the body is incomplete")


def bad_events(error: str, index: int | None = None) -> Refused:
    """Login events are not as the schema wants them. *error* holds no value of theirs."""
    place = {} if index is None else {"index": index}
    return Refused(Reply(400, {"error": error, **place}))


def bad_form(error: str) -> Refused:
    """A callback is not as Meta sends it. *error* holds no value of it."""
    return refused(400, error)


def stale() -> Refused:
    """A signed request that is too old, from the future, or undated."""
    return refused(403, "the signed request is too old or has no right issued_at")


def of_a_login() -> Refused:
    """A signed request that a login brought, not a callback."""
    return refused(403, "this signed request is of a login, not of a callback")


def not_known_yet() -> Refused:
    """What is on record has not been read yet."""
    text = "what is on record is still being read; send it again"
    return refused(503, text, Retry_After=str(KAFKA_RETRY_S))


def callbacks_off() -> Refused:
    """The operator has not switched the callbacks on. Not 404: Meta may come again."""
    text = (
        "callbacks are off here; state ingress_receipt_key_file and "
        "ingress_public_url to switch them on"
    )
    return refused(503, text)


def encoded_body() -> Refused:
    """The body is compressed."""
    return refused(415, "send the body without a content encoding")


def bad_expectation() -> Refused:
    """An Expect header that HTTP does not know."""
    return refused(417, "expect 100-continue or nothing")


def full() -> Refused:
    """As much is in work as may be."""
    text = "too much at once; try again"
    return refused(503, text, Retry_After=str(FULL_RETRY_S))


def not_stored() -> Refused:
    """Kafka has not acknowledged it in time. It may be stored all the same."""
    text = "not stored for certain; send it again"
    return refused(503, text, Retry_After=str(KAFKA_RETRY_S))
