"""A read model as one of the copies of who is whom, to be held against the others."""

from collections.abc import Iterator

from idweave_adapters.read_model.keys import Area, key, parts_of, prefix
from idweave_adapters.read_model.records import Place, Source
from idweave_adapters.read_model.store import Readable

Row = tuple[str, str, str]
"""Business, member, person."""


class ModelCopy:
    """What a read model holds, of all businesses. For operators; the api has a port."""

    def __init__(self, files: Readable) -> None:
        self._files = files

    def is_model(self) -> bool:
        """Say whether this is a read model at all."""
        return self._files.get(key(Area.META, "name")) is not None

    def owner(self, business: str, member: str) -> str | None:
        """Return whose *member* is."""
        return _text(self._files.get(key(Area.OWNER, business, member)))

    def person(self, business: str, name: str) -> bytes | None:
        """Return the living person of that id, as `person.v1.json` describes them."""
        return self._files.get(key(Area.LIVING, business, name))

    def members(self) -> Iterator[Row]:
        """Yield whose every member is, by business."""
        for found, person in self._files.scan(prefix(Area.OWNER)):
            business, member = parts_of(found)
            yield business, member, person.decode()

    def persons(self) -> Iterator[tuple[str, str]]:
        """Yield the business and the id of every living person."""
        for found, _ in self._files.scan(prefix(Area.LIVING)):
            business, name = parts_of(found)
            yield business, name

    def offsets(self) -> dict[Place, int]:
        """Return the next offset of each partition that was read."""
        found: dict[Place, int] = {}
        for at, value in self._files.scan(prefix(Area.OFFSET)):
            source, partition = parts_of(at)
            found[Source(source), int(partition)] = int(value)
        return found

    def unclean_ms(self) -> int | None:
        """Return since when files may hold what was to be forgotten; None: they don't."""
        found = self._files.get(key(Area.META, "unclean"))
        return None if found is None else int(found)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
