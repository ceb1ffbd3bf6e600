"""What the documents say beside their samples: usage notes and requirements.

Sources: Business Mapping API, section Usage notes and the Canvas signed_request;
Messenger ID Matching, in the prose of the Japanese page.
"""

from dataclasses import replace

import orjson
import pytest
from tests.adapters.simulator.sample import Api, Sample
from tests.adapters.simulator.test_traffic import CLEAN, logins

from idweave_adapters import signed_request
from idweave_adapters.simulator import World
from idweave_adapters.simulator.traffic import Traffic
from idweave_adapters.simulator.world import App

ASID, GAMES_ASID, PSID = "645195294", "10152368852405295", "12345123"
TOKEN = "token_for_business"

WORLD = World.generate(seed=4, people=200, unowned_apps=2)
ALL_SIGNED = replace(
    CLEAN, events=2_000, logins=1.0, limited=0, signed_requests=1.0, business_tokens=0
)


async def test_a_business_token_is_of_who_logged_into_the_app(
    api: Api, here: Sample
) -> None:
    """Of nobody else: the id of another app, or of a Page, is unknown."""
    for user in (GAMES_ASID, "999"):
        reply = await api.app(here.movies, f"/{user}", fields=TOKEN)
        assert reply.code == (100, 33)


async def test_a_user_token_reads_the_business_token_of_its_own_person(
    api: Api, here: Sample
) -> None:
    """As the app's token does, but of nobody else."""
    bearer = here.world.user_token(here.movies.id, ASID)

    own = await api.get(f"/{ASID}", fields=TOKEN, access_token=bearer)
    app = await api.app(here.movies, f"/{ASID}", fields=TOKEN)
    other = await api.get(f"/{GAMES_ASID}", fields=TOKEN, access_token=bearer)

    assert own.body == app.body
    assert own.body[TOKEN]
    assert other.code == (100, 33)


@pytest.mark.parametrize("path", ["{}", "{}/ids_for_apps", "{}/ids_for_business"])
async def test_a_business_token_is_no_id(api: Api, here: Sample, path: str) -> None:
    """Nobody can be read by it."""
    token = here.world.token_for_business(here.john, here.owner.id)

    reply = await api.app(here.movies, f"/{path.format(token)}")

    assert reply.code == (100, 33)


@pytest.mark.parametrize("version", ["v1.0", "v2.0", "v2.8", "v3.3", "v21.0", "v26.0"])
async def test_a_business_token_is_there_in_all_versions(
    api: Api, here: Sample, version: str
) -> None:
    """Also in those from before the mapping edges."""
    reply = await api.app(here.movies, f"/{version}/{ASID}", fields=TOKEN)

    assert reply.body[TOKEN] == here.world.token_for_business(here.john, here.owner.id)


def signed_requests(world: World) -> list[tuple[App, signed_request.SignedRequest]]:
    """Every signed request of a day's logins, verified, with its app."""
    found = []
    for event in logins(list(Traffic(world, ALL_SIGNED))):
        app = world.apps[event["app_id"]]
        text, secret = event["signed_request"], app.secret.encode()
        found.append((app, signed_request.verify(text, [secret], now_s=None)))
    return found


def test_a_signed_request_has_the_token_that_the_node_has() -> None:
    """The same value in both places, for the person who sent it."""
    seen = 0
    for app, request in signed_requests(WORLD):
        if request.token is None:
            continue
        person = WORLD.people.in_app(app.scope)[str(request.user_id)]
        expected = WORLD.token_for_business(person, str(app.owner))
        assert request.token.value == expected
        seen += 1

    assert seen > 100


def test_an_app_in_no_business_puts_no_token_into_signed_requests() -> None:
    """The property is absent there, while the field on the node is an error."""
    stray = [each for each in signed_requests(WORLD) if each[0].owner is None]

    assert len(stray) > 10
    assert all(request.token is None for _, request in stray)


async def test_a_page_token_of_another_app_does_not_see_the_app_scoped_id(
    api: Api, here: Sample
) -> None:
    """It must be made by the app in whose scope the id is (Japanese page)."""
    reply = await api.page(here.jobs, f"/{ASID}/ids_for_pages")  # made by the game app

    assert reply.code == (100, 33)


async def test_the_proof_is_made_with_the_secret_of_the_app_behind_the_page_token(
    api: Api, here: Sample
) -> None:
    """Another app of the same business proves nothing."""
    token = here.world.page_token(here.music.id, here.movies.id)

    reply = await api._with(token, here.games.secret, f"/{PSID}/ids_for_apps", {})

    assert reply.code == (100, None)
    assert "Invalid appsecret_proof" in orjson.dumps(reply.body).decode()
