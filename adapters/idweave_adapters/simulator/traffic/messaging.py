"""The single events inside a webhook body, by kind, with the fields Meta documents.

Source: Messenger Platform, Webhook Events Reference.
"""

import base64
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple

from idweave_adapters.simulator.dice import chance

_TEXTS = (
    "Hi!",
    "Grüße aus Köln",
    "¿Dónde está mi pedido?",
    "ご注文について 🎉",
    "50% <b>off</b> @ the shop?",
    'C:\\temp and "quotes"',
    "See https://example.com/a/b?c=1&d=2",
)
_PAGE_INBOX = 26390203743090  # the app id of echoes written by hand in the Page inbox


class Scene(NamedTuple):
    """Who does something where and when."""

    page: str
    psid: str
    time_ms: int

    @property
    def by_person(self) -> dict[str, Any]:
        """Sender, recipient and time of what a person does."""
        return {
            "sender": {"id": self.psid},
            "recipient": {"id": self.page},
            "timestamp": self.time_ms,
        }


Maker = Callable[[Random, Scene], dict[str, Any]]


def message(rng: Random, scene: Scene) -> dict[str, Any]:
    """Text, a quick reply or an attachment."""
    content: dict[str, Any] = {"mid": _mid(rng), "text": rng.choice(_TEXTS)}
    if chance(rng, 0.1):
        content["quick_reply"] = {"payload": "YES"}
    elif chance(rng, 0.1):
        del content["text"]
        url = f"https://scontent.xx.fbcdn.net/v/t1.15752-9/{rng.getrandbits(32)}_n.jpg?_nc=1"
        content["attachments"] = [{"type": "image", "payload": {"url": url}}]
    return {**scene.by_person, "message": content}


def echo(rng: Random, scene: Scene) -> dict[str, Any]:
    """What the Page wrote: the Page is the sender and the person the recipient."""
    content = {
        "is_echo": True,
        "app_id": _PAGE_INBOX,
        "metadata": "reply",
        "mid": _mid(rng),
        "text": rng.choice(_TEXTS),
    }
    return {
        "sender": {"id": scene.page},
        "recipient": {"id": scene.psid},
        "timestamp": scene.time_ms,
        "message": content,
    }


def read(_: Random, scene: Scene) -> dict[str, Any]:
    """Everything up to the watermark was read."""
    return {**scene.by_person, "read": {"watermark": scene.time_ms}}


def delivery(rng: Random, scene: Scene) -> dict[str, Any]:
    """Everything up to the watermark was delivered; `timestamp` may be missing."""
    parties = scene.by_person
    if chance(rng, 0.3):
        del parties["timestamp"]
    return {**parties, "delivery": {"mids": [_mid(rng)], "watermark": scene.time_ms}}


def postback(rng: Random, scene: Scene) -> dict[str, Any]:
    """A button was pressed."""
    content = {"mid": _mid(rng), "title": "Get Started", "payload": "START"}
    return {**scene.by_person, "postback": content}


def referral(rng: Random, scene: Scene) -> dict[str, Any]:
    """Someone came by an m.me link or an ad."""
    source = rng.choice(("SHORTLINK", "ADS"))
    content = {"ref": "spring", "source": source, "type": "OPEN_THREAD"}
    if source == "ADS":
        content["ad_id"] = str(rng.getrandbits(50))
    return {**scene.by_person, "referral": content}


def guest(rng: Random, scene: Scene) -> dict[str, Any]:
    """A guest of the chat plugin; the id does not last."""
    fleeting = scene._replace(psid=str(rng.randrange(10**16, 10**17)))
    content = {
        "ref": "web",
        "source": "CUSTOMER_CHAT_PLUGIN",
        "type": "OPEN_THREAD",
        "referer_uri": "https://example.com/shop",
        "is_guest_user": True,
    }
    return {**fleeting.by_person, "referral": content}


def reaction(rng: Random, scene: Scene) -> dict[str, Any]:
    """A message got a heart."""
    content = {"reaction": "love", "emoji": "❤️", "action": "react", "mid": _mid(rng)}
    return {**scene.by_person, "reaction": content}


def message_edit(rng: Random, scene: Scene) -> dict[str, Any]:
    """A message was changed."""
    content = {"mid": _mid(rng), "text": rng.choice(_TEXTS), "num_edit": 1}
    return {**scene.by_person, "message_edit": content}


def optin(_: Random, scene: Scene) -> dict[str, Any]:
    """The person agreed to be notified."""
    content = {"type": "notification_messages", "payload": "NEWS", "title": "News"}
    return {**scene.by_person, "optin": content}


def optin_by_reference(rng: Random, scene: Scene) -> dict[str, Any]:
    """The checkbox plugin: only a reference yet, no Page-scoped id and no sender."""
    return {
        "recipient": {"id": scene.page},
        "timestamp": scene.time_ms,
        "optin": {"ref": "checkout", "user_ref": _reference(rng)},
    }


def sender_by_reference(rng: Random, scene: Scene) -> dict[str, Any]:
    """A message by someone of whom there is only a reference."""
    return {**message(rng, scene), "sender": {"user_ref": _reference(rng)}}


def sender_by_phone(rng: Random, scene: Scene) -> dict[str, Any]:
    """Customer matching: a phone number instead of an id."""
    number = f"+1(650)555-{rng.randrange(1000, 10000)}"
    return {**message(rng, scene), "sender": {"phone_number": number}}


def account_linking(rng: Random, scene: Scene) -> dict[str, Any]:
    """The person linked an account of the business or took the link back."""
    if chance(rng, 0.2):
        return {**scene.by_person, "account_linking": {"status": "unlinked"}}
    code = f"{rng.getrandbits(64):016x}"
    content = {"status": "linked", "authorization_code": code}
    return {**scene.by_person, "account_linking": content}


def pass_thread_control(_: Random, scene: Scene) -> dict[str, Any]:
    """Another app takes over the conversation."""
    content = {
        "previous_owner_app_id": None,
        "new_owner_app_id": str(_PAGE_INBOX),
        "metadata": "to a human",
    }
    return {**scene.by_person, "pass_thread_control": content}


def app_roles(_: Random, scene: Scene) -> dict[str, Any]:
    """The app's role on the Page changed; nobody sent this."""
    return {
        "recipient": {"id": scene.page},
        "timestamp": scene.time_ms,
        "app_roles": {str(_PAGE_INBOX): ["primary_receiver"]},
    }


def policy_enforcement(_: Random, scene: Scene) -> dict[str, Any]:
    """The Page was warned; nobody sent this."""
    return {
        "recipient": {"id": scene.page},
        "timestamp": scene.time_ms,
        "policy_enforcement": {"action": "warning", "reason": "See the policy."},
    }


def unknown(_: Random, scene: Scene) -> dict[str, Any]:
    """A kind of event that came after this was written."""
    return {**scene.by_person, "hologram": {"shape": "cube"}}


class Kind(NamedTuple):
    """How to make a kind of event, how often, and whether it shows a lasting PSID."""

    make: Maker
    weight: float
    shows: bool


KINDS: Mapping[str, Kind] = {
    "message": Kind(message, 45, shows=True),
    "echo": Kind(echo, 20, shows=True),
    "read": Kind(read, 10, shows=True),
    "delivery": Kind(delivery, 10, shows=True),
    "postback": Kind(postback, 6, shows=True),
    "referral": Kind(referral, 2, shows=True),
    "reaction": Kind(reaction, 2, shows=True),
    "message_edit": Kind(message_edit, 0.5, shows=True),
    "optin": Kind(optin, 0.5, shows=True),
    "account_linking": Kind(account_linking, 1, shows=True),
    "pass_thread_control": Kind(pass_thread_control, 0.5, shows=True),
    "optin_by_reference": Kind(optin_by_reference, 1, shows=False),
    "sender_by_reference": Kind(sender_by_reference, 0.3, shows=False),
    "sender_by_phone": Kind(sender_by_phone, 0.2, shows=False),
    "guest": Kind(guest, 0.3, shows=False),
    "app_roles": Kind(app_roles, 0.1, shows=False),
    "policy_enforcement": Kind(policy_enforcement, 0.1, shows=False),
    "unknown": Kind(unknown, 0.5, shows=False),
}
NEEDS_KNOWN = frozenset({"unknown"})
"""Kinds that hold a PSID of which it is open whether it counts as shown: they are
made only of ids that another event has shown before."""


def _mid(rng: Random) -> str:
    return f"m_{base64.urlsafe_b64encode(rng.randbytes(24)).decode()}"


def _reference(rng: Random) -> str:
    return f"ref-{rng.getrandbits(48):012x}"
