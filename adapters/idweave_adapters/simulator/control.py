"""`/_simulator/...`: steer a running simulation and read its counts over HTTP.

| method | path     | body                                  | answer                      |
|--------|----------|---------------------------------------|-----------------------------|
| GET    | /stats   |                                       | counts, without any id      |
| DELETE | /stats   |                                       | counts before they went     |
| GET    | /lookups |                                       | id to number of lookups     |
| GET    | /faults  |                                       | the fault settings          |
| PUT    | /faults  | some settings                         | the fault settings          |
| PUT    | /review  | {"business": id, "on": bool}          | businesses under review     |
| PUT    | /owner   | {"asset": "app:1", "business": id or null} | the assets that changed |
| PUT    | /token   | {"asset": "page:1", "valid": bool}    | assets with revoked tokens  |
| PUT    | /budget  | {"of": "page:1", "calls": 9 or null}  | the budgets that are stated |
| PUT    | /block   | {"business": id, "on": bool}          | businesses that are blocked |
| PUT    | /switch  | {"app": id, "on": bool}               | apps that get PSIDs         |
| PUT    | /history | {"day": "2021-04-01" or null}         | the day that is played      |

`/budget` limits an app, a Page, or with `business:<id>` all Pages of a business together.
`/token` also takes `business:<id>`, for the tokens of its system users.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from idweave_adapters.simulator.state import State
from idweave_adapters.simulator.stats import Stats
from idweave_adapters.simulator.world import NoSuchAssetError


class BadControlError(ValueError):
    """The control request cannot be carried out. The text says what it should hold."""


def stats(state: State, _: Mapping[str, Any]) -> Any:
    """Read the counts."""
    return state.stats.summary()


def reset(state: State, _: Mapping[str, Any]) -> Any:
    """Read the counts and start them anew."""
    before = state.stats.summary()
    state.stats = Stats()
    return before


def lookups(state: State, _: Mapping[str, Any]) -> Any:
    """How often each id was looked up."""
    return {each: state.stats.lookups_of(each) for each in state.stats.lookups}


def faults(state: State, wanted: Mapping[str, Any]) -> Any:
    """Change some fault settings, or none."""
    state.faults = state.faults.changed(wanted)
    return asdict(state.faults)


def review(state: State, wanted: Mapping[str, Any]) -> Any:
    """Put a business under review or clear it."""
    business, on = _switch(state, wanted)
    state.review(business, on=on)
    return sorted(state.under_review)


def block(state: State, wanted: Mapping[str, Any]) -> Any:
    """Block a business for policy, or let it go on."""
    business, on = _switch(state, wanted)
    (state.blocked.add if on else state.blocked.discard)(business)
    return sorted(state.blocked)


def _switch(state: State, wanted: Mapping[str, Any]) -> tuple[str, bool]:
    business, on = wanted.get("business"), wanted.get("on")
    is_known = isinstance(business, str) and business in state.world.businesses
    if not is_known or not isinstance(on, bool):
        msg = 'say {"business": "<id of this world>", "on": true or false}'
        raise BadControlError(msg)
    return str(business), on


def owner(state: State, wanted: Mapping[str, Any]) -> Any:
    """Give an asset to another business, or to none."""
    asset, business = wanted.get("asset"), wanted.get("business")
    if not isinstance(asset, str):
        msg = 'say {"asset": "app:<id>", "business": "<id>" or null}'
        raise BadControlError(msg)
    before = state.world.assets()
    state.world = state.world.transfer(asset, business)
    return [
        now for was, now in zip(before, state.world.assets(), strict=True) if was != now
    ]


def token(state: State, wanted: Mapping[str, Any]) -> Any:
    """Revoke the tokens of an app or Page, or make them good again."""
    asset, valid = wanted.get("asset"), wanted.get("valid")
    known = {each["asset"] for each in state.world.assets()}
    known |= {f"business:{each}" for each in state.world.businesses}
    if asset not in known or not isinstance(valid, bool):
        msg = 'say {"asset": "page:<id of this world>", "valid": true or false}'
        raise BadControlError(msg)
    (state.revoked.discard if valid else state.revoked.add)(str(asset))
    return sorted(state.revoked)


def budget(state: State, wanted: Mapping[str, Any]) -> Any:
    """Limit the calls of an app, a Page, or all Pages of a business, or as before."""
    of, calls = wanted.get("of"), wanted.get("calls")
    known = {each["asset"] for each in state.world.assets()}
    known |= {f"business:{each}" for each in state.world.businesses}
    is_number = type(calls) is int and calls > 0
    if of not in known or not (is_number or (calls is None and "calls" in wanted)):
        msg = 'say {"of": "page:<id of this world>", "calls": 1 or more, or null}'
        raise BadControlError(msg)
    if calls is None:
        state.budgets.pop(str(of), None)
    else:
        state.budgets[str(of)] = calls
    return state.budgets


def switch(state: State, wanted: Mapping[str, Any]) -> Any:
    """Let the Pages API give an app PSIDs, or ASIDs as before."""
    app, on = wanted.get("app"), wanted.get("on")
    if app not in state.world.apps or not isinstance(on, bool):
        msg = 'say {"app": "<id of this world>", "on": true or false}'
        raise BadControlError(msg)
    (state.switched.add if on else state.switched.discard)(str(app))
    return sorted(state.switched)


def history(state: State, wanted: Mapping[str, Any]) -> Any:
    """Play a day on which `pages_id_mapping` was there, or the present."""
    try:
        state.rules = replace(state.rules, history=wanted["day"])
    except (KeyError, TypeError, ValueError):
        msg = 'say {"day": "2021-04-01"}, or null for today'
        raise BadControlError(msg) from None
    return state.rules.history


COMMANDS: Mapping[tuple[str, str], Callable[[State, Mapping[str, Any]], Any]] = {
    ("GET", "stats"): stats,
    ("DELETE", "stats"): reset,
    ("GET", "lookups"): lookups,
    ("GET", "faults"): faults,
    ("PUT", "faults"): faults,
    ("PUT", "review"): review,
    ("PUT", "owner"): owner,
    ("PUT", "token"): token,
    ("PUT", "budget"): budget,
    ("PUT", "block"): block,
    ("PUT", "switch"): switch,
    ("PUT", "history"): history,
}


def command(state: State, method: str, name: str, wanted: Any) -> Any:
    """Carry out one control request.

    Raises:
        BadControlError: there is no such command, or its body is wrong.
        BadFaultsError: a fault setting is wrong.
    """
    found = COMMANDS.get((method, name))
    if found is None:
        known = ", ".join(sorted(" ".join(each) for each in COMMANDS))
        msg = f"no such control; there are {known}"
        raise BadControlError(msg)
    if not isinstance(wanted, dict):
        msg = "the body must be a JSON object"
        raise BadControlError(msg)
    try:
        return found(state, wanted)
    except NoSuchAssetError as fault:
        raise BadControlError(str(fault)) from fault
