"""Stable codes for what could not be used, each with its meaning for the operator.

Dead letters, metrics and the runbook name these codes, so a code never changes and is
never used again for something else.
"""

from enum import StrEnum
from typing import Self


class _Explained(StrEnum):
    """A stable code that carries its own explanation as `meaning`."""

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member


class DeadLetterCode(_Explained):
    """Why a record, or a part of it, can't be used. The values never change."""

    EMPTY_VALUE = (
        "empty-value",
        "The record has no value. Find the producer that writes to this topic.",
    )
    TOO_LARGE = (
        "too-large",
        "The record is larger than the limit. Raise the limit and replay, or drop it.",
    )
    NOT_JSON = (
        "not-json",
        (
            "The value is not strict JSON in UTF-8. Meta's raw body or a login event is "
            "expected, without framing bytes of a serializer."
        ),
    )
    TOO_DEEP = (
        "too-deep",
        "The JSON is nested deeper than anything Meta sends. Look at the producer.",
    )
    DUPLICATE_KEY = (
        "duplicate-key",
        (
            "An object names a key twice, so two readers could understand it differently. "
            "Correct the producer."
        ),
    )
    NOT_AN_OBJECT = (
        "not-an-object",
        "The JSON is a list, a number or a text where an object is expected.",
    )
    LOGIN_FIELD_MISSING = (
        "login-field-missing",
        "A login event lacks a field. Compare it with schemas/login.v1.json.",
    )
    LOGIN_FIELD_INVALID = (
        "login-field-invalid",
        (
            "A field of a login event has a wrong type or value. Compare it with "
            "schemas/login.v1.json."
        ),
    )
    LOGIN_CONTRADICTION = (
        "login-contradiction",
        (
            "A login event and its signed request name different people or tokens. "
            "Nothing of it is used. Look for a mix-up of sessions in the producer."
        ),
    )
    WEBHOOK_SHAPE = (
        "webhook-shape",
        (
            "A part of a webhook is not built as Meta documents it. The other parts were "
            "used. If Meta changed the shape, update idweave and replay."
        ),
    )
    WEBHOOK_PAGE_MISMATCH = (
        "webhook-page-mismatch",
        (
            "Neither end of a messaging event is the Page of its entry, so its id can't "
            "be given to a Page. The other parts were used."
        ),
    )
    WEBHOOK_OBJECT_UNSUPPORTED = (
        "webhook-object-unsupported",
        (
            "The webhook is about a kind of object that idweave does not know. "
            "Unsubscribe it, or update idweave and replay."
        ),
    )
    SIGNED_REQUEST_MALFORMED = (
        "signed-request-malformed",
        (
            "The signed request is not `signature.payload` in base64url with a JSON "
            "object of Meta's fields. Pass it on exactly as it was received."
        ),
    )
    SIGNED_REQUEST_SIGNATURE = (
        "signed-request-signature",
        (
            "No secret of the app made this signature: it is forged, changed on the way, "
            "of another app, or the app's secret was rotated. Nothing of the event is used."
        ),
    )
    SIGNED_REQUEST_ALGORITHM = (
        "signed-request-algorithm",
        (
            "The signed request names an algorithm other than HMAC-SHA256. "
            "Nothing of the event is used."
        ),
    )
    SIGNED_REQUEST_EXPIRED = (
        "signed-request-expired",
        (
            "The signed request was not valid at the time of the event: too old, expired, "
            "from the future, or undated. Check the producer's clock and caching."
        ),
    )
    SIGNED_REQUEST_NO_SECRET = (
        "signed-request-no-secret",
        (
            "No secret of this app is known, so its signed requests can't be checked. "
            "Add the app's secret to the credentials and replay."
        ),
    )
    COMMAND_FIELD_MISSING = (
        "command-field-missing",
        "A command lacks a field. Compare it with command.v1.json and write it again.",
    )
    COMMAND_FIELD_INVALID = (
        "command-field-invalid",
        (
            "A field of a command has a wrong type or value, or is not known. Compare it "
            "with command.v1.json and write it again."
        ),
    )
    COMMAND_ACROSS_BUSINESSES = (
        "command-across-businesses",
        (
            "The two ids of a ban are of two businesses, which are never joined anyway. "
            "Look up the ids, and write it again if one was wrong."
        ),
    )
    UNKNOWN_ASSET = (
        "unknown-asset",
        (
            "No business is known to own the app or Page. Add it to the assets topic and "
            "replay."
        ),
    )


class IgnoreReason(_Explained):
    """Why a well-formed part of a webhook tells nothing about a person's lasting id."""

    NO_PERSON = ("no-person", "The event is about the Page or the app, not a person.")
    ECHO_WITHOUT_PSID = ("echo-without-psid", "The Page wrote to someone not named.")
    PAGE_ITSELF = ("page-itself", "Both ends of the event are the Page.")
    USER_REF = (
        "user-ref",
        "A `user_ref` stands for a visitor of a plugin, who has no PSID yet.",
    )
    PHONE_NUMBER = (
        "phone-number",
        "The person is named by a phone number, not by a PSID.",
    )
    GUEST = ("guest", "Guest accounts of the chat plugin end within 24 hours.")
    UNKNOWN_KIND = (
        "unknown-kind",
        "An unknown kind of event that does not name the Page as one of its ends.",
    )
    CHANGE_WITHOUT_PSID = (
        "change-without-psid",
        "A change of the Page (feed, ratings and so on) names nobody by PSID.",
    )
    NO_EVENTS = ("no-events", "A body or an entry without events.")
    DASHBOARD_TEST = (
        "dashboard-test",
        "A sample from the test button of Meta's app dashboard; its ids are made up.",
    )
    INSTAGRAM = (
        "instagram",
        "Instagram-scoped ids are mapped by no edge and never mixed with PSIDs.",
    )
    NO_APP_ID = (
        "no-app-id",
        "The webhook names a person of an app without naming the app.",
    )
    OTHER_OBJECT = ("other-object", "A webhook of a Meta product without PSIDs.")
    SIGNED_REQUEST_WITHOUT_USER = (
        "signed-request-without-user",
        "A genuine signed request of a visitor who had not logged in proves no link.",
    )
