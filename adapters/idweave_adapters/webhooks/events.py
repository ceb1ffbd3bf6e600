"""One messaging event or change: whose PSID it shows, if anyone's.

The rule: an event belongs to the Page of its entry, one of its ends is that Page, and
the other end is the person. So echoes need no rule of their own, and an id is never
taken for a PSID on the word of a field's name alone.

An event of an unknown kind is a sighting too when its recipient or sender is the
Page, because Meta adds kinds and all of them so far keep the rule. A known kind may
lack the Page's end.
"""

from dataclasses import dataclass, replace
from typing import Any

from idweave_adapters.fields import decimal_id, is_authorization_code, unix_ms
from idweave_adapters.observations import (
    DeadLetterCode,
    IgnoreReason,
    Observation,
    Unreadable,
)
from idweave_adapters.webhooks.kinds import (
    CHANGES,
    EVENTS,
    REFERRAL_HOLDERS,
    STAND_INS,
    About,
)
from idweave_graph.ids import Asset, LinkingCode, ScopedId

Found = Observation | IgnoreReason | Unreadable
_NotAPerson = IgnoreReason | Unreadable


@dataclass(frozen=True, slots=True)
class Page:
    """What an entry says once for all its events."""

    asset: Asset
    entry_ms: int | None
    """The time of the entry; some events have none of their own."""


def wrong_shape(what: str) -> Unreadable:
    """A part of a webhook is not as documented; *what* names it without its content."""
    code = DeadLetterCode.WEBHOOK_SHAPE
    return Unreadable(code, f"{what}. {code.meaning}")


def read_event(event: Any, page: Page) -> Found:
    """Read one item of `messaging` or `standby`."""
    if not isinstance(event, dict):
        return wrong_shape("A messaging event is no object")
    about = _about(event)
    if about is About.NOBODY:
        return IgnoreReason.NO_PERSON
    if _is_without_psid_yet(event):
        return IgnoreReason.USER_REF
    if _is_guest(event):
        return IgnoreReason.GUEST
    person = _person(event, page.asset.id, is_known=about is About.PERSON)
    if isinstance(person, _NotAPerson):
        return person
    found = _sighting(person, event.get("timestamp"), page)
    return _linked(found, event.get("account_linking"))


def read_change(change: Any, page: Page) -> Found:
    """Read one item of `changes`."""
    field = change.get("field") if isinstance(change, dict) else None
    if not isinstance(field, str):
        return wrong_shape("A change names no field")
    if field not in CHANGES:
        return IgnoreReason.CHANGE_WITHOUT_PSID
    holder, key = CHANGES[field]
    value = change.get("value")
    user = value.get(holder) if isinstance(value, dict) else None
    person = decimal_id(user.get(key)) if isinstance(user, dict) else None
    if person is None:
        return wrong_shape(f"A change of {field} names no user")
    if person == page.asset.id:
        return IgnoreReason.PAGE_ITSELF
    return _sighting(person, None, page)


def _linked(found: Found, linking: Any) -> Found:
    """Add what an `account_linking` says; without a usable code it is a sighting."""
    if not isinstance(found, Observation) or not isinstance(linking, dict):
        return found
    if linking.get("status") == "unlinked":
        return replace(found, is_unlinked=True)
    code = linking.get("authorization_code")
    if linking.get("status") != "linked" or not is_authorization_code(code):
        return found
    return replace(found, code=LinkingCode.of(code))


def _sighting(person: str, timestamp: object, page: Page) -> Found:
    at_ms = unix_ms(timestamp) or page.entry_ms
    if at_ms is None:
        return wrong_shape("Neither the event nor its entry has a usable time")
    return Observation(ScopedId(page.asset, person), at_ms)


def _about(event: dict[str, Any]) -> About | None:
    kinds = [EVENTS[key] for key in event if key in EVENTS]
    if About.NOBODY in kinds:
        return About.NOBODY
    return About.PERSON if kinds else None


def _is_without_psid_yet(event: dict[str, Any]) -> bool:
    """Whether a visitor ticked the checkbox plugin and has not written since."""
    optin = event.get("optin")
    return isinstance(optin, dict) and "user_ref" in optin


def _is_guest(event: dict[str, Any]) -> bool:
    holders = [event, *(event[key] for key in REFERRAL_HOLDERS if key in event)]
    for holder in holders:
        referral = holder.get("referral") if isinstance(holder, dict) else None
        if isinstance(referral, dict):
            flag = referral.get("is_guest_user")
            if not (flag is None or flag is False or flag == "false"):
                return True
    return False


def _person(
    event: dict[str, Any], page_id: str, *, is_known: bool
) -> str | _NotAPerson:
    sender, recipient = _end(event.get("sender")), _end(event.get("recipient"))
    if isinstance(sender, _NotAPerson):
        return sender
    if isinstance(recipient, _NotAPerson):
        return recipient
    match (sender == page_id, recipient == page_id):
        case (True, True):
            return IgnoreReason.PAGE_ITSELF
        case (True, False):
            return recipient or IgnoreReason.ECHO_WITHOUT_PSID
        case (False, True):
            return sender or IgnoreReason.NO_PERSON
    return _person_without_page(sender, recipient, is_known=is_known)


def _person_without_page(
    sender: str | None, recipient: str | None, *, is_known: bool
) -> str | _NotAPerson:
    if recipient is not None:
        code = DeadLetterCode.WEBHOOK_PAGE_MISMATCH
        return Unreadable(code, code.meaning)
    if sender is None:
        return IgnoreReason.NO_PERSON
    return sender if is_known else IgnoreReason.UNKNOWN_KIND


def _end(party: Any) -> str | _NotAPerson | None:
    """The id of a sender or recipient, None if it has none, or why it isn't one."""
    if party is None:
        return None
    if not isinstance(party, dict):
        return wrong_shape("A sender or recipient is no object")
    for key, reason in STAND_INS.items():
        if key in party:
            return reason
    if party.get("id") is None:
        return None
    return decimal_id(party["id"]) or wrong_shape("A sender or recipient id is no id")
