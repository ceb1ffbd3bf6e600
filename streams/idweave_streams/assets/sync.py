"""From what businesses say they own to records on the assets topic."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from idweave_adapters.credentials import BusinessCredential, Credentials
from idweave_adapters.graph_api import (
    Bounds,
    BusinessLists,
    GraphApiError,
    OwnershipReader,
    Transient,
)
from idweave_graph.ids import Asset, BusinessId
from idweave_graph.reconcile import Reconciliation, reconcile
from idweave_streams.assets.topic import assets_writer, read_assets
from idweave_streams.settings import Settings

ATTEMPTS = 3
"""How often a business is asked while the platform fails for the moment."""
PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of asking one business."""

    business: BusinessId
    lists: BusinessLists | None = None
    error: GraphApiError | None = None
    """With neither lists nor error: it has no token, so nobody asked."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync has found, and written unless it was dry."""

    is_dry: bool
    readings: tuple[Reading, ...]
    reconciliation: Reconciliation
    known: int
    """Assets on the topic before."""


async def sync(
    settings: Settings,
    credentials: Credentials,
    businesses: Sequence[BusinessId],
    *,
    clock: Callable[[], float],
    is_dry: bool = False,
) -> Synced:
    """Bring the assets topic up to date with what *businesses* own now.

    What a business owns that could not be read, or has no token, stays as it is.

    Args:
        settings: where broker and Graph API are.
        credentials: with a token for each business that is to be read.
        businesses: whom to ask.
        clock: wall-clock time in seconds since 1970.
        is_dry: look, and write nothing.

    Raises:
        BrokerError: the topic can't be read or written; nothing was written.
    """
    async with AsyncExitStack() as stack:
        writer = None
        if not is_dry:
            writer = await stack.enter_async_context(assets_writer(settings))
        book = await read_assets(settings)
        readings = await read_businesses(settings, credentials, businesses, clock)
        found = reconcile(
            book.all(),
            [each.lists.holdings for each in readings if each.lists],
            at_ms=int(clock() * 1000),
            unread=[each.business for each in readings if each.error],
            makers=_makers(credentials),
        )
        if writer is not None:
            await writer.write([change.record for change in found.changes])
    return Synced(is_dry, tuple(readings), found, len(book))


async def read_businesses(
    settings: Settings,
    credentials: Credentials,
    businesses: Sequence[BusinessId],
    clock: Callable[[], float],
) -> list[Reading]:
    """Ask the Graph API for the lists of each business that has a token."""
    tokens = {each: credentials.for_business(each) for each in businesses}
    asked = [each for each in tokens.values() if each is not None]
    async with OwnershipReader(
        settings.graph_api_url,
        clock=clock,
        version=settings.graph_api_version,
        bounds=Bounds(in_flight=settings.lookup_requests),
        plain_http=settings.graph_api_url.startswith("http://"),
    ) as reader:
        answers = await _persist(reader, asked)
    return [_reading(each, answers.get(each)) for each in tokens]


_Answer = BusinessLists | GraphApiError


async def _persist(
    reader: OwnershipReader, asked: Sequence[BusinessCredential]
) -> dict[BusinessId, _Answer]:
    """Ask all; ask those again where it failed for the moment."""
    answers: dict[BusinessId, _Answer] = {}
    waiting = list(asked)
    for attempt in range(ATTEMPTS):
        await asyncio.sleep(attempt * PAUSE_S)
        found = await reader.read_lists(waiting)
        for each, answer in zip(waiting, found, strict=True):
            answers[each.business] = answer
        waiting = [x for x in waiting if isinstance(answers[x.business], Transient)]
        if not waiting:
            break
    return answers


def _reading(business: BusinessId, answer: _Answer | None) -> Reading:
    if isinstance(answer, GraphApiError):
        return Reading(business, error=answer)
    return Reading(business, lists=answer)


def _makers(credentials: Credentials) -> Iterator[tuple[BusinessId, Asset]]:
    """Yield which app made which business's Page tokens."""
    for business, asset in credentials.assets():
        credential = credentials.for_asset(business, asset)
        if credential is not None and credential.made_by != asset:
            yield business, credential.made_by
