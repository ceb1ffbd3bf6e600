"""Two businesses in one read model, and what the one may never see of the other."""

import re
from collections.abc import Iterable
from typing import Final

from tests.adapters.api.desk import Desk
from tests.support.consumer_stories import (
    ACME,
    CAUSE,
    RIVAL,
    START_MS,
    Story,
    decided,
    erased,
    joined,
    seen,
)

from idweave_graph.decisions import Verdict
from idweave_graph.evidence import EvidenceKind
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId, member
from idweave_graph.messages import Refusal, RefusalReason, Refused

OURS: Final[BusinessId] = RIVAL
THEIRS: Final[BusinessId] = ACME


def _pair(app: str, page: str, user: str) -> tuple[ScopedId, ScopedId, ScopedId]:
    found = [member(f"{x}:{user}{n}") for n, x in enumerate((app, page, page))]
    one, two, three = (each for each in found if isinstance(each, ScopedId))
    return one, two, three


THEIR_APP, THEIR_PAGE, THEIR_RIVAL = _pair("app:7713301", "page:7713302", "77133000")
OUR_APP, OUR_PAGE, OUR_RIVAL = _pair("app:6613301", "page:6613302", "66133000")
THEIR_TOKEN, OUR_TOKEN = member("token:Zq7713303"), member("token:Zq6613303")
THEIR_LOST, THEIR_OTHER = _pair("app:7713304", "page:7713305", "77133010")[:2]
THEIR_IDS: Final[tuple[Member, ...]] = (
    *(THEIR_APP, THEIR_PAGE, THEIR_RIVAL, THEIR_TOKEN, THEIR_LOST, THEIR_OTHER),
)


def _known(
    business: BusinessId, ids: tuple[ScopedId, ScopedId, ScopedId], token: Member
) -> Story:
    """A person of three ids, and a fourth that waits in quarantine."""
    app, page, second = ids
    kind = EvidenceKind.TOKEN_FOR_BUSINESS
    refusal = Refusal(RefusalReason.FOREIGN_ASSET, app, Asset.parse("page:77"))
    return [
        *(seen(who, at, business=business) for at, who in enumerate(ids, 1)),
        joined(app, page, 4, business=business),
        joined(app, token, 5, kind=kind, business=business),
        joined(app, second, 6, business=business),
        Refused(business, (refusal,), START_MS + 7000, CAUSE),
    ]


OUR_STORY: Final = _known(OURS, (OUR_APP, OUR_PAGE, OUR_RIVAL), OUR_TOKEN)
THEIR_STORY: Final[Story] = [
    *_known(THEIRS, (THEIR_APP, THEIR_PAGE, THEIR_RIVAL), THEIR_TOKEN),
    seen(THEIR_OTHER, 8),
    seen(THEIR_LOST, 9),
    joined(THEIR_OTHER, THEIR_LOST, 10),
    erased(THEIR_LOST, 11),
    decided(Verdict.REJECT, THEIR_APP, THEIR_PAGE, 12),
]

_NAMES: Final = re.compile(rb"\b[pe]_[0-9a-f]{32}\b")


def secrets(api: Desk) -> list[bytes]:
    """What of theirs would tell that it is there: users, assets, persons, events."""
    texts = [text.encode() for who in THEIR_IDS for text in str(who).split(":")[1:]]
    return sorted({*texts, *(_named(api, THEIRS) - _named(api, OURS))})


def _named(api: Desk, business: BusinessId) -> set[bytes]:
    entries = (e for place in api.workers.places().values() for e in place)
    records = (e.value for e in entries if e.value is not None)
    mark = f'"business":"{business}"'.encode()
    return {n for r in records if mark in r for n in _NAMES.findall(r)}


def leaked(
    answer: bytes, theirs: Iterable[bytes], echoed: Iterable[str]
) -> list[bytes]:
    """What of theirs is in an answer.

    A look-up of many ids gives back each that was asked about, as nobody's.
    """
    for who in echoed:
        answer = answer.replace(f'"id":"{who}","person":null'.encode(), b"")
    return [each for each in theirs if each in answer]
