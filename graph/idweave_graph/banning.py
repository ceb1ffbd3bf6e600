"""What a ban changes: who is kept apart falls apart, and comes together again."""

from collections.abc import Collection
from dataclasses import replace

from idweave_graph.banlist import bans_about, drop_bans, put_ban
from idweave_graph.bans import Ban, ban
from idweave_graph.draft import Draft
from idweave_graph.effects import Emit
from idweave_graph.events import EventType, IdentityEvent, ban_event_id
from idweave_graph.ids import ScopedId
from idweave_graph.messages import Banned, LogMessage
from idweave_graph.reweave import reweave
from idweave_graph.tangle import Tangle, read_tangle

BAN = "ban"
"""The reason of an event that comes of a ban."""
LIFT_BAN = "lift-ban"
"""The reason of an event that comes of the end of a ban."""


def ban_or_lift(draft: Draft, message: Banned) -> None:
    """Let what was said last about the two ids count, whether they are known or not."""
    told = ban(
        message.one,
        message.two,
        at_ms=message.at_ms,
        author=message.author,
        reason=message.reason,
        cause=message.cause,
        is_lifted=message.is_lifted,
    )
    before = read_tangle(draft, message.business, told.pair)
    if put_ban(draft, message.business, told):
        reason = LIFT_BAN if told.is_lifted else BAN
        _weigh_again(draft, message, before, told.pair, reason, told=told)
        draft.want(Emit(_event(draft, message, told, reason)))


def forget_old_bans(
    draft: Draft, message: LogMessage, who: ScopedId, then_ms: int, reason: str
) -> None:
    """Forget what was said about *who* by then: they are nobody, or new."""
    before = read_tangle(draft, message.business, (who,))
    drop_bans(draft, message.business, (who,), lambda each: each.at_ms <= then_ms)
    _weigh_again(draft, message, before, (who,), reason)


def _weigh_again(
    draft: Draft,
    message: LogMessage,
    before: Tangle,
    named: Collection[ScopedId],
    reason: str,
    *,
    told: Ban | None = None,
) -> None:
    bans = bans_about(draft, message.business, {*before.members, *named})
    after = replace(before, bans=bans)
    if after.barred() != before.barred():
        reweave(draft, message, before, after, reason, said=told)


def _event(draft: Draft, message: Banned, told: Ban, reason: str) -> IdentityEvent:
    business = message.business
    one, two = (draft.person_of(business, end) for end in told.pair)
    return IdentityEvent(
        id=ban_event_id(business, told, (one, two)),
        type=EventType.UNBANNED if told.is_lifted else EventType.BANNED,
        business=business,
        at_ms=message.at_ms,
        cause=message.cause,
        reason=reason,
        about=one,
        other=two,
        bans=(told,),
    )
