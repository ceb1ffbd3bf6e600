"""Messenger webhooks of every kind, shaped as Meta documents and sends them.

`EVENTS` maps a name to one messaging event and what it must give. Bodies are made
from them with `body`. All ids are made up.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from idweave_adapters.observations import DeadLetterCode, IgnoreReason

PAGE = "1906385232743451"
PSID = "1254459154682919"
OTHER_PAGE = "368053869973261"
APP_ID = "1517776481860111"
AT_MS = 1_458_692_752_478
ENTRY_MS = 1_458_692_752_999

Expected = str | IgnoreReason | DeadLetterCode
"""A PSID that must be seen, or why nobody is."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One messaging event, what it must give, and at what time if not its own."""

    event: dict[str, Any]
    gives: Expected
    at_ms: int = AT_MS


def from_person(**content: Any) -> dict[str, Any]:
    """An event that the person caused."""
    return {
        "sender": {"id": PSID},
        "recipient": {"id": PAGE},
        "timestamp": AT_MS,
        **content,
    }


def from_page(**content: Any) -> dict[str, Any]:
    """An event that the Page caused: an echo."""
    return from_person(**content) | {"sender": {"id": PAGE}, "recipient": {"id": PSID}}


def without(event: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The event, with these keys left out."""
    return {key: value for key, value in event.items() if key not in keys}


ECHO = {
    "mid": "m_echo",
    "text": "hello, world!",
    "is_echo": True,
    "app_id": 26390203743090,
    "metadata": "DEVELOPER_DEFINED_METADATA_STRING",
}
REFERRAL = {"ref": "summer-sale", "source": "SHORTLINK", "type": "OPEN_THREAD"}
GUEST_REFERRAL = {
    "ref": "landing",
    "source": "CUSTOMER_CHAT_PLUGIN",
    "type": "OPEN_THREAD",
    "referer_uri": "https://shop.example/",
    "is_guest_user": True,
}

MESSAGES: dict[str, Sample] = {
    "text": Sample(
        from_person(message={"mid": "m_1", "text": "caf\u00e9 <b>50% @ 12:30</b>"}),
        PSID,
    ),
    "quick reply": Sample(
        from_person(
            message={"mid": "m_2", "text": "Red", "quick_reply": {"payload": "RED"}}
        ),
        PSID,
    ),
    "reply to a message": Sample(
        from_person(
            message={
                "mid": "m_3",
                "text": "yes",
                "reply_to": {"mid": "m_2", "is_self_reply": False},
            }
        ),
        PSID,
    ),
    "image": Sample(
        from_person(
            message={
                "mid": "m_4",
                "attachments": [
                    {"type": "image", "payload": {"url": "https://cdn.example/i.png"}}
                ],
            }
        ),
        PSID,
    ),
    "message with the referral of an ad": Sample(
        from_person(
            message={
                "mid": "m_5",
                "text": "Is it in stock?",
                "referral": {
                    "ref": "ad",
                    "source": "ADS",
                    "type": "OPEN_THREAD",
                    "ad_id": "6045246247433",
                    "ads_context_data": {"ad_title": "Boots", "post_id": "99"},
                },
            }
        ),
        PSID,
    ),
    "deleted message": Sample(
        from_person(message={"mid": "m_6", "is_deleted": True}), PSID
    ),
    "unsupported message": Sample(
        from_person(message={"mid": "m_7", "is_unsupported": True}), PSID
    ),
    "first message after the checkbox plugin": Sample(
        from_person(
            message={"mid": "m_8", "text": "Thanks"},
            prior_message={"source": "checkbox_plugin", "identifier": "ref-1"},
        ),
        PSID,
    ),
    "message edit": Sample(
        from_person(message_edit={"mid": "m_1", "text": "cafe", "num_edit": 1}), PSID
    ),
    "numeric ids": Sample(
        from_person(
            sender={"id": int(PSID)}, recipient={"id": int(PAGE)}, message={"mid": "m"}
        ),
        PSID,
    ),
    "time in seconds": Sample(
        from_person(message={"mid": "m"}, timestamp=1_527_459_824),
        PSID,
        at_ms=1_527_459_824_000,
    ),
    "time as a text": Sample(
        from_person(message={"mid": "m"}, timestamp=str(AT_MS)), PSID
    ),
    "time that is no time": Sample(
        from_person(message={"mid": "m"}, timestamp=12_341), PSID, at_ms=ENTRY_MS
    ),
    "known kind without a recipient": Sample(
        without(from_person(message={"mid": "m"}), "recipient"), PSID
    ),
}

ECHOES: dict[str, Sample] = {
    "echo": Sample(from_page(message=ECHO), PSID),
    "echo in an old sample, ends not swapped": Sample(from_person(message=ECHO), PSID),
    "echo to a visitor of a plugin": Sample(
        from_page(message=ECHO) | {"recipient": {"user_ref": "ref-1"}},
        IgnoreReason.USER_REF,
    ),
    "echo to a phone number": Sample(
        from_page(message=ECHO) | {"recipient": {"phone_number": "+1(212)555-2368"}},
        IgnoreReason.PHONE_NUMBER,
    ),
    "echo to nobody": Sample(
        without(from_page(message=ECHO), "recipient"), IgnoreReason.ECHO_WITHOUT_PSID
    ),
    "echo to an empty recipient": Sample(
        from_page(message=ECHO) | {"recipient": {}}, IgnoreReason.ECHO_WITHOUT_PSID
    ),
    "echo to the Page itself": Sample(
        from_page(message=ECHO) | {"recipient": {"id": PAGE}}, IgnoreReason.PAGE_ITSELF
    ),
    "echo of another Page": Sample(
        from_page(message=ECHO) | {"sender": {"id": OTHER_PAGE}},
        DeadLetterCode.WEBHOOK_PAGE_MISMATCH,
    ),
    "echo without a sender": Sample(
        without(from_page(message=ECHO), "sender"),
        DeadLetterCode.WEBHOOK_PAGE_MISMATCH,
    ),
}

ACTIONS: dict[str, Sample] = {
    "postback": Sample(
        from_person(
            postback={"mid": "m_9", "title": "Get Started", "payload": "START"}
        ),
        PSID,
    ),
    "postback with a referral": Sample(
        from_person(postback={"title": "Go", "payload": "GO", "referral": REFERRAL}),
        PSID,
    ),
    "standby postback, without payload": Sample(
        from_person(postback={"title": "Go"}), PSID
    ),
    "referral": Sample(from_person(referral=REFERRAL), PSID),
    "referral of the chat plugin, logged in": Sample(
        from_person(referral=GUEST_REFERRAL | {"is_guest_user": False}), PSID
    ),
    "referral of the chat plugin, flag as a text": Sample(
        from_person(referral=GUEST_REFERRAL | {"is_guest_user": "false"}), PSID
    ),
    "read": Sample(from_person(read={"watermark": AT_MS}), PSID),
    "delivery without a time": Sample(
        without(
            from_person(delivery={"mids": ["m_1"], "watermark": AT_MS}), "timestamp"
        ),
        PSID,
        at_ms=ENTRY_MS,
    ),
    "reaction": Sample(
        from_person(
            reaction={"reaction": "love", "emoji": "❤", "action": "react", "mid": "m"}
        ),
        PSID,
    ),
    "response feedback": Sample(
        from_person(response_feedback={"feedback": "Good", "mid": "m_1"}), PSID
    ),
    "account linked": Sample(
        from_person(
            account_linking={"status": "linked", "authorization_code": "PASS-THROUGH"}
        ),
        PSID,
    ),
    "account unlinked, without a time": Sample(
        without(from_person(account_linking={"status": "unlinked"}), "timestamp"),
        PSID,
        at_ms=ENTRY_MS,
    ),
    "opt-in to notification messages": Sample(
        from_person(
            optin={
                "type": "notification_messages",
                "payload": "NEWS",
                "notification_messages_token": "8537021",
                "notification_messages_frequency": "DAILY",
            }
        ),
        PSID,
    ),
    "opt-in by the Send to Messenger plugin": Sample(
        from_person(optin={"ref": "PASS_THROUGH_PARAM"}), PSID
    ),
}

HANDOVERS: dict[str, Sample] = {
    "pass thread control": Sample(
        from_person(
            pass_thread_control={
                "previous_owner_app_id": None,
                "new_owner_app_id": APP_ID,
                "metadata": "m",
            }
        ),
        PSID,
    ),
    "take thread control": Sample(
        from_person(take_thread_control={"previous_owner_app_id": APP_ID}), PSID
    ),
    "request thread control": Sample(
        from_person(request_thread_control={"requested_owner_app_id": APP_ID}), PSID
    ),
}

SHOPPING: dict[str, Sample] = {
    "order": Sample(
        from_person(
            order={
                "products": [
                    {"id": "7", "retailer_id": "ext", "name": "Boots", "quantity": 1}
                ],
                "source": {"type": "THREAD"},
            }
        ),
        PSID,
    ),
    "payment": Sample(
        from_person(
            payment={
                "payload": "PAYLOAD",
                "requested_user_info": {"contact_name": "A. Person"},
                "amount": {"currency": "USD", "amount": "29.62"},
            }
        ),
        PSID,
    ),
    "pre-checkout": Sample(
        from_person(pre_checkout={"payload": "x", "amount": {"currency": "USD"}}), PSID
    ),
    "checkout update": Sample(
        from_person(checkout_update={"payload": "x", "shipping_address": {"id": 10}}),
        PSID,
    ),
    "game play": Sample(
        from_person(
            game_play={"game_id": APP_ID, "player_id": "2000000000", "score": 5}
        ),
        PSID,
    ),
}

NOBODY: dict[str, Sample] = {
    "app roles": Sample(
        {
            "recipient": {"id": PAGE},
            "timestamp": AT_MS,
            "app_roles": {APP_ID: ["primary_receiver"]},
        },
        IgnoreReason.NO_PERSON,
    ),
    "app roles, with a sender that nobody documents": Sample(
        from_person(app_roles={APP_ID: ["primary_receiver"]}), IgnoreReason.NO_PERSON
    ),
    "policy enforcement": Sample(
        {
            "recipient": {"id": PAGE},
            "timestamp": AT_MS,
            "policy_enforcement": {"action": "block", "reason": "spam"},
        },
        IgnoreReason.NO_PERSON,
    ),
    "policy enforcement, older spelling": Sample(
        {
            "recipient": {"id": PAGE},
            "timestamp": AT_MS,
            "policy-enforcement": {"action": "unblock", "reason": ""},
        },
        IgnoreReason.NO_PERSON,
    ),
    "known kind without a sender": Sample(
        without(from_person(message={"mid": "m"}), "sender"), IgnoreReason.NO_PERSON
    ),
    "known kind without ends": Sample(
        {"timestamp": AT_MS, "read": {"watermark": 1}}, IgnoreReason.NO_PERSON
    ),
    "checkbox plugin": Sample(
        without(from_person(optin={"ref": "PASS", "user_ref": "UNIQUE_REF"}), "sender"),
        IgnoreReason.USER_REF,
    ),
    "checkbox plugin, with a sender as in old samples": Sample(
        from_person(optin={"ref": "PASS", "user_ref": "UNIQUE_REF"}),
        IgnoreReason.USER_REF,
    ),
    "anonymous visitor of the chat plugin": Sample(
        from_person(sender={"user_ref": 987654321432}, message={"mid": "m"}),
        IgnoreReason.USER_REF,
    ),
    "user_ref beside an id": Sample(
        from_person(sender={"id": PSID, "user_ref": "ref-1"}, message={"mid": "m"}),
        IgnoreReason.USER_REF,
    ),
    "customer matching": Sample(
        from_person(
            sender={"phone_number": "+1(212)555-2368"}, optin={"ref": "accepted"}
        ),
        IgnoreReason.PHONE_NUMBER,
    ),
    "guest": Sample(from_person(referral=GUEST_REFERRAL), IgnoreReason.GUEST),
    "guest's postback": Sample(
        from_person(postback={"payload": "START", "referral": GUEST_REFERRAL}),
        IgnoreReason.GUEST,
    ),
    "guest, flag as a text": Sample(
        from_person(referral=GUEST_REFERRAL | {"is_guest_user": "true"}),
        IgnoreReason.GUEST,
    ),
}

UNKNOWN: dict[str, Sample] = {
    "unknown kind": Sample(from_person(hologram={"mid": "m"}), PSID),
    "unknown kind, sent by the Page": Sample(from_page(hologram={}), PSID),
    "no kind at all": Sample(from_person(), PSID),
    "unknown kind that does not name the Page": Sample(
        without(from_person(hologram={}), "recipient"), IgnoreReason.UNKNOWN_KIND
    ),
}

BROKEN: dict[str, Sample] = {
    "between two strangers": Sample(
        from_person(message={"mid": "m"}, recipient={"id": OTHER_PAGE}),
        DeadLetterCode.WEBHOOK_PAGE_MISMATCH,
    ),
    "placeholder instead of an id": Sample(
        from_person(message={"mid": "m"}, sender={"id": "<PSID>"}),
        DeadLetterCode.WEBHOOK_SHAPE,
    ),
    "id that lost digits": Sample(
        from_person(message={"mid": "m"}, sender={"id": 1.254459154682919e15}),
        DeadLetterCode.WEBHOOK_SHAPE,
    ),
    "zero as an id": Sample(
        from_person(message={"mid": "m"}, sender={"id": "0"}),
        DeadLetterCode.WEBHOOK_SHAPE,
    ),
    "true as an id": Sample(
        from_person(message={"mid": "m"}, sender={"id": True}),
        DeadLetterCode.WEBHOOK_SHAPE,
    ),
    "sender is a text": Sample(
        from_person(message={"mid": "m"}, sender=PSID), DeadLetterCode.WEBHOOK_SHAPE
    ),
}

EVENTS: dict[str, Sample] = {
    **MESSAGES,
    **ECHOES,
    **ACTIONS,
    **HANDOVERS,
    **SHOPPING,
    **NOBODY,
    **UNKNOWN,
    **BROKEN,
}
"""Every messaging event here, by name."""


def entry(
    *events: Any, key: str = "messaging", page: Any = PAGE, time: Any = ENTRY_MS
) -> dict[str, Any]:
    """One entry of a webhook body."""
    return {"id": page, "time": time, key: list(events)}


def label_change(user: Any = PSID) -> dict[str, Any]:
    """A label was put on a conversation in the Page's inbox."""
    value = {"user": {"id": user}, "action": "add", "label": {"id": "1", "page": {}}}
    return {"field": "inbox_labels", "value": value}


FEED_CHANGE: dict[str, Any] = {
    "field": "feed",
    "value": {
        "item": "comment",
        "verb": "add",
        "from": {"id": "1067280970047460", "name": "A. Person"},
        "post_id": f"{PAGE}_1",
        "created_time": 1_448_551_514,
    },
}

DASHBOARD_TEST: dict[str, Any] = {
    "field": "messaging_postbacks",
    "value": {
        "sender": {"id": "12334"},
        "recipient": {"id": "23245"},
        "timestamp": "1527459824",
        "postback": {"mid": "m_MESSAGE-ID", "title": "TITLE", "payload": "PAYLOAD"},
    },
}

DASHBOARD_TEST_ENTRY: dict[str, Any] = {
    "object": "page",
    "entry": [
        {
            "id": "0",
            "time": 1_527_459_824,
            "changes": [
                {
                    "field": "messages",
                    "value": {
                        "sender": {"id": "12334"},
                        "recipient": {"id": "23245"},
                        "timestamp": "1527459824",
                        "message": {"mid": "test_message_id", "text": "test_message"},
                    },
                }
            ],
        }
    ],
}

INSTAGRAM: dict[str, Any] = {
    "object": "instagram",
    "entry": [
        {
            "id": "17841400000000000",
            "time": ENTRY_MS,
            "messaging": [
                {
                    "sender": {"id": "5234567890123456"},
                    "recipient": {"id": "17841400000000000"},
                    "timestamp": AT_MS,
                    "message": {"mid": "ig_1", "text": "hi"},
                }
            ],
        }
    ],
}

PERMISSIONS: dict[str, Any] = {
    "object": "permissions",
    "entry": [
        {
            "id": "0",
            "uid": "10153949089790582",
            "time": 1_567_635_588,
            "changes": [{"field": "connected", "value": {"verb": "granted"}}],
        }
    ],
}


def body(*entries: Any) -> bytes:
    """A webhook body about Pages, written compactly."""
    return orjson.dumps({"object": "page", "entry": list(entries)})


def as_meta_writes(value: Any) -> bytes:
    r"""The same JSON with the escapes that Meta uses: `\u00e4`, `\/`, `\u003C`."""
    text = orjson.dumps(value).decode().replace("/", "\\/")
    for char in "<%@":
        text = text.replace(char, f"\\u{ord(char):04X}")
    return "".join(
        char if char.isascii() else f"\\u{ord(char):04x}" for char in text
    ).encode("ascii")
