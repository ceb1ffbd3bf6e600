"""The parts of one lookup: an edge with its pages, the field, and their common read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api.answers import (
    PAGES,
    Edge,
    read_entries,
    read_id,
    read_token,
)
from idweave_adapters.graph_api.batch import Answer, Question, Reply
from idweave_adapters.graph_api.errors import (
    GraphApiError,
    ProtocolFault,
    TooMuchData,
)
from idweave_adapters.graph_api.paging import Walk
from idweave_adapters.graph_api.refusals import (
    is_edge_denied,
    is_of_credential,
    is_token_denied,
    is_wrong_kind,
    may_be_of_one_part,
    names_what_or_whom,
)
from idweave_adapters.graph_api.sources import Source
from idweave_graph.ids import BusinessToken, ScopedId

PAGE_SIZE = 100
"""The largest that was seen to be accepted; no limit is documented."""

SMALL_PAGE_SIZE = 25
"""Asked for after the platform wanted smaller questions; its usual page size."""


@dataclass(slots=True)
class EdgeReading:
    """How far one edge has been read, and by whom it is asked."""

    edge: Edge
    own: Credential
    """What the lookup authenticates with."""
    credential: Credential
    """What this edge is asked with: `own`, or another for this edge alone."""
    spare: Credential | None = None
    """What it is asked with when `credential` turns out to be of the wrong kind."""
    only: str | None = None
    """The app or Page that is asked for, if it is one only."""
    page_size: int = PAGE_SIZE
    is_open: bool = False
    is_known: bool = False
    denied: GraphApiError | None = None
    found: list[ScopedId] = field(default_factory=list, repr=False)
    _after: str | None = field(default=None, repr=False)
    _walk: Walk = field(default_factory=Walk)

    @property
    def is_foreign(self) -> bool:
        """Whether it is asked with something else than the lookup's own credential."""
        return self.credential != self.own

    def question(self, user: str) -> Question:
        """The next page of this edge."""
        kind = self.edge.kind.value
        fields = [("fields", f"id,{kind}{{id}}"), ("limit", str(self.page_size))]
        if self.only is not None:
            fields.append((kind, self.only))
        if self._after is not None:
            fields.append(("after", self._after))
        return Question(f"{user}/{self.edge.name}", tuple(fields), self.credential)

    def take(self, reply: Reply) -> None:
        """Take one page, or note that this edge is not allowed.

        Raises:
            GraphApiError: any other refusal, or a page that is not understood.
        """
        if isinstance(reply, Answer):
            self.take_page(reply.body)
        elif not self.copes_with(reply):
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

    @property
    def is_refused(self) -> bool:
        """Whether it is not to be had with any of its credentials."""
        return self.denied is not None and not self.is_known

    def copes_with(self, error: GraphApiError) -> bool:
        """Ask with the spare credential, or give the edge up, as *error* wants it.

        Returns:
            Whether *error* is dealt with. If not, it is one of the whole lookup.
        """
        is_foreign = self.is_foreign
        if is_foreign and is_of_credential(error):
            self._begin_again()
        elif self._after is not None or not is_edge_denied(error):
            return False
        # Of two refusals the one of the own credential is told.
        if self.denied is None or not is_foreign:
            self.denied = error
        self.is_open = self.spare is not None and (is_foreign or is_wrong_kind(error))
        if self.spare and self.is_open:
            self.credential, self.spare = self.spare, None
        return True

    def _begin_again(self) -> None:
        self.found, self._after, self._walk = [], None, Walk()


@dataclass(slots=True)
class TokenReading:
    """What became of `token_for_business`."""

    credential: Credential
    is_open: bool = False
    denied: GraphApiError | None = None
    found: BusinessToken | None = field(default=None, repr=False)
    outer: str | None = field(default=None, repr=False)

    def question(self, user: str) -> Question:
        """The field alone."""
        fields = (("fields", f"id,{Source.TOKEN_FOR_BUSINESS}"),)
        return Question(user, fields, self.credential)

    def take(self, reply: Reply) -> None:
        """Take the field, or note that it is not to be had.

        Raises:
            GraphApiError: any other refusal, or an answer that is not understood.
        """
        self.is_open = False
        if isinstance(reply, Answer):
            self.outer = read_id(reply.body.get("id"))
            self.found = read_token(reply.body)
        elif is_token_denied(reply):
            self.denied = reply
        else:
            raise reply


@dataclass(slots=True)
class ExpandedRead:
    """One read of several parts, which costs one call."""

    credential: Credential
    edges: Sequence[EdgeReading]
    token: TokenReading | None
    is_open: bool = True
    outer: str | None = field(default=None, repr=False)

    def question(self, user: str) -> Question:
        """All parts at once."""
        names = [
            f"{each.edge.name}.limit({PAGE_SIZE}){{id,{each.edge.kind}{{id}}}}"
            for each in self.edges
        ]
        if self.token:
            names.append(Source.TOKEN_FOR_BUSINESS)
        fields = (("fields", ",".join(("id", *names))),)
        return Question(user, fields, self.credential)

    def take(self, reply: Reply) -> None:
        """Take the parts, or have them asked for one by one.

        Raises:
            GraphApiError: a refusal that no part alone is the cause of, or an answer
                that is not understood.
        """
        self.is_open = False
        if isinstance(reply, Answer):
            self._take_parts(reply.body)
        elif self.token and not self.edges:
            self.token.take(reply)
        elif self._sets_pages_apart(reply):
            self.is_open = bool(self.edges or self.token)
        elif self._sets_token_apart(reply):
            self.is_open = True
        elif isinstance(reply, TooMuchData) or may_be_of_one_part(reply):
            self._ask_one_by_one(is_smaller=isinstance(reply, TooMuchData))
        else:
            raise reply

    def _take_parts(self, body: Mapping[str, object]) -> None:
        self.outer = read_id(body.get("id"))
        if self.token:
            self.token.found = read_token(body)
        parts = [(each, body.get(each.edge.name)) for each in self.edges]
        for edge, part in parts:
            # A part that is missing is unknown, not empty: it may not be permitted.
            if part is not None:
                edge.take_page(part)
        if all(part is None for _, part in parts):
            self._open_edges()

    def _sets_pages_apart(self, error: Reply) -> bool:
        """Have the Page edge asked with its spare credential, if *error* wants that."""
        pages = next((each for each in self.edges if each.edge is PAGES), None)
        if not isinstance(error, GraphApiError) or not is_wrong_kind(error):
            return False
        if pages is None or pages.spare is None:
            return False
        self.edges = [each for each in self.edges if each is not pages]
        return pages.copes_with(error)

    def _sets_token_apart(self, error: Reply) -> bool:
        """Have the token asked for by itself, if *error* may be about that alone."""
        if self.token is None or not names_what_or_whom(error):
            return False
        self.token.is_open, self.token = True, None
        return True

    def _ask_one_by_one(self, *, is_smaller: bool) -> None:
        self._open_edges(SMALL_PAGE_SIZE if is_smaller else PAGE_SIZE)
        if self.token:
            self.token.is_open = True

    def _open_edges(self, page_size: int = PAGE_SIZE) -> None:
        for edge in self.edges:
            edge.is_open, edge.page_size = True, page_size
