"""What happened in two businesses, as the in-process engine tells it."""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from tests.support.town import (
    ACME,
    GAME,
    NAMES,
    PAGE,
    RIVAL,
    RIVALS_APP,
    SETTINGS,
    SHOP,
    START_MS,
    Meta,
)

from idweave_graph.decisions import Verdict
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import BusinessId, BusinessToken, Member, ScopedId
from idweave_graph.messages import (
    Banned,
    Decided,
    Erase,
    LogMessage,
    Proved,
    Sighted,
)
from idweave_graph.ownership import OwnedId, Ownership
from idweave_streams.codecs import encode_log, encode_ownership
from idweave_streams.jsonl import JsonlFolder
from idweave_streams.local import LocalEngine
from idweave_streams.pipeline import Outside
from idweave_streams.reliable import Output, Record
from idweave_streams.topics import outputs

IN_SHOP, IN_GAME, ON_PAGE = (ScopedId(asset, "1") for asset in (SHOP, GAME, PAGE))
STRANGER = ScopedId(PAGE, "2")
AT_RIVALS = ScopedId(RIVALS_APP, "1")
TOKEN = BusinessToken('t"1')
"""With a character that JSON has to escape."""


def seen(
    who: ScopedId, at: int, business: BusinessId = ACME, epoch: int = 1
) -> LogMessage:
    return Sighted(business, OwnedId(who, epoch), START_MS + at, _cause(at))


def proved(
    kind: EvidenceKind, one: Member, two: Member, at: int, business: BusinessId = ACME
) -> LogMessage:
    ends = [(end, int(isinstance(end, ScopedId))) for end in (one, two)]
    at_ms, cause = START_MS + at, _cause(at)
    proof = evidence(kind, *ends, at_ms=at_ms, cause=cause)
    return Proved(business, (proof,), at_ms, cause)


def banned(one: ScopedId, two: ScopedId, at: int, *, lifted: bool = False) -> Banned:
    ends = (OwnedId(one, 1), OwnedId(two, 1))
    decided = ("Ada", "two sisters")
    return Banned(ACME, *ends, lifted, *decided, START_MS + at, _cause(at))


def decided(verdict: Verdict, one: Member, two: Member, at: int) -> Decided:
    a, b = sorted((one, two), key=str)
    epoch_a, epoch_b = (int(isinstance(end, ScopedId)) for end in (a, b))
    told, at_ms = (verdict, "Ada", "asked her"), START_MS + at
    return Decided(ACME, a, b, epoch_a, epoch_b, *told, at_ms, _cause(at))


def erased(who: ScopedId, at: int, *, whole_person: bool) -> LogMessage:
    return Erase(ACME, who, whole_person, START_MS + at, _cause(at), "")


def _cause(at: int) -> Cause:
    return Cause("facebook.logins.v1", 0, at)


TOGETHER = (
    seen(IN_SHOP, 1),
    seen(IN_GAME, 2),
    seen(ON_PAGE, 3),
    proved(EvidenceKind.IDS_FOR_PAGES, IN_GAME, ON_PAGE, 4),
    proved(EvidenceKind.TOKEN_FOR_BUSINESS, IN_SHOP, TOKEN, 5),
    proved(EvidenceKind.TOKEN_FOR_BUSINESS, IN_GAME, TOKEN, 6),
    seen(AT_RIVALS, 7, RIVAL),
)
"""One person of Acme, who came together in two merges, and one of its rival."""

CONTRADICTED = (
    *TOGETHER,
    seen(STRANGER, 8),
    proved(EvidenceKind.IDS_FOR_PAGES, IN_SHOP, STRANGER, 9),
)
"""The same, and somebody on the Page who can't be them."""


def engine_after(log: Iterable[LogMessage]) -> LocalEngine:
    """Weave what stands on the evidence log."""
    engine = LocalEngine(SETTINGS, Outside(Meta(), Meta(), lambda: START_MS))
    for message in log:
        key = message.business.encode()
        engine.append(Output(NAMES.evidence, key, encode_log([message])))
        while engine.advance():
            pass
    return engine


def told(log: Iterable[LogMessage]) -> list[Record]:
    """All that weaving *log* sends out."""
    engine = engine_after(log)
    return list(chain.from_iterable(engine.records(topic) for topic in outputs(NAMES)))


def assets(*owners: Ownership) -> list[Record]:
    """The assets topic, as it says who owns what."""
    return [
        Record(NAMES.assets, 0, n, 0, str(o.asset).encode(), encode_ownership(o))
        for n, o in enumerate(owners)
    ]


def keep(folder: Path, records: Iterable[Record]) -> Path:
    """Write *records* as `idweave local --out` does."""
    files = JsonlFolder(folder)
    for record in records:
        files.append(record)
    return folder
