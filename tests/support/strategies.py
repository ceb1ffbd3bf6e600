"""Hypothesis strategies for the core's values, logs and worlds.

Pools are small on purpose: what matters happens when values meet again.
"""

from dataclasses import replace

from hypothesis import assume
from hypothesis import strategies as st
from tests.support.world import World

from idweave_graph.decisions import Verdict
from idweave_graph.evidence import Cause, Evidence, EvidenceKind, evidence
from idweave_graph.ids import (
    Asset,
    AssetKind,
    BusinessToken,
    LinkingCode,
    Member,
    ScopedId,
    business_id,
)
from idweave_graph.messages import (
    AssetChanged,
    Banned,
    Decided,
    Erase,
    EraseAsset,
    LogMessage,
    Proved,
    Refusal,
    RefusalReason,
    Refused,
    Sighted,
    Unlinked,
)
from idweave_graph.ownership import OwnedId, Ownership

BUSINESS = business_id("900")
OTHER_BUSINESS = business_id("901")
PROVIDER = business_id("902")

APPS = [Asset(AssetKind.APP, name) for name in ("1", "2")]
PAGES = [Asset(AssetKind.PAGE, name) for name in ("1", "2")]
ASSETS = APPS + PAGES

TIMES = st.integers(1, 12)
EPOCHS = st.integers(1, 3)
ONE_EPOCH = st.just(1)

scoped_ids = st.builds(ScopedId, st.sampled_from(ASSETS), st.sampled_from("xyz"))
tokens = st.builds(BusinessToken, st.sampled_from(["t", "u"]))
codes = st.sampled_from("xy").map(LinkingCode.of)
members: st.SearchStrategy[Member] = st.one_of(scoped_ids, tokens, codes)

id_texts = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=":/|"),
    min_size=1,
    max_size=128,
)
assets = st.builds(Asset, st.sampled_from(AssetKind), id_texts)
any_scoped_ids = st.builds(ScopedId, assets, id_texts)
any_tokens = st.builds(
    BusinessToken,
    st.text(
        st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=512
    ),
)
causes = st.builds(
    Cause, st.sampled_from(["logins", "answers"]), st.just(0), st.integers(0, 9)
)


@st.composite
def proofs(
    draw: st.DrawFn,
    ends: st.SearchStrategy[Member] = members,
    epochs: st.SearchStrategy[int] = ONE_EPOCH,
) -> Evidence:
    """Any proof between two different members."""
    one, two = draw(st.lists(ends, min_size=2, max_size=2, unique=True))
    return evidence(
        draw(st.sampled_from(EvidenceKind)),
        (one, draw(epochs) if isinstance(one, ScopedId) else 0),
        (two, draw(epochs) if isinstance(two, ScopedId) else 0),
        at_ms=draw(TIMES),
        cause=draw(causes),
    )


def sighted(epochs: st.SearchStrategy[int] = ONE_EPOCH) -> st.SearchStrategy[Sighted]:
    """A sighting on the evidence log."""
    owned = st.builds(OwnedId, scoped_ids, epochs)
    return st.builds(Sighted, st.just(BUSINESS), owned, TIMES, causes)


def proved(epochs: st.SearchStrategy[int] = ONE_EPOCH) -> st.SearchStrategy[Proved]:
    """Proofs on the evidence log."""
    several = st.lists(proofs(epochs=epochs), min_size=1, max_size=3).map(tuple)
    return st.builds(Proved, st.just(BUSINESS), several, TIMES, causes)


refusals = st.builds(
    Refusal, st.sampled_from(RefusalReason), scoped_ids, st.sampled_from(ASSETS)
)
refused = st.builds(
    Refused,
    st.just(BUSINESS),
    st.lists(refusals, min_size=1, max_size=3).map(tuple),
    TIMES,
    causes,
)
asset_changes = st.builds(
    AssetChanged,
    st.just(BUSINESS),
    st.sampled_from(ASSETS),
    EPOCHS,
    st.booleans(),
    TIMES,
    causes,
)


def _log(
    *kinds: st.SearchStrategy[LogMessage], max_size: int
) -> st.SearchStrategy[list[LogMessage]]:
    """Messages, each with a cause of its own as on a real topic."""

    def number(messages: list[LogMessage]) -> list[LogMessage]:
        return [
            replace(message, cause=Cause("sightings", 0, offset))
            for offset, message in enumerate(messages)
        ]

    return st.lists(st.one_of(*kinds), max_size=max_size).map(number)


def evidence_logs(
    epochs: st.SearchStrategy[int] = ONE_EPOCH, max_size: int = 14
) -> st.SearchStrategy[list[LogMessage]]:
    """Sightings and proofs of one business, most of them contradicting each other."""
    return _log(sighted(epochs), proved(epochs), max_size=max_size)


def owner_logs(max_size: int = 14) -> st.SearchStrategy[list[LogMessage]]:
    """Evidence of several epochs, refusals, and assets that come and go."""
    kinds = (sighted(EPOCHS), proved(EPOCHS), proved(EPOCHS), refused, asset_changes)
    return _log(*kinds, max_size=max_size)


erasures = st.builds(
    Erase,
    st.just(BUSINESS),
    scoped_ids,
    st.booleans(),
    TIMES,
    causes,
    st.sampled_from(["", "R1", "R2"]),
)


remembered = st.builds(
    Erase,
    st.just(BUSINESS),
    scoped_ids,
    st.booleans(),
    TIMES,
    causes,
    st.sampled_from(["", "R1", "R2"]),
    until_ms=st.integers(1, 9),
).map(lambda erase: replace(erase, until_ms=erase.at_ms + erase.until_ms))
"""Erasures whose memory may end while the log goes on."""


asset_erasures = st.builds(
    EraseAsset,
    st.just(BUSINESS),
    st.sampled_from(ASSETS),
    TIMES,
    causes,
    st.sampled_from(["", "R1", "R2"]),
    until_ms=st.integers(1, 9),
).map(lambda erase: replace(erase, until_ms=erase.at_ms + erase.until_ms))


unlinks = st.builds(Unlinked, st.just(BUSINESS), scoped_ids, TIMES, causes)


@st.composite
def _banned(draw: st.DrawFn, epochs: st.SearchStrategy[int]) -> Banned:
    one, two = draw(st.lists(scoped_ids, min_size=2, max_size=2, unique=True))
    return Banned(
        business=BUSINESS,
        one=OwnedId(one, draw(epochs)),
        two=OwnedId(two, draw(epochs)),
        is_lifted=draw(st.booleans()),
        author=draw(st.sampled_from(["ann", "bob"])),
        reason="two people, one telephone",
        at_ms=draw(TIMES),
        cause=draw(causes),
    )


def banned(epochs: st.SearchStrategy[int] = ONE_EPOCH) -> st.SearchStrategy[Banned]:
    """Two ids are banned from being one person, or that is lifted."""
    return _banned(epochs)


@st.composite
def _decided(draw: st.DrawFn, epochs: st.SearchStrategy[int]) -> Decided:
    pair = st.lists(members, min_size=2, max_size=2, unique=True)
    one, two = sorted(draw(pair), key=str)
    return Decided(
        business=BUSINESS,
        a=one,
        b=two,
        epoch_a=draw(epochs) if isinstance(one, ScopedId) else 0,
        epoch_b=draw(epochs) if isinstance(two, ScopedId) else 0,
        verdict=draw(st.sampled_from(Verdict)),
        author=draw(st.sampled_from(["ann", "bob"])),
        reason="asked them",
        at_ms=draw(TIMES),
        cause=draw(causes),
    )


def decided(epochs: st.SearchStrategy[int] = ONE_EPOCH) -> st.SearchStrategy[Decided]:
    """An operator decides how the proofs between two members count."""
    return _decided(epochs)


def deciding_logs(max_size: int = 14) -> st.SearchStrategy[list[LogMessage]]:
    """Evidence of one epoch, decisions, bans and erasures."""
    kinds = (sighted(), proved(), proved(), decided(), decided(), banned(), erasures)
    return _log(*kinds, max_size=max_size)


def deciding_owner_logs(max_size: int = 14) -> st.SearchStrategy[list[LogMessage]]:
    """Evidence, decisions and bans of several epochs, and assets that come and go."""
    kinds = (sighted(EPOCHS), proved(EPOCHS), proved(EPOCHS), asset_changes)
    return _log(*kinds, decided(EPOCHS), banned(EPOCHS), max_size=max_size)


def banning_logs(max_size: int = 14) -> st.SearchStrategy[list[LogMessage]]:
    """Evidence of one epoch, and bans."""
    return _log(sighted(), proved(), proved(), banned(), max_size=max_size)


def erasing_logs(max_size: int = 14) -> st.SearchStrategy[list[LogMessage]]:
    """Evidence of one epoch, and erasures."""
    return _log(sighted(), proved(), proved(), erasures, max_size=max_size)


def full_logs(max_size: int = 14) -> st.SearchStrategy[list[LogMessage]]:
    """All that the log of one business can hold."""
    kinds = (sighted(EPOCHS), proved(EPOCHS), proved(EPOCHS), refused, asset_changes)
    taking = (erasures, remembered, asset_erasures, unlinks)
    return _log(*kinds, *taking, banned(EPOCHS), decided(EPOCHS), max_size=max_size)


UNKNOWN_ASSET = Asset(AssetKind.APP, "80")
"""Exists, but nobody has told whose it is."""


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Two businesses and a service provider, with up to five people all over them.

    The first app of each business may have a test app; one app has no owner now and
    one is unknown. The number by which an asset knows one human is, on the next
    asset, somebody else's.
    """
    owned = [Ownership(Asset(AssetKind.APP, "70"), None, 1)]
    owned.append(Ownership(Asset(AssetKind.APP, "60"), PROVIDER, 1))
    for number, business in enumerate((BUSINESS, OTHER_BUSINESS), start=1):
        app = Asset(AssetKind.APP, f"{number}0")
        owned.append(Ownership(app, business, 1))
        for kind in draw(st.lists(st.sampled_from(AssetKind), max_size=3)):
            asset = Asset(kind, f"{number}{len(owned)}")
            owned.append(Ownership(asset, business, draw(EPOCHS)))
        if draw(st.booleans()):
            test_app = Asset(AssetKind.APP, f"9{number}")
            owned.append(Ownership(test_app, business, 1, parent=app))
    people = draw(st.integers(1, 5))
    humans: list[set[ScopedId]] = [set() for _ in range(people)]
    scopes = [each.asset for each in owned if each.parent is None] + [UNKNOWN_ASSET]
    tests = {each.parent: each.asset for each in owned if each.parent is not None}
    for place, asset in enumerate(scopes):
        for number, human in enumerate(humans):
            if draw(st.booleans()):
                user = str((number + place) % people)
                human.add(ScopedId(asset, user))
                if asset in tests:
                    human.add(ScopedId(tests[asset], user))
    assume(any(humans))
    return World(tuple(owned), tuple(frozenset(human) for human in humans if human))
