"""Messenger webhook bodies, byte for byte as Meta writes them."""

import json
from collections.abc import Callable, Collection
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

from idweave_adapters.simulator.dice import chance
from idweave_adapters.simulator.traffic import messaging
from idweave_adapters.simulator.traffic.cast import Presence
from idweave_adapters.simulator.traffic.messaging import KINDS, NEEDS_KNOWN, Scene
from idweave_adapters.simulator.traffic.plan import TrafficPlan
from idweave_adapters.simulator.traffic.report import Event, Made

_STANDBY, _CHANGES = 0.03, 0.02  # shares of entries that are not `messaging`
_NAMES = tuple(KINDS)
_UPTO = tuple(accumulate(kind.weight for kind in KINDS.values()))


class Entry(NamedTuple):
    """One entry of a body and what it shows."""

    body: dict[str, Any]
    kinds: tuple[str, ...]
    sighted: tuple[str, ...]


def made(
    rng: Random,
    draw: Callable[[], Presence],
    time_ms: int,
    plan: TrafficPlan,
    known: Collection[str],
) -> Made:
    """One body with one or more entries, most often one.

    `known` are the scoped ids shown so far: kinds of which it is open whether they
    show an id are made of those only.
    """
    count = 1 + min(plan.entries - 1, int(rng.expovariate(1.5)))
    entries = [_entry(rng, draw(), time_ms, plan, known) for _ in range(count)]
    value = encode({"object": "page", "entry": [each.body for each in entries]})
    return Made(
        Event("webhook", value, time_ms),
        tuple(kind for each in entries for kind in each.kinds),
        tuple(scoped for each in entries for scoped in each.sighted),
    )


def encode(body: Any) -> bytes:
    r"""JSON with Meta's escapes: `\u00e4`, `\/`, and `<` as `\u003C`."""
    text = json.dumps(body, ensure_ascii=True, separators=(",", ":"))
    return text.replace("/", "\\/").replace("<", "\\u003C").encode()


def _entry(
    rng: Random, who: Presence, time_ms: int, plan: TrafficPlan, known: Collection[str]
) -> Entry:
    scoped_id = f"page:{who.asset}:{who.user}"
    drawn = rng.random()
    head = {"id": who.asset, "time": time_ms}
    if drawn < _CHANGES and scoped_id in known:
        change = _label(who) if chance(rng, 0.5) else _feed(who)
        return Entry({**head, "changes": [change]}, ("webhook.changes",), ())
    if _CHANGES <= drawn < _CHANGES + _STANDBY:
        return _standby(rng, who, head)
    items, kinds, sighted = [], [], []
    for nth in range(1 + min(plan.items - 1, int(rng.expovariate(2.0)))):
        name = _kind(rng, is_known=scoped_id in known)
        scene = Scene(who.asset, who.user, time_ms - rng.randrange(50) + nth)
        items.append(KINDS[name].make(rng, scene))
        kinds.append(f"webhook.{name}")
        sighted += [scoped_id] if KINDS[name].shows else []
    return Entry({**head, "messaging": items}, tuple(kinds), tuple(sighted))


def _kind(rng: Random, *, is_known: bool) -> str:
    name = rng.choices(_NAMES, cum_weights=_UPTO)[0]
    return name if is_known or name not in NEEDS_KNOWN else "message"


def _standby(rng: Random, who: Presence, head: dict[str, Any]) -> Entry:
    """The app is not the owner of the conversation; postbacks come without payload."""
    scene = Scene(who.asset, who.user, head["time"])
    make = messaging.postback if chance(rng, 0.5) else messaging.message
    item = make(rng, scene)
    item.get("postback", {}).pop("payload", None)
    sighted = (f"page:{who.asset}:{who.user}",)
    return Entry({**head, "standby": [item]}, ("webhook.standby",), sighted)


def _label(who: Presence) -> dict[str, Any]:
    value = {
        "user": {"id": who.user},
        "action": "add",
        "label": {"id": "2125439944216", "page_label_name": "VIP"},
    }
    return {"field": "inbox_labels", "value": value}


def _feed(who: Presence) -> dict[str, Any]:
    value = {
        "item": "reaction",
        "verb": "add",
        "reaction_type": "like",
        "post_id": f"{who.asset}_1234567890",
        "parent_id": f"{who.asset}_1234567890",
    }
    return {"field": "feed", "value": value}
