"""`idweave migrate-asids` as a process of its own, killed and run again, on real Kafka."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from tests.streams.migrate.ground import Town, town
from tests.support.kafka import KafkaBroker, Record, create_topics, produce
from tests.support.stand import Stand, stand
from tests.support.waiting import until

from idweave_graph.messages import Proved
from idweave_streams.codecs import decode_log
from idweave_streams.demo.on_kafka import environment
from idweave_streams.tally import Tally
from idweave_streams.views import HoldBook

PEOPLE = 1_100
CALLS = 6
INVALID = ["5", "77"]
EX_TEMPFAIL = 75


@pytest.fixture
def here() -> Town:
    return town(PEOPLE)


@pytest.fixture
async def deployed(
    here: Town, kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> AsyncIterator[Stand]:
    """A simulator that plays April 2021, and topics that know who owns what."""
    async with stand(
        here.world,
        kafka=kafka.bootstrap,
        prefix=topic_prefix,
        folder=tmp_path,
        graph_api_version="v3.3",
    ) as made:
        url = f"{made.simulator.base_url}/_simulator/history"
        async with aiohttp.ClientSession() as session:
            await session.put(url, json={"day": "2021-04-01"})
        await made.send_assets(here.world)
        yield made


class Command:
    """The command with its words; each run is a new process."""

    def __init__(self, deployed: Stand, here: Town, state: Path, *words: str) -> None:
        played = ("--declared-supported", "--today", "2021-04-01", "--json")
        self._words = ("--page", here.bot.id, "--state", str(state), *played, *words)
        self._environment = os.environ | environment(deployed.settings)
        self.journal = state / "journal.jsonl"

    async def start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "idweave_streams.cli", "migrate-asids"),
            *self._words,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def finish(self) -> tuple[dict[str, Any], bytes]:
        """It has ended well; what it printed on stdout and on stderr."""
        process = await self.start()
        out, err = await process.communicate()
        assert process.returncode == 0, out + err
        return orjson.loads(out), err

    async def kill_after(self, calls: int) -> None:
        """It has died without warning, some time after so many answers."""
        process = await self.start()

        async def has_answers() -> bool:
            assert process.returncode is None, await process.communicate()
            return len(self.answers()) >= calls

        await until(has_answers, every_s=0.005)
        process.send_signal(signal.SIGKILL)
        await process.communicate()
        assert process.returncode == -signal.SIGKILL

    def answers(self) -> list[list[str]]:
        """The ids that have an answer, by call; a line that was cut counts not."""
        text = self.journal.read_bytes() if self.journal.exists() else b""
        rows = [orjson.loads(x) for x in text.splitlines(keepends=True) if x[-1] == 10]
        pairs = [row["pairs"] for row in rows if row["k"] == "batch"]
        return [[pair[0] for pair in each] for each in pairs if each]


def truth(deployed: Stand, here: Town) -> dict[str, str]:
    """ASID to PSID, as the simulator has it."""
    people = deployed.simulator.world.people.in_app(here.shop.id)
    page = here.bot.id
    return {a: p.psids[page] for a, p in people.items() if page in p.psids}


@pytest.mark.timeout(240)
async def test_killed_and_run_again(
    deployed: Stand, here: Town, tmp_path: Path
) -> None:
    """No id that had an answer is asked again, and in the end all people are joined."""
    lines = here.asids[:500] + INVALID + here.asids[500:]
    file = tmp_path / "asids.txt"
    await asyncio.to_thread(file.write_text, "\n".join(lines))
    command = Command(deployed, here, tmp_path / "state", "--input", str(file))
    shop = here.shop.asset
    deployed.simulator.change(latency_s=0.15)
    await deployed.start_worker("worker")

    kept: dict[str, int] = {}
    for calls in (1, 3, 4):
        await command.kill_after(calls)
        answered = [asid for call in command.answers() for asid in call]
        stats = deployed.simulator.stats
        kept |= {a: stats.lookups_of(f"{shop}:{a}") for a in answered if a not in kept}
    told, said = await command.finish()

    # What the journal had was not asked for again.
    stats = deployed.simulator.stats
    assert len(kept) >= 600
    assert {a: stats.lookups_of(f"{shop}:{a}") for a in kept} == kept
    # Only the call that was under way at each of three deaths came twice.
    assert stats.by_route["pages_id_mapping"] <= CALLS + 3
    repeated = [a for a in here.asids if stats.lookups_of(f"{shop}:{a}") > 1]
    assert len(repeated) <= 3 * 200
    assert (told["mapped"], told["set_aside"]) == (PEOPLE, len(INVALID))
    aside = (tmp_path / "state" / "not-mapped.jsonl").read_bytes().splitlines()
    assert [orjson.loads(each)["asid"] for each in aside] == INVALID

    # The worker has joined them.
    pairs = truth(deployed, here)
    assert len(pairs) == PEOPLE
    await deployed.until(lambda tally: are_joined(tally, here, pairs))
    await deployed.settle()
    assert len(set(deployed.tally.aliases.values())) == PEOPLE
    assert deployed.tally.refusals == {}
    # Nobody's id and no token is on the terminal.
    for secret in (*here.asids[:50], *pairs.values(), *INVALID[1:]):
        assert secret.encode() not in said


def are_joined(tally: Tally, here: Town, pairs: dict[str, str]) -> bool:
    """Both ids of each pair are one person, and were joined by one event."""
    acme = here.acme.id
    for asid, psid in pairs.items():
        ends = (f"{here.shop.asset}:{asid}", f"{here.bot.asset}:{psid}")
        persons = {tally.aliases.get((acme, end)) for end in ends}
        if len(persons) != 1 or None in persons:
            return False
    return True


@pytest.mark.timeout(240)
async def test_a_topic_is_read_to_its_end_and_gone_on_with(
    deployed: Stand, here: Town, tmp_path: Path
) -> None:
    """From all partitions; records that come later are for the next run."""
    kafka, topic = deployed.settings.kafka, f"{deployed.settings.topic_prefix}asids"
    await create_topics(kafka, {topic: 3})
    asids = here.asids[:500]
    await produce(kafka, topic, records(asids[:450]))
    words = ("--topic", topic, "--report-invalid-ids")
    command = Command(deployed, here, tmp_path / "state", *words)

    first, _ = await command.finish()
    again, _ = await command.finish()
    await produce(kafka, topic, [*records(asids[450:]), Record(b"nothing")])
    last, _ = await command.finish()

    assert [each["read"] for each in (first, again, last)] == [450, 0, 51]
    assert (last["mapped"], last["set_aside"]) == (500, 1)
    assert deployed.simulator.stats.by_route == {"pages_id_mapping": 4}
    proofs = [
        proof
        for record in await deployed.records(deployed.names.evidence)
        for message in decode_log(record.value)
        if isinstance(message, Proved)
        for proof in message.proofs
    ]
    woven = {str(proof.a).split(":")[2]: str(proof.b).split(":")[2] for proof in proofs}
    assert woven == {asid: truth(deployed, here)[asid] for asid in asids}
    assert {proof.cause.topic for proof in proofs} == {topic}
    assert len({(p.cause.partition, p.cause.offset) for p in proofs}) == 500


@pytest.mark.timeout(240)
async def test_a_review_is_told_to_the_workers(
    deployed: Stand, here: Town, tmp_path: Path
) -> None:
    """A migration that meets one holds the business for all; the next asks nothing."""
    file = tmp_path / "asids.txt"
    await asyncio.to_thread(file.write_text, "\n".join(here.asids))
    command = Command(deployed, here, tmp_path / "state", "--input", str(file))
    deployed.simulator.review(here.acme.id)

    for _ in range(2):
        process = await command.start()
        _, said = await process.communicate()
        assert process.returncode == EX_TEMPFAIL, said

    assert deployed.simulator.stats.requests == 1
    book = HoldBook()
    for record in await deployed.records(deployed.names.holds):
        book.apply(record.key, record.value)
    (hold,) = book.held()
    assert (hold.business, hold.asset) == (here.acme.id, None)
    (told,) = await deployed.records(deployed.names.policy)
    assert told.value is not None
    assert orjson.loads(told.value)["type"] == "held"


def records(asids: list[str]) -> list[Record]:
    """One id a record, spread over three partitions."""
    return [
        Record(orjson.dumps({"asid": asid}), partition=number % 3)
        for number, asid in enumerate(asids)
    ]
