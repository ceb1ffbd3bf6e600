"""`idweave assets sync`: a real broker, a simulated Graph API, and what is written."""

import gc
from pathlib import Path

import orjson
import pytest
from tests.adapters.simulator.test_ownership import Estate
from tests.streams.assets.deployment import Deployment, row, words
from tests.streams.cli.test_check import secrets
from tests.support.kafka import KafkaBroker, Record, end_offsets, produce

from idweave_graph.ids import Asset
from idweave_graph.ownership import Ownership
from idweave_streams.assets.topic import assets_writer
from idweave_streams.broker_errors import NotDone
from idweave_streams.cli.exits import Exit
from idweave_streams.settings import Settings


def named(here: Estate) -> dict[str, tuple[str, int]]:
    """The first owner of all that the estate's businesses own."""
    owned = {
        here.acme: (here.shop, here.shop_test, here.bot, here.managed),
        here.rival: (here.rival_app,),
        here.agency: (here.suite,),
    }
    return {
        each.asset: (owner.id, 1) for owner, assets in owned.items() for each in assets
    }


async def test_a_first_sync_writes_what_all_own(on_kafka: Deployment) -> None:
    """One line per asset, and nothing that is only shared or claimed."""
    result = await on_kafka.sync()

    expected = named(on_kafka.here)
    assert result.exit_code == Exit.OK
    assert words(result) == dict.fromkeys(expected, "gained")
    assert await on_kafka.owners() == expected


async def test_a_second_sync_writes_nothing(on_kafka: Deployment) -> None:
    """Not even a marker of an empty transaction."""
    await on_kafka.sync()
    before = await end_offsets(str(on_kafka.settings["kafka"]), on_kafka.topic)

    result = await on_kafka.sync()

    after = await end_offsets(str(on_kafka.settings["kafka"]), on_kafka.topic)
    assert (result.exit_code, result.stdout) == (Exit.OK, "")
    assert after == before


async def test_a_dry_run_tells_and_writes_nothing(on_kafka: Deployment) -> None:
    """It tells what a sync would do."""
    dry = await on_kafka.sync("--dry-run")
    assert await on_kafka.records() == []
    wet = await on_kafka.sync()

    assert dry.exit_code == Exit.OK
    assert dry.stdout == wet.stdout != ""


async def test_a_transfer_is_a_gap_and_then_a_new_epoch(on_kafka: Deployment) -> None:
    """The loser is named both times, so that it lets go."""
    here, bot = on_kafka.here, on_kafka.here.bot.asset
    await on_kafka.sync()

    on_kafka.simulator.transfer(bot, None)
    gap = await on_kafka.sync()
    on_kafka.simulator.transfer(bot, here.rival.id)
    moved = await on_kafka.sync()

    assert (words(gap), words(moved)) == ({bot: "lost"}, {bot: "gained"})
    story = [x for x in await on_kafka.records() if str(x.asset) == bot]
    assert [(x.business, x.epoch, x.previous) for x in story] == [
        (here.acme.id, 1, None),
        (None, 1, here.acme.id),
        (here.rival.id, 2, here.acme.id),
    ]
    assert story[0].since_ms <= story[1].since_ms <= story[2].since_ms


async def test_a_transfer_between_two_syncs_is_a_new_epoch(
    on_kafka: Deployment,
) -> None:
    """A test app goes with its parent."""
    here = on_kafka.here
    await on_kafka.sync()

    on_kafka.simulator.transfer(here.shop.asset, here.rival.id)
    result = await on_kafka.sync()

    assert words(result) == {here.shop.asset: "moved", here.shop_test.asset: "moved"}
    owners = await on_kafka.owners()
    assert owners[here.shop.asset] == owners[here.shop_test.asset] == (here.rival.id, 2)


async def test_the_parent_of_a_test_app_is_kept(
    on_kafka: Deployment,
) -> None:
    """Meta does not tell it; an operator does, once."""
    here = on_kafka.here
    await on_kafka.sync()

    stated = await on_kafka.state(
        row(here.shop_test.asset, here.acme, 1, parent=here.shop.asset)
    )
    again = await on_kafka.sync()
    on_kafka.simulator.transfer(here.shop.asset, here.rival.id)
    await on_kafka.sync()

    assert words(stated) == {here.shop_test.asset: "restated"}
    assert again.stdout == ""
    last = {str(each.asset): each for each in await on_kafka.records()}
    test_app = last[here.shop_test.asset]
    assert (test_app.business, str(test_app.parent)) == (here.rival.id, here.shop.asset)


async def test_a_business_that_cannot_be_read_keeps_its_assets(
    on_kafka: Deployment,
) -> None:
    """The others are synced all the same, and the code says what to do."""
    here = on_kafka.here
    await on_kafka.sync()
    on_kafka.simulator.revoke(f"business:{here.acme.id}")
    on_kafka.simulator.transfer(here.rival_app.asset, None)

    result = await on_kafka.sync()

    assert result.exit_code == Exit.CONFIGURATION
    assert words(result) == {here.rival_app.asset: "lost"}
    assert f"business {here.acme.id}: could not be read" in result.stderr
    assert (await on_kafka.owners())[here.bot.asset] == (here.acme.id, 1)


async def test_what_an_unread_business_owns_and_another_claims_is_nobodys(
    on_kafka: Deployment,
) -> None:
    """Until it can be read again."""
    here, bot = on_kafka.here, on_kafka.here.bot.asset
    await on_kafka.sync()
    on_kafka.simulator.block(here.acme.id)
    on_kafka.simulator.transfer(bot, here.rival.id)

    doubted = await on_kafka.sync()
    still = await on_kafka.sync("--json")
    on_kafka.simulator.block(here.acme.id, on=False)
    settled = await on_kafka.sync()

    assert (doubted.exit_code, words(doubted)) == (Exit.TRY_AGAIN, {bot: "lost"})
    assert f"{bot}: claimed by {here.rival.id}" in doubted.stderr
    (dispute,) = orjson.loads(still.stdout)["disputes"]
    assert (dispute["asset"], dispute["kind"]) == (bot, "doubted")
    assert (settled.exit_code, words(settled)) == (Exit.OK, {bot: "gained"})
    assert (await on_kafka.owners())[bot] == (here.rival.id, 2)


async def test_one_business_is_asked_alone(on_kafka: Deployment) -> None:
    """What others own stays as it is."""
    here = on_kafka.here
    await on_kafka.sync()
    on_kafka.simulator.transfer(here.bot.asset, None)
    on_kafka.simulator.transfer(here.rival_app.asset, None)
    on_kafka.simulator.reset_stats()

    result = await on_kafka.sync("--business", here.rival.id)

    assert words(result) == {here.rival_app.asset: "lost"}
    assert set(on_kafka.simulator.stats.by_business) == {here.rival.id}


async def test_passing_trouble_is_waited_out(on_kafka: Deployment) -> None:
    """A sync asks again a few times before it gives a business up."""
    on_kafka.simulator.change(failure_rate=0.3)

    result = await on_kafka.sync()

    assert on_kafka.simulator.stats.injected["failure"] > 0
    assert (result.exit_code, len(words(result))) == (Exit.OK, 6)


async def test_a_graph_api_that_does_not_answer_is_unavailable(
    on_kafka: Deployment,
) -> None:
    """Nothing is concluded, nothing written."""
    result = await on_kafka.sync(graph_api_url="http://127.0.0.1:1")

    assert (result.exit_code, result.stdout) == (Exit.UNAVAILABLE, "")
    assert await on_kafka.records() == []


async def test_service_providers_are_named(on_kafka: Deployment) -> None:
    """With the businesses that their apps work for."""
    here = on_kafka.here

    found = orjson.loads((await on_kafka.sync("--json", "--dry-run")).stdout)

    assert found["providers"] == sorted(
        [
            # shared with the agency, and not owned by it
            {
                "app": here.shop.asset,
                "owner": here.acme.id,
                "customers": [here.agency.id],
            },
            # made the token of Acme's Page
            {
                "app": here.suite.asset,
                "owner": here.agency.id,
                "customers": [here.acme.id],
            },
        ],
        key=lambda each: str(each["app"]),
    )


async def test_json_tells_everything(on_kafka: Deployment) -> None:
    """Counts by business, and each change with its epochs."""
    here = on_kafka.here
    await on_kafka.sync()
    on_kafka.simulator.transfer(here.bot.asset, here.rival.id)
    on_kafka.simulator.revoke(f"business:{here.agency.id}")

    result = await on_kafka.sync("--json")

    found = orjson.loads(result.stdout)
    businesses = {each["business"]: each for each in found["businesses"]}
    assert found["exit_code"] == result.exit_code == Exit.CONFIGURATION
    assert businesses[here.acme.id] == {
        "business": here.acme.id,
        "status": "read",
        "verified": True,
        "owned": 3,
        "shared": 1,  # its app still has a token for the Page that has left
        "pending": 1,
    }
    assert businesses[here.agency.id]["status"] == "failed"
    assert businesses[here.agency.id]["error"]["code"] == 190
    assert found["changes"] == [
        {
            "asset": here.bot.asset,
            "kind": "moved",
            "business": here.rival.id,
            "epoch": 2,
            "previous": here.acme.id,
            "parent": None,
        }
    ]


async def test_no_secret_is_told(on_kafka: Deployment) -> None:
    """Neither on stdout nor on stderr, whatever happens."""
    document = on_kafka.here.world.credentials()
    fine = await on_kafka.sync("--json")
    for business in on_kafka.here.world.businesses:
        on_kafka.simulator.revoke(f"business:{business}")
    refused = await on_kafka.sync()

    shown = fine.output + refused.output
    assert not [secret for secret in secrets(document) if secret in shown]


# what keeps a sync from beginning


async def test_without_any_token_there_is_nothing_to_ask(
    deployment: Deployment, tmp_path: Path
) -> None:
    """The remedy is told, and the broker is not troubled."""
    bare = tmp_path / "bare.json"
    bare.write_bytes(b'{"businesses":{"900":{"apps":{"1":{"secret":"s"}}}}}')

    none = await deployment.sync(credentials_file=bare)
    named = await deployment.sync("--business", "900", credentials_file=bare)

    for result in (none, named):
        assert result.exit_code == Exit.CONFIGURATION
        assert "businesses.<id>.token" in result.stderr


async def test_a_business_without_a_token_is_passed_over(
    on_kafka: Deployment, tmp_path: Path
) -> None:
    """And told of; what it owns stays as it is."""
    here, partly = on_kafka.here, tmp_path / "partly.json"
    document = here.world.credentials()
    await on_kafka.sync()
    for name in ("token", "app"):
        del document["businesses"][here.acme.id][name]
    partly.write_bytes(orjson.dumps(document))

    result = await on_kafka.sync(credentials_file=partly)

    assert (result.exit_code, result.stdout) == (Exit.OK, "")
    assert f"business {here.acme.id}: has no token" in result.stderr


async def test_a_token_may_come_from_the_environment(
    on_kafka: Deployment, tmp_path: Path
) -> None:
    """So that it need not lie in a file."""
    here, empty = on_kafka.here, tmp_path / "empty.json"
    empty.write_bytes(b'{"businesses":{}}')
    token = here.world.system_user_token(here.rival.id, here.rival_app.id)

    result = await on_kafka.sync(
        credentials_file=empty, env={f"IDWEAVE_BUSINESS_{here.rival.id}_TOKEN": token}
    )

    assert (result.exit_code, words(result)) == (
        Exit.OK,
        {here.rival_app.asset: "gained"},
    )


@pytest.mark.parametrize("arguments", [["sync"], ["import", "-"]])
async def test_a_missing_topic_is_told(
    deployment: Deployment, kafka: KafkaBroker, topic_prefix: str, arguments: list[str]
) -> None:
    """With the command that makes it."""
    result = await deployment.idweave(
        *arguments, kafka=kafka.bootstrap, topic_prefix=topic_prefix
    )

    assert result.exit_code == Exit.CONFIGURATION
    assert "idweave topics apply" in result.stderr


@pytest.mark.parametrize(
    "arguments", [["sync"], ["sync", "--dry-run"], ["import", "-"]]
)
async def test_a_broker_that_does_not_answer_is_unavailable(
    deployment: Deployment, arguments: list[str]
) -> None:
    """One line, and Meta was not asked."""
    result = await deployment.idweave(*arguments)

    assert (result.exit_code, result.stdout) == (Exit.UNAVAILABLE, "")
    assert len(result.stderr.splitlines()) == 1
    assert deployment.simulator.stats.calls == 0


@pytest.mark.parametrize("name", ["", "9/1", "a b"])
async def test_what_can_be_no_business_is_a_wrong_command_line(
    deployment: Deployment, name: str
) -> None:
    """Code 2."""
    result = await deployment.sync("--business", name)

    assert result.exit_code == Exit.USAGE


async def test_who_writes_last_shuts_out_who_began_before(
    on_kafka: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    """So no two syncs can give one epoch to two owners. It is told once."""
    stated = on_kafka.settings
    settings = Settings(
        kafka=str(stated["kafka"]), topic_prefix=str(stated["topic_prefix"])
    )
    record = Ownership(Asset.parse("app:1"), None, 1)

    async with assets_writer(settings) as slow:
        result = await on_kafka.sync()
        with pytest.raises(NotDone, match="try again"):
            await slow.write([record])
    del slow
    gc.collect()

    assert result.exit_code == Exit.OK
    assert "app:1" not in await on_kafka.owners()
    assert "never retrieved" not in caplog.text


async def test_unreadable_records_of_the_topic_do_not_stop_a_sync(
    on_kafka: Deployment,
) -> None:
    """The workers put them into the dead letters."""
    garbage = [Record(b"{", b"app:1"), Record(None, b"app:2")]
    await produce(str(on_kafka.settings["kafka"]), on_kafka.topic, garbage)

    result = await on_kafka.sync()

    assert (result.exit_code, len(words(result))) == (Exit.OK, 6)
