"""The Graph API client against the simulated Graph API, over HTTP.

Both are written from Meta's documents and share no code, so each is the other's check.
"""

from collections.abc import Sequence

import pytest
from tests.contracts.town import (
    Town,
    askable,
    build_town,
    connected,
    failing,
    forged,
    is_whole,
    wall_clock,
)

from idweave_adapters.graph_api import (
    ConfigurationFault,
    CredentialRefused,
    GraphApiClient,
    GraphApiError,
    Lookup,
    LookupAnswer,
    LookupRefused,
    PermissionDenied,
    PolicyHold,
    ProtocolFault,
    Throttled,
    Transient,
)
from idweave_adapters.simulator import Faults, Rules, Simulator, World
from idweave_graph.ids import AssetKind, ScopedId


@pytest.mark.parametrize("start", AssetKind)
@pytest.mark.parametrize("goal", AssetKind)
async def test_all_four_directions(
    town: Town, client: GraphApiClient, start: AssetKind, goal: AssetKind
) -> None:
    """From an app or a Page to all apps or all Pages of the same business only."""
    asset = town.of(start)[0]
    read = client.ids_for_apps if goal is AssetKind.APP else client.ids_for_pages

    found = await read(town.credential(asset), town.person[asset])

    assert set(found) == {ScopedId(a, town.person[a]) for a in town.of(goal)}
    assert len(found) == len(set(found))


@pytest.mark.parametrize("start", AssetKind)
async def test_filters_give_the_one_that_was_asked_for(
    town: Town, client: GraphApiClient, start: AssetKind
) -> None:
    """Both edges know their filter; another business's asset gives nothing."""
    asset = town.of(start)[0]
    asking, user = town.credential(asset), town.person[asset]
    app, page = town.of(AssetKind.APP)[1], town.of(AssetKind.PAGE)[1]
    foreign = next(a for a in town.elsewhere if a.kind is AssetKind.APP)

    one_app = await client.ids_for_apps(asking, user, app=app.id)
    one_page = await client.ids_for_pages(asking, user, page=page.id)
    nothing = await client.ids_for_apps(asking, user, app=foreign.id)

    assert one_app == [ScopedId(app, town.person[app])]
    assert one_page == [ScopedId(page, town.person[page])]
    assert nothing == []


async def test_one_request_looks_up_ids_of_several_businesses(
    town: Town, simulator: Simulator, client: GraphApiClient
) -> None:
    """Each with its own token, and none sees the other business."""
    assets = [*town.person, *town.elsewhere]

    answers = await client.look_up([town.lookup(asset) for asset in assets])

    assert simulator.stats.requests == simulator.stats.batches == 1
    for asset, answer in zip(assets, answers, strict=True):
        assert isinstance(answer, LookupAnswer), answer
        assert is_whole(answer)
        assert set(answer.links) == town.links(asset)
        assert (answer.requests, answer.served_version) == (1, "v25.0")


async def test_many_rows_come_over_many_pages() -> None:
    """Cursors are followed to the end, from the expanded read and from an edge."""
    town = build_town(apps=9)
    app = town.of(AssetKind.APP)[0]

    async with (
        Simulator(town.world, rules=Rules(max_limit=2)) as simulator,
        connected(simulator) as client,
    ):
        (answer,) = await client.look_up([town.lookup(app)])
        found = await client.ids_for_apps(town.credential(app), town.person[app])

    assert isinstance(answer, LookupAnswer)
    assert set(answer.links) == town.links(app)
    assert answer.requests == 5
    assert len(found) == 9


async def test_pages_shorter_than_asked_for_lose_nothing(town: Town) -> None:
    """Even an empty page may have a next one."""
    app = town.of(AssetKind.APP)[0]

    async with (
        Simulator(town.world, faults=Faults(short_page_rate=0.4), seed=3) as simulator,
        connected(simulator) as client,
    ):
        answers = await client.look_up([town.lookup(app)] * 20)

    for answer in answers:
        assert isinstance(answer, LookupAnswer)
        assert set(answer.links) == town.links(app)


def check_truth(
    asked: Sequence[tuple[Lookup, frozenset[str]]],
    answers: Sequence[LookupAnswer | GraphApiError],
) -> int:
    """Nothing untrue, and what is said to be known is complete. Counts the answers."""
    answered = 0
    for (lookup, person), answer in zip(asked, answers, strict=True):
        if not isinstance(answer, LookupAnswer):
            continue
        answered += 1
        links = {str(link) for link in answer.links}
        others = person - {str(lookup.scoped)}
        assert links <= others
        for kind, is_known in (
            ("app:", answer.apps_known),
            ("page:", answer.pages_known),
        ):
            expected = {text for text in others if text.startswith(kind)}
            assert not is_known or {t for t in links if t.startswith(kind)} == expected
    return answered


async def test_a_whole_world_is_found_as_it_is() -> None:
    """Every id of every person: the truth, in one request for 50 ids."""
    world = World.generate(seed=11, people=200)
    asked = list(askable(world))

    async with Simulator(world) as simulator, connected(simulator) as client:
        answers = await client.look_up([lookup for lookup, _ in asked])
        requests, calls = simulator.stats.requests, simulator.stats.calls

    refused = [a for a in answers if isinstance(a, GraphApiError)]
    assert check_truth(asked, answers) == len(asked) - len(refused)
    # An account made with a phone number may have no profile to ask about.
    assert all(isinstance(error, LookupRefused) for error in refused)
    assert len(refused) < len(asked) // 5
    assert calls == len(asked)
    assert requests == -(-len(asked) // 50)


async def test_a_failing_platform_never_makes_a_wrong_answer() -> None:
    """With every fault at once: typed errors to ask again for, or the truth."""
    world = World.generate(seed=12, people=150)
    asked = list(askable(world))
    faults = Faults(
        failure_rate=0.2,
        garbage_rate=0.2,
        drop_rate=0.1,
        item_failure_rate=0.1,
        null_item_rate=0.1,
        short_page_rate=0.3,
    )
    waiting = list(range(len(asked)))

    async with (
        Simulator(world, faults=faults) as simulator,
        connected(simulator) as client,
    ):
        for _ in range(40):
            part = [asked[place] for place in waiting]
            answers = await client.look_up([lookup for lookup, _ in part])
            check_truth(part, answers)
            retried = (Transient, ProtocolFault)
            kinds = (LookupAnswer, LookupRefused, *retried)
            assert all(isinstance(answer, kinds) for answer in answers)
            waiting = [
                place
                for place, answer in zip(waiting, answers, strict=True)
                if isinstance(answer, retried)
            ]
        injected = set(simulator.stats.injected)

    assert waiting == []
    assert {"failure", "garbage", "dropped", "item_failure", "null_item"} <= injected


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"failure_rate": 1.0}, Transient),
        ({"drop_rate": 1.0}, Transient),
        ({"garbage_rate": 1.0}, (Transient, ProtocolFault)),
        ({"item_failure_rate": 1.0}, Transient),
        ({"null_item_rate": 1.0}, Transient),
        ({"budget_calls": 1}, Throttled),
        ({"review_first_call": True}, PolicyHold),
    ],
)
async def test_faults_become_typed_errors(
    town: Town,
    simulator: Simulator,
    client: GraphApiClient,
    fault: dict[str, object],
    expected: type[GraphApiError],
) -> None:
    """Each says what to do: ask again, wait, or stop."""
    asset = town.of(AssetKind.PAGE)[0]
    simulator.change(**fault)

    answers = [(await client.look_up([town.lookup(asset)]))[0] for _ in range(3)]

    assert isinstance(answers[-1], expected)


@pytest.mark.parametrize("kind", AssetKind)
async def test_a_rate_limit_says_how_near_it_is(
    town: Town, simulator: Simulator, client: GraphApiClient, kind: AssetKind
) -> None:
    """Usage grows before the limit, and at the limit calls are throttled."""
    asset = town.of(kind)[0]
    simulator.change(budget_calls=10, window_s=600)

    answers = [(await client.look_up([town.lookup(asset)]))[0] for _ in range(12)]

    used = [a.usage.percent for a in answers if isinstance(a, LookupAnswer)]
    assert used == sorted(used)
    assert used[-1] >= 80
    assert isinstance(answers[-1], Throttled)
    if kind is AssetKind.PAGE:
        assert answers[-1].retry_after_s == 600


async def test_a_review_holds_its_own_business_only(
    town: Town, simulator: Simulator, client: GraphApiClient
) -> None:
    """In one batch: held here, answered there; and answered again when cleared."""
    lookups = [town.lookup(asset) for asset in (*town.person, *town.elsewhere)]
    simulator.review(town.acme)

    held = await client.look_up(lookups)
    simulator.review(town.acme, on=False)
    cleared = await client.look_up(lookups)

    split = len(town.person)
    assert all(isinstance(answer, PolicyHold) for answer in held[:split])
    assert all(is_whole(answer) for answer in (*held[split:], *cleared))


@pytest.mark.parametrize("is_first", [True, False])
async def test_a_revoked_token_stops_its_own_asset_only(
    town: Town, simulator: Simulator, client: GraphApiClient, *, is_first: bool
) -> None:
    """Wherever it stands in the batch: first, it also spoke for the batch."""
    bad, *good = town.of(AssetKind.PAGE) + town.of(AssetKind.APP)
    assets = [bad, *good] if is_first else [*good, bad]
    simulator.revoke(str(bad))

    answers = await client.look_up([town.lookup(asset) for asset in assets])

    for asset, answer in zip(assets, answers, strict=True):
        if asset == bad:
            assert isinstance(answer, CredentialRefused)
            assert answer.facts.code == 190
        else:
            assert is_whole(answer)


async def test_an_unknown_person_is_refused_for_good(
    town: Town, client: GraphApiClient
) -> None:
    """Also an id that exists, but in another app."""
    app, other = town.of(AssetKind.APP)
    asking = town.credential(app)

    for user in ("123456789012345", town.person[other]):
        assert isinstance(
            await failing(client, Lookup(ScopedId(app, user), asking)), LookupRefused
        )


async def test_wrong_tokens_secrets_and_clocks_are_refused(
    town: Town, simulator: Simulator, client: GraphApiClient
) -> None:
    """All are faults of the credential, though the platform numbers them differently."""
    page = town.of(AssetKind.PAGE)[0]
    asked, good = town.lookup(page).scoped, town.credential(page)
    wrong_token = Lookup(asked, forged(good, token="EAAmadeUpToken"))
    wrong_secret = Lookup(asked, forged(good, secret="0" * 32))

    assert isinstance(await failing(client, wrong_token), CredentialRefused)
    assert isinstance(await failing(client, wrong_secret), CredentialRefused)
    async with connected(simulator, clock=lambda: wall_clock() - 3600) as late:
        assert isinstance(await failing(late, Lookup(asked, good)), CredentialRefused)


async def test_plain_proofs_work_where_they_are_taken(town: Town) -> None:
    """And are a fault of the credential where only timed ones are."""
    page = town.of(AssetKind.PAGE)[0]
    for rules, is_taken in ((Rules(), True), (Rules(timed_proof_only=True), False)):
        async with (
            Simulator(town.world, rules=rules) as simulator,
            connected(simulator, timed_proofs=False) as plain,
            connected(simulator) as timed,
        ):
            (first,) = await plain.look_up([town.lookup(page)])
            (second,) = await timed.look_up([town.lookup(page)])

        assert isinstance(first, LookupAnswer if is_taken else CredentialRefused)
        assert is_whole(second)


async def test_an_asset_without_owner_is_no_answer(
    town: Town, simulator: Simulator, client: GraphApiClient
) -> None:
    """Between two owners nothing is known, which is not the same as none."""
    app = town.of(AssetKind.APP)[0]
    simulator.transfer(str(app), None)

    error = await failing(client, town.lookup(app))

    assert isinstance(error, ConfigurationFault | PermissionDenied)


async def test_the_version_that_answered_is_told(
    town: Town, simulator: Simulator
) -> None:
    """An expired version is served by another one; an unknown one is our fault."""
    page = town.of(AssetKind.PAGE)[0]

    async with connected(simulator, version="v12.0") as old:
        (answer,) = await old.look_up([town.lookup(page)])
    async with connected(simulator, version="v99.0") as unknown:
        error = await failing(unknown, town.lookup(page))

    assert isinstance(answer, LookupAnswer)
    assert answer.served_version == "v21.0"
    assert isinstance(error, ConfigurationFault)


async def test_contradictions_are_passed_on_and_not_hidden(town: Town) -> None:
    """Foreign, unknown and second ids come out, for the boundary and the graph to judge."""
    faults = Faults(foreign_rate=1.0, unknown_rate=1.0, second_id_rate=1.0)
    app = town.of(AssetKind.APP)[0]

    async with (
        Simulator(town.world, faults=faults) as simulator,
        connected(simulator) as client,
    ):
        (answer,) = await client.look_up([town.lookup(app)])

    assert isinstance(answer, LookupAnswer)
    extra = set(answer.links) - town.links(app)
    assert len(extra) == 6  # three kinds on each of two edges
    assert {link.asset for link in extra} & set(town.elsewhere)
