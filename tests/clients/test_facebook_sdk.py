"""The `facebook-sdk` client works against the simulator as it stands.

It knows versions up to v3.1 only, which the oldest live version serves now, and asks
for v2.8 by itself, which has no mapping edges yet.
"""

import random
import warnings
from asyncio import to_thread
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.adapters.simulator.sample import NOW_S, Sample
from tests.adapters.simulator.test_paging import MANY, much_used
from tests.adapters.simulator.test_samples import GAMES_ROW, MOVIES_ROW

from idweave_adapters.signed_request import verify
from idweave_adapters.simulator import Faults, Simulator
from idweave_adapters.simulator.api.proofs import proof_of
from idweave_adapters.simulator.traffic.logins import signed

with warnings.catch_warnings():
    # "\d" in a plain string; a fault where it was not compiled at its installation
    warnings.simplefilter("ignore")
    import facebook

ASID, PSID = "645195294", "12345123"

Client = Callable[..., Any]


@pytest.fixture
def client(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Makes clients for a token; its address is a constant of the module."""
    monkeypatch.setattr(facebook, "FACEBOOK_GRAPH_URL", f"{simulator.base_url}/")
    clients: list[Any] = []

    def make(token: str | None = None, version: str | None = "3.1") -> Any:
        clients.append(facebook.GraphAPI(token, version=version))
        return clients[-1]

    yield make
    for each in clients:
        each.session.close()


@pytest.fixture
def app(client: Client, here: Sample) -> Any:
    """A client with the app's token."""
    return client(here.world.app_token(here.movies.id))


async def refusal(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    with pytest.raises(facebook.GraphAPIError) as raised:
        await to_thread(call, *args, **options)
    return raised.value


async def test_an_expired_version_is_served_by_the_oldest(app: Any) -> None:
    """And the answer says by which."""
    assert await to_thread(app.get_version) == "21.0"


async def test_the_version_before_the_edges(client: Client, here: Sample) -> None:
    """Its default is v2.8, which is refused for the edges and for nothing else."""
    api = client(here.world.app_token(here.movies.id), version=None)

    person = await to_thread(api.get_object, ASID)
    error = await refusal(api.get_connections, ASID, "ids_for_apps")

    assert person == {"name": "John Smith", "id": ASID}
    assert error.code == 12
    assert error.message == "(#12) ids_for_apps requires version v2.9 or higher"


async def test_the_edges(app: Any, client: Client, here: Sample) -> None:
    """From an ASID by the app, from a PSID by the Page with a proof."""
    token = here.world.page_token(here.music.id, here.movies.id)
    proof = proof_of(token, here.movies.secret)

    of_app = await to_thread(app.get_connections, ASID, "ids_for_apps")
    of_page = await to_thread(
        client(token).get_connections, PSID, "ids_for_apps", appsecret_proof=proof
    )

    assert of_app["data"] == of_page["data"] == [GAMES_ROW, MOVIES_ROW]


async def test_it_reads_all_pages(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the parameters of `next`, whose token it takes out."""
    async with much_used(Faults()) as (api, first, asid):
        base_url = f"{api.simulator.base_url}/"
        monkeypatch.setattr(facebook, "FACEBOOK_GRAPH_URL", base_url)
        its = client(api.simulator.world.app_token(first.id))
        rows = await to_thread(
            lambda: list(its.get_all_connections(asid, "ids_for_apps", limit=50))
        )

    assert len({row["id"] for row in rows}) == len(rows) == MANY


async def test_several_people_in_one_read(app: Any) -> None:
    """Keyed by id; one that nobody has fails the whole."""
    found = await to_thread(app.get_objects, [ASID], fields="id,name")
    error = await refusal(app.get_objects, [ASID, "999"])

    assert found == {ASID: {"id": ASID, "name": "John Smith"}}
    assert (error.code, error.type) == (100, "GraphMethodException")


async def test_me_is_the_person_of_the_token(client: Client, here: Sample) -> None:
    """With the token for the business."""
    api = client(here.world.user_token(here.movies.id, ASID))

    me = await to_thread(api.get_object, "me", fields="token_for_business")

    token = here.world.token_for_business(here.john, here.owner.id)
    assert me == {"id": ASID, "token_for_business": token}


async def test_an_app_gets_its_token(client: Client, here: Sample) -> None:
    """From id and secret; it is the two joined, as the client says without asking."""
    movies = here.movies

    asked = await to_thread(client().get_app_access_token, movies.id, movies.secret)

    assert asked == client().get_app_access_token(
        movies.id, movies.secret, offline=True
    )


async def test_a_wrong_secret_gets_no_token(client: Client, here: Sample) -> None:
    """Code 190."""
    error = await refusal(client().get_app_access_token, here.movies.id, "guess")

    assert (error.code, error.type) == (190, "OAuthException")


async def test_a_token_about_a_token(client: Client, here: Sample) -> None:
    """`debug_token` in the name of the app."""
    token = here.world.user_token(here.movies.id, ASID)

    answer = await to_thread(
        client().debug_access_token, token, here.movies.id, here.movies.secret
    )

    assert answer["data"]["user_id"] == ASID
    assert answer["data"]["app_id"] == here.movies.id


async def test_nothing_can_be_written_or_deleted(app: Any) -> None:
    """In the words of the Graph API."""
    write = await refusal(app.put_object, ASID, "feed", message="hello")
    delete = await refusal(app.delete_object, ASID)

    assert write.message.startswith("Unsupported post request.")
    assert delete.message.startswith("Unsupported delete request.")


@pytest.mark.parametrize("seed", range(4))
def test_it_reads_our_signed_requests_as_we_do(here: Sample, seed: int) -> None:
    """Padded and unpadded ones, and with another secret neither takes them."""
    token = here.world.token_for_business(here.john, here.owner.id)
    text = signed(
        random.Random(seed),
        here.movies,
        issued_s=int(NOW_S),
        user=ASID,
        bearer="EAAB",
        token=token,
    )
    secret = here.movies.secret

    its = facebook.parse_signed_request(text, secret)
    ours = verify(text, [secret.encode()], now_s=int(NOW_S))

    assert (its["user_id"], its["token_for_business"]) == (ASID, token)
    assert ours.user_id == ASID
    assert ours.token is not None
    assert ours.token.value == token
    assert facebook.parse_signed_request(text, "guess") is False
