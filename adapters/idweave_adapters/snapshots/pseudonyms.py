"""Persons and events under other names, the same for the same key.

User ids, tokens, linking codes, and the ids of persons and events are replaced by keyed
hashes: the last two are hashes of user ids, which whoever knows how they are made could
find again by trying. Apps, Pages, businesses, times and offsets stay as they are, so
who can read the topics can still tell who it is.
"""

from dataclasses import replace
from hashlib import blake2b, sha512

from idweave_adapters.secret import Secret
from idweave_graph.bans import Ban, ban
from idweave_graph.decisions import Decision
from idweave_graph.events import IdentityEvent
from idweave_graph.evidence import Evidence, evidence
from idweave_graph.ids import BusinessId, BusinessToken, LinkingCode, Member, ScopedId
from idweave_graph.person import Person, PersonId

_BYTES = 16


class Pseudonyms:
    """Names that only the holder of the key can tell to be the same person's."""

    __slots__ = ("_key",)

    def __init__(self, key: Secret) -> None:
        self._key = sha512(key.reveal().encode()).digest()  # as long as the hash takes

    @property
    def fingerprint(self) -> str:
        """Tells two keys apart, and nothing else of them."""
        return self._hash("key", "")

    def person(self, person: Person) -> Person:
        """Return *person* under other names; the titles, which are names, are gone."""
        business = person.business
        of = {who: self.member(business, who) for who in person.members}
        ground = {of[who]: at for who, at in person.presence.items() if who in of}
        return replace(
            person,
            id=self.person_id(person.id),
            members={of[who]: seen for who, seen in person.members.items()},
            evidence=self._proofs(business, person.evidence),
            quarantined=self._proofs(business, person.quarantined),
            absorbed=tuple(sorted(map(self.person_id, person.absorbed))),
            presence=ground,
            titles=(),
        )

    def event(self, event: IdentityEvent) -> IdentityEvent:
        """Return *event* under other names, without what an operator wrote."""
        business, refusal, person = event.business, event.refusal, event.person
        if refusal is not None:
            subject = self._scoped(business, refusal.subject)
            refusal = replace(refusal, subject=subject)
        return replace(
            event,
            id=f"e_{self._hash('event', event.id)}",
            person=None if person is None else self.person(person),
            proofs=self._proofs(business, event.proofs),
            about=None if event.about is None else self.person_id(event.about),
            other=None if event.other is None else self.person_id(event.other),
            refusal=refusal,
            bans=tuple(self._ban(business, each) for each in event.bans),
            decisions=tuple(self._decided(business, d) for d in event.decisions),
        )

    def member(self, business: BusinessId, member: Member) -> Member:
        """Return another name of *member*; each business has its own."""
        if isinstance(member, ScopedId):
            return self._scoped(business, member)
        name = self._hash("member", f"{business}|{member}")
        if isinstance(member, BusinessToken):
            return BusinessToken(name)
        return LinkingCode(name)

    def person_id(self, name: PersonId) -> PersonId:
        """Return another name of a person."""
        return PersonId(f"p_{self._hash('person', name)}")

    def _scoped(self, business: BusinessId, scoped: ScopedId) -> ScopedId:
        return ScopedId(scoped.asset, self._hash("member", f"{business}|{scoped}"))

    def _proofs(
        self, business: BusinessId, proofs: tuple[Evidence, ...]
    ) -> tuple[Evidence, ...]:
        return tuple(self._proof(business, proof) for proof in proofs)

    def _proof(self, business: BusinessId, proof: Evidence) -> Evidence:
        one = (self.member(business, proof.a), proof.epoch_a)
        two = (self.member(business, proof.b), proof.epoch_b)
        return evidence(proof.kind, one, two, at_ms=proof.at_ms, cause=proof.cause)

    def _ban(self, business: BusinessId, told: Ban) -> Ban:
        one = replace(told.a, id=self._scoped(business, told.a.id))
        two = replace(told.b, id=self._scoped(business, told.b.id))
        return ban(
            one,
            two,
            at_ms=told.at_ms,
            author=self._author(told.author),
            reason="",
            cause=told.cause,
            is_lifted=told.is_lifted,
        )

    def _decided(self, business: BusinessId, told: Decision) -> Decision:
        ends = ((told.a, told.epoch_a), (told.b, told.epoch_b))
        named = [(self.member(business, end), epoch) for end, epoch in ends]
        (a, epoch_a), (b, epoch_b) = sorted(named, key=lambda end: str(end[0]))
        kept = self._proofs(business, told.kept)
        said = replace(told, a=a, b=b, epoch_a=epoch_a, epoch_b=epoch_b, kept=kept)
        return replace(said, author=self._author(told.author), reason="")

    def _author(self, author: str) -> str:
        return f"a_{self._hash('author', author)}"

    def _hash(self, what: str, text: str) -> str:
        digest = blake2b(
            text.encode(), digest_size=_BYTES, key=self._key, person=what.encode()
        )
        return digest.hexdigest()
