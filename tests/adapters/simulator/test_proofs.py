"""`appsecret_proof`: where it is needed, what it is made of, how long it lives."""

import aiohttp
import pytest
from tests.adapters.simulator.sample import NOW_S, Api, Sample

from idweave_adapters.simulator import Rules, Simulator
from idweave_adapters.simulator.api.proofs import proof_of

ASID, PSID = "645195294", "12345123"


@pytest.mark.parametrize("edge", ["ids_for_apps", "ids_for_pages"])
async def test_page_token_needs_a_proof(api: Api, here: Sample, edge: str) -> None:
    """Without the proof: 100, GraphMethodException, and Meta's text."""
    reply = await api.page(here.music, f"/{PSID}/{edge}", proof=False)

    assert reply.code == (100, None)
    assert reply.body["error"]["type"] == "GraphMethodException"
    assert reply.body["error"]["message"] == (
        "API calls from the server require an appsecret_proof argument"
    )


async def test_app_token_needs_a_proof_for_pages_only(api: Api, here: Sample) -> None:
    """As in the samples: with a proof to Pages, without one to apps."""
    pages = await api.app(here.movies, f"/{ASID}/ids_for_pages")
    apps = await api.app(here.movies, f"/{ASID}/ids_for_apps")

    assert (pages.status, apps.status) == (400, 200)


async def test_wrong_proof(api: Api, here: Sample) -> None:
    """A proof that came must be right, even where none was needed."""
    token = here.world.app_token(here.movies.id)

    reply = await api.get(
        f"/{ASID}/ids_for_apps", access_token=token, appsecret_proof="00"
    )

    assert reply.body["error"]["message"] == (
        "Invalid appsecret_proof provided in the API argument"
    )


@pytest.mark.parametrize(
    ("age_s", "status"), [(0, 200), (300, 200), (-300, 200), (301, 400)]
)
async def test_timed_proof_lives_five_minutes(
    api: Api, here: Sample, age_s: int, status: int
) -> None:
    """A timed proof names its second and is good for 300 of them."""
    token = here.world.page_token(here.music.id, here.movies.id)
    time = str(int(NOW_S) - age_s)
    proof = proof_of(token, here.movies.secret, time)

    reply = await api.get(
        f"/{PSID}/ids_for_apps",
        access_token=token,
        appsecret_proof=proof,
        appsecret_time=time,
    )

    assert reply.status == status


async def test_untimed_proof_can_be_refused(here: Sample) -> None:
    """Meta's present text knows timed proofs only; a rule holds clients to that."""
    rules = Rules(timed_proof_only=True)
    async with (
        Simulator(here.world, rules=rules, clock=lambda: NOW_S) as running,
        aiohttp.ClientSession() as session,
    ):
        reply = await Api(running, session).page(here.music, f"/{PSID}/ids_for_apps")

    assert reply.status == 400


@pytest.mark.parametrize(
    ("token", "secret", "proof"),
    [
        ("foo_token", "shhhhh!is.my.secret", "796ba0d8a6b339e476a7b166a9e8ac0a395f7de736dc37de5f2f4397f5854eb8"),
        ("abc123", "xyz789", "4dad02ff1693df832f9c183fe400fc4f601360be06514acb4a73edb783eec345"),
        ("access_token", "app_secret", "d52ddf968d622d8af8677906b7fbae09ac1f89f7cd5c1584b27544624cc23e5a"),
        ("token", "secret", "e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a"),
    ],
)  # fmt: skip
def test_proof_vectors_of_public_clients(token: str, secret: str, proof: str) -> None:
    """The proofs in the test suites of four public clients."""
    assert proof_of(token, secret) == proof


async def test_apps_that_require_the_proof_on_every_call(here: Sample) -> None:
    """With that app setting even a call that needs no proof is refused without it."""
    async with (
        Simulator(
            here.world, rules=Rules(proof_always=True), clock=lambda: NOW_S
        ) as running,
        aiohttp.ClientSession() as session,
    ):
        api = Api(running, session)
        without = await api.app(here.movies, f"/{ASID}/ids_for_apps")
        with_proof = await api.app(here.movies, f"/{ASID}/ids_for_apps", proof=True)

    assert (without.code, with_proof.status) == ((100, None), 200)
