"""One lookup: its questions, its state between two rounds, and its answer.

First all parts are asked in one expanded read. An edge with more pages goes on by
itself. When the expanded read brings no edge, or is refused in a way that one part
alone may cause, they are asked one by one, and what is allowed is taken. An edge that
wants another kind of token is asked beside the others.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from idweave_adapters.graph_api.answers import (
    APPS,
    BUSINESS,
    EDGES,
    PAGES,
    Edge,
    is_id,
)
from idweave_adapters.graph_api.asked import Lookup, LookupAnswer
from idweave_adapters.graph_api.batch import Answer, Question, Reply
from idweave_adapters.graph_api.errors import (
    GraphApiError,
    LookupRefused,
    ProtocolFault,
)
from idweave_adapters.graph_api.exchange import BatchRefused
from idweave_adapters.graph_api.limits import NO_USAGE, Usage, worst_usage
from idweave_adapters.graph_api.parts import EdgeReading, ExpandedRead, TokenReading
from idweave_adapters.graph_api.sources import (
    DEFAULT_SOURCES,
    AsidPagesToken,
    Source,
    askable,
)
from idweave_graph.ids import AssetKind, BusinessToken, ScopedId

Part = ExpandedRead | EdgeReading | TokenReading


@dataclass(slots=True)
class Reading:
    """One lookup on its way. Done when it has no more questions."""

    scoped: ScopedId = field(repr=False)
    wanted: frozenset[Source]
    edges: tuple[EdgeReading, ...]
    token: TokenReading | None = None
    expanded: ExpandedRead | None = None
    error: GraphApiError | None = None
    requests: int = 0
    usage: Usage = NO_USAGE
    served_version: str | None = None

    @classmethod
    def of_sources(
        cls,
        lookup: Lookup,
        sources: Collection[Source] = DEFAULT_SOURCES,
        pages_token: AsidPagesToken = AsidPagesToken.APP,
    ) -> "Reading":
        """Begin with the expanded read of all *sources* that fit.

        Args:
            lookup: what is asked.
            sources: what is wanted; what this id and token can't be asked is left out.
            pages_token: whose token asks for the Page ids of an ASID first.
        """
        wanted = askable(sources, lookup.scoped, lookup.credential)
        edges = tuple(
            _edge_reading(edge, lookup, pages_token)
            for edge in EDGES
            if edge.name in wanted
        )
        token = None
        if Source.TOKEN_FOR_BUSINESS in wanted:
            token = TokenReading(lookup.credential)
        together = [edge for edge in edges if not edge.is_open]
        expanded = None
        if together or token:
            expanded = ExpandedRead(lookup.credential, together, token)
        return cls(lookup.scoped, wanted, edges, token, expanded)

    @classmethod
    def of_one_edge(cls, lookup: Lookup, edge: Edge, only: str | None) -> "Reading":
        """Read *edge* alone, for one app or Page only if *only* says so."""
        own = lookup.credential
        reading = EdgeReading(edge, own, own, only=only, is_open=True)
        return cls(lookup.scoped, frozenset({edge.name}), (reading,))

    def __post_init__(self) -> None:
        """What is no id is never sent: `me` would be the owner of the token."""
        if not is_id(self.scoped.user):
            self.error = LookupRefused(
                "no id that the platform gives out; correct what sends such ids"
            )

    @property
    def _open(self) -> list[Part]:
        """What is asked in this round, in the order of its questions."""
        if self.error:
            return []
        parts = (self.expanded, *self.edges, self.token)
        return [part for part in parts if part is not None and part.is_open]

    def questions(self) -> list[Question]:
        """What to ask in the next round; nothing when done."""
        return [part.question(self.scoped.user) for part in self._open]

    def take(self, replies: Sequence[Reply | BatchRefused]) -> None:
        """Take the replies to the questions of this round, in their order."""
        self.requests += len(replies)
        try:
            self._take(replies)
        except GraphApiError as error:
            self.error = error

    def _take(self, replies: Sequence[Reply | BatchRefused]) -> None:
        for part, reply in zip(self._open, replies, strict=True):
            if isinstance(reply, BatchRefused):
                _take_refused_batch(part, reply.error)
            else:
                self._note(reply)
                part.take(reply)

    def _note(self, reply: Reply) -> None:
        self.usage = worst_usage(self.usage, reply.usage)
        if isinstance(reply, Answer) and reply.served_version:
            self.served_version = reply.served_version

    def pages_token(self) -> AsidPagesToken | None:
        """Whose token the Page edge took, after it had not taken the first one."""
        pages = next((each for each in self.edges if each.edge is PAGES), None)
        if pages is None or not pages.denied or not pages.is_known:
            return None
        return AsidPagesToken.PAGE if pages.is_foreign else AsidPagesToken.APP

    def found(self, *among: Edge) -> tuple[ScopedId, ...]:
        """The ids that the edges *among* returned, each once, own id included.

        Raises:
            GraphApiError: why there is no answer.
        """
        self._check_success()
        edges = [each for each in self.edges if each.edge in among]
        return tuple(dict.fromkeys(one for each in edges for one in each.found))

    def checked_token(self) -> BusinessToken | None:
        """The business token of the asked person, None if the platform states none.

        Raises:
            GraphApiError: why there is no answer.
        """
        self._check_whose(self.found(*EDGES))
        return self.token.found if self.token else None

    def _check_success(self) -> None:
        if self.error:
            raise self.error
        token = self.token
        is_empty = all(edge.is_refused for edge in self.edges)
        is_empty &= token is None or token.found is None
        denied = [part.denied for part in (*self.edges, token) if part and part.denied]
        if is_empty and denied:
            raise denied[0]

    def _check_whose(self, found: Sequence[ScopedId]) -> None:
        """An answer must be about the id that was asked.

        Its outer id may be the person's id for another app (the sample of the
        Messenger ID Matching document shows such a one), but one of the ids that the
        answer itself holds. And where the answer names the asked app or Page, it must
        name the asked id there; a second id beside it is left for the graph to judge.
        """
        users = {self.scoped.user, *(one.user for one in found)}
        own = [one for one in found if one.asset == self.scoped.asset]
        outer = {part.outer for part in (self.expanded, self.token) if part} - {None}
        if not outer <= users or (own and self.scoped not in own):
            msg = "the answer is about another id than the one that was asked"
            raise ProtocolFault(msg, usage=self.usage)

    def answer(self) -> LookupAnswer | GraphApiError:
        """How it ended."""
        try:
            return self._answer(self.checked_token())
        except GraphApiError as error:
            # Its trace would keep the whole batch, with its ids, within reach.
            return error.with_traceback(None)

    def _answer(self, token: BusinessToken | None) -> LookupAnswer:
        known = {each.edge for each in self.edges if each.is_known}
        return LookupAnswer(
            links=self._others(APPS, PAGES),
            apps_known=APPS in known,
            pages_known=PAGES in known,
            requests=self.requests,
            usage=self.usage,
            served_version=self.served_version,
            token=token,
            business_links=self._others(BUSINESS),
            business_known=BUSINESS in known,
            wanted=self.wanted,
        )

    def _others(self, *among: Edge) -> tuple[ScopedId, ...]:
        return tuple(one for one in self.found(*among) if one != self.scoped)


def _edge_reading(
    edge: Edge, lookup: Lookup, pages_token: AsidPagesToken
) -> EdgeReading:
    own, page = lookup.credential, lookup.page_credential
    if edge is not PAGES or page is None or own.asset.kind is not AssetKind.APP:
        return EdgeReading(edge, own, own)
    if pages_token is AsidPagesToken.APP:
        return EdgeReading(edge, own, own, spare=page)
    return EdgeReading(edge, own, page, spare=own, is_open=True)


def _take_refused_batch(part: Part, error: GraphApiError) -> None:
    """A batch is refused in the name of its first credential.

    Raises:
        GraphApiError: it is one for the whole lookup.
    """
    if not isinstance(part, EdgeReading) or not part.is_foreign:
        raise error
    if not part.copes_with(error):
        raise error
