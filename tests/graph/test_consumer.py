"""What a consumer sees converges: in any order, repeated, with gaps."""

from dataclasses import dataclass, field
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, weave
from tests.support.strategies import full_logs

from idweave_graph.events import IdentityEvent
from idweave_graph.ids import Member
from idweave_graph.messages import LogMessage
from idweave_graph.person import Person, PersonId


@dataclass
class Consumer:
    """Keeps each person's latest form, as the generation says, and nothing else."""

    persons: dict[PersonId, Person] = field(default_factory=dict)

    def take(self, event: IdentityEvent) -> None:
        person = event.person
        if person is None:
            return
        known = self.persons.get(person.id)
        if known is None or person.generation > known.generation:
            self.persons[person.id] = person

    def newest_first(self) -> list[Person]:
        return sorted(self.persons.values(), key=lambda p: -p.generation)

    def ended(self) -> set[PersonId]:
        """An absorbed id has ended, unless it is known with a larger generation."""
        return {
            name
            for person in self.persons.values()
            for name in person.absorbed
            if name in self.persons
            and self.persons[name].generation < person.generation
        }

    def person_of(self) -> dict[Member, PersonId]:
        """Each member belongs to the newest person that claims them and lives."""
        known: dict[Member, PersonId] = {}
        ended = self.ended()
        for person in self.newest_first():
            for member in person.members if person.id not in ended else ():
                known.setdefault(member, person.id)
        return known

    def stands_for(self) -> dict[PersonId, PersonId]:
        """Each id, ended or not, stands for the newest person that carries it."""
        known: dict[PersonId, PersonId] = {}
        for person in self.newest_first():
            for name in (person.id, *person.absorbed):
                known.setdefault(name, person.id)
        return known


def some_of(events: list[IdentityEvent], random: Random) -> list[IdentityEvent]:
    """The last event of each person and any of the others, some twice, in any order."""
    last = {event.person.id: event for event in events if event.person is not None}
    others = [event for event in events if random.random() < 0.5]
    got = [*last.values(), *others, *others[: len(others) // 2]]
    random.shuffle(got)
    return got


@given(log=full_logs(), random=st.randoms(use_true_random=False))
def test_lost_repeated_and_reordered_events_do_no_harm(
    log: list[LogMessage], random: Random
) -> None:
    """Whoever has the last event of each person knows who is who.

    And which person an id that has ended stands for now, or that nothing is left.
    """
    graph, consumer = DictGraph(), Consumer()
    events = weave(log, graph, check=False)

    for event in some_of(events, random):
        consumer.take(event)

    assert consumer.person_of() == {m: name for (_, m), name in graph.index.items()}
    carried = {
        name: person.id
        for person in graph.persons.values()
        for name in (person.id, *person.absorbed)
    }
    stands_for = consumer.stands_for()
    assert {name: stands_for.get(name) for name in carried} == carried
    ever = {event.person.id for event in events if event.person is not None}
    gone = ever - carried.keys()
    assert all(not consumer.persons[stands_for[name]].members for name in gone)


@given(log=full_logs())
def test_the_members_way_is_ordered_by_generation(log: list[LogMessage]) -> None:
    """A member that changes persons comes into a higher generation each time."""
    graph = DictGraph()
    latest: dict[Member, tuple[int, PersonId]] = {}
    for event in weave(log, graph, check=False):
        person = event.person
        for member in person.members if person else ():
            assert person is not None
            generation, name = latest.get(member, (0, person.id))
            assert name == person.id or person.generation > generation
            latest[member] = (person.generation, person.id)
