"""What may be asked is asked, and each answer is checked before it is believed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictOwnership
from tests.support.lookups import ACME, APP, RIVAL, lookup, scoped_id

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api import (
    ConfigurationFault,
    CredentialRefused,
    GraphApiError,
    LookupAnswer,
    LookupRefused,
    PermissionDenied,
    PolicyHold,
    ProtocolFault,
    Throttled,
    TooMuchData,
    Transient,
    Usage,
)
from idweave_adapters.graph_api import Lookup as Question
from idweave_adapters.secret import Secret
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, BusinessId, ScopedId
from idweave_graph.lookups import Lookup
from idweave_graph.messages import Answer, Outcome, Refusal, RefusalReason
from idweave_graph.ownership import OwnedId, Ownership
from idweave_graph.resolve import LookupPolicy
from idweave_streams.calls.asking import PAUSE_MS, Asked, Asking

OTHER_APP, PAGE, TEST_APP = map(Asset.parse, ("app:11", "page:20", "app:12"))
RIVALS_APP, NOBODYS_APP = map(Asset.parse, ("app:60", "app:70"))
STRANGE_APP = Asset.parse("app:80")
POLICY = LookupPolicy()
Reply = LookupAnswer | GraphApiError

OWNED = {
    asset: Ownership(asset, owner, epoch, parent=parent)
    for asset, owner, epoch, parent in (
        (APP, ACME, 1, None),
        (OTHER_APP, ACME, 4, None),
        (TEST_APP, ACME, 1, APP),
        (PAGE, ACME, 2, None),
        (RIVALS_APP, RIVAL, 1, None),
        (NOBODYS_APP, None, 1, None),
    )
}


def found(*links: ScopedId, percent: float = 0) -> LookupAnswer:
    return LookupAnswer(links, True, True, 1, Usage(percent=percent), None)


@dataclass
class Meta:
    """Answers by user, and remembers who was asked about."""

    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def look_up(self, lookups: Sequence[Question]) -> list[Reply]:
        users = [each.scoped.user for each in lookups]
        self.asked += users
        return [self.replies.get(user, found()) for user in users]


TOKEN, NEW_TOKEN = Secret("token"), Secret("new-token")


def credential(made_by: Asset = APP, token: Secret = TOKEN) -> Credential:
    return Credential(ACME, APP, made_by, token, Secret("secret"))


class Desk:
    """An `Asking` with what it needs."""

    def __init__(self, **replies: Reply) -> None:
        self.meta = Meta(dict(replies))
        self.now_ms = 5_000
        self.credential: Credential | None = credential()
        self.owned = dict(OWNED)

    def for_asset(self, business: BusinessId, asset: Asset) -> Credential | None:
        assert (business, asset) in {(ACME, APP), (RIVAL, APP)}
        return self.credential

    def app_secrets(self, business: BusinessId, app: Asset) -> tuple[Secret, ...]:
        raise AssertionError("nothing is verified here")

    async def ask(
        self,
        *lookups: Lookup,
        probed: Hold | None = None,
        business: BusinessId = ACME,
    ) -> Asked:
        return await self.asking.ask(business, lookups, probed=probed)

    def open(self) -> "Desk":
        self.asking = Asking(
            self.meta,
            self,
            DictOwnership(self.owned),
            clock_ms=lambda: self.now_ms,
            policy=POLICY,
        )
        return self


def answer(user: object, outcome: Outcome, detail: str = "", epoch: int = 1) -> Answer:
    seen = OwnedId(scoped_id(user), epoch)
    return Answer(ACME, seen, 5_000, outcome, detail=detail)


async def test_every_lookup_gets_its_answer_in_its_place() -> None:
    """Also when some may not be asked, and whatever the others bring."""
    desk = Desk(a=found(), c=Transient(), d=LookupRefused()).open()
    lookups = [lookup("a"), lookup("b", epoch=0), lookup("c"), lookup("d")]

    asked = await desk.ask(*lookups)

    assert [each.asked for each in asked.answers] == [each.seen for each in lookups]
    assert [each.outcome for each in asked.answers] == [
        Outcome.ANSWERED,
        Outcome.FORBIDDEN,
        Outcome.RETRY,
        Outcome.GONE,
    ]
    assert desk.meta.asked == ["a", "c", "d"]


async def test_links_of_the_business_are_kept_with_their_epochs() -> None:
    """A test app's id is its parent's, so here it is the asked one, which is no link."""
    links = [scoped_id("x", OTHER_APP), scoped_id("y", PAGE), scoped_id("a")]
    desk = Desk(a=found(*links, scoped_id("a", TEST_APP))).open()

    [got] = (await desk.ask(lookup("a"))).answers

    assert got.links == (OwnedId(links[0], 4), OwnedId(links[1], 2))
    assert got.refusals == ()
    assert got.at_ms == 5_000


@pytest.mark.parametrize(
    ("asset", "reason"),
    [
        (RIVALS_APP, RefusalReason.FOREIGN_ASSET),
        (NOBODYS_APP, RefusalReason.UNOWNED_ASSET),
        (STRANGE_APP, RefusalReason.UNKNOWN_ASSET),
    ],
)
async def test_a_link_that_is_not_the_business_s_own_is_refused(
    asset: Asset, reason: RefusalReason
) -> None:
    """The id is not kept; the other links of the answer are."""
    good = scoped_id("y", PAGE)
    desk = Desk(a=found(scoped_id("x", asset), good)).open()

    [got] = (await desk.ask(lookup("a"))).answers

    assert got.links == (OwnedId(good, 2),)
    assert got.refusals == (Refusal(reason, scoped_id("a"), asset),)


@pytest.mark.parametrize(
    ("error", "outcome", "detail"),
    [
        (PolicyHold(), Outcome.HOLD, "policy-hold"),
        (LookupRefused(), Outcome.GONE, "no-such-user"),
        (CredentialRefused(), Outcome.CREDENTIAL, "credential-refused"),
        (PermissionDenied(), Outcome.CREDENTIAL, "permission-denied"),
        (ConfigurationFault(), Outcome.CREDENTIAL, "configuration"),
        (Throttled(retry_after_s=7), Outcome.RETRY, "throttled"),
        (Transient(), Outcome.RETRY, "failed-in-passing"),
        (TooMuchData(), Outcome.RETRY, "failed-in-passing"),
        (ProtocolFault(), Outcome.RETRY, "failed-in-passing"),
        (GraphApiError(), Outcome.RETRY, "failed-in-passing"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_what_becomes_of_an_error(
    error: GraphApiError, outcome: Outcome, detail: str
) -> None:
    """Never an answer, and never closed unless the platform has no such person."""
    desk = Desk(a=error).open()

    asked = await desk.ask(lookup("a"))

    wait_ms = 7_000 if isinstance(error, Throttled) else 0
    expected = answer("a", outcome, detail)
    assert asked.answers == (replace(expected, retry_after_ms=wait_ms),)


def test_every_kind_of_error_is_in_the_table_above() -> None:
    """A new one must be thought of here."""
    [mark] = [
        each
        for each in test_what_becomes_of_an_error.pytestmark  # type: ignore[attr-defined]
        if each.name == "parametrize"
    ]
    tested = {type(error) for error, _, _ in mark.args[1]}

    kinds = {GraphApiError}
    while more := {sub for kind in kinds for sub in kind.__subclasses__()} - kinds:
        kinds |= more
    assert tested == kinds


async def test_without_a_credential_nothing_is_asked() -> None:
    desk = Desk()
    desk.credential = None

    asked = await desk.open().ask(lookup("a"))

    assert asked.answers == (answer("a", Outcome.CREDENTIAL, "no-credential"),)
    assert desk.meta.asked == []


@pytest.mark.parametrize("maker", [RIVALS_APP, NOBODYS_APP, STRANGE_APP])
async def test_a_token_that_anothers_app_made_is_not_used(maker: Asset) -> None:
    """A service provider's app would lead over the boundary: refused, and on record."""
    desk = Desk()
    desk.credential = credential(made_by=maker)

    [got] = (await desk.open().ask(lookup("a"))).answers

    refusal = Refusal(RefusalReason.FOREIGN_CREDENTIAL, scoped_id("a"), maker)
    assert got.outcome is Outcome.FORBIDDEN
    assert got.refusals == (refusal,)
    assert desk.meta.asked == []


@pytest.mark.parametrize(
    "now",
    [
        Ownership(APP, ACME, 3),
        Ownership(APP, RIVAL, 3),
        Ownership(APP, None, 2),
        Ownership(APP, RIVAL, 2),
        None,
    ],
)
@pytest.mark.parametrize("has_credential", [True, False])
async def test_an_id_of_an_earlier_owner_is_not_asked_about(
    now: Ownership | None, has_credential: bool
) -> None:
    """It is closed with a refusal, also where the credential has gone by now."""
    desk = Desk()
    desk.owned = {a: o for a, o in OWNED.items() if a != APP}
    if now is not None:
        desk.owned[APP] = now
    if not has_credential:
        desk.credential = None

    [got] = (await desk.open().ask(lookup("a", epoch=2))).answers

    refusal = Refusal(RefusalReason.STALE_EPOCH, scoped_id("a"), APP)
    assert (got.outcome, got.refusals) == (Outcome.FORBIDDEN, (refusal,))
    assert desk.meta.asked == []


async def test_news_of_an_owner_that_has_not_come_yet_is_waited_for() -> None:
    """Another worker knew of the new owner already: that is no refusal."""
    desk = Desk().open()

    asked = await desk.ask(lookup("a", epoch=2))

    expected = answer("a", Outcome.RETRY, "ownership-not-known-yet", epoch=2)
    assert asked.answers == (expected,)
    assert desk.meta.asked == []


async def test_a_refused_token_is_not_tried_for_each_id_anew() -> None:
    """Until the time for a retry has come."""
    desk = Desk(a=CredentialRefused(), b=CredentialRefused()).open()
    await desk.ask(lookup("a"))

    asked = await desk.ask(lookup("b"), lookup("c"))

    assert desk.meta.asked == ["a"]
    assert [each.outcome for each in asked.answers] == [Outcome.CREDENTIAL] * 2
    desk.now_ms += POLICY.credential_retry_ms
    await desk.ask(lookup("b"))
    assert desk.meta.asked == ["a", "b"]


async def test_a_replaced_token_is_tried_at_once() -> None:
    desk = Desk(a=CredentialRefused()).open()
    await desk.ask(lookup("a"))
    desk.credential = credential(token=NEW_TOKEN)

    asked = await desk.ask(lookup("b"))

    assert [each.outcome for each in asked.answers] == [Outcome.ANSWERED]


@pytest.mark.parametrize(
    ("replies", "pause_ms"),
    [
        ({}, 0),
        ({"a": Transient()}, 0),
        ({"a": Throttled(retry_after_s=5)}, 5_000),
        ({"a": Throttled(retry_after_s=5), "b": Throttled(retry_after_s=9)}, 9_000),
        ({"a": Throttled()}, PAUSE_MS),
        ({"a": found(percent=89)}, 0),
        ({"a": found(percent=90)}, PAUSE_MS),
        ({"b": Transient(usage=Usage(percent=120))}, PAUSE_MS),
    ],
)
async def test_how_long_the_business_is_left_alone(
    replies: dict[str, Reply], pause_ms: int
) -> None:
    """As long as the platform says, and a minute where it says nothing."""
    asked = await Desk(**replies).open().ask(lookup("a"), lookup("b"))

    assert asked.pause_ms == pause_ms


async def test_the_platforms_stop_is_a_hold_of_the_business() -> None:
    """Whichever lookup it was said of."""
    desk = Desk(b=PolicyHold()).open()

    asked = await desk.ask(lookup("a"), lookup("b"))

    probe_ms = 5_000 + POLICY.first_probe_ms
    assert asked.holds == (Hold(ACME, True, 5_000, 5_000, probe_ms, "policy-hold"),)


async def test_no_stop_no_hold() -> None:
    asked = await Desk(a=Throttled()).open().ask(lookup("a"))

    assert asked.holds == ()


async def test_an_answer_says_which_hold_it_was_a_probe_of() -> None:
    """Also one without a call: a token that is still missing is a probe in vain."""
    desk, hold = Desk().open(), Hold(ACME, True, 1, 1, 1, "x", APP)

    asked = await desk.ask(lookup("a"), lookup("b", epoch=0), probed=hold)

    assert [each.probed for each in asked.answers] == [hold, hold]


@pytest.mark.parametrize(("apps", "pages"), [(True, False), (False, True)])
async def test_an_answer_that_lacks_an_edge_says_so(apps: bool, pages: bool) -> None:
    """What it leaves out is unknown, not none."""
    partial = LookupAnswer((), apps, pages, 1, Usage(), None)

    [got] = (await Desk(a=partial).open().ask(lookup("a"))).answers

    assert (got.outcome, got.is_whole) == (Outcome.ANSWERED, False)


any_reply: st.SearchStrategy[Reply] = st.one_of(
    st.lists(
        st.builds(
            scoped_id,
            st.integers(1, 3),
            st.sampled_from([*OWNED, STRANGE_APP]),
        ),
        max_size=6,
    ).map(lambda links: found(*links)),
    st.sampled_from([Transient(), Throttled(), PolicyHold(), CredentialRefused()]),
)


@given(
    replies=st.dictionaries(st.integers(1, 5).map(str), any_reply),
    epochs=st.lists(st.integers(0, 2), min_size=5, max_size=5),
    maker=st.sampled_from([None, *OWNED, STRANGE_APP]).filter(
        lambda made_by: made_by is None or made_by.kind == "app"
    ),
    business=st.sampled_from([ACME, RIVAL]),
)
async def test_nothing_ever_crosses_the_boundary(
    replies: dict[str, Reply],
    epochs: list[int],
    maker: Asset | None,
    business: BusinessId,
) -> None:
    """Whatever is asked with whatever token, and whatever a hostile answer names."""
    desk = Desk(**replies)
    desk.credential = None if maker is None else credential(made_by=maker)
    lookups = [
        lookup(user, business, epoch=epoch) for user, epoch in enumerate(epochs, 1)
    ]

    asked = await desk.open().ask(*lookups, business=business)

    assert [each.asked for each in asked.answers] == [each.seen for each in lookups]
    for each in asked.answers:
        if each.asked.id.user in desk.meta.asked:
            assert maker is not None
            assert OWNED[maker].business == business == OWNED[APP].business
            assert each.asked.epoch == OWNED[APP].epoch
        else:
            assert each.links == ()
        for link in each.links:
            owner = OWNED[link.id.asset]
            assert (owner.business, owner.epoch) == (business, link.epoch)
            assert link.id != each.asked.id
