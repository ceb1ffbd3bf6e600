"""The stages and what stands beside them, joined: the same for every engine.

A Faust worker and the in-process engine differ in who carries records and keeps
tables. What happens to a record is here, once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import SystemRandom

from idweave_adapters.erasure_key import ErasureKey
from idweave_graph.ids import Asset
from idweave_streams.agents import assets, ingest, resolve, weave
from idweave_streams.calls import DueBoard, LookupCaller, Pacing
from idweave_streams.calls.asking import Asking, CredentialStore, GraphApi
from idweave_streams.calls.caller import Publish
from idweave_streams.reliable import Record, Unit
from idweave_streams.setting_types import AccountLinking
from idweave_streams.settings import Settings
from idweave_streams.tables import GRAPH_TABLE, LOOKUP_TABLE
from idweave_streams.views import HoldBook, OwnershipBook


@dataclass(frozen=True, slots=True)
class Outside:
    """What the pipeline needs of the world."""

    api: GraphApi
    credentials: CredentialStore
    clock_ms: Callable[[], int]
    """Unix time in milliseconds."""
    asks_by_page: Callable[[Asset], bool] = lambda _: False
    """Whether the Graph API is asked about an app's ids with a Page's token too."""
    erasure_key: ErasureKey | None = field(default=None, repr=False)
    """Under which erased ids are remembered; None: none is."""
    draw: Callable[[], float] = SystemRandom().random
    """Gives the jitter of waits: any number from 0 to 1."""


@dataclass(frozen=True, slots=True)
class StageSpec:
    """One stage: what it reads, where it keeps its state, what it does."""

    name: str
    topics: tuple[str, ...]
    table: str | None
    handle: Callable[[Unit, Sequence[Record]], None]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Everything of one worker but the engine under it."""

    ownership: OwnershipBook
    holds: HoldBook
    board: DueBoard
    stages: tuple[StageSpec, ...]
    caller: LookupCaller


def build_pipeline(settings: Settings, outside: Outside, publish: Publish) -> Pipeline:
    """Join stages, books and caller. *publish* makes answers durable."""
    ownership, holds, board = OwnershipBook(), HoldBook(), DueBoard()
    caller = LookupCaller(
        board,
        _asking(settings, outside, ownership),
        holds,
        publish,
        clock_ms=outside.clock_ms,
        pacing=Pacing(outside.draw),
        limits=settings.call_limits,
    )
    stages = _stages(settings, outside, ownership, board)
    return Pipeline(ownership, holds, board, stages, caller)


def _asking(settings: Settings, outside: Outside, ownership: OwnershipBook) -> Asking:
    return Asking(
        outside.api,
        outside.credentials,
        ownership,
        clock_ms=outside.clock_ms,
        policy=settings.lookup_policy,
        asks_by_page=outside.asks_by_page,
    )


def _stages(
    settings: Settings, outside: Outside, ownership: OwnershipBook, board: DueBoard
) -> tuple[StageSpec, ...]:
    names, key = settings.topics, outside.erasure_key
    ingesting = ingest.Ingest(
        names,
        settings.partitions,
        ownership,
        partial(_secrets, ownership, outside),
        believes_linking=settings.account_linking is AccountLinking.EVIDENCE,
        memory=ingest.Memory(settings.erasure_memory_ms, of_ids=key is not None),
    )
    resolving = resolve.Resolve(names, settings.lookup_policy, board.changed, key)
    weaving = weave.Weave(names, settings.partitions, key)
    events = (names.logins, names.webhooks, names.commands)
    lookups = (names.sightings, names.answers)
    return (
        StageSpec(assets.STAGE, (names.assets,), None, assets.Assets(names).handle),
        StageSpec(ingest.STAGE, events, None, ingesting.handle),
        StageSpec(resolve.STAGE, lookups, LOOKUP_TABLE, resolving.handle),
        StageSpec(weave.STAGE, (names.evidence,), GRAPH_TABLE, weaving.handle),
    )


def _secrets(ownership: OwnershipBook, outside: Outside, app: Asset) -> list[bytes]:
    """Return what may have signed a request to *app*, by who owns it now."""
    owned = ownership.of(app)
    if owned is None or owned.business is None:
        return []
    secrets = outside.credentials.app_secrets(owned.business, app)
    return [secret.reveal().encode() for secret in secrets]
