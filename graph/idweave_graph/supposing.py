"""What would come of messages, told from a state that stays as it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from idweave_graph.draft import Draft
from idweave_graph.effects import DropPerson, Emit, PutPerson
from idweave_graph.events import IdentityEvent
from idweave_graph.ids import BusinessId, Member
from idweave_graph.messages import LogMessage
from idweave_graph.person import Person, PersonId
from idweave_graph.ports import GraphState
from idweave_graph.weave import handle


@dataclass(frozen=True, slots=True)
class Supposed:
    """What messages would change, if they came now."""

    told: Sequence[tuple[IdentityEvent, ...]]
    """The events of each message."""
    before: Mapping[PersonId, Person] = field(default_factory=dict)
    """Whom it is about, as they are."""
    after: Mapping[PersonId, Person] = field(default_factory=dict)
    """The same, as they would be, and who would be new."""


class Supposing:
    """Handles messages as `weave` does, over a draft that nobody ever writes."""

    def __init__(self, state: GraphState, business: BusinessId) -> None:
        self.draft = Draft(state)
        """The graph as the messages so far would leave it."""
        self._state = state
        self._business = business
        self._touched: set[PersonId] = set()
        self._told: list[tuple[IdentityEvent, ...]] = []

    def handle(self, message: LogMessage, about: Iterable[Member] = ()) -> None:
        """Take in one message; the persons of *about* are told of, changed or not."""
        self._note(about)
        effects = handle(self.draft, message)
        self.draft.want(*effects)
        for effect in effects:
            match effect:
                case PutPerson(person):
                    self._touched.add(person.id)
                case DropPerson(_, name):
                    self._touched.add(name)
        events = (each.event for each in effects if isinstance(each, Emit))
        self._told.append(tuple(events))
        self._note(about)

    def supposed(self) -> Supposed:
        """Return what has come of all of them."""
        return Supposed(
            tuple(self._told), self._living(self._state), self._living(self.draft)
        )

    def _note(self, about: Iterable[Member]) -> None:
        for who in about:
            name = self.draft.person_of(self._business, who)
            if name is not None:
                self._touched.add(name)

    def _living(self, state: GraphState) -> dict[PersonId, Person]:
        found = (state.person(self._business, name) for name in sorted(self._touched))
        return {person.id: person for person in found if person is not None}
