"""The client for Meta's mapping edges: few calls, typed errors, no secret in sight."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from types import TracebackType
from typing import Self

import aiohttp

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api.answers import APPS, BUSINESS, PAGES, Edge
from idweave_adapters.graph_api.asked import Lookup, LookupAnswer
from idweave_adapters.graph_api.connection import DEFAULT_BOUNDS, Bounds, Connection
from idweave_adapters.graph_api.counters import Counters
from idweave_adapters.graph_api.errors import ConfigurationFault, GraphApiError
from idweave_adapters.graph_api.exchange import Exchange
from idweave_adapters.graph_api.lookups import Reading
from idweave_adapters.graph_api.signing import Signing
from idweave_adapters.graph_api.sources import (
    DEFAULT_SOURCES,
    AsidPagesToken,
    Source,
)
from idweave_adapters.graph_api.transport import root_url
from idweave_adapters.graph_api.versions import (
    ServedVersions,
    Version,
    refusal,
    tell_nobody,
)
from idweave_graph.ids import Asset, AssetKind, BusinessToken, ScopedId

DEFAULT_VERSION = "v25.0"


class GraphApiClient:
    """Asks the Graph API which other ids a person has.

    To be used as a context manager, which holds one HTTP session with its connections.
    Nothing is asked again here: who calls decides that by the type of the error.
    """

    def __init__(
        self,
        base_url: str,
        *,
        clock: Callable[[], float],
        version: str = DEFAULT_VERSION,
        session: aiohttp.ClientSession | None = None,
        bounds: Bounds = DEFAULT_BOUNDS,
        timed_proofs: bool = True,
        plain_http: bool = False,
        sources: Collection[Source] = DEFAULT_SOURCES,
        asid_pages_token: AsidPagesToken = AsidPagesToken.APP,
        on_other_version: Callable[[str], None] = tell_nobody,
    ) -> None:
        """Make a client; nothing is opened yet.

        Args:
            base_url: such as https://graph.facebook.com.
            clock: wall-clock time in seconds since 1970, for timed proofs. It may be
                off by less than five minutes.
            version: of the API.
            session: one to use, which stays the caller's to close.
            bounds: how much is done at once, and how long is waited.
            timed_proofs: whether proofs are good for five minutes only.
            plain_http: whether secrets may travel unencrypted to another machine;
                for a simulator of one's own.
            sources: what a lookup reads, where the kind of id and token allows it.
            asid_pages_token: whose token asks for the Page ids of an ASID first; the
                app's costs no call of its own. The other one is tried when the first
                is of the wrong kind, and is then the first for this app.
            on_other_version: is told once of each version that answers instead of
                the one that was asked for.

        Raises:
            InvalidBaseUrlError: the address would lose or show secrets.
            InvalidVersionError: *version* is none.
        """
        self.counters = Counters()
        url = root_url(base_url, version, plain_http=plain_http)
        self._connection = Connection(url, bounds, session)
        self._sign = Signing(clock if timed_proofs else None).sign
        self._sources = frozenset(sources)
        self._asid_pages_token = asid_pages_token
        self._pages_token_of: dict[Asset, AsidPagesToken] = {}
        """What an app's lookups have taught about it; forgotten with the process."""
        self._version = Version.parse(version)
        self._exchange = Exchange(
            self._connection.post,
            self._sign,
            asyncio.Semaphore(bounds.in_flight),
            self.counters,
            ServedVersions(self._version, self.counters, on_other_version),
        )

    async def __aenter__(self) -> Self:
        self._connection.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._connection.close()

    async def look_up(
        self, lookups: Sequence[Lookup]
    ) -> list[LookupAnswer | GraphApiError]:
        """Look all *lookups* up, 50 in one HTTP request.

        Each gets an answer or a typed error, in their order. Nothing is raised, unless
        the task is cancelled.
        """
        readings = [
            Reading.of_sources(
                lookup, self._sources, self._pages_token(lookup.scoped.asset)
            )
            for lookup in lookups
        ]
        await self._read(readings)
        for lookup, reading in zip(lookups, readings, strict=True):
            if learned := reading.pages_token():
                self._pages_token_of[lookup.scoped.asset] = learned
        return [reading.answer() for reading in readings]

    def asks_by_page(self, app: Asset) -> bool:
        """Whether lookups of *app*'s ids begin with the token of a Page, if they can.

        As it is set, or as earlier lookups have taught.
        """
        is_wanted = Source.IDS_FOR_PAGES in self._sources
        return is_wanted and self._pages_token(app) is AsidPagesToken.PAGE

    async def ids_for_apps(
        self, credential: Credential, user_id: str, *, app: str | None = None
    ) -> list[ScopedId]:
        """The person's ids in the apps of the same business.

        Args:
            credential: of the app or Page whose id *user_id* is.
            user_id: an ASID or PSID. It is part of the result where its app is.
            app: the id of the only app to ask for.

        Raises:
            GraphApiError: there is no answer.
            InvalidIdError: *user_id* is no id.
        """
        return await self._one_edge(credential, user_id, APPS, app)

    async def ids_for_pages(
        self, credential: Credential, user_id: str, *, page: str | None = None
    ) -> list[ScopedId]:
        """The person's ids with the Pages of the same business.

        Args:
            credential: of the app or Page whose id *user_id* is.
            user_id: an ASID or PSID. It is part of the result where its Page is.
            page: the id of the only Page to ask for.

        Raises:
            GraphApiError: there is no answer.
            InvalidIdError: *user_id* is no id.
        """
        return await self._one_edge(credential, user_id, PAGES, page)

    async def ids_for_business(
        self, credential: Credential, user_id: str, *, app: str | None = None
    ) -> list[ScopedId]:
        """The person's ids in the apps of the same business, by the edge of Login.

        Args:
            credential: of the app whose id *user_id* is.
            user_id: an ASID. It is part of the result.
            app: the id of the only app to ask for.

        Raises:
            GraphApiError: there is no answer.
            InvalidIdError: *user_id* is no id.
            ValueError: the credential is a Page's, which has no such edge.
        """
        _check_app(credential)
        return await self._one_edge(credential, user_id, BUSINESS, app)

    async def token_for_business(
        self, credential: Credential, user_id: str
    ) -> BusinessToken | None:
        """The person's token in the business of the app, None if none is stated.

        Args:
            credential: of the app whose id *user_id* is.
            user_id: an ASID.

        Raises:
            GraphApiError: there is no answer; the app may be in no business.
            InvalidIdError: *user_id* is no id.
            ValueError: the credential is a Page's, whose ids have no such field.
        """
        _check_app(credential)
        lookup = Lookup(ScopedId(credential.asset, user_id), credential)
        reading = Reading.of_sources(lookup, {Source.TOKEN_FOR_BUSINESS})
        await self._read([reading])
        return reading.checked_token()

    async def _one_edge(
        self, credential: Credential, user_id: str, edge: Edge, only: str | None
    ) -> list[ScopedId]:
        lookup = Lookup(ScopedId(credential.asset, user_id), credential)
        reading = Reading.of_one_edge(lookup, edge, only)
        await self._read([reading])
        return list(reading.found(edge))

    def _pages_token(self, app: Asset) -> AsidPagesToken:
        return self._pages_token_of.get(app, self._asid_pages_token)

    def _refuse_impossible(self, reading: Reading) -> None:
        """Not one call for what the version that is set can't do."""
        for source in sorted(reading.wanted):
            if remedy := refusal(self._version, source):
                reading.error = reading.error or ConfigurationFault(remedy)

    async def _read(self, readings: Sequence[Reading]) -> None:
        """Ask round by round until no reading has a question left.

        It ends, since each walk along an edge has a bounded number of pages.
        """
        if not self._connection.is_open:
            msg = "use the client as a context manager: async with GraphApiClient(...)"
            raise RuntimeError(msg)
        for reading in readings:
            self._refuse_impossible(reading)
        while True:
            asking = [(reading, reading.questions()) for reading in readings]
            questions = [question for _, asked in asking for question in asked]
            if not questions:
                return
            replies = iter(await self._exchange.ask(questions))
            for reading, asked in asking:
                reading.take([next(replies) for _ in asked])


def _check_app(credential: Credential) -> None:
    if credential.asset.kind is not AssetKind.APP:
        msg = "only an app can ask for this; the credential is a Page's"
        raise ValueError(msg)
