"""`POST /pages_id_mapping`, the historic way from app-scoped to Page-scoped ids.

Facts: Meta, Page-Scoped ID API document. Gone from v7.0, and everywhere since 5 May
2021; `Rules.history` says which day is played. What the document leaves open:

- Somebody whom the Page has not met gets an id on it: the call "maps an ASID and a
  Page to a PSID" and names no such case among its errors.
- A Test Page is mapped as any other Page; it only shows the app early what the Pages
  API does after the switch to PSIDs.
- A test app has its parent's ids, dates and quota.
- The quota counts Page-scoped ids: one that is asked for again counts once.
- A service provider's app is answered and counted as a violation; the document has no
  rule about whose Pages they are.
- Its error numbers are lost: see `Rules`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from idweave_adapters.simulator.api import errors
from idweave_adapters.simulator.api.endpoints.asked import Asked
from idweave_adapters.simulator.state import State
from idweave_adapters.simulator.world import App, Page

MAX_IDS = 200
MAX_CONVERSIONS = 5_000_000
FANS_PER_CONVERSION = 100
WINDOW = timedelta(days=180)
PSIDS_FOR_NEW_APPS = date(2018, 5, 1)
END = date(2021, 5, 5)
_GONE_FROM = (7, 0)


def convert(state: State, asked: Asked) -> Mapping[str, Any]:
    """Answer with the Page's id for each app-scoped id of `user_ids`.

    Raises:
        GraphError: it is not there any more, or not for this caller; too many ids,
            or some that are none of the app; the quota is used up.
    """
    page = _admit(state, asked)
    app = state.world.apps[asked.caller.app.scope]
    known = _known(state, asked, app)
    people = state.world.people.in_app(app.id)
    world = state.world.meet(page.id, [people[each] for each in known])
    people = world.people.in_app(app.id)
    found = {each: people[each].psids[page.id] for each in known}
    _spend(state, app, found.values())
    state.world = world
    for each in found:
        state.stats.looked_up(f"{app.asset}:{each}", "pages_id_mapping")
    if state.rules.mapping_value == "text":
        return found
    return {asid: {"id": psid} for asid, psid in found.items()}


def _admit(state: State, asked: Asked) -> Page:
    rules, caller = state.rules, asked.caller
    today = _today(state, asked)
    if asked.version >= _GONE_FROM or today >= END:
        text = "pages_id_mapping is deprecated for versions v7.0 and higher"
        raise errors.mapping_refused(rules.mapping_gone_code, text)
    if caller.page is None:
        text = "A page access token is required to request this resource."
        raise errors.mapping_refused(rules.mapping_token_code, text)
    if not asked.proved:
        raise errors.proof_missing()
    if caller.page.owner in state.under_review:
        raise errors.under_review(rules.review_status)
    if not _may_migrate(state, state.world.apps[caller.app.scope], today):
        text = "This App or Page is not allowed to use the Page-Scoped ID API."
        raise errors.mapping_refused(rules.mapping_denied_code, text)
    if caller.is_service_provider:
        state.stats.violations[caller.page.owner or "none"] += 1
    return caller.page


def _may_migrate(state: State, app: App, today: date) -> bool:
    if app.reviewed is None or app.id in state.switched:
        return False
    passed = date.fromisoformat(app.reviewed)
    is_old = date.fromisoformat(app.created) < PSIDS_FOR_NEW_APPS
    return is_old and passed <= today < passed + WINDOW


def _today(state: State, asked: Asked) -> date:
    if state.rules.history is not None:
        return date.fromisoformat(state.rules.history)
    return datetime.fromtimestamp(asked.now_s, UTC).date()


def _known(state: State, asked: Asked, app: App) -> Sequence[str]:
    """Those of `user_ids` that are ids of the app's people, each once."""
    rules = state.rules
    wanted = [each.strip() for each in asked.call.params.get("user_ids", "").split(",")]
    if wanted == [""]:
        raise errors.bad_parameter("The parameter user_ids is required")
    if len(wanted) > MAX_IDS:
        text = "Param user_ids has too many elements"
        raise errors.mapping_refused(rules.mapping_length_code, text)
    people = state.world.people.in_app(app.id)
    invalid = [each for each in dict.fromkeys(wanted) if each not in people]
    is_lenient = asked.call.params.get("ignore_invalid_ids", "").lower() == "true"
    if invalid and not is_lenient:
        text = "Invalid App-scoped User IDs for current App"
        code, data = rules.mapping_invalid_code, _error_data(state, invalid)
        raise errors.mapping_refused(code, text, error_data=data)
    return [each for each in dict.fromkeys(wanted) if each in people]


def _error_data(state: State, invalid: Sequence[str]) -> Any:
    match state.rules.mapping_error_data:
        case "list":
            return invalid
        case "object":
            return {"invalid_ids": invalid}
        case "text":
            return orjson.dumps({"invalid_ids": invalid}).decode()


def _spend(state: State, app: App, psids: Iterable[str]) -> None:
    """Count the answered ids.

    Raises:
        GraphError: there would be more than the app may convert.
    """
    before = state.mapped.get(app.id, set())
    after = before | set(psids)
    if len(after) > quota(state, app):
        state.stats.injected["throttled"] += 1
        text = "Current app exceeds rate limit"
        raise errors.mapping_refused(state.rules.mapping_limit_code, text)
    state.mapped[app.id] = after


def quota(state: State, app: App) -> int:
    """How many ids the app may convert: 1 % of the fans of its Pages, at most 5 M."""
    world = state.world
    fans = sum(
        page.fans
        for page in world.pages.values()
        if any(world.apps[maker].scope == app.id for maker in page.made_by)
    )
    return min(MAX_CONVERSIONS, fans // FANS_PER_CONVERSION)
