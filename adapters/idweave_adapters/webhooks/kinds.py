"""What Meta's webhooks carry, as tables. A new kind of event is a new line here.

Source: Meta, Messenger Platform webhook reference; older shapes from the samples of
public client libraries.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from idweave_adapters.observations import IgnoreReason


class About(Enum):
    """Whom an event is about."""

    PERSON = "person"
    NOBODY = "nobody"


EVENTS: Final[Mapping[str, About]] = {
    "message": About.PERSON,  # echoes too: there the Page is the sender
    "message_edit": About.PERSON,
    "postback": About.PERSON,
    "referral": About.PERSON,
    "optin": About.PERSON,
    "read": About.PERSON,
    "delivery": About.PERSON,
    "reaction": About.PERSON,
    "account_linking": About.PERSON,
    "pass_thread_control": About.PERSON,
    "take_thread_control": About.PERSON,
    "request_thread_control": About.PERSON,
    "response_feedback": About.PERSON,
    "order": About.PERSON,
    "payment": About.PERSON,
    "pre_checkout": About.PERSON,
    "checkout_update": About.PERSON,
    "game_play": About.PERSON,  # its player_id is no PSID; the sender is
    "app_roles": About.NOBODY,
    "policy_enforcement": About.NOBODY,
    "policy-enforcement": About.NOBODY,  # older spelling
}
"""The key that tells a messaging event's kind. Kinds not listed: see `events`."""

EVENT_LISTS: Final = ("messaging", "standby")
"""Keys of an entry that hold messaging events. `standby`: another app owns the thread."""

CHANGES: Final[Mapping[str, tuple[str, str]]] = {
    "inbox_labels": ("user", "id"),
}
"""Where the value of a change names a PSID, by the change's field."""

STAND_INS: Final[Mapping[str, IgnoreReason]] = {
    "user_ref": IgnoreReason.USER_REF,
    "phone_number": IgnoreReason.PHONE_NUMBER,
}
"""Keys of a sender or recipient that name somebody without a PSID."""

REFERRAL_HOLDERS: Final = ("postback", "message", "optin")
"""Parts of an event that may hold a referral, besides the event itself."""

MESSENGER_OBJECT: Final = "page"

OTHER_OBJECTS: Final[Mapping[str, IgnoreReason]] = {
    "instagram": IgnoreReason.INSTAGRAM,
    "permissions": IgnoreReason.NO_APP_ID,
    "user": IgnoreReason.NO_APP_ID,
    "ad_account": IgnoreReason.OTHER_OBJECT,
    "application": IgnoreReason.OTHER_OBJECT,
    "catalog": IgnoreReason.OTHER_OBJECT,
    "certificate_transparency": IgnoreReason.OTHER_OBJECT,
    "group": IgnoreReason.OTHER_OBJECT,
    "payments": IgnoreReason.OTHER_OBJECT,
    "threads": IgnoreReason.OTHER_OBJECT,
    "whatsapp_business_account": IgnoreReason.OTHER_OBJECT,
    "workplace_security": IgnoreReason.OTHER_OBJECT,
}
"""Objects an app may well subscribe on the same address. They are ignored and
counted, because as dead letters they would bury what an operator must see."""
