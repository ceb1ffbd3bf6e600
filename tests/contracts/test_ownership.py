"""The reader of businesses' lists against the simulated Graph API, over HTTP.

Both are written from Meta's documents and share no code, so each is the other's check.
"""

import logging
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.simulator.test_ownership import Estate, estate

from idweave_adapters.credentials import BusinessCredential, Credentials
from idweave_adapters.graph_api import (
    BusinessLists,
    CredentialRefused,
    GraphApiError,
    OwnershipReader,
    PermissionDenied,
    PolicyHold,
    Throttled,
    Transient,
)
from idweave_adapters.secret import Secret
from idweave_adapters.simulator import Faults, Rules, Simulator, World, WorldBuilder
from idweave_adapters.simulator.world import App, Business, Page
from idweave_graph.ids import Asset, BusinessId, business_id

NOW_S = 1_700_000_000.0


def connected(simulator: Simulator) -> OwnershipReader:
    return OwnershipReader(simulator.base_url, clock=lambda: NOW_S)


def credential(world: World, business: Business) -> BusinessCredential:
    known = Credentials.from_document(world.credentials())
    found = known.for_business(business_id(business.id))
    assert found is not None
    return found


async def read(simulator: Simulator, *businesses: Business) -> list[BusinessLists]:
    async with connected(simulator) as reader:
        given = [credential(simulator.world, each) for each in businesses]
        found = await reader.read_lists(given)
    assert all(isinstance(each, BusinessLists) for each in found), found
    return [each for each in found if isinstance(each, BusinessLists)]


async def refused(simulator: Simulator, business: Business) -> GraphApiError:
    async with connected(simulator) as reader:
        (found,) = await reader.read_lists([credential(simulator.world, business)])
    assert isinstance(found, GraphApiError)
    return found


def named(*assets: App | Page) -> frozenset[Asset]:
    return frozenset(Asset.parse(each.asset) for each in assets)


@pytest.fixture
def here() -> Estate:
    return estate()


@pytest.fixture
async def simulator(here: Estate) -> AsyncIterator[Simulator]:
    async with Simulator(here.world, clock=lambda: NOW_S) as running:
        yield running


async def test_owned_shared_and_pending_are_told_apart(
    simulator: Simulator, here: Estate
) -> None:
    """And each business answers for itself."""
    acme, agency = await read(simulator, here.acme, here.agency)

    assert acme.holdings.business == BusinessId(here.acme.id)
    assert acme.holdings.owned == named(
        here.shop, here.shop_test, here.bot, here.managed
    )
    assert acme.holdings.shared == frozenset()
    assert acme.holdings.pending == named(here.wanted)
    assert agency.holdings.owned == named(here.suite)
    assert agency.holdings.shared == named(here.shop, here.managed)
    assert (acme.is_verified, agency.is_verified) == (True, False)


async def test_one_request_reads_a_small_business(
    simulator: Simulator, here: Estate
) -> None:
    """Its five lists and itself, in one batch."""
    (acme,) = await read(simulator, here.acme)

    assert acme.requests == 6
    assert (simulator.stats.requests, simulator.stats.calls) == (1, 6)


async def test_cursors_are_followed_to_the_end() -> None:
    """However many assets there are, and however short the pages."""
    build = WorldBuilder(seed=9)
    owner = build.business("Owner")
    apps = [build.app(f"App {n}", owner) for n in range(130)]
    pages = [build.page(f"Page {n}", owner, made_by=apps[:1]) for n in range(230)]
    faults = Faults(short_page_rate=0.3)

    async with Simulator(
        World(build.parts()),
        faults=faults,
        rules=Rules(max_limit=50),
        clock=lambda: NOW_S,
    ) as running:
        (lists,) = await read(running, owner)

    assert lists.holdings.owned == named(*apps, *pages)
    assert lists.requests > 8


@given(
    owners=st.lists(st.integers(0, 2), max_size=12),
    shares=st.lists(st.integers(0, 2), max_size=12),
)
@settings(max_examples=20)
async def test_the_lists_are_those_of_the_world(
    owners: list[int], shares: list[int]
) -> None:
    """In any world: every business reads exactly what it owns and may work on."""
    build = WorldBuilder(seed=1)
    businesses = [build.business(f"B{n}") for n in range(3)]
    made: list[App | Page] = [build.app(f"First {b.name}", b) for b in businesses]
    for n, owner in enumerate(owners):
        shared = [
            businesses[each]
            for each in shares[n : n + 1]
            if businesses[each] != businesses[owner]
        ]
        make = build.app if n % 2 else build.page
        made.append(make(f"{n}", businesses[owner], shared_with=shared))

    async with Simulator(World(build.parts()), clock=lambda: NOW_S) as running:
        found = await read(running, *businesses)

    for business, lists in zip(businesses, found, strict=True):
        mine = [each for each in made if each.owner == business.id]
        clients = [each for each in made if business.id in each.shared_with]
        assert lists.holdings.owned == named(*mine)
        assert lists.holdings.shared == named(*clients)


async def test_a_transfer_shows_in_the_next_reading(
    simulator: Simulator, here: Estate
) -> None:
    """First nobody lists it, then its new owner does."""
    simulator.transfer(here.bot.asset, None)
    gap = await read(simulator, here.acme, here.rival)
    simulator.transfer(here.bot.asset, here.rival.id)
    moved = await read(simulator, here.acme, here.rival)

    bot = named(here.bot)
    assert [bot <= each.holdings.owned for each in gap] == [False, False]
    assert [bot <= each.holdings.owned for each in moved] == [False, True]


async def test_a_proof_is_sent_where_the_app_is_stated(here: Estate) -> None:
    """So apps that ask for one on each call can be used; without it they can't."""
    strict = Rules(proof_always=True, timed_proof_only=True)
    known = credential(here.world, here.acme)
    bare = BusinessCredential(known.business, known.token)

    async with (
        Simulator(here.world, rules=strict, clock=lambda: NOW_S) as running,
        connected(running) as reader,
    ):
        proved, unproved = await reader.read_lists([known, bare])

    assert isinstance(proved, BusinessLists)
    assert isinstance(unproved, CredentialRefused)


async def test_a_token_without_its_app_reads_too(
    simulator: Simulator, here: Estate
) -> None:
    """The app is optional, as most apps ask for no proof here."""
    known = credential(here.world, here.acme)

    async with connected(simulator) as reader:
        (found,) = await reader.read_lists(
            [BusinessCredential(known.business, known.token)]
        )

    assert isinstance(found, BusinessLists)


# errors


async def test_a_revoked_token_is_refused(simulator: Simulator, here: Estate) -> None:
    """Code 190."""
    simulator.revoke(f"business:{here.acme.id}")

    error = await refused(simulator, here.acme)

    assert isinstance(error, CredentialRefused)
    assert error.facts.code == 190


async def test_a_token_of_another_business_may_not_ask(
    simulator: Simulator, here: Estate
) -> None:
    """Code 200: the token is good, and for something else."""
    stranger = credential(here.world, here.rival)
    asked = BusinessCredential(
        BusinessId(here.acme.id), stranger.token, stranger.made_by, stranger.app_secret
    )

    async with connected(simulator) as reader:
        (error,) = await reader.read_lists([asked])

    assert isinstance(error, PermissionDenied)
    assert error.facts.code == 200


async def test_an_unknown_business_is_refused(
    simulator: Simulator, here: Estate
) -> None:
    """Code 100, subcode 33: not the same as owning nothing."""
    known = credential(here.world, here.rival)

    async with connected(simulator) as reader:
        (error,) = await reader.read_lists(
            [BusinessCredential(business_id("4711"), known.token)]
        )

    assert isinstance(error, GraphApiError)
    assert (error.facts.code, error.facts.subcode) == (100, 33)


async def test_a_wrong_proof_is_refused(simulator: Simulator, here: Estate) -> None:
    """Code 100 with Meta's text about proofs."""
    known = credential(here.world, here.acme)
    wrong = BusinessCredential(
        known.business, known.token, known.made_by, Secret("another-secret")
    )

    async with connected(simulator) as reader:
        (error,) = await reader.read_lists([wrong])

    assert isinstance(error, CredentialRefused)


async def test_a_blocked_business_is_held(simulator: Simulator, here: Estate) -> None:
    """Code 368, and the others are read all the same."""
    simulator.block(here.acme.id)

    error = await refused(simulator, here.acme)
    (rival,) = await read(simulator, here.rival)

    assert isinstance(error, PolicyHold)
    assert rival.holdings.owned == named(here.rival_app)


async def test_trouble_of_one_business_leaves_the_others_alone(
    simulator: Simulator, here: Estate
) -> None:
    """Asked together, each gets what it would get alone."""
    simulator.revoke(f"business:{here.rival.id}")
    given = [credential(here.world, x) for x in (here.acme, here.rival, here.agency)]

    async with connected(simulator) as reader:
        acme, rival, agency = await reader.read_lists(given)

    assert isinstance(acme, BusinessLists)
    assert isinstance(rival, CredentialRefused)
    assert isinstance(agency, BusinessLists)


async def test_a_limit_is_an_error_and_no_short_list(
    simulator: Simulator, here: Estate
) -> None:
    """Some lists were read, and yet nothing is concluded."""
    simulator.change(budget_calls=4)

    assert isinstance(await refused(simulator, here.acme), Throttled)


@pytest.mark.parametrize(
    "faults",
    [
        Faults(failure_rate=1.0),
        Faults(drop_rate=1.0),
        Faults(null_item_rate=0.5),
        Faults(item_failure_rate=0.5),
    ],
    ids=["failure", "drop", "null item", "item failure"],
)
async def test_passing_trouble_is_an_error_and_no_short_list(
    here: Estate, faults: Faults
) -> None:
    """One list that is missing is enough."""
    async with Simulator(
        here.world, seed=2, faults=faults, clock=lambda: NOW_S
    ) as running:
        assert isinstance(await refused(running, here.acme), Transient)


async def test_no_secret_is_told(
    simulator: Simulator, here: Estate, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in errors nor in logs nor in addresses."""
    caplog.set_level(logging.DEBUG)
    simulator.revoke(f"business:{here.acme.id}")

    error = await refused(simulator, here.acme)

    token = here.world.system_user_token(here.acme.id, here.shop.id)
    shown = f"{error!r} {error} {caplog.text}"
    assert token not in shown
    assert here.shop.secret not in shown
