"""What a business owns, as its own lists say.

Meta, Business reference: `owned_apps` and `owned_pages` are what it owns, `client_*`
what others share with it, and `pending_owned_pages` holds claims that nobody has
confirmed. A list counts when it was read to its end and holds as many rows as it says
it has; half a list would look like the loss of the other half.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from idweave_adapters.credentials import BusinessCredential
from idweave_adapters.graph_api.answers import read_id
from idweave_adapters.graph_api.batch import Answer, Question, Reply
from idweave_adapters.graph_api.client import GraphApiClient
from idweave_adapters.graph_api.errors import GraphApiError, ProtocolFault
from idweave_adapters.graph_api.exchange import BatchRefused
from idweave_adapters.graph_api.paging import Walk
from idweave_graph.ids import Asset, AssetKind
from idweave_graph.reconcile import Holdings

PAGE_SIZE = 100
"""Rows asked for at a time; no limit is documented."""

MAX_LIST_PAGES = 1_000
"""100,000 assets of one business; a list that goes on after that has no end."""

_VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class ListEdge:
    """One list of a business."""

    name: str
    kind: AssetKind
    inside: str = ""
    """The field of a row that holds the asset; empty where the row is the asset."""


OWNED_APPS = ListEdge("owned_apps", AssetKind.APP)
OWNED_PAGES = ListEdge("owned_pages", AssetKind.PAGE)
CLIENT_APPS = ListEdge("client_apps", AssetKind.APP)
CLIENT_PAGES = ListEdge("client_pages", AssetKind.PAGE)
PENDING_PAGES = ListEdge("pending_owned_pages", AssetKind.PAGE, inside="page")

LISTS = (OWNED_APPS, OWNED_PAGES, CLIENT_APPS, CLIENT_PAGES, PENDING_PAGES)


@dataclass(frozen=True, slots=True)
class BusinessLists:
    """What a business's lists say now."""

    holdings: Holdings
    is_verified: bool | None
    """Whether Meta has verified the business, None if it does not say."""
    requests: int
    """Calls made for it, as the rate limits count them."""


class OwnershipReader(GraphApiClient):
    """The client, with calls about what businesses own. Nobody is looked up."""

    async def read_lists(
        self, credentials: Sequence[BusinessCredential]
    ) -> list[BusinessLists | GraphApiError]:
        """Read all lists of each business to their ends.

        Each gets its lists or a typed error, in their order; one list that can't be
        read is an error of the whole business. Each business is asked in requests of
        its own, so no trouble of one reaches another.
        """
        if not self._connection.is_open:
            msg = "use the reader as a context manager: async with OwnershipReader(...)"
            raise RuntimeError(msg)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._lists_of(each)) for each in credentials]
        return [task.result() for task in tasks]

    async def _lists_of(
        self, credential: BusinessCredential
    ) -> BusinessLists | GraphApiError:
        reading = _BusinessReading(credential)
        try:
            while questions := reading.questions():
                reading.take(await self._exchange.ask(questions))
            return reading.lists()
        except GraphApiError as error:
            # Its trace would keep what was read within reach.
            return error.with_traceback(None)


@dataclass(slots=True)
class _ListReading:
    """How far one list has been read."""

    edge: ListEdge
    is_open: bool = True
    found: list[Asset] = field(default_factory=list)
    _total: int | None = None
    _after: str | None = field(default=None, repr=False)
    _walk: Walk = field(default_factory=lambda: Walk(max_pages=MAX_LIST_PAGES))

    def question(self, credential: BusinessCredential) -> Question:
        """The next page of this list."""
        wanted = f"id,{self.edge.inside}{{id}}" if self.edge.inside else "id"
        fields = [("fields", wanted), ("limit", str(PAGE_SIZE)), ("summary", "true")]
        if self._after is not None:
            fields.append(("after", self._after))
        path = f"{credential.business}/{self.edge.name}"
        return Question(path, tuple(fields), credential)

    def take(self, body: Mapping[str, object]) -> None:
        """Take one page.

        Raises:
            ProtocolFault: it is not understood, the pages do not end, or they are over
                and hold fewer rows than the list says it has.
        """
        rows = list(self._rows(body.get("data")))
        self.found += rows
        self._total = _total(body.get("summary"), self._total)
        self._after = self._walk.next_cursor(body.get("paging"), is_empty=not rows)
        self.is_open = self._after is not None
        if not self.is_open and len(set(self.found)) < (self._total or 0):
            msg = "a list of the business is shorter than it says it is"
            raise ProtocolFault(msg)

    def _rows(self, data: object) -> Iterator[Asset]:
        if not isinstance(data, list):
            msg = "a list of the business has no rows"
            raise ProtocolFault(msg)
        for row in data:
            place = row.get(self.edge.inside) if self._is_nested(row) else row
            if not isinstance(place, Mapping):
                msg = "a row of a list of the business is malformed"
                raise ProtocolFault(msg)
            yield Asset(self.edge.kind, read_id(place.get("id")))

    def _is_nested(self, row: object) -> bool:
        return bool(self.edge.inside) and isinstance(row, Mapping)


@dataclass(slots=True)
class _BusinessReading:
    """One business on its way. Done when it has no more questions."""

    credential: BusinessCredential
    is_begun: bool = False
    is_verified: bool | None = None
    requests: int = 0
    lists_read: tuple[_ListReading, ...] = field(
        default_factory=lambda: tuple(_ListReading(edge) for edge in LISTS)
    )

    def questions(self) -> list[Question]:
        """What to ask in the next round; the business itself in the first one."""
        asked = [each.question(self.credential) for each in self._open()]
        if not self.is_begun:
            fields = (("fields", "id,verification_status"),)
            asked.append(Question(self.credential.business, fields, self.credential))
        return asked

    def take(self, replies: Sequence[Reply | BatchRefused]) -> None:
        """Take the replies to the questions of this round, in their order.

        Raises:
            GraphApiError: one of them could not be had.
        """
        self.requests += len(replies)
        bodies = [_body(reply) for reply in replies]
        for reading, body in zip(self._open(), bodies, strict=False):
            reading.take(body)
        if not self.is_begun:
            self._take_business(bodies[-1])
        self.is_begun = True

    def _open(self) -> list[_ListReading]:
        return [each for each in self.lists_read if each.is_open]

    def _take_business(self, body: Mapping[str, object]) -> None:
        if body.get("id") != self.credential.business:
            msg = "the answer is about another business than the one that was asked"
            raise ProtocolFault(msg)
        status = body.get("verification_status")
        if isinstance(status, str):
            self.is_verified = status == _VERIFIED

    def lists(self) -> BusinessLists:
        """What was read."""
        found = {each.edge: frozenset(each.found) for each in self.lists_read}
        pending = found[PENDING_PAGES]
        holdings = Holdings(
            business=self.credential.business,
            # A Page in both lists is claimed and not confirmed (Business reference).
            owned=found[OWNED_APPS] | found[OWNED_PAGES] - pending,
            shared=found[CLIENT_APPS] | found[CLIENT_PAGES],
            pending=pending,
        )
        return BusinessLists(holdings, self.is_verified, self.requests)


def _body(reply: Reply | BatchRefused) -> Mapping[str, object]:
    match reply:
        case Answer(body=body):
            return body
        case BatchRefused(error):
            raise error
        case _:
            raise reply


def _total(summary: object, known: int | None) -> int | None:
    """The latest count that the list states of itself, if it does."""
    count = summary.get("total_count") if isinstance(summary, Mapping) else None
    is_count = isinstance(count, int) and not isinstance(count, bool)
    return count if is_count else known
