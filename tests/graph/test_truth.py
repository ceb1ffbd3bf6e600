"""With honest and complete evidence, persons are people; and never anything across."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.support.graph import DictOwnership, partition
from tests.support.strategies import (
    BUSINESS,
    OTHER_BUSINESS,
    PROVIDER,
    worlds,
)
from tests.support.world import Core, World, people_of

from idweave_graph.events import EventType
from idweave_graph.ids import Asset, BusinessId, BusinessToken, ScopedId
from idweave_graph.lookups import Lookup
from idweave_graph.ownership import home

BUSINESSES = (BUSINESS, OTHER_BUSINESS, PROVIDER)


def core_of(world: World) -> Core:
    return Core(DictOwnership({owned.asset: owned for owned in world.assets}))


@given(world=worlds(), random=st.randoms())
def test_honest_answers_make_persons_of_people(world: World, random: Random) -> None:
    """Each human is one person per business that has seen them, however it happens.

    The API names all ids of a human, of all businesses; the answers and the log come
    in any order.
    """
    everyone = [scoped for human in world.people for scoped in human]
    seen = random.choices(everyone, k=random.randint(0, 2 * len(everyone)))
    core = core_of(world)

    for at_ms, scoped in enumerate(seen, start=1):
        core.see(scoped, at_ms)
    while lookups := core.open():
        lookup = random.choice(lookups)
        core.answer(lookup, world.whose(lookup.seen.id), at_ms=random.randint(1, 99))
        core.deliver(random.randint(0, 3))
    core.deliver()

    for business in BUSINESSES:
        assert partition(core.graph, business) == people_of(world, core, business, seen)
    core.graph.assert_sound()


@given(world=worlds(), random=st.randoms())
def test_tokens_alone_make_persons_of_people(world: World, random: Random) -> None:
    """Where no edge is allowed, the tokens that came with events join what was seen."""
    everyone = [scoped for human in world.people for scoped in human]
    random.shuffle(everyone)
    core = core_of(world)

    for scoped in everyone:
        _, ownership = home(core.ownership, scoped)
        business = None if ownership is None else ownership.business
        human = world.people.index(world.whose(scoped))
        core.see(scoped, random.randint(1, 9), BusinessToken(f"{business}-{human}"))
    core.deliver()

    for business in BUSINESSES:
        got = partition(core.graph, business)
        ids = {frozenset(m for m in p if isinstance(m, ScopedId)) for p in got}
        assert ids == people_of(world, core, business, everyone)


@given(world=worlds(), random=st.randoms())
def test_who_is_forgotten_stays_forgotten(world: World, random: Random) -> None:
    """Also if lookups of their ids were being asked, whenever the answers come.

    They stay so until one of the ids is seen again; nobody else's person changes.
    """
    everyone = [scoped for human in world.people for scoped in human]
    core = core_of(world)
    for at_ms, scoped in enumerate(everyone, start=1):
        core.see(scoped, at_ms)
    for lookup in random.sample(core.open(), k=len(core.open()) // 2):
        core.answer(lookup, world.whose(lookup.seen.id), at_ms=99)
    core.deliver()
    subject, ownership = home(core.ownership, random.choice(everyone))
    if ownership is None or ownership.business is None:
        return
    business = ownership.business
    person = core.graph.persons[business, core.graph.index[business, subject]]
    asked = [each for each in core.open() if each.seen.id in person.members]
    others = partition(core.graph, business) - {frozenset(person.members)}

    core.erase(subject, at_ms=100)
    for lookup in asked:
        core.deliver(random.randint(0, 2))
        core.answer(lookup, world.whose(lookup.seen.id), at_ms=random.randint(90, 110))
    core.deliver()

    known = {who for owner, who in core.graph.index if owner == business}
    assert known.isdisjoint(person.members)
    assert core.lookups.lookups.keys().isdisjoint(person.members)
    assert partition(core.graph, business) == others
    assert core.graph.receipts[business, "R1"].code == "R1"
    core.graph.assert_sound()


class HostilePlatform(RuleBasedStateMachine):
    """An API that lies about everybody, while apps and Pages change hands.

    Any answer may name any id of the world, late, and with anybody's token.
    """

    @initialize(world=worlds())
    def begin(self, world: World) -> None:
        self.core = core_of(world)
        self.ids = sorted(scoped for human in world.people for scoped in human)
        self.assets = [owned.asset for owned in world.assets if not owned.parent]
        self.asked: list[Lookup] = []
        self.owners = {(o.asset, o.epoch): o.business for o in world.assets}
        self.now_ms = 0

    @rule(data=st.data())
    def see(self, data: st.DataObject) -> None:
        self.now_ms += 1
        self.core.see(data.draw(st.sampled_from(self.ids)), self.now_ms)
        self.asked += self.core.open()

    @rule(data=st.data())
    def lie(self, data: st.DataObject) -> None:
        if not self.asked:
            return
        self.now_ms += 1
        lookup = data.draw(st.sampled_from(self.asked))
        links = data.draw(st.lists(st.sampled_from(self.ids), max_size=6))
        made_by = data.draw(st.sampled_from([lookup.seen.id.asset, *self.assets]))
        maker = self.core.ownership.of(made_by)
        before = len(self.core.log)
        reason = self.core.answer(lookup, links, at_ms=self.now_ms, made_by=made_by)
        if maker is None or maker.business != lookup.business:
            assert reason is not None
            told = list(self.core.log)[before:]
            assert all(not hasattr(message, "proofs") for message in told)

    @rule(data=st.data(), owner=st.sampled_from([None, *BUSINESSES]))
    def transfer(self, data: st.DataObject, owner: BusinessId | None) -> None:
        asset: Asset = data.draw(st.sampled_from(self.assets))
        known = self.core.ownership.known[asset]
        if known.business == owner:
            return
        self.now_ms += 1
        self.core.transfer(asset, owner, self.now_ms)
        if owner is not None:
            self.owners[asset, known.epoch + 1] = owner

    @rule(limit=st.integers(1, 4))
    def deliver(self, limit: int) -> None:
        self.core.deliver(limit)

    @invariant()
    def no_proof_is_of_another_business(self) -> None:
        """Each end of each proof was the business's own in the epoch it was proved."""
        if not hasattr(self, "core"):
            return
        for person in self.core.graph.persons.values():
            for proof in (*person.evidence, *person.quarantined):
                for end, epoch in ((proof.a, proof.epoch_a), (proof.b, proof.epoch_b)):
                    assert isinstance(end, ScopedId)
                    assert self.owners[end.asset, epoch] == person.business

    @property
    def owners_now(self) -> dict[Asset, BusinessId | None]:
        return {a: owned.business for a, owned in self.core.ownership.known.items()}

    def teardown(self) -> None:
        """Whatever was told and written is sound, and refusals name no foreign id.

        When the log is read to its end, nobody has an id of an asset of somebody else.
        """
        if not hasattr(self, "core"):
            return
        self.core.deliver()
        self.no_proof_is_of_another_business()
        self.core.graph.assert_sound()
        for person in self.core.graph.persons.values():
            for who in person.members:
                assert isinstance(who, ScopedId)
                assert self.owners_now[who.asset] == person.business
        for event in self.core.events:
            if event.type is EventType.REFUSED:
                assert event.refusal is not None
                assert event.person is None
                subject = event.refusal.subject.asset
                owners = {o for (a, _), o in self.owners.items() if a == subject}
                assert event.business in owners


TestHostilePlatform = HostilePlatform.TestCase
