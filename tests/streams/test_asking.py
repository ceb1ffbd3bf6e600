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
    Facts,
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
from idweave_adapters.graph_api.limits import LimitScope, parse_usage
from idweave_adapters.secret import Secret
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, BusinessId, BusinessToken, ScopedId
from idweave_graph.lookups import Lookup
from idweave_graph.messages import Answer, Outcome, Refusal, RefusalReason
from idweave_graph.ownership import OwnedId, Ownership
from idweave_graph.resolve import LookupPolicy
from idweave_streams.calls.asking import Asked, Asking
from idweave_streams.calls.gates import Gate, Heard
from idweave_streams.tables import Lane

OTHER_APP, PAGE, TEST_APP = map(Asset.parse, ("app:11", "page:20", "app:12"))
RIVALS_APP, NOBODYS_APP = map(Asset.parse, ("app:60", "app:70"))
STRANGE_APP, LOST_PAGE = Asset.parse("app:80"), Asset.parse("page:19")
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


def found(*links: ScopedId) -> LookupAnswer:
    return LookupAnswer(links, True, True, 1, Usage(), None)


@dataclass
class Meta:
    """Answers by user, and remembers who was asked about."""

    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    async def look_up(self, lookups: Sequence[Question]) -> list[Reply]:
        users = [each.scoped.user for each in lookups]
        self.asked += users
        self.questions += lookups
        return [self.replies.get(user, found()) for user in users]


TOKEN = Secret("token")


def credential(made_by: Asset = APP, token: Secret = TOKEN) -> Credential:
    return Credential(ACME, APP, made_by, token, Secret("secret"))


class Desk:
    """An `Asking` with what it needs."""

    def __init__(self, **replies: Reply) -> None:
        self.meta = Meta(dict(replies))
        self.now_ms = 5_000
        self.credential: Credential | None = credential()
        self.pages: tuple[Asset, ...] = ()
        self.by_page: set[Asset] = set()
        self.owned = dict(OWNED)

    def for_asset(self, business: BusinessId, asset: Asset) -> Credential | None:
        if asset in self.pages:
            return replace(PAGE_TOKEN, asset=asset)
        assert (business, asset) in {(ACME, APP), (RIVAL, APP)}
        return self.credential

    def pages_made_by(self, business: BusinessId, app: Asset) -> tuple[Asset, ...]:
        return self.pages

    def app_secrets(self, business: BusinessId, app: Asset) -> tuple[Secret, ...]:
        raise AssertionError("nothing is verified here")

    async def ask(
        self,
        *lookups: Lookup,
        probed: Hold | None = None,
        business: BusinessId = ACME,
    ) -> Asked:
        holds = {} if probed is None else {APP: probed}
        return await self.asking.ask(business, lookups, probed=holds)

    def open(self) -> "Desk":
        self.asking = Asking(
            self.meta,
            self,
            DictOwnership(self.owned),
            clock_ms=lambda: self.now_ms,
            policy=POLICY,
            asks_by_page=self.by_page.__contains__,
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
    # What other modules derive is never the result of a lookup.
    assert tested == {k for k in kinds if k.__module__ == GraphApiError.__module__}


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


@pytest.mark.parametrize(
    "error", [CredentialRefused(), PermissionDenied(), ConfigurationFault()]
)
async def test_a_token_that_serves_nobody_is_held(error: GraphApiError) -> None:
    """Whatever else was asked with it failed too, in whatever way."""
    desk = Desk(a=error, b=Transient()).open()

    asked = await desk.ask(lookup("a"), lookup("b"))

    [hold] = asked.holds
    assert (hold.asset, hold.since_ms) == (APP, 5_000)
    assert asked.answers[0].outcome is Outcome.CREDENTIAL


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (CredentialRefused(), "credential-refused"),
        (PermissionDenied(), "permission-denied"),
        (ConfigurationFault(), "configuration"),
    ],
)
async def test_a_token_that_serves_others_is_not_held_for_one_id(
    error: GraphApiError, detail: str
) -> None:
    """The one id is given up, so that it can't stop its asset for ever."""
    desk = Desk(a=error).open()

    asked = await desk.ask(lookup("a"), lookup("b"))

    assert asked.answers[0] == answer("a", Outcome.GONE, detail)
    assert asked.holds == ()


async def test_what_the_limits_say_is_passed_on_in_the_order_of_the_lookups() -> None:
    """Where no call was made, nothing was said."""
    app = Gate(LimitScope.APP, APP.id)
    near = parse_usage({"x-app-usage": '{"call_count":88}'})
    full = Throttled(usage=near, retry_after_s=9)
    desk = Desk(a=replace(found(), usage=near), c=full, d=Transient()).open()

    users = [lookup("a"), lookup("b", epoch=0), lookup("c"), lookup("d")]
    asked = await desk.ask(*users)

    at_88 = ((app, 88.0),)
    expected = (Heard(at_88), None, Heard(at_88, ((app, 9_000),)), Heard())
    assert asked.heard == expected
    assert desk.asking.gates(Lane(ACME, APP)) == (app,)


async def test_without_a_credential_no_limit_is_met() -> None:
    desk = Desk()
    desk.credential = None

    assert desk.open().asking.gates(Lane(ACME, APP)) == ()


async def test_business_tokens_and_links_of_ids_for_business_are_kept() -> None:
    """Checked like the others; a refusal that both bring stands there once."""
    foreign, own = scoped_id("x", RIVALS_APP), scoped_id("y", OTHER_APP)
    known = replace(
        found(foreign), business_links=(own, foreign), token=BusinessToken("t")
    )
    desk = Desk(a=known).open()

    [got] = (await desk.ask(lookup("a"))).answers

    assert (got.links, got.business_links) == ((), (OwnedId(own, 4),))
    assert got.token == BusinessToken("t")
    refusal = Refusal(RefusalReason.FOREIGN_ASSET, scoped_id("a"), RIVALS_APP)
    assert got.refusals == (refusal,)


PAGE_TOKEN = Credential(ACME, PAGE, APP, Secret("page-token"), Secret("secret"))


async def test_an_app_is_given_the_token_of_a_page_too() -> None:
    """Of a Page of the same business, whose token this app made."""
    desk = Desk()
    desk.pages = (PAGE,)

    await desk.open().ask(lookup("a"))

    assert [each.page_credential for each in desk.meta.questions] == [PAGE_TOKEN]


@pytest.mark.parametrize(
    "now", [Ownership(PAGE, RIVAL, 3), Ownership(PAGE, None, 3), None]
)
async def test_the_token_of_a_page_that_is_not_the_business_s_is_not_used(
    now: Ownership | None,
) -> None:
    """The app asks with its own alone."""
    desk = Desk()
    desk.pages = (PAGE,)
    desk.owned = {a: o for a, o in OWNED.items() if a != PAGE}
    if now is not None:
        desk.owned[PAGE] = now

    await desk.open().ask(lookup("a"))

    assert [each.page_credential for each in desk.meta.questions] == [None]


async def test_a_page_that_has_left_the_business_does_not_stand_in_the_way() -> None:
    """Its token may lie in the credentials for long; the next Page's is used."""
    desk = Desk()
    desk.pages = (LOST_PAGE, PAGE)
    desk.owned[LOST_PAGE] = Ownership(LOST_PAGE, RIVAL, 2)

    await desk.open().ask(lookup("a"))

    assert [each.page_credential for each in desk.meta.questions] == [PAGE_TOKEN]


async def test_who_asks_with_a_pages_token_too_passes_its_limits() -> None:
    """A stop of the Page is one of the app's lookups then, and leaves the app open."""
    full = Throttled(facts=Facts(80001), retry_after_s=9)
    desk = Desk(a=full)
    desk.pages = (PAGE,)
    gate = Gate(LimitScope.PAGE, PAGE.id)

    [own] = desk.open().asking.gates(Lane(ACME, APP))
    assert (await desk.ask(lookup("a"))).heard == (Heard(stops=((own, 9_000),)),)

    desk.by_page.add(APP)
    business = Gate(LimitScope.BUSINESS, ACME)
    assert desk.asking.gates(Lane(ACME, APP)) == (own, business, gate)
    assert (await desk.ask(lookup("a"))).heard == (Heard(stops=((gate, 9_000),)),)


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


@pytest.mark.parametrize(
    ("reply", "is_probe"),
    [
        (found(), True),
        (LookupRefused(facts=Facts(100, 33, http_status=400)), True),
        (replace(found(), requests=0), False),
        (LookupRefused("no id that the platform gives out"), False),
    ],
)
async def test_what_needs_no_call_says_nothing_of_a_held_business(
    reply: Reply, is_probe: bool
) -> None:
    """The platform was not asked, so it can't have said that its review is over."""
    desk, hold = Desk(a=reply).open(), Hold(ACME, True, 1, 1, 1, "policy-hold")

    asked = await desk.ask(lookup("a"), probed=hold)

    [got] = asked.answers
    assert (POLICY.release(got) is not None) is is_probe
    assert asked.called == (frozenset({APP}) if is_probe else frozenset())


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
