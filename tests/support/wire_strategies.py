"""Hypothesis strategies for whatever the codecs and documents must be able to carry.

Ids, times and counts are as wide as they may be; `strategies` has the narrow ones.
"""

from dataclasses import replace
from functools import partial
from typing import Any

from hypothesis import strategies as st
from tests.support import strategies as narrow

from idweave_graph.bans import Ban, ban
from idweave_graph.decisions import Decision, Verdict, decision, keeping
from idweave_graph.erasures import AssetErasure, Erased
from idweave_graph.events import EventType, IdentityEvent, OwnershipChange
from idweave_graph.evidence import Evidence, EvidenceKind
from idweave_graph.holds import Hold
from idweave_graph.ids import BusinessId, LinkingCode, Member, ScopedId, business_id
from idweave_graph.lookups import Lookup, LookupPhase
from idweave_graph.messages import (
    Answer,
    AssetChanged,
    AssetForgotten,
    BanCommand,
    Banned,
    Command,
    CommandKind,
    Decided,
    DecisionCommand,
    Erase,
    EraseAsset,
    EraseMembers,
    Forgotten,
    LogMessage,
    Outcome,
    Proved,
    Receipt,
    Refusal,
    RefusalReason,
    Refused,
    Sighted,
    Sighting,
    Sweep,
    Unlinked,
)
from idweave_graph.ownership import OwnedId, Ownership
from idweave_graph.person import Person, PersonId, Presence, Title
from idweave_graph.ports import AssetEpoch, Withdrawals

LATEST_MS = 4_102_444_800_000

times = st.integers(0, LATEST_MS)
epochs = st.integers(0, 2**31 - 1)
counts = st.integers(0, 2**31)
codes = st.sampled_from(["", "throttled", "policy-hold", "no-such-user"])
businesses = narrow.id_texts.map(business_id)
linking_codes = st.text().map(LinkingCode.of)
members: st.SearchStrategy[Member] = (
    narrow.any_scoped_ids | narrow.any_tokens | linking_codes
)
owned_ids = st.builds(OwnedId, narrow.any_scoped_ids, epochs)
proofs: st.SearchStrategy[Evidence] = narrow.proofs(ends=members, epochs=epochs)
several_proofs = st.lists(proofs, max_size=3).map(tuple)
refusals = st.builds(
    Refusal, st.sampled_from(RefusalReason), narrow.any_scoped_ids, narrow.assets
)
person_ids = st.binary(min_size=16, max_size=16).map(lambda b: PersonId(f"p_{b.hex()}"))
event_ids = st.binary(min_size=16, max_size=16).map(lambda b: f"e_{b.hex()}")

titles = st.builds(Title, person_ids, members, st.booleans(), times)
grounds = st.builds(Presence, epochs, counts, st.none() | times)


@st.composite
def whole_persons(draw: st.DrawFn) -> Person:
    """Any person, some of them from a time when no grounds were recorded."""
    listed = draw(st.dictionaries(members, times, min_size=1, max_size=4))
    return Person(
        business=draw(businesses),
        id=draw(person_ids),
        generation=draw(st.integers(1, 2**31)),
        members=listed,
        evidence=draw(several_proofs),
        quarantined=draw(several_proofs),
        absorbed=draw(st.lists(person_ids, max_size=3, unique=True).map(tuple)),
        presence={who: draw(grounds) for who in listed if draw(st.booleans())},
        titles=draw(st.lists(titles, max_size=2).map(tuple)),
    )


persons = whole_persons()
erased_persons = st.builds(
    Person,
    business=businesses,
    id=person_ids,
    generation=st.integers(2, 2**31),
    members=st.just({}),
    absorbed=st.lists(person_ids, max_size=3, unique=True).map(tuple),
)
asset_epochs = st.builds(AssetEpoch, epochs, st.booleans(), st.booleans())
until = st.just(0) | times
"""When the memory of an erasure ends; 0: there is none."""
erased = st.builds(Erased, times, times)
asset_erasures = st.builds(
    AssetErasure,
    erased,
    after=st.none() | narrow.id_texts | st.just(""),
    ids=counts,
    waiting=st.lists(st.builds(Receipt, codes, times, st.just(0)), max_size=2).map(
        tuple
    ),
)
withdrawals = st.builds(
    Withdrawals,
    counts,
    counts,
    st.dictionaries(narrow.assets, narrow.id_texts | st.just(""), max_size=3),
    st.booleans(),
    has_erasures=st.booleans(),
    erasing=st.dictionaries(narrow.assets, asset_erasures, max_size=2),
)
ownerships = st.builds(
    Ownership,
    asset=narrow.assets,
    business=st.none() | businesses,
    epoch=epochs,
    parent=st.none() | narrow.assets.filter(lambda asset: asset.kind == "app"),
    previous=st.none() | businesses,
    since_ms=times,
)
holds = st.builds(
    Hold,
    businesses,
    st.booleans(),
    times,
    times,
    times,
    codes.filter(bool),
    st.none() | narrow.assets,
)
lookups = st.builds(
    Lookup,
    business=businesses,
    seen=owned_ids,
    first_seen_ms=times,
    cause=narrow.causes,
    phase=st.sampled_from(LookupPhase),
    attempts=counts,
    due_ms=times,
    answered_ms=times,
    is_final=st.booleans(),
    token=st.none() | narrow.any_tokens,
    code=st.none() | linking_codes,
    unlinked_ms=times,
    detail=codes,
)

_sighting = st.builds(Sighting, businesses, owned_ids, times, narrow.causes)
_with_token = st.builds(
    Sighting,
    businesses,
    owned_ids,
    times,
    narrow.causes,
    narrow.any_tokens,
    st.sampled_from(EvidenceKind),
    st.none() | linking_codes,
    st.booleans(),
)
commands = st.builds(
    Command,
    businesses,
    owned_ids,
    st.sampled_from(CommandKind),
    times,
    narrow.causes,
    codes,
    until,
)
forgotten = st.builds(
    Forgotten, businesses, narrow.any_scoped_ids, times, narrow.causes, until
)
words = st.text(
    st.characters(
        min_codepoint=32, exclude_categories=["Cs"], exclude_characters="\x7f"
    ),
    min_size=1,
    max_size=64,
)
ban_commands = st.builds(
    BanCommand,
    businesses,
    owned_ids,
    owned_ids,
    st.booleans(),
    words,
    words,
    times,
    narrow.causes,
)
decision_commands = st.builds(
    DecisionCommand,
    businesses,
    owned_ids,
    members,
    epochs,
    st.sampled_from(Verdict),
    words,
    words,
    times,
    narrow.causes,
)
_said = commands | ban_commands | decision_commands
asset_forgotten = st.builds(
    AssetForgotten, businesses, narrow.assets, times, narrow.causes, until
)
sightings = _sighting | _with_token | _said | forgotten | asset_forgotten


@st.composite
def _bans(draw: st.DrawFn) -> Ban:
    one, two = draw(
        st.lists(owned_ids, min_size=2, max_size=2, unique_by=lambda end: end.id)
    )
    return ban(
        one,
        two,
        at_ms=draw(times),
        author=draw(words),
        reason=draw(words),
        cause=draw(narrow.causes),
        is_lifted=draw(st.booleans()),
    )


bans = _bans()
several_bans = st.lists(bans, max_size=2).map(tuple)


@st.composite
def _decisions(draw: st.DrawFn) -> Decision:
    one, two = (
        (who, draw(epochs) if isinstance(who, ScopedId) else 0)
        for who in draw(st.lists(members, min_size=2, max_size=2, unique=True))
    )
    return decision(
        one,
        two,
        draw(st.sampled_from(Verdict)),
        at_ms=draw(times),
        author=draw(words),
        reason=draw(words),
        cause=draw(narrow.causes),
    )


decisions = _decisions()
"""As they are told; those of a table may keep proofs."""
keeping_decisions = st.builds(keeping, decisions, st.lists(proofs, max_size=2))
several_decisions = st.lists(decisions, max_size=1).map(tuple)


def _as_decided(business: BusinessId, told: Decision) -> Decided:
    return Decided(
        business=business,
        a=told.a,
        b=told.b,
        epoch_a=told.epoch_a,
        epoch_b=told.epoch_b,
        verdict=told.verdict,
        author=told.author,
        reason=told.reason,
        at_ms=told.at_ms,
        cause=told.cause,
    )


answers = st.builds(
    Answer,
    business=businesses,
    asked=owned_ids,
    at_ms=times,
    outcome=st.sampled_from(Outcome),
    links=st.lists(owned_ids, max_size=3).map(tuple),
    refusals=st.lists(refusals, max_size=2).map(tuple),
    is_whole=st.booleans(),
    retry_after_ms=counts,
    probed=st.none() | holds,
    detail=codes,
    business_links=st.lists(owned_ids, max_size=2).map(tuple),
    token=st.none() | narrow.any_tokens,
)
log_messages: st.SearchStrategy[LogMessage] = st.one_of(
    st.builds(_as_decided, businesses, decisions),
    st.builds(Sighted, businesses, owned_ids, times, narrow.causes),
    st.builds(Proved, businesses, several_proofs, times, narrow.causes),
    st.builds(Unlinked, businesses, narrow.any_scoped_ids, times, narrow.causes),
    st.builds(
        Refused,
        businesses,
        st.lists(refusals, max_size=2).map(tuple),
        times,
        narrow.causes,
    ),
    st.builds(
        AssetChanged,
        businesses,
        narrow.assets,
        epochs,
        st.booleans(),
        times,
        narrow.causes,
    ),
    st.builds(
        Sweep,
        businesses,
        narrow.assets,
        epochs,
        narrow.id_texts | st.just(""),
        times,
        narrow.causes,
    ),
    st.builds(
        Banned,
        businesses,
        owned_ids,
        owned_ids,
        st.booleans(),
        words,
        words,
        times,
        narrow.causes,
    ),
    st.builds(
        Erase,
        businesses,
        narrow.any_scoped_ids,
        st.booleans(),
        times,
        narrow.causes,
        codes,
        until,
    ),
    st.builds(
        EraseAsset, businesses, narrow.assets, times, narrow.causes, codes, until
    ),
    st.builds(
        EraseMembers,
        businesses,
        narrow.assets,
        narrow.id_texts | st.just(""),
        times,
        narrow.causes,
    ),
)


def _events(kind: EventType, **fields: Any) -> st.SearchStrategy[IdentityEvent]:
    return st.builds(
        IdentityEvent,
        id=event_ids,
        type=st.just(kind),
        business=businesses,
        at_ms=times,
        cause=narrow.causes,
        **fields,
    )


_kinds = st.sampled_from(EvidenceKind).map(str)
_of_person = {
    kind: _events(
        kind,
        reason=_kinds
        | st.sampled_from(["sighted", "requested", "lost", "ban", *Verdict]),
        person=persons,
        proofs=several_proofs,
        bans=several_bans,
        decisions=several_decisions,
    )
    for kind in (
        EventType.CREATED,
        EventType.LINKED,
        EventType.MERGED,
        EventType.SPLIT,
    )
}
_erased = _events(
    EventType.ERASED,
    reason=st.sampled_from(["requested", "lost", "account_linking", "reject"]),
    person=persons | erased_persons,
    decisions=several_decisions,
)
_quarantined = _events(
    EventType.QUARANTINED,
    reason=_kinds,
    person=persons,
    proofs=st.tuples(proofs),
    other=person_ids,
    bans=several_bans,
    decisions=several_decisions,
)
_refused = _events(
    EventType.REFUSED,
    reason=st.sampled_from(RefusalReason).map(str),
    about=st.none() | person_ids,
    refusal=refusals,
)
_epoch_changed = _events(
    EventType.EPOCH_CHANGED,
    reason=st.sampled_from(["gained", "lost"]),
    ownership=st.builds(OwnershipChange, narrow.assets, epochs, st.booleans()),
)
_banned, _unbanned = (
    _events(
        kind,
        reason=st.just(reason),
        about=st.none() | person_ids,
        other=st.none() | person_ids,
        bans=st.tuples(
            bans.map(partial(replace, is_lifted=kind is EventType.UNBANNED))
        ),
    )
    for kind, reason in (
        (EventType.BANNED, "ban"),
        (EventType.UNBANNED, "lift-ban"),
    )
)
_decided = _events(
    EventType.DECIDED,
    reason=st.sampled_from(Verdict).map(str),
    about=st.none() | person_ids,
    other=st.none() | person_ids,
    proofs=several_proofs,
    decisions=st.tuples(decisions),
)
events_by_type: dict[EventType, st.SearchStrategy[IdentityEvent]] = {
    **_of_person,
    EventType.ERASED: _erased,
    EventType.QUARANTINED: _quarantined,
    EventType.REFUSED: _refused,
    EventType.EPOCH_CHANGED: _epoch_changed,
    EventType.BANNED: _banned,
    EventType.UNBANNED: _unbanned,
    EventType.DECIDED: _decided,
}
events = st.one_of(list(events_by_type.values()))

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abkst"), inner, max_size=2)
    ),
    max_leaves=6,
)
