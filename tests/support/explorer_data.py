"""Two businesses to look at: people of all sizes, and all that can happen to them.

The ids are as wild as the core lets ids be, and what operators write is any line of
text, so that a page which takes either for markup is found out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.town import NAMES, SETTINGS, START_MS, Meta

from idweave_adapters.erasure_key import ErasureKey
from idweave_adapters.secret import Secret
from idweave_graph.decisions import Verdict
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.holds import Hold
from idweave_graph.ids import (
    MAX_ID_CHARS,
    MAX_TOKEN_CHARS,
    Asset,
    BusinessId,
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
    LogMessage,
    Proved,
    Refusal,
    RefusalReason,
    Refused,
    Sighted,
)
from idweave_graph.ownership import OwnedId
from idweave_streams.codecs import encode_hold, encode_log
from idweave_streams.local import LocalEngine
from idweave_streams.local.copying import copy_of, with_logs
from idweave_streams.outputs import hold_outputs
from idweave_streams.pipeline import Outside
from idweave_streams.reliable import Output
from idweave_streams.state.snapshot import write_snapshot
from idweave_streams.state.space import temporary_space

ACME, RIVAL = business_id("900"), business_id("901")
SHOP, GAME, HELP = map(Asset.parse, ("app:647733", "app:810422", "page:300451"))
NEWS, SOLD = Asset.parse("page:300977"), Asset.parse("app:990001")
RIVALS_APP = Asset.parse("app:5150")
YEAR_MS = 365 * 86_400_000
STEP_MS = 37 * 60_000
"""Between two messages, so that the whole takes some weeks."""
INJECTED = "window.injected=1"
"""What an id would do if it were taken for a script."""
WILD_TEXT = f'<img src=x onerror={INJECTED}> — שתי אחיות, "A & B" \u202eabc\u202c 👩‍👧 {"ä" * 60}'
_SOURCES = {
    EvidenceKind.ACCOUNT_LINKING: "facebook.webhooks.v1",
    EvidenceKind.IDS_FOR_PAGES: "facebook.webhooks.v1",
}
_LOGINS = "facebook.logins.v1"


@dataclass
class Teller:
    """Writes down what happens, one message after the other."""

    log: list[LogMessage] = field(default_factory=list)
    business: BusinessId = ACME

    @property
    def now_ms(self) -> int:
        return START_MS + len(self.log) * STEP_MS

    def _cause(self, topic: str = _LOGINS) -> Cause:
        number = len(self.log)
        return Cause(topic, number % 3, 40_000 + 7 * number)

    def seen(self, *several: ScopedId) -> None:
        for who in several:
            place = self.now_ms, self._cause()
            self.log.append(Sighted(self.business, OwnedId(who, 1), *place))

    def proved(self, *several: tuple[EvidenceKind, Member, Member]) -> None:
        """Say that each pair is one person, in one message."""
        at_ms, cause = self.now_ms, self._cause(_SOURCES.get(several[0][0], _LOGINS))
        proofs = tuple(
            evidence(kind, _end(one), _end(two), at_ms=at_ms, cause=cause)
            for kind, one, two in several
        )
        self.log.append(Proved(self.business, proofs, at_ms, cause))

    def chained(self, members: Sequence[Member], every: int = 1, step: int = 1) -> None:
        """Join *members* to a tree, by whatever proves such a pair.

        Args:
            members: all of them.
            every: how many hang on each.
            step: how many proofs come in one message.
        """
        pairs = [
            (
                _kind(members[(n - 1) // every], other, n),
                members[(n - 1) // every],
                other,
            )
            for n, other in enumerate(members[1:], start=1)
        ]
        for start in range(0, len(pairs), step):
            self.proved(*pairs[start : start + step])

    def banned(
        self, one: ScopedId, two: ScopedId, why: str, *, lifted: bool = False
    ) -> None:
        ends = (OwnedId(one, 1), OwnedId(two, 1))
        place = self.now_ms, self._cause("idweave.commands.v1")
        self.log.append(Banned(self.business, *ends, lifted, "Ada", why, *place))

    def decided(self, verdict: Verdict, one: Member, two: Member, why: str) -> None:
        (a, epoch_a), (b, epoch_b) = sorted((_end(one), _end(two)), key=_text_of_end)
        told = (verdict, "Grace", why, self.now_ms, self._cause("idweave.commands.v1"))
        self.log.append(Decided(self.business, a, b, epoch_a, epoch_b, *told))

    def refused(self, reason: RefusalReason, subject: ScopedId, other: Asset) -> None:
        refusal = Refusal(reason, subject, other)
        place = self.now_ms, self._cause()
        self.log.append(Refused(self.business, (refusal,), *place))

    def erased(self, who: ScopedId, *, whole: bool) -> None:
        at_ms, cause = self.now_ms, self._cause("idweave.commands.v1")
        until_ms = at_ms + YEAR_MS
        self.log.append(Erase(self.business, who, whole, at_ms, cause, "", until_ms))

    def lost(self, asset: Asset) -> None:
        place = self.now_ms, self._cause("idweave.assets.v1")
        self.log.append(AssetChanged(self.business, asset, 2, False, *place))


def _end(member: Member) -> tuple[Member, int]:
    return member, int(isinstance(member, ScopedId))


def _text_of_end(end: tuple[Member, int]) -> str:
    return str(end[0])


def _kind(one: Member, other: Member, number: int) -> EvidenceKind:
    kinds = {type(one), type(other)}
    if LinkingCode in kinds:
        return EvidenceKind.ACCOUNT_LINKING
    if BusinessToken in kinds:
        tokens = (EvidenceKind.TOKEN_FOR_BUSINESS, EvidenceKind.SIGNED_REQUEST)
        return tokens[number % 2]
    if "page" in {str(one).partition(":")[0], str(other).partition(":")[0]}:
        return EvidenceKind.IDS_FOR_PAGES
    return (EvidenceKind.IDS_FOR_APPS, EvidenceKind.IDS_FOR_BUSINESS)[number % 2]


@dataclass(frozen=True)
class Cast:
    """Whom the story is about, by what is worth looking at in them."""

    lone: tuple[Member, ...]
    pair: tuple[Member, ...]
    five: tuple[Member, ...]
    """Came together in merges; one pair has two proofs."""
    twelve: tuple[Member, ...]
    """Fell apart, and came together again."""
    thirty: tuple[Member, ...]
    large: tuple[Member, ...]
    """320 members: more than are drawn."""
    wild: tuple[Member, ...]
    """Ids that would be markup, scripts or paths if they were not text."""
    torn: tuple[Member, ...]
    """Has a proof in quarantine."""
    disputed: tuple[Member, ...]
    """Has several, and decisions about some."""
    stranger: ScopedId
    """Whom `torn` can't be."""
    parted: tuple[ScopedId, ScopedId]
    """Two who were one person, and are banned from it."""
    thinned: tuple[Member, ...]
    """One of its ids is to be erased: the last."""
    gone: tuple[Member, ...]
    """All of it is to be erased."""
    sold: tuple[Member, ...]
    """The last one's app was lost."""
    rival: tuple[Member, ...]
    """Of the other business."""

    @property
    def forgotten(self) -> tuple[Member, ...]:
        """Ids that are nobody's after the erasures."""
        return (*self.gone, self.thinned[-1])


def _people(count: int, user: int) -> list[Member]:
    """Ids of one person on so many apps and Pages, by turns."""
    assets = [SHOP, HELP, GAME, NEWS]
    assets += [Asset.parse(f"app:{700_000 + n}") for n in range(count)]
    assets[5::2] = [Asset.parse(f"page:{310_000 + n}") for n in range(count)][
        : len(assets[5::2])
    ]
    return [
        ScopedId(asset, f"{24_000_000_000 + user * 1_000_003 + n * 977}")
        for n, asset in enumerate(assets[:count])
    ]


def _codes(count: int, name: str) -> list[Member]:
    return [LinkingCode.of(f"{name}-{n}") for n in range(count)]


def _wild() -> tuple[Member, ...]:
    users = (
        f'"><script>{INJECTED}',
        f"';{INJECTED}//".replace("/", "%2F"),
        "..%2F..%2Fetc%2Fpasswd?a=b&c=d#e",
        f"{'W' * (MAX_ID_CHARS - 1)}!",
    )
    assets = (SHOP, HELP, GAME, NEWS)
    ids = tuple(ScopedId(a, user) for a, user in zip(assets, users, strict=True))
    markup = f'"><img/src=x/onerror={INJECTED}><svg/onload={INJECTED}>|:{{}}'
    token = BusinessToken(markup + "t" * (MAX_TOKEN_CHARS - len(markup)))
    return (*ids, token)


def cast() -> Cast:
    """Return whom the story is about; each time the same."""
    token = BusinessToken("AbyGfv3bz0lzR2Qx")
    twelve = [*_people(10, 12), BusinessToken("AbzKq90LmPdT81Yc"), *_codes(1, "x")]
    thirty = [*_people(26, 30), BusinessToken("AbxT4hWn2sVr77Ue"), *_codes(3, "y")]
    a, b = ScopedId(SHOP, "24100000000001"), ScopedId(HELP, "24100000000002")
    torn = [*_people(3, 40), BusinessToken("AbwQ7cRz5eNf30Ja")]
    return Cast(
        lone=tuple(_people(1, 1)),
        pair=tuple(_people(2, 2)),
        five=(*_people(3, 5), token, *_codes(1, "five")),
        twelve=tuple(twelve),
        thirty=tuple(thirty),
        large=(*_people(70, 320), *_codes(250, "large")),
        wild=_wild(),
        torn=tuple(torn),
        disputed=tuple(_people(6, 41)),
        stranger=ScopedId(HELP, "24990000000007"),
        parted=(a, b),
        thinned=tuple(_people(3, 60)),
        gone=tuple(_people(4, 61)),
        sold=(*_people(2, 62), ScopedId(SOLD, "24550000000001")),
        rival=(ScopedId(RIVALS_APP, "1"), ScopedId(Asset.parse("page:5151"), "2")),
    )


def story(who: Cast) -> list[LogMessage]:
    """Return what happens to *who*, before anybody is erased."""
    teller = Teller()
    for each in (who.lone, who.pair, who.thirty, who.wild, who.thinned, who.gone):
        teller.seen(*_scoped(each))
        teller.chained(each, 4)
    _merge(teller, who.five)
    _part_and_join(teller, who.twelve)
    _contradict(teller, who)
    _ban(teller, who)
    _cross(teller, who)
    _crowd(teller)
    teller.seen(*_scoped(who.large)[:3])
    teller.chained(who.large, 6, step=80)
    teller.seen(*_scoped(who.sold))
    teller.chained(who.sold)
    teller.lost(SOLD)
    teller.business = RIVAL
    teller.seen(*_scoped(who.rival))
    teller.chained(who.rival)
    return teller.log


def erasures(who: Cast, after: Sequence[LogMessage]) -> list[LogMessage]:
    """Return that some of *who* are erased, *after* all that."""
    teller = Teller(list(after))
    [*_, last] = _scoped(who.thinned)
    teller.erased(last, whole=False)
    teller.erased(_scoped(who.gone)[0], whole=True)
    return teller.log[len(after) :]


def _scoped(members: Iterable[Member]) -> list[ScopedId]:
    return [each for each in members if isinstance(each, ScopedId)]


def _merge(teller: Teller, five: Sequence[Member]) -> None:
    """Three persons become one, in two merges; two of them are proved twice."""
    shop, page, game, token, code = five
    teller.seen(*_scoped([shop, page, game]))
    teller.proved((EvidenceKind.TOKEN_FOR_BUSINESS, shop, token))
    teller.proved((EvidenceKind.SIGNED_REQUEST, game, token))
    teller.proved((EvidenceKind.ACCOUNT_LINKING, shop, code))
    teller.proved((EvidenceKind.ACCOUNT_LINKING, page, code))
    teller.proved((EvidenceKind.IDS_FOR_APPS, shop, game))
    teller.proved((EvidenceKind.IDS_FOR_BUSINESS, shop, game))


def _part_and_join(teller: Teller, twelve: Sequence[Member]) -> None:
    """A person of two halves, whose one bridge is rejected and made anew."""
    one, two = twelve[:6], twelve[6:]
    for half in (one, two):
        teller.seen(*_scoped(half))
        teller.chained(half, 2)
    bridge = one[0], two[0]
    teller.proved((EvidenceKind.IDS_FOR_APPS, *bridge))
    teller.decided(Verdict.REJECT, *bridge, "a shared tablet in the shop")
    teller.decided(Verdict.LINK, *bridge, "she showed both accounts")
    teller.proved((EvidenceKind.PAGES_ID_MAPPING, one[1], one[3]))


def _contradict(teller: Teller, who: Cast) -> None:
    """Proofs that would give one person two ids of one Page, or of one app."""
    shop = who.torn[0]
    teller.seen(*_scoped(who.torn), who.stranger)
    teller.chained(who.torn)
    teller.proved((EvidenceKind.IDS_FOR_PAGES, shop, who.stranger))
    teller.seen(*_scoped(who.disputed))
    teller.chained(who.disputed)
    others = [ScopedId(SHOP, f"2477000000000{n}") for n in range(4)]
    for other, known in zip(others, who.disputed[1:5], strict=True):
        teller.seen(other)
        teller.proved((EvidenceKind.IDS_FOR_APPS, other, known))
    teller.decided(Verdict.ACCEPT, others[0], who.disputed[1], "the newer is right")
    teller.decided(Verdict.REJECT, others[1], who.disputed[2], WILD_TEXT)


def _ban(teller: Teller, who: Cast) -> None:
    one, two = who.parted
    teller.seen(one, two)
    teller.proved((EvidenceKind.IDS_FOR_PAGES, one, two))
    teller.banned(one, two, "two sisters with one phone")
    [first, second] = _scoped(who.pair)
    teller.banned(first, second, WILD_TEXT)
    teller.banned(first, second, "a mistake", lifted=True)


def _cross(teller: Teller, who: Cast) -> None:
    """Links that are refused, for each of the reasons."""
    for number, subject in enumerate(_scoped(who.thirty)):
        reason = list(RefusalReason)[number % len(RefusalReason)]
        teller.refused(reason, subject, Asset.parse(f"page:{5_000 + number}"))


def _crowd(teller: Teller, count: int = 140) -> None:
    """Small persons of no interest but for their number."""
    for number in range(count):
        members = _people(1 + number % 7 % 4, 1_000 + number)
        teller.seen(*_scoped(members))
        teller.chained(members)


def engine_after(log: Iterable[LogMessage]) -> LocalEngine:
    """Weave *log* in this process; the other business is held."""
    key = ErasureKey(Secret("e" * 64))
    outside = Outside(Meta(), Meta(), lambda: START_MS, erasure_key=key)
    engine = LocalEngine(SETTINGS, outside)
    for business in (ACME, RIVAL):
        since = START_MS + 3 * STEP_MS
        hold = Hold(business, True, since, since, since + 60_000, "policy-hold")
        for output in hold_outputs(NAMES, hold, encode_hold(hold)):
            engine.append(output)
    for message in log:
        value = encode_log([message])
        engine.append(Output(NAMES.evidence, message.business.encode(), value))
        engine.drain()
    return engine


def exported(engine: LocalEngine, folder: Path) -> Path:
    """Write what `idweave export` writes of what *engine* knows to *folder*."""
    with temporary_space() as space:
        copy = copy_of(engine, SETTINGS, space)
        with_logs(engine, copy)
        write_snapshot(copy, folder)
    return folder
