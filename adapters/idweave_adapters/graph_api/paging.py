"""Following the cursors of one edge to its end.

Meta, Paginated Results document: `cursors.after` is there on the last page too; the
end is where `next` is missing. A page may be shorter than asked for, even empty, and
still have a next one. `next` itself is never followed: it is an address that the
server chose, and it holds the token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from idweave_adapters.graph_api.errors import ProtocolFault

MAX_PAGES = 50
"""Pages of 100: far more than the apps or Pages that one business has."""

MAX_CURSOR_CHARS = 2048
"""Cursors in samples have some 100 characters; their length is not documented."""


MAX_STANDSTILLS = 3
"""An empty page may point at itself; how often it is asked for again."""


@dataclass(slots=True)
class Walk:
    """How far the pages of one edge have been read."""

    max_pages: int = MAX_PAGES
    _seen: set[str] = field(default_factory=set, repr=False)
    _last: str | None = field(default=None, repr=False)
    _pages: int = 0
    _standstills: int = 0

    def next_cursor(self, paging: object, *, is_empty: bool) -> str | None:
        """The cursor of the page after the one that says *paging*, None at the end.

        Args:
            paging: of the page that was read.
            is_empty: whether it held nothing.

        Raises:
            ProtocolFault: the way on is not stated, or leads in a circle, or does not
                end. The pages read so far may then be a part only.
        """
        after = _stated_cursor(paging)
        if after is None:
            return None
        self._pages += 1
        self._standstills += 1 if is_empty and after == self._last else 0
        is_circle = after in self._seen and not (is_empty and after == self._last)
        if (
            is_circle
            or self._pages > self.max_pages
            or self._standstills > MAX_STANDSTILLS
        ):
            msg = "the pages of an edge do not end"
            raise ProtocolFault(msg)
        self._seen.add(after)
        self._last = after
        return after


def _stated_cursor(paging: object) -> str | None:
    if paging is None:
        return None
    if not isinstance(paging, Mapping):
        msg = "the paging of an edge is malformed"
        raise ProtocolFault(msg)
    if paging.get("next") is None:
        return None
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, Mapping) else None
    if not isinstance(after, str) or not 0 < len(after) <= MAX_CURSOR_CHARS:
        msg = "an edge has more pages and no cursor to them"
        raise ProtocolFault(msg)
    return after
