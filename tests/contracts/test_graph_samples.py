"""Every call that Meta's documents print, on the simulator and on the printed answers.

One suite on two platforms: the simulator is ours, the samples are not.
"""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from tests.contracts.recorded import (
    GAMES,
    JOHN_IN_GAMES,
    JOHN_IN_MOVIES,
    JOHN_ON_MUSIC,
    MAPPED,
    MOVIES,
    MUSIC,
    NO_BUSINESS,
    REVIEW,
    TOKEN,
    TOKEN_APP,
    TOKEN_USER,
    RecordedGraph,
    documented_world,
    playing,
)

from idweave_adapters.credentials import Credential, Credentials
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
    Source,
)
from idweave_adapters.simulator import Rules, Simulator, World
from idweave_graph.ids import Asset, AssetKind, BusinessToken, ScopedId, business_id

wall_clock = time.time  # noqa: TID251 - timed proofs are about wall time

GAMES_APP, MOVIES_APP = (Asset(AssetKind.APP, each) for each in (GAMES, MOVIES))
MUSIC_PAGE = Asset(AssetKind.PAGE, MUSIC)
FIRST_APP = Asset(AssetKind.APP, TOKEN_APP)
IN_GAMES = ScopedId(GAMES_APP, JOHN_IN_GAMES)
IN_MOVIES = ScopedId(MOVIES_APP, JOHN_IN_MOVIES)
ON_MUSIC = ScopedId(MUSIC_PAGE, JOHN_ON_MUSIC)


@dataclass
class Platform:
    """What is asked, with what can be done to it."""

    client: GraphApiClient
    world: World
    server: Simulator | RecordedGraph

    def credential(self, asset: Asset) -> Credential:
        owner = self._owner(asset)
        credentials = Credentials.from_document(self.world.credentials())
        found = credentials.for_asset(business_id(owner), asset)
        assert found is not None
        return found

    def lookup(self, scoped: ScopedId) -> Lookup:
        return Lookup(scoped, self.credential(scoped.asset))

    @property
    def token(self) -> str:
        """Of the person whose token is printed."""
        if isinstance(self.server, RecordedGraph):
            return TOKEN
        person = self.world.people.in_app(TOKEN_APP)[TOKEN_USER]
        return self.world.token_for_business(person, self._owner(FIRST_APP))

    def review(self) -> None:
        if isinstance(self.server, RecordedGraph):
            self.server.error = REVIEW
        else:
            self.server.review(self._owner(MOVIES_APP))

    def take_from_business(self, app: Asset) -> None:
        if isinstance(self.server, RecordedGraph):
            self.server.error = NO_BUSINESS
        else:
            self.server.transfer(str(app), None)

    def _owner(self, asset: Asset) -> str:
        assets = self.world.apps if asset.kind is AssetKind.APP else self.world.pages
        owner = assets[asset.id].owner
        assert owner is not None
        return owner


@pytest.fixture(params=["simulator", "samples"])
async def platform(request: pytest.FixtureRequest) -> AsyncIterator[Platform]:
    world = documented_world()
    if request.param == "samples":
        async with playing(world) as recorded, connected(recorded.url) as client:
            yield Platform(client, world, recorded)
        return
    async with (
        Simulator(world) as simulator,
        connected(simulator.base_url) as client,
    ):
        yield Platform(client, world, simulator)


def connected(url: str) -> GraphApiClient:
    return GraphApiClient(url, clock=wall_clock, sources=frozenset(Source))


async def look_up(platform: Platform, lookup: Lookup) -> LookupAnswer | GraphApiError:
    (answer,) = await platform.client.look_up([lookup])
    return answer


async def test_psid_to_apps(platform: Platform) -> None:
    """`ids_for_apps` of a PSID with a Page token and proof: all apps of the business."""
    asking = platform.credential(MUSIC_PAGE)

    found = await platform.client.ids_for_apps(asking, JOHN_ON_MUSIC)

    assert found == [IN_GAMES, IN_MOVIES]


async def test_psid_to_one_app(platform: Platform) -> None:
    """`?app=` gives that app alone."""
    asking = platform.credential(MUSIC_PAGE)

    found = await platform.client.ids_for_apps(asking, JOHN_ON_MUSIC, app=GAMES)

    assert found == [IN_GAMES]


async def test_asid_to_pages(platform: Platform) -> None:
    """`ids_for_pages` of an ASID with the app token and proof, as the sample has it."""
    asking = platform.credential(MOVIES_APP)

    found = await platform.client.ids_for_pages(asking, JOHN_IN_MOVIES)

    assert found == [ON_MUSIC]


async def test_asid_to_one_page(platform: Platform) -> None:
    """`?page=` gives that Page alone."""
    asking = platform.credential(MOVIES_APP)

    found = await platform.client.ids_for_pages(asking, JOHN_IN_MOVIES, page=MUSIC)

    assert found == [ON_MUSIC]


async def test_asid_to_apps(platform: Platform) -> None:
    """`ids_for_apps` of an ASID with the app token; its own id is in the answer."""
    asking = platform.credential(MOVIES_APP)

    found = await platform.client.ids_for_apps(asking, JOHN_IN_MOVIES)

    assert found == [IN_GAMES, IN_MOVIES]


async def test_asid_to_one_app(platform: Platform) -> None:
    """`?app=` gives that app alone."""
    asking = platform.credential(MOVIES_APP)

    found = await platform.client.ids_for_apps(asking, JOHN_IN_MOVIES, app=GAMES)

    assert found == [IN_GAMES]


async def test_psid_to_pages(platform: Platform) -> None:
    """`ids_for_pages` of a PSID with a Page token and proof."""
    asking = platform.credential(MUSIC_PAGE)

    found = await platform.client.ids_for_pages(asking, JOHN_ON_MUSIC)

    assert found == [ON_MUSIC]


async def test_psid_to_one_page(platform: Platform) -> None:
    """By `page`; the sample's `app=` on this edge is a misprint."""
    asking = platform.credential(MUSIC_PAGE)

    found = await platform.client.ids_for_pages(asking, JOHN_ON_MUSIC, page=MUSIC)

    assert found == [ON_MUSIC]


async def test_expanded_read_of_an_asid(platform: Platform) -> None:
    """Both edges come in one call; the own id, which is among them, is no link."""
    answer = await look_up(platform, platform.lookup(IN_MOVIES))

    assert isinstance(answer, LookupAnswer), answer
    assert answer.links == (IN_GAMES, ON_MUSIC)
    assert (answer.apps_known, answer.pages_known, answer.requests) == (True, True, 1)


async def test_expanded_read_of_a_psid(platform: Platform) -> None:
    """Also where the outer id is the person's ASID, as it is printed."""
    answer = await look_up(platform, platform.lookup(ON_MUSIC))

    assert isinstance(answer, LookupAnswer), answer
    assert answer.links == (IN_GAMES, IN_MOVIES)
    assert (answer.is_whole, answer.requests) == (True, 1)
    assert not answer.token_known


async def test_ids_for_business(platform: Platform) -> None:
    """Of five apps the person has logged into three: three rows, own id included."""
    asking = platform.credential(FIRST_APP)

    found = await platform.client.ids_for_business(asking, MAPPED[TOKEN_APP])

    expected = {ScopedId(Asset(AssetKind.APP, a), user) for a, user in MAPPED.items()}
    assert set(found) == expected
    assert len(found) == 3


async def test_token_for_business(platform: Platform) -> None:
    """With the app token, of the person's id in that app."""
    asking = platform.credential(FIRST_APP)

    token = await platform.client.token_for_business(asking, TOKEN_USER)

    assert token == BusinessToken(platform.token)


async def test_the_token_is_an_error_without_a_business(platform: Platform) -> None:
    """An app that is in no business gets an error, and not an absent field."""
    asking = platform.credential(FIRST_APP)
    platform.take_from_business(FIRST_APP)

    with pytest.raises((ConfigurationFault, PermissionDenied)):
        await platform.client.token_for_business(asking, TOKEN_USER)


@pytest.mark.parametrize("scoped", [IN_MOVIES, ON_MUSIC])
async def test_a_review_stops_the_business(
    platform: Platform, scoped: ScopedId
) -> None:
    """`(#200) Your business is currently going through review to access this API.`"""
    lookup = platform.lookup(scoped)
    platform.review()

    assert isinstance(await look_up(platform, lookup), PolicyHold)


async def test_an_id_is_scoped_to_its_app(platform: Platform) -> None:
    """To another app of the same business the same number is nobody."""
    stranger = ScopedId(GAMES_APP, JOHN_IN_MOVIES)

    assert isinstance(await look_up(platform, platform.lookup(stranger)), LookupRefused)


async def test_a_call_without_its_proof_is_refused(platform: Platform) -> None:
    """A Page's token with the secret of another app proves nothing."""
    page = platform.credential(MUSIC_PAGE)
    other = platform.credential(GAMES_APP).app_secret
    forged = Credential(page.business, page.asset, page.made_by, page.token, other)

    with pytest.raises(CredentialRefused):
        await platform.client.ids_for_apps(forged, JOHN_ON_MUSIC)


@pytest.fixture
async def simulated() -> AsyncIterator[Platform]:
    world = documented_world()
    async with (
        Simulator(world) as simulator,
        connected(simulator.base_url) as client,
    ):
        yield Platform(client, world, simulator)


async def test_the_token_is_the_same_in_all_apps_of_a_business(
    simulated: Platform,
) -> None:
    """And `ids_for_business` names the apps in which it is; another person has another."""
    people = [ScopedId(Asset(AssetKind.APP, a), user) for a, user in MAPPED.items()]
    other = ScopedId(FIRST_APP, TOKEN_USER)

    answers = await simulated.client.look_up(
        [simulated.lookup(each) for each in (*people, other)]
    )

    tokens = [each.token for each in answers if isinstance(each, LookupAnswer)]
    assert len(tokens) == 4
    assert len(set(tokens[:3])) == 1
    assert tokens[3] != tokens[0]
    for scoped, answer in zip(people, answers, strict=False):
        assert isinstance(answer, LookupAnswer)
        assert set(answer.business_links) == set(people) - {scoped}


async def test_the_token_changes_with_the_owner(simulated: Platform) -> None:
    """So a token joins ids under one owner only."""
    assert isinstance(simulated.server, Simulator)
    asking = simulated.credential(FIRST_APP)
    before = await simulated.client.token_for_business(asking, TOKEN_USER)
    new_owner = simulated.world.apps[MOVIES].owner

    simulated.server.transfer(str(FIRST_APP), None)
    simulated.server.transfer(str(FIRST_APP), new_owner)
    after = await simulated.client.token_for_business(asking, TOKEN_USER)

    assert before is not None
    assert after is not None
    assert before != after


@pytest.mark.parametrize("code", [100, 200, 3953, 4711])
async def test_without_a_business_nothing_is_answered(code: int) -> None:
    """Whatever the number of the error, which no document names."""
    world = documented_world()
    rules = Rules(no_business_code=code)
    async with (
        Simulator(world, rules=rules) as simulator,
        connected(simulator.base_url) as client,
    ):
        here = Platform(client, world, simulator)
        lookup = here.lookup(IN_MOVIES)
        here.take_from_business(MOVIES_APP)

        answer = await look_up(here, lookup)

    assert isinstance(answer, GraphApiError)
    assert not isinstance(answer, LookupRefused)
