"""Field expansion: `id,ids_for_apps.limit(100){id,app{id}}` as a tree."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from idweave_adapters.simulator.api import errors

_NAME = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*")
_MODIFIER = re.compile(r"\.([a-z_]+)\(([^(){}]*)\)\s*")
_MAX_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Field:
    """A name, what was asked of it, and what was asked below it (nothing: the usual)."""

    name: str
    params: Mapping[str, str] = field(default_factory=dict)
    below: "tuple[Field, ...]" = ()


def parse(text: str) -> tuple[Field, ...]:
    """Read a `fields` parameter; empty text asks for nothing in particular.

    Raises:
        GraphError: the text does not follow the syntax.
    """
    if not text.strip():
        return ()
    reader = _Reader(text)
    found = reader.fields(depth=0)
    if reader.at < len(text):
        raise errors.syntax_error(reader.at)
    return found


def names(fields: Sequence[Field]) -> set[str]:
    """The names alone."""
    return {each.name for each in fields}


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    def fields(self, *, depth: int) -> tuple[Field, ...]:
        if depth > _MAX_DEPTH:
            raise errors.syntax_error(self.at)
        found = [self._field(depth)]
        while self._take(","):
            found.append(self._field(depth))
        return tuple(found)

    def _field(self, depth: int) -> Field:
        name = _NAME.match(self._text, self.at)
        if name is None:
            raise errors.syntax_error(self.at)
        self.at = name.end()
        params: dict[str, str] = {}
        while modifier := _MODIFIER.match(self._text, self.at):
            params[modifier[1]] = modifier[2].strip()
            self.at = modifier.end()
        below: tuple[Field, ...] = ()
        if self._take("{"):
            below = self.fields(depth=depth + 1)
            if not self._take("}"):
                raise errors.syntax_error(self.at)
        return Field(name[1], params, below)

    def _take(self, mark: str) -> bool:
        if not self._text.startswith(mark, self.at):
            return False
        self.at += 1
        while self._text[self.at : self.at + 1].isspace():
            self.at += 1
        return True
