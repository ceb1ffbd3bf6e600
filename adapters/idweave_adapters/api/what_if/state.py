"""The graph of one business as the core reads it, from a read model."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from idweave_adapters.api.problems import TOO_MUCH, Problem
from idweave_adapters.api.what_if.past import Past
from idweave_adapters.read_model import ReadModel
from idweave_graph.bans import Ban, with_ban
from idweave_graph.decisions import Decision, Verdict, keeping, with_decision
from idweave_graph.erasures import Erased
from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person, PersonId
from idweave_graph.ports import AssetEpoch, Withdrawals
from idweave_graph.reading import read_event, read_person
from idweave_graph.restoring import Restored, restored

MAX_MEMBERS: Final = 1000
"""Of all persons that are read for one request. Persons are small: one id of each app
and Page; more than this is no question of a moment."""


class ReadState:
    """A `GraphState`. Everything is read once; nothing can be written."""

    def __init__(self, model: ReadModel, business: BusinessId, past: Past) -> None:
        self.past = past
        self.restored: dict[PersonId, Restored] = {}
        """Whoever was read."""
        self._model = model
        self._business = business
        self._said: dict[Member, list[IdentityEvent]] = {}
        self._room = MAX_MEMBERS

    def person(self, business: BusinessId, person: PersonId) -> Person | None:
        """Return the person of that id, with grounds and titles.

        Raises:
            Problem: with them more members would be read than may be.
        """
        known = self.restored.get(person)
        if known is not None:
            return known.person
        found = self._model.person(business, person)
        if found is None:
            return None
        self._room -= len(found["members"])
        if self._room < 0:
            raise Problem(TOO_MUCH, f"more than {MAX_MEMBERS} ids would be weighed")
        self.restored[person] = restored(read_person(found), self.epoch_of)
        self._read_said(self.restored[person].person.members)
        return self.restored[person].person

    def person_of(self, business: BusinessId, member: Member) -> PersonId | None:
        """Return the id of the person that *member* belongs to."""
        found = self._model.owner(business, str(member))
        return None if found is None else PersonId(found)

    def epoch_of(self, asset: Asset) -> int:
        """Return the last ownership epoch of *asset* that is told, else the first."""
        return self.past.epochs.get(asset, 1)

    def asset(self, business: BusinessId, asset: Asset) -> AssetEpoch | None:
        """Return nothing: ids are supposed to be of the epoch that they are here in."""

    def is_refusal_known(self, business: BusinessId, refusal: str) -> bool:
        """Return no: what is supposed is refused nothing."""
        return False

    def withdrawals(self, business: BusinessId) -> Withdrawals:
        """Return what there is to look for; how much was taken back is not told."""
        return Withdrawals(
            has_bans=self.past.had(EventType.BANNED),
            has_decisions=self.past.had(EventType.DECIDED),
        )

    def members_of(
        self, business: BusinessId, asset: Asset, after: str, limit: int
    ) -> Sequence[ScopedId]:
        """Return nobody: nothing that is supposed sweeps."""
        return ()

    banned_of = decided_of = members_of

    def bans_of(self, business: BusinessId, scoped: ScopedId) -> tuple[Ban, ...]:
        """Return what was said about *scoped* and others, by pair.

        Events do not tell under which epochs; what is said of those who are here is.
        """
        known: tuple[Ban, ...] = ()
        for each in (ban for event in self.said_of(scoped) for ban in event.bans):
            if scoped in each.pair:
                a, b = (self.owned(end) for end in each.pair)
                known = with_ban(known, replace(each, a=a, b=b))
        return known

    def decisions_of(
        self, business: BusinessId, member: Member
    ) -> tuple[Decision, ...]:
        """Return what was decided about *member* and others, by pair.

        A rejection keeps the proofs that it was told with.
        """
        known: tuple[Decision, ...] = ()
        for event in self.said_of(member):
            if event.type is EventType.DECIDED:  # others repeat what they come of
                for each in event.decisions:
                    known = with_decision(known, _with_kept(each, event))
        return known

    def erased(self, business: BusinessId, scoped: ScopedId) -> Erased | None:
        """Return nothing: who is here has come back."""

    def receipt_ms(self, business: BusinessId, receipt: str) -> int | None:
        """Return nothing: what is supposed has no receipt."""

    def said_of(self, member: Member) -> list[IdentityEvent]:
        """Return the bans and decisions that name *member*, as they were told."""
        if member not in self._said:
            self._read_said((member,))
        return self._said[member]

    def _read_said(self, members: Iterable[Member]) -> None:
        texts = {str(who): who for who in members}
        self._said.update({who: [] for who in texts.values()})
        if not self.past.had(EventType.BANNED, EventType.DECIDED):
            return
        for event in events_of(self._model.events_naming(self._business, texts)):
            for who in _named(event):
                if str(who) in texts:
                    self._said[who].append(event)

    def owned(self, scoped: ScopedId) -> OwnedId:
        """Return *scoped* in the epoch under which it is here."""
        name = self.person_of(self._business, scoped)
        person = None if name is None else self.person(self._business, name)
        if person is None or scoped not in person.members:
            return OwnedId(scoped, self.epoch_of(scoped.asset))
        return OwnedId(scoped, person.presence_of(scoped).epoch)


def events_of(documents: Iterable[dict[str, Any]]) -> list[IdentityEvent]:
    """Return what can be read of *documents*; unknown types are passed over."""
    found = (read_event(document) for document in documents)
    return [event for event in found if event is not None]


def _named(event: IdentityEvent) -> set[Member]:
    """Return the members of whom an event tells a ban or a decision."""
    banned = {end for ban in event.bans for end in ban.pair}
    return banned | {end for told in event.decisions for end in told.pair}


def _with_kept(told: Decision, event: IdentityEvent) -> Decision:
    if told.verdict is not Verdict.REJECT:
        return told
    return keeping(told, [proof for proof in event.proofs if told.covers(proof)])
