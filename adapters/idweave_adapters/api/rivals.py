"""What a proof in quarantine contradicts: two members of which a person has one."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from idweave_adapters.read_model import ReadModel
from idweave_graph.consume.reading import member_text
from idweave_graph.ids import member

Document = dict[str, Any]
ByScope = Mapping[str, str]


def with_rivals(
    model: ReadModel, business: str, items: Iterable[Document]
) -> list[Document]:
    """Say of each proof in quarantine what its two persons would have twice.

    No rivals: something else keeps them apart, such as a ban.
    """

    @cache  # a large person often holds many of the proofs of one page
    def scopes(name: str) -> ByScope:
        return _by_scope(model.person(business, name))

    return [{**item, "rivals": _rivals(item["persons"], scopes)} for item in items]


def _by_scope(person: Document | None) -> ByScope:
    names = (member_text(each) for each in person["members"]) if person else ()
    return {member(name).scope: name for name in names}


def _rivals(
    persons: Iterable[str | None], scopes: Callable[[str], ByScope]
) -> list[list[str]]:
    mine, yours = (scopes(name) if name else {} for name in persons)
    shared = mine.keys() & yours.keys()
    pairs = ([mine[scope], yours[scope]] for scope in sorted(shared))
    return [pair for pair in pairs if pair[0] != pair[1]]
