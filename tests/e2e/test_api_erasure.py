"""An erased id is in no answer, no export and, in time, no file of the read model."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
from tests.e2e.test_deletion import Shop, is_woven, login, message, shop
from tests.e2e.test_erasure import erasure, is_done
from tests.streams.cli.conftest import Run, run
from tests.support.api_process import key_for
from tests.support.kafka import KafkaBroker
from tests.support.stand import Stand, stand
from tests.support.waiting import until

from idweave_adapters.read_model import (
    RocksStore,
    StoredReadModel,
    Writer,
    raw_pairs,
)
from idweave_graph.ids import ScopedId
from idweave_streams.api import consumer_of, follower_of, server_of, serving
from idweave_streams.api_credentials import doors_of
from idweave_streams.cli.exits import Exit
from idweave_streams.erasing.in_formats import lines_of
from idweave_streams.erasing.places import Finding, Kind
from idweave_streams.erasing.search import search
from idweave_streams.model_follower import GRACE_S, LOOK_S, Clock, opened
from idweave_streams.settings import Settings
from idweave_streams.state.files import paths_below
from idweave_streams.state.wanted import FORMATS, JSONL

__all__ = ["run"]

ANALYSTS = set(FORMATS) - {JSONL}
SCRUB_S = 3600
START_S = 1_000_000.0
LISTS = (
    "/v1/persons",
    "/v1/quarantine",
    "/v1/refusals",
    "/v1/decisions",
    "/v1/erasures",
    "/v1/overview",
)


@dataclass
class Copy:
    """A read model that is asked over HTTP, with a clock that the test moves."""

    store: RocksStore
    folder: Path
    session: aiohttp.ClientSession
    url: str
    now_s: float = START_S

    async def get(self, path: str, **query: str) -> tuple[int, str]:
        async with self.session.get(self.url + path, params=query) as answer:
            return answer.status, await answer.text()

    async def is_ready(self) -> None:
        """It has come to the end of the topics."""

        async def is_true() -> bool:
            return (await self.get("/ready"))[0] == HTTPStatus.OK

        await until(is_true)

    async def later(self, claim: Callable[[], bool], step_s: float) -> None:
        """The claim has come true, as time goes by."""

        async def is_true() -> bool:
            self.now_s += step_s
            return claim()

        await until(is_true)

    async def answers(self, of: ScopedId, persons: set[str]) -> str:
        """All that is told of a business, of *persons* and of an id, as one text."""
        paths = [*LISTS, f"/v1/ids/{of}"]
        for person in sorted(persons):
            paths += [f"/v1/persons/{person}", f"/v1/persons/{person}/history"]
        told = [(await self.get(path))[1] for path in paths]
        told += [
            (await self.get("/v1/search", q=beginning))[1]
            for beginning in (of.user, str(of), "p_")
        ]
        changes = StoredReadModel(self.store).changes
        business = json.loads((await self.get("/v1/status"))[1])["businesses"][0]
        told.append(str(changes(business, 0, 10_000)))
        return "\n".join(told)


@asynccontextmanager
async def copied(settings: Settings, folder: Path, key: str) -> AsyncIterator[Copy]:
    """A read model follows the topics inside."""
    store = opened(folder, int(START_S * 1000))
    made: Copy | None = None

    def now_s() -> float:
        return START_S if made is None else made.now_s

    clock = Clock(now_s, lambda: int(now_s() * 1000))
    headers = {"Authorization": f"Bearer {key}"}
    try:
        async with (
            consumer_of(settings) as consumer,
            aiohttp.ClientSession(headers=headers) as session,
        ):
            follower = follower_of(settings, consumer, store, clock)
            task = asyncio.create_task(follower.run())
            doors = doors_of(settings, lambda: 0.0)
            server = server_of(settings, doors, store, follower.fresh)
            try:
                async with serving(settings, server, doors) as url:
                    made = Copy(store, folder, session, url)
                    yield made
            finally:
                task.cancel()
                outcome = await asyncio.gather(task, return_exceptions=True)
                assert isinstance(outcome[0], asyncio.CancelledError), outcome
    finally:
        store.close()


@asynccontextmanager
async def deployment(
    here: Shop, kafka: KafkaBroker, prefix: str, folder: Path
) -> AsyncIterator[Stand]:
    async with stand(
        here.world,
        kafka=kafka.bootstrap,
        prefix=prefix,
        folder=folder,
        api_keys_file=folder / "keys.json",
        api_port=0,
        api_scrub_hours=SCRUB_S / 3600,
    ) as deployed:
        await deployed.send_assets(here.world)
        yield deployed


def in_files(folder: Path, user: str) -> list[str]:
    """Where the user is: in bytes as they lie there, and in what is packed in them."""
    text = user.encode()
    found = [path.name for path in folder.iterdir() if text in path.read_bytes()]
    packed = sum(text in key + value for key, value in raw_pairs(folder))
    return [*found, *(["packed"] * bool(packed))]


@dataclass
class Scene:
    """Ann and Bob were seen, and a copy knows it."""

    here: Shop
    deployed: Stand
    copy: Copy
    persons: set[str]

    @property
    def gone(self) -> ScopedId:
        return self.here.asid(self.here.ann)

    @property
    def stays(self) -> ScopedId:
        return self.here.psid(self.here.ann)

    def is_known(self, who: ScopedId) -> bool:
        model = StoredReadModel(self.copy.store)
        return model.owner(self.here.acme.id, str(who)) is not None

    async def answers(self, of: ScopedId) -> str:
        self.persons |= set(self.deployed.tally.aliases.values())
        return await self.copy.answers(of, self.persons)

    async def in_model(self) -> Finding:
        """What `idweave erase --verify` finds there."""
        settings, folder = self.deployed.settings, self.copy.folder
        report = await search(settings, self.gone, read_models=[folder])
        [found] = [each for each in report.findings if each.kind is Kind.READ_MODEL]
        assert report.is_forgotten == (not found.stands)
        return found


@asynccontextmanager
async def scene(
    run: Run, kafka: KafkaBroker, prefix: str, folder: Path
) -> AsyncIterator[Scene]:
    """They are on the scene inside."""
    here = shop()
    people = (here.ann, here.bob)
    async with deployment(here, kafka, prefix, folder) as deployed:
        key = key_for(run, deployed.settings, here.acme.id)
        await deployed.start_worker("worker")
        for make in (login, message):
            await deployed.send([make(deployed, here, each) for each in people])
        persons = {await is_woven(deployed, here, each) for each in people}
        async with copied(deployed.settings, folder / "api", key) as copy:
            made = Scene(here, deployed, copy, persons)
            ids = (made.gone, made.stays)
            await copy.later(lambda: all(map(made.is_known, ids)), LOOK_S)
            await copy.is_ready()
            yield made


async def erased(at: Scene) -> None:
    """The id is forgotten, and the copy has read of it."""
    await at.deployed.send([erasure(at.deployed, at.gone, "R1")])
    assert await is_done(at.deployed, "R1") == 1
    await at.copy.later(lambda: not at.is_known(at.gone), 0)


@pytest.mark.timeout(300)
async def test_an_erased_id_is_nowhere(
    run: Run, kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """At once in no answer and no export; in no byte of the model after a rewriting."""
    async with scene(run, kafka, topic_prefix, tmp_path) as at:
        gone, stays, copy = at.gone.user, at.stays.user, at.copy
        settings = at.deployed.settings
        assert gone in await at.answers(at.gone)
        assert in_files(copy.folder, gone)
        assert (await at.in_model()).stands

        await erased(at)

        assert gone not in await at.answers(at.gone)
        assert (await copy.get(f"/v1/ids/{at.gone}"))[0] == HTTPStatus.NOT_FOUND
        assert stays in await at.answers(at.stays)
        await asyncio.to_thread(export, run, settings, tmp_path / "out")
        assert list(naming(tmp_path / "out", gone)) == []
        named = {path.parts[0] for path in naming(tmp_path / "out", stays)}
        assert named >= ANALYSTS

        assert in_files(copy.folder, gone)
        await copy.later(lambda: Writer(copy.store).unclean_ms() is not None, LOOK_S)
        within = await at.in_model()
        assert within.until_rewriting
        assert within.rewritten_ms is not None
        assert within.rewritten_ms <= (copy.now_s + SCRUB_S) * 1000

        await copy.later(lambda: not Writer(copy.store).is_owing(), GRACE_S)
        copy.now_s += SCRUB_S
        await copy.later(lambda: Writer(copy.store).unclean_ms() is None, LOOK_S)
        assert in_files(copy.folder, gone) == []
        assert in_files(copy.folder, stays)
        assert not (await at.in_model()).until_rewriting
        assert gone not in await at.answers(at.gone)


@pytest.mark.timeout(300)
async def test_the_command_says_what_is_left_and_until_when(
    run: Run, kafka: KafkaBroker, topic_prefix: str, tmp_path: Path
) -> None:
    """Without the id: not forgotten; then forgotten, with a time for the files."""
    async with scene(run, kafka, topic_prefix, tmp_path) as at:
        chosen = options(at.deployed.settings)
        asked = ("erase", "--verify", "--read-model", at.copy.folder, at.gone)

        before = await asyncio.to_thread(run, *chosen, *asked)
        await erased(at)
        unclean = Writer(at.copy.store).unclean_ms
        await at.copy.later(lambda: unclean() is not None, LOOK_S)
        after = await asyncio.to_thread(run, *chosen, *asked)

        assert before.exit_code == Exit.NOT_FORGOTTEN
        assert "see that its `idweave api` runs" in before.stderr
        assert after.exit_code == Exit.OK, after.output
        assert "kept until `idweave api` rewrites its files, due 1970-01-1" in (
            after.stdout
        )
        assert "`idweave api` removes what is left in its files" in after.stderr
        assert at.gone.user not in before.output + after.output


def options(settings: Settings) -> list[str]:
    chosen = settings.model_dump(
        include={"kafka", "topic_prefix", "app_id", "partitions"}
    )
    return [f"--set={name}={value}" for name, value in chosen.items()]


def export(run: Run, settings: Settings, out: Path) -> None:
    """All formats are in *out*."""
    forms = [part for each in FORMATS for part in ("--format", each)]
    done = run(*options(settings), "export", out, *forms)
    assert done.exit_code == Exit.OK, done.output


def naming(out: Path, user: str) -> Iterator[Path]:
    """The files of an export that name the user."""
    for path in paths_below(out):
        if path.is_file() and any(user.encode() in line for line in lines_of(path)):
            yield path.relative_to(out)
