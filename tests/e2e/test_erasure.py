"""What was erased stays away when all old events come once more: on a real broker."""

from pathlib import Path

import orjson
import pytest
from tests.e2e.test_deletion import Shop, deployment, is_woven, login, message, shop
from tests.streams.ingress.calling import wall_clock
from tests.support.kafka import KafkaBroker
from tests.support.stand import Stand
from tests.support.waiting import until

from idweave_adapters.commands import Requested, command_key, encode_command
from idweave_adapters.erase_commands import RequestedAssetErasure
from idweave_graph.ids import Asset, ScopedId
from idweave_graph.messages import CommandKind
from idweave_streams.reliable import Output


def erasure(deployed: Stand, subject: ScopedId | Asset, receipt: str) -> Output:
    """The command that `idweave erase` writes."""
    at_ms = int(wall_clock() * 1000)
    requested = (
        RequestedAssetErasure(subject, at_ms, "operator", receipt)
        if isinstance(subject, Asset)
        else Requested(subject, CommandKind.ERASE_ID, at_ms, "operator", receipt)
    )
    key, value = command_key(requested), encode_command(requested)
    return Output(deployed.names.commands, key, value)


async def is_done(deployed: Stand, receipt: str) -> int:
    """The receipt says so; how many ids were forgotten."""
    found: list[int] = []

    async def has_come() -> bool:
        for told in await deployed.records(deployed.names.receipts):
            row = orjson.loads(told.value or b"{}")
            if told.key == receipt.encode() and row["state"] == "done":
                found.append(int(row["ids"]))
        return bool(found)

    await until(has_come)
    return found[0]


def old_events(deployed: Stand, here: Shop) -> list[Output]:
    return [
        make(deployed, here, person)
        for person in (here.ann, here.bob)
        for make in (login, message)
    ]


@pytest.mark.timeout(240)
async def test_all_old_events_once_more_bring_nobody_back(
    kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """An id, then all ids of its Page; a worker that was not there does not know more.

    No alias, no member of a person, nothing in the lookup table's changelog; and the
    audit tells of both, without an id.
    """
    here = shop()
    asid, page = here.asid(here.ann), here.psid(here.ann).asset
    async with deployment(here, kafka, topic_prefix, tmp_path) as deployed:
        await deployed.start_worker("one")
        events = old_events(deployed, here)
        await deployed.send(events)
        for person in (here.ann, here.bob):
            await is_woven(deployed, here, person)

        await deployed.send([erasure(deployed, asid, "R1")])
        assert await is_done(deployed, "R1") == 1
        await deployed.send([erasure(deployed, page, "R2")])
        assert await is_done(deployed, "R2") == 2
        await deployed.settle()
        await deployed.start_worker("two")
        await deployed.send(events)
        await deployed.settle()

        left = {str(here.asid(here.bob))}
        assert {scoped for _, scoped in deployed.tally.aliases} == left
        gone = [asid, here.psid(here.ann), here.psid(here.bob)]
        assert not await named(deployed, deployed.names.persons, gone)
        lookups = f"{deployed.settings.app_id}-lookups-changelog"
        assert not await named(deployed, lookups, gone)
        policy = await deployed.records(deployed.names.policy)
        told = [orjson.loads(each.value or b"") for each in policy]
        audit = [each for each in told if each["type"] == "erasure"]
        assert [each["what"] for each in audit] == ["erase-id", "erase-asset"]
        assert [each["ids"] for each in audit] == [1, 2]
        assert not any(who.user in str(each) for who in gone for each in audit)


async def named(deployed: Stand, topic: str, ids: list[ScopedId]) -> list[bytes]:
    """What a compacted topic still holds of *ids*: the keys of its last records."""
    last = {each.key: each.value for each in await deployed.records(topic)}
    return [
        key or b""
        for key, value in last.items()
        if value is not None
        and any(who.user.encode() in (key or b"") + value for who in ids)
    ]
