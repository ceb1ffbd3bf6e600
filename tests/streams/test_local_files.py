"""From files of events to identities, asking a simulated Graph API over HTTP."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from tests.support.stand import write_credentials

from idweave_adapters.credentials import CredentialsError
from idweave_adapters.simulator import Simulator, World
from idweave_adapters.simulator.traffic import Traffic, TrafficPlan
from idweave_streams.demo.verdict import compare
from idweave_streams.local.files import LocalResult, run_files
from idweave_streams.settings import Settings
from idweave_streams.topics import outputs

WORLD = World.generate(seed=5, businesses=3, people=40)
ASSETS = [orjson.dumps(row) + b"\n" for row in WORLD.assets()]


@dataclass
class Deployment:
    """Settings, and a Graph API that answers."""

    simulator: Simulator
    settings: Settings

    async def run(
        self,
        *,
        assets: Iterable[bytes] = ASSETS,
        logins: Iterable[bytes] = (),
        webhooks: Iterable[bytes] = (),
        **changes: object,
    ) -> LocalResult:
        settings = self.settings.model_copy(update=changes)
        return await run_files(
            settings,
            assets=assets,
            logins=logins,
            webhooks=webhooks,
            patience_ms=30_000,
        )


@pytest.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    async with Simulator(WORLD) as simulator:
        settings = Settings(
            partitions=3,
            graph_api_url=simulator.base_url,
            credentials_file=write_credentials(WORLD, tmp_path),
            lookup_linger_ms=50,
        )
        yield Deployment(simulator, settings)


def traffic() -> Traffic:
    return Traffic(WORLD, TrafficPlan(seed=3, events=150, garbage=0.02))


def of(events: Traffic, topic: str) -> list[bytes]:
    return [event.value for event in events if event.topic == topic]


def login(user: str = "77", app: str | None = None) -> bytes:
    app = app or next(iter(WORLD.apps))
    event = {"app_id": app, "user_id": user, "login_kind": "classic"}
    return orjson.dumps(event | {"time": 1_767_225_600_000})


async def test_everybody_is_found(deployment: Deployment) -> None:
    """Persons, aliases and events are as the world knows them."""
    events = traffic()

    result = await deployment.run(
        logins=of(events, "login"), webhooks=of(events, "webhook")
    )

    tally = result.tally()
    sighted = events.report.sighted
    owner = {row["asset"]: row["business"] for row in WORLD.assets()}
    woven = events.expected()
    verdict = compare(
        tally.aliases,
        WORLD.truth(),
        seen={(owner[each.rpartition(":")[0]], each) for each in sighted},
        linkable={
            (business, scoped)
            for business, people in woven.items()
            for person in people
            if len(person) > 1
            for scoped in person
        },
    )
    assert verdict.wrong == 0
    assert verdict.persons == sum(map(len, woven.values()))
    assert result.engine.lag() == 0


async def test_the_summary_counts_what_the_topics_say(deployment: Deployment) -> None:
    """Ids seen, persons, events, refusals, dead letters, lookups that are open."""
    result = await deployment.run(logins=[login(), b"?", login(app="999")])

    summary = result.summary()

    assert summary == (
        "1 ids seen, 1 persons, "
        f"{len(result.tally().events)} events, 0 links refused, "
        "2 dead letters, 0 lookups open"
    )


async def test_blank_lines_are_no_records(deployment: Deployment) -> None:
    """Nor are line ends part of them."""
    logins = [b"\n", login() + b"\r\n", b"   \n", b""]

    result = await deployment.run(logins=logins)

    [record] = result.records(deployment.settings.topics.logins)
    assert record.value == login()
    assert result.tally().dead_letters == {}


@pytest.mark.parametrize(
    "line", [b"?", b"[]", b"{}", b'{"asset": 5}', b'{"asset": "x"}']
)
async def test_a_broken_asset_line_is_a_dead_letter(
    deployment: Deployment, line: bytes
) -> None:
    """The others count."""
    result = await deployment.run(assets=[line, *ASSETS], logins=[login()])

    tally = result.tally()
    assert tally.dead_letters == {"asset-record": 1}
    assert len(tally.sighted) == 1


async def test_events_of_unknown_assets_are_dead_letters(
    deployment: Deployment,
) -> None:
    """Without assets there is nobody in whose name anything could be found."""
    result = await deployment.run(assets=(), logins=[login()])

    assert result.tally().dead_letters == {"unknown-asset": 1}
    assert list(result.records(deployment.settings.topics.events)) == []


async def test_without_credentials_all_lookups_stay_open(
    deployment: Deployment,
) -> None:
    """What the events alone say is woven; nobody is asked."""
    result = await deployment.run(logins=[login()], credentials_file=None)

    assert "1 lookups open" in result.summary()
    assert deployment.simulator.stats.requests == 0
    assert len(result.tally().aliases) == 1


async def test_a_business_under_review_does_not_keep_it_waiting(
    deployment: Deployment,
) -> None:
    """Its lookups stay open, and the policy topic tells of the hold."""
    app, user = next(
        (app, user)
        for app in WORLD.apps.values()
        for user in WORLD.people.in_app(app.id)
    )
    deployment.simulator.review(app.owner or "")

    result = await deployment.run(logins=[login(user, app.id)])

    assert result.tally().held == {app.owner}
    assert "1 lookups open" in result.summary()
    [record] = result.records(deployment.settings.topics.policy)
    assert orjson.loads(record.value or b"")["type"] == "held"


async def test_credentials_that_cant_be_used_end_it_at_once(
    deployment: Deployment, tmp_path: Path
) -> None:
    """Before anything was read or asked."""
    broken = tmp_path / "broken.json"
    broken.write_text("{")

    with pytest.raises(CredentialsError):
        await deployment.run(logins=[login()], credentials_file=broken)


async def test_outputs_are_the_records_of_all_output_topics(
    deployment: Deployment,
) -> None:
    result = await deployment.run(logins=[login(), b"?"])

    found = {record.topic for record in result.outputs()}

    assert found < set(outputs(deployment.settings.topics))
    assert deployment.settings.topics.dead_letters in found
    assert deployment.settings.topics.persons in found
