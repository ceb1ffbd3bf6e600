"""Where workers may know better than the read model: what is told with an answer.

Persons as they are told lack on what ground each member is here, in which of its lives
it is, and what a rejection keeps. Most answers need none of that.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from idweave_adapters.api.what_if.state import ReadState
from idweave_adapters.read_model import ReadModel
from idweave_graph.decisions import Verdict, rejection_of
from idweave_graph.draft import Draft
from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.evidence import Evidence
from idweave_graph.ids import BusinessId, Member, ScopedId
from idweave_graph.messages import Banned, Decided
from idweave_graph.person import Person, PersonId
from idweave_graph.reading import read_event
from idweave_graph.restoring import is_surely_seen, proofs_of
from idweave_graph.supposing import Supposed

MAX_TOLD: Final = 30_000
"""Ids and proofs in the events that are read for one request: each event tells of a whole
person, and nobody else is answered meanwhile. Beyond them it counts as not told."""

Told = list[tuple[IdentityEvent, bool]]
"""Events, each with whether nothing was taken out of it."""

NO_EVENTS = "this copy holds no events, so bans and decisions are not known in it"
KEPT = (
    "proofs that came after the rejection of {a} and {b} are kept aside, and not told"
)
SIGHTING = (
    "whether and when {who} was seen itself is not told; "
    "if nothing but these proofs spoke for it, it would be forgotten"
)
NAMES = "something was taken back in this business before, so {who} may have another id"
SURVIVOR = "{who} may have lost ids or proofs before, so another id may stay"
OWNER = "an app or Page has changed owner, so {who} may be on its way out"
EPOCH = "under which ownership of its app or Page {who} was seen is not told; the first is assumed"
RETURNED = "{who} would come back, with a generation that is not told"


class Doubts:
    """Collects why an answer may not be what workers would tell."""

    def __init__(
        self, model: ReadModel, business: BusinessId, state: ReadState
    ) -> None:
        self.found: dict[str, None] = {}
        """In words, each once, in order."""
        self._model = model
        self._business = business
        self._state = state
        self._events: dict[PersonId, Told | None] = {}
        self._room = MAX_TOLD
        if not state.past.is_told:
            self._doubt(NO_EVENTS)

    def before(self, draft: Draft, message: Banned | Decided) -> None:
        """Look at what *message* needs to know, before it is handled."""
        if isinstance(message, Banned):
            return
        pair = (message.a, message.b)
        for end in pair:
            if not self._is_epoch_told(draft, end):
                self._doubt(EPOCH, who=end)
        known = self._state.decisions_of(self._business, message.a)
        now = draft.decisions_of(self._business, message.a)
        if rejection_of(known, pair) and rejection_of(now, pair):
            self._doubt(KEPT, a=message.a, b=message.b)
        if message.verdict is Verdict.REJECT:
            for end, other in (pair, pair[::-1]):
                if not self._is_age_kept(draft, end, other):
                    self._doubt(SIGHTING, who=end)

    def after(self, supposed: Supposed) -> None:
        """Look at what has come of all messages."""
        before, after = supposed.before, supposed.after
        known = {who for person in before.values() for who in person.members}
        for person in after.values():
            for who in sorted(person.members.keys() - known, key=str):
                self._doubt(RETURNED, who=who)
        if not self._state.past.are_owners_first:
            self._doubt_owners(before)
        if not self._state.past.was_nothing_withdrawn and _differ(before, after):
            self._doubt_names(before, after)

    def _doubt_owners(self, before: Mapping[PersonId, Person]) -> None:
        for person in before.values():
            for who, ground in person.presence.items():
                if isinstance(who, ScopedId) and (
                    ground.epoch != self._state.epoch_of(who.asset)
                ):
                    self._doubt(OWNER, who=who)

    def _doubt_names(
        self, before: Mapping[PersonId, Person], after: Mapping[PersonId, Person]
    ) -> None:
        names = {name for p in before.values() for name in (p.id, *p.absorbed)}
        for person in after.values():
            if person.id not in names:
                self._doubt(NAMES, who=person.id)
        for person in before.values():
            if after.get(person.id) != person and self._has_lost(person):
                self._doubt(SURVIVOR, who=person.id)

    def _is_epoch_told(self, draft: Draft, who: Member) -> bool:
        name = draft.person_of(self._business, who)
        person = None if name is None else draft.person(self._business, name)
        if person is None or not isinstance(who, ScopedId):
            return True
        return who.asset in self._state.past.epochs or bool(proofs_of(person, who))

    def _has_lost(self, person: Person) -> bool:
        known = self._state.restored.get(person.id)
        if known is None or known.strange:
            return True
        told = self._about(person)
        if told is None:
            return True
        about = [event for event, _ in told]
        is_whole = any(
            event.type is EventType.CREATED and _name(event) == person.id
            for event in about
        )
        has_lost = any(event.type is EventType.ERASED for event in about)
        said = (each for who in person.members for each in self._state.said_of(who))
        return not is_whole or has_lost or _is_younger(person, [*about, *said])

    def _about(self, person: Person) -> Told | None:
        """Return what was told of *person* and whoever ended in them.

        None: it is too much to look at.
        """
        if person.id not in self._events:
            self._events[person.id] = self._read({person.id, *person.absorbed})
        return self._events[person.id]

    def _read(self, names: Collection[str]) -> Told | None:
        found: Told = []
        for document in self._model.events_about(self._business, names):
            self._room -= _weight(document)
            if self._room < 0:
                return None
            if (event := read_event(document)) is not None:
                found.append((event, not document.get("redacted")))
        return found

    def _is_age_kept(self, draft: Draft, end: Member, other: Member) -> bool:
        """Say whether *end* stays, as old as it is, without its proofs with *other*."""
        name = draft.person_of(self._business, end)
        person = None if name is None else draft.person(self._business, name)
        if person is None:
            return True
        going = [p for p in proofs_of(person, end) if other in (p.a, p.b)]
        staying = [p for p in proofs_of(person, end) if p not in going]
        if not going or not isinstance(end, ScopedId):
            return True
        return _is_old(person, end, staying) or self._was_seen(person, end)

    def _was_seen(self, person: Person, who: Member) -> bool:
        if is_surely_seen(person, who):
            return True
        # What was redacted may have had a proof.
        whole = (event for event, is_whole in self._about(person) or () if is_whole)
        first_ms = person.members[who]
        return any(_is_sighting(each, who, first_ms) for each in whole)

    def _doubt(self, words: str, **facts: object) -> None:
        self.found[words.format(**facts)] = None


def _is_old(person: Person, who: Member, staying: list[Evidence]) -> bool:
    return any(proof.at_ms == person.members[who] for proof in staying)


def _weight(document: Mapping[str, Any]) -> int:
    person = document.get("person") or {}
    parts = ("members", "evidence", "quarantined")
    return 1 + sum(len(person.get(part, ())) for part in parts)


def _name(event: IdentityEvent) -> PersonId | None:
    return None if event.person is None else event.person.id


def _is_younger(person: Person, events: Iterable[IdentityEvent]) -> bool:
    """Say whether a member counts as seen later than it did: an older name may stay."""
    for event in events:
        members = {} if event.person is None else event.person.members
        ends = ((end, p.at_ms) for p in event.proofs for end in (p.a, p.b))
        for who, at_ms in (*members.items(), *ends):
            if at_ms < person.members.get(who, at_ms):
                return True
    return False


def _is_sighting(event: IdentityEvent, who: Member, first_ms: int) -> bool:
    """Say whether *who* was in a person with no proof about it: it was seen itself."""
    person = event.person
    return (
        person is not None
        and person.members.get(who) == first_ms
        and not proofs_of(person, who)
    )


def _differ(
    before: Mapping[PersonId, Person], after: Mapping[PersonId, Person]
) -> bool:
    return any(before.get(name) != person for name, person in after.items())
