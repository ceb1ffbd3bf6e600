"""What can be asked of the read model, whatever it lies on."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from idweave_adapters.read_model.records import Place

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a list, in the order of the list."""

    items: tuple[Document, ...]
    following: str | None
    """Where the next page begins; None: this was the last."""


class ReadModel(Protocol):
    """Every question names a business, and nothing of another one is in any answer.

    Members are texts such as `app:<app>:<user>`. Whoever is nobody's, because they were
    forgotten, are the business's no more or were never known, is in no answer.
    """

    def person(self, business: str, name: str) -> Document | None:
        """Return the living person of that id, as `person.v1.json` describes them."""

    def survivor(self, business: str, name: str) -> str | None:
        """Return who stands for *name* now: themselves, their heir, or nobody."""

    def owner(self, business: str, member: str) -> str | None:
        """Return whose *member* is."""

    def events_about(self, business: str, names: Collection[str]) -> Iterator[Document]:
        """Yield what was told of the persons of these ids, by id of the event.

        Each is read when it is asked for: a large person has many, and large ones.
        """

    def events_naming(self, business: str, members: Collection[str]) -> list[Document]:
        """Return the refusals, bans and decisions that name one of *members*, by id."""

    def persons(self, business: str, after: str, limit: int) -> Page:
        """List persons by id: `id`, `generation` and `size`."""

    def quarantined(self, business: str, after: str, limit: int) -> Page:
        """List the proofs in quarantine, by their ends: `proof` and `persons`."""

    def refusals(self, business: str, after: str, limit: int) -> Page:
        """List the events of refused links, the latest first."""

    def said(self, business: str, after: str, limit: int) -> Page:
        """List the events of bans, their ends, and decisions, the latest first."""

    def erasures(self, business: str, after: str, limit: int) -> Page:
        """List the records of erasures, the latest first. None names an id."""

    def search(self, business: str, text: str, after: str, limit: int) -> Page:
        """List the ids that begin with *text*: `id` and `person`.

        `p_…` searches person ids, also ended ones; a text with a colon members, as they
        are written; any other text what stands behind their last colon.
        """

    def changes(
        self, business: str, after: int, limit: int
    ) -> list[tuple[int, Document]]:
        """Return events with a number above *after*, in the order they came in."""

    def holds(self, business: str) -> list[Document]:
        """Return the holds of lookups that last, the business's own first."""

    def overview(self, business: str) -> Document | None:
        """Return counts, sizes and growth; None where nothing is known of it."""

    def offsets(self) -> Mapping[Place, int]:
        """Return the next offset of each partition that was read."""

    def last_change(self) -> int:
        """Return the highest number that `changes` may have."""

    def name(self) -> str:
        """Name this copy: numbers of changes are good for it alone."""

    def digest(self, business: str) -> str:
        """Return the digest of who is whom, to compare with other copies."""
