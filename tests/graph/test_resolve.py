"""The life of a lookup, event by event."""

from dataclasses import replace

import pytest
from tests.support.graph import DictLookups
from tests.support.strategies import BUSINESS, OTHER_BUSINESS

from idweave_graph.effects import LookupEffect, PutHold, PutLookup, Tell
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, AssetKind, BusinessToken, ScopedId
from idweave_graph.lookups import LONGEST_RETRY_MS, Lookup, LookupPhase
from idweave_graph.messages import (
    Answer,
    LogMessage,
    Outcome,
    Proved,
    Refusal,
    RefusalReason,
    Refused,
    Sighted,
    Sighting,
)
from idweave_graph.ownership import OwnedId
from idweave_graph.resolve import LookupPolicy, handle

POLICY = LookupPolicy(
    empty_life_ms=1_000,
    credential_retry_ms=600,
    first_probe_ms=48_000,
    next_probe_ms=5_000,
)
SEEN_IN = Cause("logins", 0, 1)
APP, PAGE = Asset(AssetKind.APP, "1"), Asset(AssetKind.PAGE, "1")
ASID = OwnedId(ScopedId(APP, "x"), 1)
PSID = OwnedId(ScopedId(PAGE, "y"), 1)
TOKEN = BusinessToken("t")


def seen(at_ms: int, epoch: int = 1, token: BusinessToken | None = None) -> Sighting:
    owned = OwnedId(ASID.id, epoch)
    return Sighting(BUSINESS, owned, at_ms, SEEN_IN, token)


def answer(at_ms: int, outcome: Outcome = Outcome.ANSWERED, *links: OwnedId) -> Answer:
    return Answer(BUSINESS, ASID, at_ms, outcome, links)


def effects_of(state: DictLookups, message: Sighting | Answer) -> list[LookupEffect]:
    return handle(state, message, policy=POLICY)


def run(state: DictLookups, *messages: Sighting | Answer) -> list[LogMessage]:
    """Handle *messages*, each also again right away, which must do nothing."""
    told: list[LogMessage] = []
    for message in messages:
        told += state.apply(effects_of(state, message))
        assert effects_of(state, message) == []
    return told


def lookup_of(state: DictLookups) -> Lookup:
    return state.lookups[ASID.id]


def after(*messages: Sighting | Answer) -> DictLookups:
    state = DictLookups()
    run(state, *messages)
    return state


def test_the_first_sighting_asks_at_once_and_is_told() -> None:
    """It is put on the evidence log and opens a lookup that is due."""
    state = DictLookups()

    told = run(state, seen(5))

    assert told == [Sighted(BUSINESS, ASID, 5, SEEN_IN)]
    assert lookup_of(state) == Lookup(BUSINESS, ASID, 5, SEEN_IN, LookupPhase.PENDING)


def test_a_known_id_costs_nothing() -> None:
    """Later sightings of an id, asked or answered, have no effect."""
    asked = after(seen(5))
    answered = after(seen(5), answer(6, Outcome.ANSWERED, PSID))

    assert effects_of(asked, seen(6)) == []
    assert effects_of(answered, seen(99_999)) == []


def test_an_older_sighting_is_told() -> None:
    """The graph has to know when an id was first seen; nothing is asked again."""
    state = after(seen(5), answer(6, Outcome.ANSWERED, PSID))

    told = run(state, seen(3))

    assert told == [Sighted(BUSINESS, ASID, 3, SEEN_IN)]
    assert lookup_of(state).first_seen_ms == 3
    assert lookup_of(state).phase is LookupPhase.RESOLVED


def test_an_answer_proves_its_links_and_closes_the_lookup() -> None:
    """Kinds name the edge; refused links are told beside; the cause is the sighting."""
    other = OwnedId(ScopedId(Asset(AssetKind.APP, "2"), "z"), 4)
    refusal = Refusal(RefusalReason.FOREIGN_ASSET, ASID.id, Asset(AssetKind.APP, "9"))
    state = after(seen(5))

    message = replace(answer(6, Outcome.ANSWERED, PSID, other), refusals=(refusal,))
    told = run(state, message)

    kinds = (EvidenceKind.IDS_FOR_PAGES, EvidenceKind.IDS_FOR_APPS)
    proofs = tuple(
        evidence(kind, (ASID.id, 1), (link.id, link.epoch), at_ms=6, cause=SEEN_IN)
        for kind, link in zip(kinds, (PSID, other), strict=True)
    )
    assert told == [
        Proved(BUSINESS, proofs, 6, SEEN_IN),
        Refused(BUSINESS, (refusal,), 6, SEEN_IN),
    ]
    lookup = lookup_of(state)
    assert (lookup.phase, lookup.is_final) == (LookupPhase.RESOLVED, True)
    assert (lookup.attempts, lookup.answered_ms) == (0, 6)


@pytest.mark.parametrize("outcome", [Outcome.GONE, Outcome.FORBIDDEN])
def test_what_asking_again_would_not_help_has_failed(outcome: Outcome) -> None:
    """It is closed, and the refusal that came with it is told."""
    refusal = Refusal(RefusalReason.FOREIGN_CREDENTIAL, ASID.id, APP)
    state = after(seen(5))

    told = run(state, replace(answer(6, outcome), refusals=(refusal,), detail="code"))

    assert told == [Refused(BUSINESS, (refusal,), 6, SEEN_IN)]
    assert lookup_of(state).phase is LookupPhase.FAILED
    assert lookup_of(state).detail == "code"


@pytest.mark.parametrize("outcome", [Outcome.ANSWERED, Outcome.GONE])
def test_finding_nothing_counts_for_a_time(outcome: Outcome) -> None:
    """The first sighting after its life asks again; before that none does."""
    state = after(seen(5), answer(6, outcome))

    assert effects_of(state, seen(1_005)) == []
    told = run(state, seen(1_006))

    assert told == []
    lookup = lookup_of(state)
    assert (lookup.phase, lookup.attempts) == (LookupPhase.PENDING, 0)
    assert lookup.due_ms <= 1_006


def test_an_old_empty_answer_that_is_repeated_is_not_the_new_one() -> None:
    """Asked again after the empty answer expired, the same answer does not count."""
    first = answer(6)
    state = after(seen(5), first, seen(1_006))

    assert effects_of(state, first) == []
    assert run(state, answer(1_007, Outcome.ANSWERED, PSID)) != []


def test_answers_nobody_waits_for_are_ignored() -> None:
    """Of an unknown id, an answered one, an older epoch, or another business."""
    late = answer(7, Outcome.ANSWERED, PSID)
    foreign = replace(late, business=OTHER_BUSINESS)

    assert effects_of(DictLookups(), late) == []
    assert effects_of(after(seen(5), answer(6)), late) == []
    assert effects_of(after(seen(5), seen(6, epoch=2)), late) == []
    assert effects_of(after(seen(5)), foreign) == []


def test_a_new_epoch_starts_afresh() -> None:
    """Another owner knows nothing of what the last one asked, token included."""
    state = after(seen(5, token=TOKEN), answer(6, Outcome.ANSWERED, PSID))

    told = run(state, seen(9, epoch=2, token=TOKEN))

    owned = OwnedId(ASID.id, 2)
    assert told[0] == Sighted(BUSINESS, owned, 9, SEEN_IN)
    assert isinstance(told[1], Proved)
    assert (told[1].proofs[0].epoch_a, told[1].proofs[0].epoch_b) == (2, 0)
    fresh = Lookup(BUSINESS, owned, 9, SEEN_IN, LookupPhase.PENDING, token=TOKEN)
    assert lookup_of(state) == fresh


def test_an_older_epoch_is_ignored() -> None:
    """A sighting that comes late speaks of an owner who has gone."""
    state = after(seen(9, epoch=2))

    assert effects_of(state, seen(3, epoch=1, token=TOKEN)) == []


def test_one_epoch_is_of_one_business() -> None:
    """A sighting that says otherwise is not believed."""
    state = after(seen(5))
    foreign = replace(seen(3, token=TOKEN), business=OTHER_BUSINESS)

    assert effects_of(state, foreign) == []


def test_a_token_is_proved_once() -> None:
    """Also for an id that is known already; it asks nothing again."""
    state = after(seen(5), answer(6, Outcome.ANSWERED, PSID))

    sightings = (seen(7, token=TOKEN), seen(8), seen(9, token=TOKEN))
    told = run(state, *sightings)

    kind = EvidenceKind.TOKEN_FOR_BUSINESS
    proof = evidence(kind, (ASID.id, 1), (TOKEN, 0), at_ms=7, cause=SEEN_IN)
    assert told == [Proved(BUSINESS, (proof,), 7, SEEN_IN)]
    assert lookup_of(state).phase is LookupPhase.RESOLVED


def test_each_token_of_an_id_is_told() -> None:
    """Two tokens contradict each other; which is right is not decided here."""
    told = run(DictLookups(), seen(5, token=TOKEN), seen(6, token=BusinessToken("u")))

    proved = [message for message in told if isinstance(message, Proved)]
    assert [str(m.proofs[0].b) for m in proved] == ["token:t", "token:u"]


def test_a_token_that_was_looked_up_is_proved_like_one_that_came() -> None:
    """`token_for_business` is evidence, whoever brought it; known, it is not retold."""
    state = DictLookups()

    run(state, seen(1))
    [told] = run(state, replace(answer(20), token=TOKEN))

    assert isinstance(told, Proved)
    assert [(proof.kind, proof.other(ASID.id)) for proof in told.proofs] == [
        (EvidenceKind.TOKEN_FOR_BUSINESS, TOKEN)
    ]
    assert lookup_of(state).token == TOKEN
    assert run(state, seen(21, token=TOKEN)) == []


def test_what_ids_for_business_answered_is_evidence_of_its_own_kind() -> None:
    """An analyst can tell which edge a link came from."""
    state, other = DictLookups(), OwnedId(ScopedId(Asset(AssetKind.APP, "2"), "z"), 1)

    run(state, seen(1))
    [told] = run(state, replace(answer(20), business_links=(other, ASID)))

    assert isinstance(told, Proved)
    assert [proof.kind for proof in told.proofs] == [EvidenceKind.IDS_FOR_BUSINESS]


def test_a_hold_parks_the_lookup_and_is_told_to_all() -> None:
    """It stays open, and everybody learns when the first probe may be made."""
    state = after(seen(5), replace(answer(6, Outcome.HOLD), detail="policy-hold"))

    assert lookup_of(state).phase is LookupPhase.HELD
    assert lookup_of(state).is_open
    assert state.holds == {BUSINESS: Hold(BUSINESS, True, 6, 6, 48_006, "policy-hold")}


def probe(hold: Hold, at_ms: int, outcome: Outcome) -> Answer:
    """An answer that came while *hold* was in force."""
    return replace(answer(at_ms, outcome), probed=hold)


@pytest.mark.parametrize("outcome", [Outcome.ANSWERED, Outcome.GONE])
def test_a_probe_that_is_answered_releases_the_business(outcome: Outcome) -> None:
    """Only the one that was asked as a probe does."""
    held = (seen(5), answer(6, Outcome.HOLD))
    state, other = after(*held), after(*held)

    run(state, probe(state.holds[BUSINESS], 50_000, outcome))
    run(other, answer(50_000, outcome))

    assert not state.holds[BUSINESS].held
    assert other.holds[BUSINESS].held


def test_a_probe_that_is_refused_prolongs_the_hold() -> None:
    """It began when it began; the next probe comes sooner than the first did."""
    state = after(seen(5), answer(6, Outcome.HOLD))

    run(state, probe(state.holds[BUSINESS], 50_000, Outcome.HOLD))

    hold = state.holds[BUSINESS]
    assert (hold.held, hold.since_ms, hold.at_ms) == (True, 6, 50_000)
    assert hold.probe_ms == 50_000 + POLICY.next_probe_ms
    assert lookup_of(state).phase is LookupPhase.HELD


@pytest.mark.parametrize("outcome", [Outcome.RETRY, Outcome.FORBIDDEN])
def test_a_probe_that_failed_otherwise_says_nothing_of_the_hold(
    outcome: Outcome,
) -> None:
    """The business stays held until the platform has really answered."""
    state = after(seen(5), answer(6, Outcome.HOLD))
    before = dict(state.holds)

    run(state, probe(state.holds[BUSINESS], 50_000, outcome))

    assert state.holds == before


def test_a_token_that_is_missing_or_refused_is_held() -> None:
    """Its lookups wait, none is lost; the business's other tokens are not touched."""
    message = replace(answer(6, Outcome.CREDENTIAL), detail="no-credential")
    state = after(seen(5), message)

    assert state.holds == {
        f"{BUSINESS}/{APP}": Hold(BUSINESS, True, 6, 6, 606, "no-credential", APP)
    }
    lookup = lookup_of(state)
    assert (lookup.phase, lookup.attempts) == (LookupPhase.HELD, 1)
    assert lookup.detail == "no-credential"


def test_a_refused_token_is_tried_less_and_less_often() -> None:
    """As long again as it has been refused, up to the longest wait."""
    state = after(seen(5), answer(6, Outcome.CREDENTIAL))
    key, waits = f"{BUSINESS}/{APP}", []

    for _ in range(6):
        hold = state.holds[key]
        run(state, probe(hold, hold.probe_ms, Outcome.CREDENTIAL))
        waits.append(state.holds[key].probe_ms - hold.probe_ms)

    assert waits == [600, 1_200, 2_400, 4_800, 5_000, 5_000]
    assert state.holds[key].since_ms == 6


def test_a_refused_token_is_tried_each_hour_at_least() -> None:
    """It may be one id alone that it was refused for; new ones must not wait long."""
    policy = LookupPolicy()
    hold = policy.hold(answer(6, Outcome.CREDENTIAL))
    assert hold is not None
    for _ in range(20):
        last_ms = hold.probe_ms
        hold = policy.hold(probe(hold, last_ms, Outcome.CREDENTIAL))
        assert hold is not None
        assert hold.probe_ms - last_ms <= LONGEST_RETRY_MS < policy.next_probe_ms


@pytest.mark.parametrize("outcome", [Outcome.ANSWERED, Outcome.GONE, Outcome.FORBIDDEN])
def test_a_token_is_free_once_it_is_taken_or_not_the_assets_any_more(
    outcome: Outcome,
) -> None:
    """After a transfer the old owner's hold has nothing to hold."""
    state = after(seen(5), answer(6, Outcome.CREDENTIAL))
    [hold] = state.holds.values()

    run(state, probe(hold, 700, outcome))

    assert [each.held for each in state.holds.values()] == [False]


def test_the_platforms_stop_of_a_business_does_not_depend_on_a_held_token() -> None:
    """A probe of a token that meets a review puts the business on hold anew."""
    state = after(seen(5), answer(6, Outcome.CREDENTIAL))
    [token] = state.holds.values()

    run(state, probe(token, 700, Outcome.HOLD))

    assert state.holds[token.key] == token
    assert state.holds[BUSINESS].since_ms == 700
    assert state.holds[BUSINESS].probe_ms == 700 + POLICY.first_probe_ms


def test_what_a_failed_lookup_found_is_not_lost() -> None:
    """One edge may answer while the other is to be tried again."""
    told = run(DictLookups(), seen(5), answer(6, Outcome.RETRY, PSID))

    assert isinstance(told[1], Proved)


def test_effects_come_in_the_order_state_then_log_then_hold() -> None:
    """The caller may rely on finding the lookup written first."""
    state = after(seen(5))

    effects = effects_of(state, answer(6, Outcome.HOLD, PSID))

    assert [type(effect) for effect in effects] == [PutLookup, Tell, PutHold]


def test_an_answer_that_lacks_an_edge_is_not_believed_for_good() -> None:
    """Links without a word of the other edge expire like an empty answer."""
    partial = replace(answer(6, Outcome.ANSWERED, PSID), is_whole=False)
    state = after(seen(5))
    run(state, partial)

    run(state, seen(6 + POLICY.empty_life_ms))

    assert lookup_of(state).phase is LookupPhase.PENDING
