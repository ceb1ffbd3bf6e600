"""One lookup: its questions, its state between two rounds, and its answer.

First both edges are asked in one expanded read. A part with more pages goes on edge
by edge. When the expanded read brings neither edge, or is refused in a way that one
edge alone may cause, both are asked one by one, and what is allowed is taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api.answers import (
    APPS,
    PAGES,
    Edge,
    is_id,
    read_entries,
    read_id,
)
from idweave_adapters.graph_api.asked import Lookup, LookupAnswer
from idweave_adapters.graph_api.batch import Answer, Question, Reply
from idweave_adapters.graph_api.errors import (
    ConfigurationFault,
    GraphApiError,
    LookupRefused,
    PermissionDenied,
    ProtocolFault,
    TooMuchData,
)
from idweave_adapters.graph_api.exchange import BatchRefused
from idweave_adapters.graph_api.limits import NO_USAGE, Usage
from idweave_adapters.graph_api.paging import Walk
from idweave_graph.ids import ScopedId

PAGE_SIZE = 100
"""The largest that was seen to be accepted; no limit is documented."""

SMALL_PAGE_SIZE = 25
"""Asked for after the platform wanted smaller questions; its usual page size."""

_INVALID_PARAMETER = 100


@dataclass(slots=True)
class EdgeReading:
    """How far one edge has been read."""

    edge: Edge
    only: str | None = None
    """The app or Page that is asked for, if it is one only."""
    page_size: int = PAGE_SIZE
    is_open: bool = False
    is_known: bool = False
    denied: GraphApiError | None = None
    found: list[ScopedId] = field(default_factory=list, repr=False)
    _after: str | None = field(default=None, repr=False)
    _walk: Walk = field(default_factory=Walk)

    def question(self, user: str, credential: Credential) -> Question:
        """The next page of this edge."""
        kind = self.edge.kind.value
        fields = [("fields", f"id,{kind}{{id}}"), ("limit", str(self.page_size))]
        if self.only is not None:
            fields.append((kind, self.only))
        if self._after is not None:
            fields.append(("after", self._after))
        return Question(f"{user}/{self.edge.name}", tuple(fields), credential)

    def take(self, reply: Reply) -> None:
        """Take one page, or note that this edge is not allowed.

        Raises:
            GraphApiError: any other refusal, or a page that is not understood.
        """
        if isinstance(reply, Answer):
            self.take_page(reply.body)
        elif self._after is None and is_edge_denied(reply):
            self.denied, self.is_open = reply, False
        else:
            raise reply

    def take_page(self, part: object) -> None:
        """Take one page.

        Raises:
            ProtocolFault: it is not understood, or holds what was not asked for.
        """
        entries = read_entries(part, self.edge)
        if self.only is not None and any(e.asset.id != self.only for e in entries):
            msg = "an edge holds another app or Page than the one that was asked for"
            raise ProtocolFault(msg)
        paging = part.get("paging") if isinstance(part, dict) else None
        self._after = self._walk.next_cursor(paging, is_empty=not entries)
        self.found += entries
        self.is_open = self._after is not None
        self.is_known = not self.is_open


def is_edge_denied(error: GraphApiError) -> bool:
    """Whether *error* says that what was asked for is not to be had with this token.

    A withdrawn edge is refused as an invalid parameter, so that counts too.
    """
    is_parameter = (
        isinstance(error, ConfigurationFault) and error.facts.code == _INVALID_PARAMETER
    )
    return is_parameter or isinstance(error, PermissionDenied)


@dataclass(slots=True)
class Reading:
    """One lookup on its way. Done when it has no more questions."""

    scoped: ScopedId = field(repr=False)
    credential: Credential
    edges: tuple[EdgeReading, ...]
    is_expanded: bool
    """Whether the expanded read is still to be asked."""
    error: GraphApiError | None = None
    requests: int = 0
    usage: Usage = NO_USAGE
    served_version: str | None = None
    _outer: str | None = field(default=None, repr=False)

    @classmethod
    def of_both_edges(cls, lookup: Lookup) -> "Reading":
        """Begin with the expanded read."""
        edges = (EdgeReading(APPS), EdgeReading(PAGES))
        return cls._begun(lookup, edges, is_expanded=True)

    @classmethod
    def of_one_edge(cls, lookup: Lookup, edge: Edge, only: str | None) -> "Reading":
        """Read *edge* alone, for one app or Page only if *only* says so."""
        reading = EdgeReading(edge, only, is_open=True)
        return cls._begun(lookup, (reading,), is_expanded=False)

    @classmethod
    def _begun(
        cls, lookup: Lookup, edges: tuple[EdgeReading, ...], *, is_expanded: bool
    ) -> "Reading":
        reading = cls(lookup.scoped, lookup.credential, edges, is_expanded)
        if not is_id(lookup.scoped.user):
            reading.error = LookupRefused(
                "no id that the platform gives out; correct what sends such ids"
            )
        return reading

    def questions(self) -> list[Question]:
        """What to ask in the next round; nothing when done."""
        user = self.scoped.user
        if self.error:
            return []
        if self.is_expanded:
            parts = (
                f"{e.edge.name}.limit({PAGE_SIZE}){{id,{e.edge.kind}{{id}}}}"
                for e in self.edges
            )
            return [
                Question(user, (("fields", ",".join(("id", *parts))),), self.credential)
            ]
        return [e.question(user, self.credential) for e in self.edges if e.is_open]

    def take(self, replies: Sequence[Reply | BatchRefused]) -> None:
        """Take the replies to the questions of this round, in their order."""
        self.requests += len(replies)
        try:
            self._take(replies)
        except GraphApiError as error:
            self.error = error

    def _take(self, replies: Sequence[Reply | BatchRefused]) -> None:
        asked = [edge for edge in self.edges if edge.is_open]
        for index, reply in enumerate(replies):
            if isinstance(reply, BatchRefused):
                raise reply.error
            self._note(reply)
            if self.is_expanded:
                self._take_expanded(reply)
            else:
                asked[index].take(reply)

    def _note(self, reply: Reply) -> None:
        self.usage = max(
            self.usage, reply.usage, key=lambda u: (u.regain_minutes, u.percent)
        )
        if isinstance(reply, Answer) and reply.served_version:
            self.served_version = reply.served_version

    def _take_expanded(self, reply: Reply) -> None:
        self.is_expanded = False
        if isinstance(reply, Answer):
            self._take_parts(reply.body)
        elif isinstance(reply, TooMuchData) or is_edge_denied(reply):
            self._ask_one_by_one(is_smaller=isinstance(reply, TooMuchData))
        else:
            raise reply

    def _take_parts(self, body: Mapping[str, object]) -> None:
        self._outer = read_id(body.get("id"))
        parts = [(edge, body.get(edge.edge.name)) for edge in self.edges]
        for edge, part in parts:
            # A part that is missing is unknown, not empty: it may not be permitted.
            if part is not None:
                edge.take_page(part)
        if all(part is None for _, part in parts):
            self._ask_one_by_one()

    def _ask_one_by_one(self, *, is_smaller: bool = False) -> None:
        for edge in self.edges:
            edge.is_open = True
            edge.page_size = SMALL_PAGE_SIZE if is_smaller else PAGE_SIZE

    def found(self) -> tuple[ScopedId, ...]:
        """All ids that were returned, each once, own id included.

        Raises:
            GraphApiError: why there is no answer.
        """
        if self.error:
            raise self.error
        if all(edge.denied for edge in self.edges) and self.edges[0].denied:
            raise self.edges[0].denied
        return tuple(dict.fromkeys(one for edge in self.edges for one in edge.found))

    def _check_whose(self, found: Sequence[ScopedId]) -> None:
        """An answer must be about the id that was asked.

        Its outer id may be the person's id for another app (the sample of the
        Messenger ID Matching document shows such a one), but one of the ids that the
        answer itself holds. And where the answer names the asked app or Page, it must
        name the asked id there; a second id beside it is left for the graph to judge.
        """
        users = {self.scoped.user, *(one.user for one in found)}
        own = [one for one in found if one.asset == self.scoped.asset]
        if (self._outer and self._outer not in users) or (
            own and self.scoped not in own
        ):
            msg = "the answer is about another id than the one that was asked"
            raise ProtocolFault(msg, usage=self.usage)

    def answer(self) -> LookupAnswer | GraphApiError:
        """How it ended."""
        try:
            found = self.found()
            self._check_whose(found)
        except GraphApiError as error:
            # Its trace would keep the whole batch, with its ids, within reach.
            return error.with_traceback(None)
        known = {edge.edge: edge.is_known for edge in self.edges}
        return LookupAnswer(
            links=tuple(one for one in found if one != self.scoped),
            apps_known=known.get(APPS, False),
            pages_known=known.get(PAGES, False),
            requests=self.requests,
            usage=self.usage,
            served_version=self.served_version,
        )
