"""Under pseudonyms the graph is the same, and nobody's name is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.snapshots.people import persons
from tests.support.strategies import BUSINESS, OTHER_BUSINESS

from idweave_adapters.secret import Secret
from idweave_adapters.snapshots.pseudonyms import Pseudonyms
from idweave_graph.bans import ban
from idweave_graph.decisions import Decision, Verdict
from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import Asset, BusinessToken, LinkingCode, Member, ScopedId
from idweave_graph.messages import Refusal, RefusalReason
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person, PersonId

NAMES = Pseudonyms(Secret("k" * 32))
OTHER_NAMES = Pseudonyms(Secret("l" * 32))
SHOP, PAGE = Asset.parse("app:10"), Asset.parse("page:20")
ASID, PSID = ScopedId(SHOP, "rawasid1"), ScopedId(PAGE, "rawpsid1")
TOKEN = BusinessToken("rawtoken1")
CODE = LinkingCode.of("secret")
CAUSE = Cause("facebook.logins.v1", 0, 7)
RAW = ("rawasid", "rawpsid", "rawtoken", CODE.digest, "Ada", "sisters", "p_0", "e_0")


def somebody() -> Person:
    one, two = (ASID, 1), (TOKEN, 0)
    kind = EvidenceKind.TOKEN_FOR_BUSINESS
    return Person(
        business=BUSINESS,
        id=PersonId("p_" + "0" * 32),
        generation=3,
        members={ASID: 1, TOKEN: 2, CODE: 3},
        evidence=(evidence(kind, one, two, at_ms=4, cause=CAUSE),),
        absorbed=(PersonId("p_" + "0" * 31 + "1"),),
    )


def everything() -> IdentityEvent:
    """An event with all that an event can have."""
    ends = (OwnedId(ASID, 1), OwnedId(PSID, 1))
    pair: list[Member] = [ASID, TOKEN]
    a, b = sorted(pair, key=str)
    verdict = Verdict.REJECT
    decided = Decision(a, b, 1, 0, verdict, 5, "Ada", "sisters", CAUSE)
    person = somebody()
    return IdentityEvent(
        id="e_" + "0" * 32,
        type=EventType.BANNED,
        business=BUSINESS,
        at_ms=5,
        cause=CAUSE,
        reason="ban",
        person=person,
        proofs=person.evidence,
        about=person.id,
        other=person.absorbed[0],
        refusal=Refusal(RefusalReason.FOREIGN_ASSET, ASID, PAGE),
        bans=(ban(*ends, at_ms=5, author="Ada", reason="sisters", cause=CAUSE),),
        decisions=(decided,),
    )


def test_no_raw_name_is_left_in_an_event() -> None:
    """Nor in the persons, proofs, bans and decisions that it has."""
    text = repr(NAMES.event(everything()))

    assert [raw for raw in RAW if raw in text] == []
    assert all(raw in repr(everything()) for raw in RAW)
    assert SHOP.id in text


@given(person=persons(BUSINESS, PersonId("p_" + "0" * 32)))
def test_the_shape_stays(person: Person) -> None:
    """Members, scopes, times, epochs, kinds and who is joined with whom."""
    renamed = NAMES.person(person)

    of = {who: NAMES.member(person.business, who) for who in person.members}
    assert len(set(of.values())) == len(of)
    assert renamed.members == {of[who]: at for who, at in person.members.items()}
    for who, other in of.items():
        assert type(other) is type(who)
        if isinstance(who, ScopedId):
            assert other.scope == who.scope
        assert renamed.presence[other] == person.presence[who]
    for proof, found in zip(person.evidence, renamed.evidence, strict=True):
        assert {found.a, found.b} == {of[proof.a], of[proof.b]}
        assert found.epoch_of(of[proof.a]) == proof.epoch_of(proof.a)
        assert (found.kind, found.at_ms, found.cause) == (
            (proof.kind, proof.at_ms, proof.cause)
        )


@pytest.mark.parametrize("who", [ASID, PSID, TOKEN, CODE])
def test_a_name_is_the_key_s_and_the_business_s(
    who: ScopedId | BusinessToken | LinkingCode,
) -> None:
    """The same for the same key, so that exports can be compared; else another."""
    again = Pseudonyms(Secret("k" * 32))

    assert NAMES.member(BUSINESS, who) == again.member(BUSINESS, who)
    others = {
        OTHER_NAMES.member(BUSINESS, who),
        NAMES.member(OTHER_BUSINESS, who),
        NAMES.member(BUSINESS, who),
    }
    assert len(others) == 3


@given(key=st.text("0123456789abcdef", min_size=32, max_size=64))
def test_a_fingerprint_tells_keys_apart_and_not_the_key(key: str) -> None:
    """It stands in the manifest."""
    fingerprint = Pseudonyms(Secret(key)).fingerprint

    assert fingerprint == Pseudonyms(Secret(key)).fingerprint
    assert fingerprint != NAMES.fingerprint
    assert key not in fingerprint
    assert key not in repr(Pseudonyms(Secret(key)))
