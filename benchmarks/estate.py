"""A business with an app of very many people, as a worker's table holds it.

To weave a million people takes minutes, and says nothing about the sweep. So the core
weaves one, and the others are made in the likeness of that one: only their ids differ,
and the name that comes of an id. Some are woven as well, and must be the same to the
byte.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from idweave_adapters.simulator import World
from idweave_adapters.simulator.world import App, Business, Page, WorldBuilder
from idweave_graph.evidence import Cause, Evidence, EvidenceKind
from idweave_graph.ids import Asset, BusinessId, ScopedId
from idweave_graph.messages import AssetChanged, LogMessage, Proved, Sighted
from idweave_graph.ownership import OwnedId
from idweave_graph.person import person_id
from idweave_streams.agents.weave import Weave
from idweave_streams.codecs import encode_log
from idweave_streams.reliable import Output, Record, Unit
from idweave_streams.topics import TopicNames

SEEN_MS = 1_700_000_000_000
CHECKED = 100
"""So many people are woven as well."""

Pair = tuple[bytes, bytes]


class UnlikeError(AssertionError):
    """A person that was made is not as the core weaves them."""


class EmptyTable:
    """Nobody is known yet."""

    def get(self, _: bytes) -> None:
        """Find nothing."""

    def scan(self, _prefix: bytes, _start: bytes = b"") -> Iterator[Pair]:
        """Find nothing."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Estate:
    """A business before it loses an app, and who gets it."""

    world: World
    owner: Business
    heir: Business
    leaving: App
    """It has *members* people, each known by the Page too."""
    staying: App
    page: Page
    members: int
    newcomers: tuple[str, ...]
    """User ids of the app that stays, of whom no event has told yet."""

    def assets(self, names: TopicNames) -> list[Output]:
        """Who owns what at first, as records."""
        return [_asset(names, row) for row in self.world.assets()]

    def transfer(self, names: TopicNames, at_ms: int) -> Output:
        """The app has gone to the heir, as a record."""
        row = {
            "asset": self.leaving.asset,
            "business": self.heir.id,
            "epoch": 2,
            "parent": None,
            "previous": self.owner.id,
            "since_ms": at_ms,
        }
        return _asset(names, row)

    def user(self, number: int) -> str:
        """Return the app's id of the member of that number."""
        return f"1{number:015d}"

    def number(self, user: str) -> int:
        """Return the number of the member whom the app knows by that id."""
        return int(user[1:])

    def is_at_first(self, user: str) -> bool:
        """Say whether that is the Page's id of one of the members."""
        number = int(user[1:])
        return number < self.members and user == f"2{number:015d}"

    def table(self, names: TopicNames) -> Iterator[Pair]:
        """List what the table of graphs holds, one person after the other.

        Raises:
            UnlikeError: the core would have written something else.
        """
        first, old = self._woven(names, 0), self._texts(0)
        alike = [pair for pair in first if any(text in b"".join(pair) for text in old)]
        yield from first - set(alike)
        every = max(1, self.members // CHECKED)
        for number in range(self.members):
            new = self._texts(number)
            pairs = [(_in_place(k, old, new), _in_place(v, old, new)) for k, v in alike]
            if number % every == 0 and not self._woven(names, number) >= set(pairs):
                msg = "a person was made that the core weaves otherwise"
                raise UnlikeError(msg)
            yield from pairs

    def _ids(self, number: int) -> tuple[ScopedId, ScopedId]:
        page = Asset.parse(self.page.asset)
        one = ScopedId(Asset.parse(self.leaving.asset), self.user(number))
        return one, ScopedId(page, f"2{number:015d}")

    def _texts(self, number: int) -> list[bytes]:
        """Return what is a person's own: their ids, and the names that these give."""
        ids, business = self._ids(number), BusinessId(self.owner.id)
        names = [person_id(business, each) for each in ids]
        return [text.encode() for text in (*(each.user for each in ids), *names)]

    def _woven(self, names: TopicNames, number: int) -> set[Pair]:
        """Return what the core writes of one person, and of whose assets these are."""
        unit, value = Unit(0, EmptyTable()), encode_log(self._log(names, number))
        key = self.owner.id.encode()
        record = Record(names.evidence, 0, 0, SEEN_MS, key, value)
        Weave(names, 1).handle(unit, [record])
        return {(k, v) for k, v in unit.changes.items() if v is not None}

    def _log(self, names: TopicNames, number: int) -> list[LogMessage]:
        business, (one, other) = BusinessId(self.owner.id), self._ids(number)
        cause = Cause(names.logins, 0, 0)
        kind, at_ms = EvidenceKind.IDS_FOR_PAGES, SEEN_MS + 2
        proof = Evidence(kind, one, other, at_ms, 1, 1, cause)
        return [
            AssetChanged(business, one.asset, 1, True, 0, cause),
            AssetChanged(business, other.asset, 1, True, 0, cause),
            Sighted(business, OwnedId(one, 1), SEEN_MS, cause),
            Sighted(business, OwnedId(other, 1), SEEN_MS + 1, cause),
            Proved(business, (proof,), at_ms, cause),
        ]


def estate(members: int, newcomers: int) -> Estate:
    """Draw one; each newcomer writes to the Page too, as the Graph API knows."""
    build = WorldBuilder(seed=members)
    owner, heir = build.business("Owner"), build.business("Heir")
    leaving, staying = build.app("Leaving", owner), build.app("Staying", owner)
    page = build.page("Page", owner, made_by=[staying])
    people = [build.person(staying, page) for _ in range(newcomers)]
    users = tuple(each.asids[staying.id] for each in people)
    world = World(build.parts())
    return Estate(world, owner, heir, leaving, staying, page, members, users)


def _asset(names: TopicNames, row: dict[str, object]) -> Output:
    return Output(names.assets, str(row["asset"]).encode(), orjson.dumps(row))


def _in_place(text: bytes, old: list[bytes], new: list[bytes]) -> bytes:
    for one, other in zip(old, new, strict=True):
        text = text.replace(one, other)
    return text
