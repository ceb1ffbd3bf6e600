"""One worker: the pipeline on Faust, with what runs beside the stream."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from mode import Service, ServiceT

from idweave_adapters.graph_api import GraphApiClient
from idweave_graph.messages import Answer
from idweave_streams.agents import resolve
from idweave_streams.codecs import encode_answers
from idweave_streams.credential_watch import CredentialWatch
from idweave_streams.doctor.erasures import HOW
from idweave_streams.follow import Follower
from idweave_streams.outside import reach_outside
from idweave_streams.packing import Packer
from idweave_streams.pipeline import Pipeline, StageSpec, build_pipeline
from idweave_streams.reliable import Output, ReliableApp, Stage
from idweave_streams.settings import Settings
from idweave_streams.tables import LookupTable

_log = logging.getLogger(__name__)


class WorkerApp(ReliableApp):
    """The Faust app of a worker. It starts what is beside the stream before it."""

    beside: "Beside"

    def on_init_dependencies(self) -> Iterable[ServiceT]:
        """Know all businesses before the first record is handled."""
        return [*super().on_init_dependencies(), self.beside]


class Beside(Service):
    """Followers of the broadcast topics, credentials, the client and the caller."""

    def __init__(
        self,
        settings: Settings,
        pipeline: Pipeline,
        api: GraphApiClient,
        watch: CredentialWatch,
    ) -> None:
        super().__init__()
        names = settings.topics
        self._api = api
        self._pipeline = pipeline
        self._watch = watch
        self._followers = (
            Follower(settings.kafka, names.assets, pipeline.ownership.apply),
            Follower(settings.kafka, names.holds, pipeline.holds.apply),
        )
        self._knows_all = asyncio.Event()
        self._calling: asyncio.Future[None] | None = None

    async def knows_all(self) -> None:
        """Return once ownership and holds are known as they stand."""
        await self._knows_all.wait()

    async def on_start(self) -> None:
        """Read the broadcast topics to their ends and open the client."""
        await self._api.__aenter__()
        for follower in self._followers:
            await follower.start()
        self._knows_all.set()
        for follower in self._followers:
            self.add_future(follower.run())
        self.add_future(self._watch.run())
        self.start_calling()

    def start_calling(self) -> None:
        """Ask what is due from now on."""
        self._calling = self.add_future(self._pipeline.caller.run())

    async def on_stop(self) -> None:
        """Close what was opened. Calls under way are asked again by the next owner."""
        if self._calling is not None:  # it can do nothing without the client
            self._calling.cancel()
            await asyncio.wait([self._calling])
        for follower in self._followers:
            await follower.stop()
        await self._api.__aexit__(None, None, None)


def create_worker(settings: Settings, environment: Mapping[str, str]) -> WorkerApp:
    """Join everything that a worker is. Nothing is opened yet.

    Raises:
        CredentialsError: the credentials of the file or *environment* can't be used.
        KeyFileError: the key of erasures can't be used.
    """
    app = WorkerApp(
        settings.app_id,
        broker=[f"kafka://{server}" for server in settings.kafka.split(",")],
        datadir=str(settings.data_dir),
        topic_partitions=settings.partitions,
        topic_replication_factor=settings.replication,
        topic_allow_declare=False,
        memory=settings.table_memory,
    )
    api, credentials, outside = reach_outside(settings, environment)
    if outside.erasure_key is None:
        _log.warning(
            "erased ids are not remembered, so old events can bring them back: %s", HOW
        )
    pipeline = build_pipeline(settings, outside, partial(_publish, app, settings))
    watch = CredentialWatch(
        credentials, pipeline.holds, every_s=settings.credentials_reload_seconds
    )
    app.beside = Beside(settings, pipeline, api, watch)
    for spec in pipeline.stages:
        _add_stage(app, spec, pipeline)
    return app


def _add_stage(app: WorkerApp, spec: StageSpec, pipeline: Pipeline) -> None:
    stage: Stage
    assigned: Callable[[frozenset[int]], None] | None = None
    revoked: Callable[[frozenset[int]], None] | None = None
    if spec.name == resolve.STAGE:

        def assigned(partitions: frozenset[int]) -> None:
            for partition in partitions:
                table = LookupTable(stage.state(partition))
                pipeline.board.assign(partition, table)

        def revoked(partitions: frozenset[int]) -> None:
            for partition in partitions:
                pipeline.caller.dropped(partition)

    stage = Stage(
        app,
        spec.name,
        spec.topics,
        spec.handle,
        table=spec.table,
        assigned=assigned,
        revoked=revoked,
        gate=app.beside.knows_all,
    )


async def _publish(
    app: WorkerApp, settings: Settings, answers: Sequence[tuple[int, Answer]]
) -> None:
    packer: Packer[int, Answer] = Packer()
    for partition, answer in answers:
        packer.add(partition, answer)
    topic = settings.topics.answers
    await app.outbox.publish(
        [
            Output(topic, None, value, partition=partition)
            for partition, value in packer.records(encode_answers)
        ]
    )
