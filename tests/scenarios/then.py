"""What has come of a story. Everything expected is stated by the story, by hand."""

import json
from collections.abc import Iterable
from random import Random

from tests.scenarios.places import scoped
from tests.scenarios.story import Story

from idweave_graph.consume import Fold
from idweave_graph.documents import event_document
from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.ids import BusinessId, ScopedId, member
from idweave_graph.messages import Refusal, RefusalReason
from idweave_graph.ownership import home
from idweave_graph.person import Person, PersonId


class Then:
    """Looks at a story. Whatever was said before has come when it looks."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._events_seen = 0

    def one_person(self, *ids: str) -> None:
        """These are the ids of one person, and nobody else's are."""
        person = self._person(ids[0])
        assert _ids(person) == set(ids), f"they are {_ids(person)}"

    def apart(self, *ids: str) -> None:
        """Each of these is known, and no two are one person."""
        names = [self._person(each).id for each in ids]
        assert len(set(names)) == len(ids)

    def nobody(self, *ids: str) -> None:
        """No graph of any business has a trace of these."""
        self._settle()
        graph = self._story.graph
        for each in ids:
            assert repr(member(each)) not in repr((graph.persons, graph.index))

    def nobody_at(self, business: BusinessId, who: str) -> None:
        """The graph of that business does not know *who*."""
        self._settle()
        assert (business, member(who)) not in self._story.graph.index

    def carries(self, who: str, *tokens: str) -> None:
        """The person of *who* has just these business tokens."""
        found = {str(m) for m in self._person(who).members}
        assert {each for each in found if each.startswith("token:")} == set(tokens)

    def person_of(self, who: str) -> PersonId:
        """Return what the person of *who* is called now."""
        return self._person(who).id

    def is_called(self, who: str, name: PersonId) -> None:
        """The person of *who* goes by that id."""
        assert self._person(who).id == name

    def is_somebody_new(self, who: str, *names: PersonId) -> None:
        """The person of *who* has none of these ids, and stands for none of them."""
        person = self._person(who)
        assert {person.id, *person.absorbed}.isdisjoint(names)

    def stands_for(self, who: str, *names: PersonId) -> None:
        """These person ids have ended, and the person of *who* is whom they mean.

        Told out of order, a person may have had more names on the way.
        """
        assert set(self._person(who).absorbed) >= set(names)

    def quarantined(self, one: str, two: str) -> None:
        """A proof between the two waits, and both of their persons know of it."""
        self._settle()
        pair = {member(one), member(two)}
        graph = self._story.graph
        places = [place for place in graph.index if place[1] in pair]
        assert len(places) == len(pair)
        for business, who in places:
            person = graph.persons[business, graph.index[business, who]]
            assert pair in [{proof.a, proof.b} for proof in person.quarantined]

    def nothing_is_quarantined(self) -> None:
        """No proof waits at all."""
        self._settle()
        assert not any(p.quarantined for p in self._story.graph.persons.values())

    def persons(self, count: int) -> None:
        """There are so many persons, in all businesses together."""
        self._settle()
        assert len(self._story.graph.persons) == count

    def events(self, *expected: str) -> None:
        """Just these were told since the last look, as `type` or `type:reason`.

        Told out of order, a story has the same end but other events on the way.
        """
        self._settle()
        news = self._story.events[self._events_seen :]
        self._events_seen = len(self._story.events)
        if self._story.manner.seed is None and not self._story.manner.is_again:
            told = [_told(e, x) for e, x in _side_by_side(news, expected)]
            assert told == [*expected], f"told: {', '.join(told)}"

    def no_event(self, kind: str) -> None:
        """Nothing of that type was ever told."""
        self._settle()
        assert EventType(kind) not in {event.type for event in self._story.events}

    def refused(self, who: str, asset: str, reason: str) -> None:
        """It was told once that *who* may not be linked with an id of *asset*."""
        self._settle()
        subject, other = member(who), scoped(f"{asset}:x").asset
        assert isinstance(subject, ScopedId)
        refusal = Refusal(RefusalReason(reason), subject, other)
        assert [e.refusal for e in self._story.events].count(refusal) == 1

    def lookup(self, who: str, phase: str, detail: str | None = None) -> None:
        """That is where the lookup of *who* stands."""
        self._settle()
        lookup = self._story.lookup(who)
        assert lookup.phase == phase
        assert detail in (None, lookup.detail)

    def due(self, who: str, after: int) -> None:
        """The lookup of *who* is not asked again before so long after now."""
        self._settle()
        assert self._story.lookup(who).due_ms >= self._story.now_ms + after

    def not_looked_up(self, who: str) -> None:
        """There is no lookup of *who*, neither open nor closed."""
        self._settle()
        scoped_id, _ = home(self._story.core.ownership, scoped(who))
        assert scoped_id not in self._story.lookups.lookups

    def held(self, key: str) -> None:
        """Lookups of that business, or `<business>/<asset>`, are stopped."""
        assert self._story.lookups.holds[key].held

    def free(self, key: str) -> None:
        """Lookups of that business, or `<business>/<asset>`, may be made again."""
        assert not self._story.lookups.holds[key].held

    def receipt(self, code: str, ids: int) -> None:
        """The request is carried out, and that many ids were forgotten."""
        self._settle()
        receipts = self._story.graph.receipts.values()
        assert {each.code: each.ids for each in receipts}[code] == ids

    def _settle(self) -> None:
        self._story.settle()
        self._consumers_agree()

    def _consumers_agree(self) -> None:
        """Whoever folds all events, in any order, knows who is who."""
        told = self._story.events
        fold = fold_of(Random(len(told)).sample(told, k=len(told)))
        assert {(b, who): name for b, who, name in fold.owners()} == {
            (b, str(who)): name for (b, who), name in self._story.graph.index.items()
        }

    def _person(self, who: str) -> Person:
        self._settle()
        story = self._story
        scoped_id, ownership = home(story.core.ownership, scoped(who))
        assert ownership is not None
        assert ownership.business is not None
        name = story.graph.index[ownership.business, scoped_id]
        return story.graph.persons[ownership.business, name]


def fold_of(events: Iterable[IdentityEvent]) -> Fold:
    """Return what a reader knows who gets *events* in this order, as JSON."""
    fold = Fold()
    for event in events:
        fold.apply(json.loads(json.dumps(event_document(event))))
    return fold


def _ids(person: Person) -> set[str]:
    return {str(each) for each in person.members if isinstance(each, ScopedId)}


def _side_by_side(
    news: list[IdentityEvent], expected: tuple[str, ...]
) -> Iterable[tuple[IdentityEvent, str]]:
    padded = [*expected, *[""] * (len(news) - len(expected))]
    return zip(news, padded, strict=False)


def _told(event: IdentityEvent, expected: str) -> str:
    """With the reason only where it is asked for."""
    return f"{event.type}:{event.reason}" if ":" in expected else str(event.type)
