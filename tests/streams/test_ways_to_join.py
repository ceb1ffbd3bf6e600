"""Each of Meta's ways to learn that two ids are one person, from events to persons."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.support.stand import write_credentials

from idweave_adapters.signed_request import sign
from idweave_adapters.simulator import Rules, Simulator, World, WorldBuilder
from idweave_streams.local.files import LocalResult, run_files
from idweave_streams.settings import Settings

AT_MS = 1_767_225_600_000
ONE_KIND = ("ids_for_apps", "ids_for_pages", "token_for_business", "ids_for_business")

_build = WorldBuilder(seed=3)
ACME, RIVAL = _build.business("Acme"), _build.business("Rival")
SHOP, GAME = _build.app("Shop", ACME), _build.app("Game", ACME)
RIVALS = _build.app("Rival's", RIVAL)
BOT = _build.page("Acme", ACME, made_by=[SHOP])
ANNA = _build.person(SHOP, GAME, RIVALS, BOT)
WORLD = World(_build.parts())
TOKEN = WORLD.token_for_business(ANNA, ACME.id)

IN_SHOP = f"app:{SHOP.id}:{ANNA.asids[SHOP.id]}"
IN_GAME = f"app:{GAME.id}:{ANNA.asids[GAME.id]}"
AT_RIVALS = f"app:{RIVALS.id}:{ANNA.asids[RIVALS.id]}"
ON_PAGE = f"page:{BOT.id}:{ANNA.psids[BOT.id]}"


def login(scoped: str, **more: Any) -> bytes:
    _, app, user = scoped.split(":")
    event = {"app_id": app, "user_id": user, "time": AT_MS, "login_kind": "limited"}
    return orjson.dumps(event | more)


def message(**content: Any) -> bytes:
    """Anna writes to the Page's bot, or does something else there."""
    event = {
        "sender": {"id": ANNA.psids[BOT.id]},
        "recipient": {"id": BOT.id},
        "timestamp": AT_MS,
        **(content or {"message": {"mid": "m_1", "text": "hello"}}),
    }
    entry = {"id": BOT.id, "time": AT_MS, "messaging": [event]}
    return orjson.dumps({"object": "page", "entry": [entry]})


async def woven(
    folder: Path,
    *logins: bytes,
    webhooks: Iterable[bytes] = (),
    sources: str | None = None,
    rules: Rules | None = None,
    **stated: Any,
) -> LocalResult:
    """Run the pipeline over these events, against the simulated Graph API."""
    if sources is not None:
        stated["lookup_sources"] = sources
    async with Simulator(WORLD, rules=rules) as simulator:
        settings = Settings(
            partitions=2,
            graph_api_url=simulator.base_url,
            credentials_file=write_credentials(WORLD, folder),
            lookup_linger_ms=0,
            **stated,
        )
        return await run_files(
            settings,
            assets=[orjson.dumps(row) for row in WORLD.assets()],
            logins=logins,
            webhooks=webhooks,
            patience_ms=30_000,
        )


def persons(result: LocalResult) -> set[frozenset[str]]:
    """Who is one person, by the aliases."""
    people: dict[tuple[str, str], set[str]] = {}
    for (business, scoped), person in result.tally().aliases.items():
        people.setdefault((business, person), set()).add(scoped)
    return {frozenset(ids) for ids in people.values()}


def kinds(result: LocalResult) -> set[str]:
    """Of which kinds the evidence of all events is."""
    events = result.tally().events.values()
    return {proof["kind"] for event in events for proof in event["evidence"]}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("ids_for_apps", {frozenset((IN_SHOP, IN_GAME))}),
        ("ids_for_pages", {frozenset((IN_SHOP, ON_PAGE))}),
        ("ids_for_business", {frozenset((IN_SHOP, IN_GAME))}),
        ("token_for_business", {frozenset((IN_SHOP,))}),
    ],
)
async def test_one_source_alone_finds_what_it_can(
    tmp_path: Path, source: str, found: set[frozenset[str]]
) -> None:
    """Every edge is optional. A token by itself names nobody else."""
    result = await woven(tmp_path, login(IN_SHOP), sources=source)

    assert persons(result) == found
    assert kinds(result) == {source}


async def test_a_token_joins_all_ids_that_carry_it(tmp_path: Path) -> None:
    """In one business: the rival's app has another token for the same human."""
    logins = (login(IN_SHOP), login(IN_GAME), login(AT_RIVALS))

    result = await woven(tmp_path, *logins, sources="token_for_business")

    assert persons(result) == {
        frozenset((IN_SHOP, IN_GAME)),
        frozenset((AT_RIVALS,)),
    }
    assert kinds(result) == {"token_for_business"}


async def test_a_psid_leads_to_the_apps(tmp_path: Path) -> None:
    """From Messenger to Login."""
    result = await woven(tmp_path, webhooks=[message()])

    assert persons(result) == {frozenset((IN_SHOP, IN_GAME, ON_PAGE))}


@pytest.mark.parametrize("wanted", ["app", "page"])
@pytest.mark.parametrize("asked_first", ["app", "page"])
async def test_page_ids_are_found_whichever_token_they_want(
    tmp_path: Path, wanted: Any, asked_first: str
) -> None:
    """The documents contradict each other, so the other kind is tried too."""
    result = await woven(
        tmp_path,
        login(IN_SHOP),
        rules=Rules(asid_to_pages=wanted),
        asid_pages_token=asked_first,
    )

    assert persons(result) == {frozenset((IN_SHOP, IN_GAME, ON_PAGE))}


async def test_a_token_in_a_signed_request_costs_no_call(tmp_path: Path) -> None:
    """Canvas hands it over; it is the same as the looked-up one."""
    payload = {
        "algorithm": "HMAC-SHA256",
        "issued_at": AT_MS // 1000,
        "user_id": ANNA.asids[GAME.id],
        "token_for_business": TOKEN,
    }
    signed = sign(orjson.dumps(payload), GAME.secret.encode())

    result = await woven(
        tmp_path,
        login(IN_SHOP),
        login(IN_GAME, signed_request=signed),
        sources="token_for_business",
    )

    assert persons(result) == {frozenset((IN_SHOP, IN_GAME))}
    assert kinds(result) == {"signed_request", "token_for_business"}


LINKING = {"account_linking": {"status": "linked", "authorization_code": "c-1"}}


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("ignored", {frozenset((IN_GAME,)), frozenset((ON_PAGE,))}),
        ("evidence", {frozenset((IN_GAME, ON_PAGE))}),
    ],
)
async def test_account_linking_joins_where_it_is_set(
    tmp_path: Path, setting: str, found: set[frozenset[str]]
) -> None:
    """The business's word, which Meta's edges here do not back."""
    result = await woven(
        tmp_path,
        login(IN_GAME, authorization_code="c-1"),
        webhooks=[message(**LINKING)],
        sources="token_for_business",
        account_linking=setting,
    )

    assert persons(result) == found


async def test_no_source_crosses_a_business(tmp_path: Path) -> None:
    """All of them together: the rival's customer stays the rival's."""
    result = await woven(
        tmp_path,
        login(IN_SHOP),
        login(AT_RIVALS),
        webhooks=[message()],
        sources=",".join(ONE_KIND),
    )

    assert persons(result) == {
        frozenset((IN_SHOP, IN_GAME, ON_PAGE)),
        frozenset((AT_RIVALS,)),
    }
