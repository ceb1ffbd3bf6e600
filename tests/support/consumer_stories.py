"""What happens in the cases for readers: short evidence logs, by name."""

from random import Random

from tests.support.replay import taken_back, tangled_log

from idweave_graph.decisions import Verdict
from idweave_graph.evidence import Cause, EvidenceKind, evidence
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId, business_id, member
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
    Unlinked,
)
from idweave_graph.ownership import OwnedId

Story = list[LogMessage]

ACME, RIVAL = business_id("900"), business_id("901")
START_MS = 1_767_225_600_000
CAUSE = Cause("facebook.logins.v1", 0, 0)

ASID, OTHER_ASID, PSID, OTHER_PSID, SECOND_PSID, TOKEN, CODE = (
    member(text)
    for text in (
        "app:10:1001",
        "app:20:2001",
        "page:30:3001",
        "page:40:4001",
        "page:30:3002",
        "token:AbC9",
        f"code:{'0c' * 16}",
    )
)


def seen(
    who: Member, at: int, *, epoch: int = 1, business: BusinessId = ACME
) -> Sighted:
    """*who* was seen, *at* seconds after the start."""
    return Sighted(business, OwnedId(_scoped(who), epoch), _ms(at), CAUSE)


def joined(
    one: Member,
    two: Member,
    at: int,
    *,
    kind: EvidenceKind = EvidenceKind.IDS_FOR_PAGES,
    epochs: tuple[int, int] = (1, 1),
    business: BusinessId = ACME,
) -> Proved:
    """The two were proved to be one person."""
    (end, other) = (
        (who, epoch if isinstance(who, ScopedId) else 0)
        for who, epoch in zip((one, two), epochs, strict=True)
    )
    proof = evidence(kind, end, other, at_ms=_ms(at), cause=CAUSE)
    return Proved(business, (proof,), _ms(at), CAUSE)


def erased(who: Member, at: int, *, whole: bool = False) -> Erase:
    """*who*, or their whole person, is to be forgotten."""
    return Erase(ACME, _scoped(who), whole, _ms(at), CAUSE, "")


def banned(at: int, *, is_lifted: bool = False) -> Banned:
    """ASID and PSID may not be one person, or may be again."""
    one, two = (OwnedId(_scoped(who), 1) for who in (ASID, PSID))
    return Banned(ACME, one, two, is_lifted, "ann", "a shared phone", _ms(at), CAUSE)


def decided(verdict: Verdict, one: Member, two: Member, at: int) -> Decided:
    """How the proofs between the two count from now on."""
    a, b = sorted((_scoped(one), _scoped(two)), key=str)
    why = ("ann", "asked her")
    return Decided(ACME, a, b, 1, 1, verdict, *why, _ms(at), CAUSE)


def owner(business: BusinessId, epoch: int, at: int, *, owned: bool) -> AssetChanged:
    """The Page of PSID comes to *business*, or leaves it."""
    page = _scoped(PSID).asset
    return AssetChanged(business, page, epoch, owned, _ms(at), CAUSE)


def _scoped(who: Member) -> ScopedId:
    if not isinstance(who, ScopedId):
        msg = "only what an app or Page knows can be seen or erased"
        raise TypeError(msg)
    return who


def _ms(at: int) -> int:
    return START_MS + 1000 * at


ONE: Story = [seen(ASID, 1)]
LINKED: Story = [
    *ONE,
    joined(ASID, TOKEN, 2, kind=EvidenceKind.TOKEN_FOR_BUSINESS),
    joined(ASID, PSID, 3),
]
MERGED: Story = [seen(ASID, 1), seen(PSID, 2), joined(ASID, PSID, 3)]
FOUR: Story = [
    seen(ASID, 1),
    seen(OTHER_ASID, 2),
    seen(PSID, 3),
    seen(OTHER_PSID, 4),
]
# The second proof is older than the one it contradicts, so that one is taken back.
SPLIT: Story = [*MERGED[:2], joined(ASID, PSID, 9), joined(ASID, SECOND_PSID, 5)]
QUARANTINE: Story = [*MERGED, seen(SECOND_PSID, 4), joined(ASID, SECOND_PSID, 5)]
LINKING = EvidenceKind.ACCOUNT_LINKING
ERASED: Story = [*MERGED, joined(ASID, OTHER_ASID, 4), erased(PSID, 5)]
PERSON_ERASED: Story = [*MERGED, erased(PSID, 5, whole=True)]
LOST: Story = [
    *MERGED,
    seen(SECOND_PSID, 4),
    owner(ACME, 1, 5, owned=False),
]
TRANSFERRED: Story = [
    *LOST,
    owner(RIVAL, 2, 6, owned=True),
    seen(PSID, 7, epoch=2, business=RIVAL),
    seen(OTHER_ASID, 8, business=RIVAL),
    joined(PSID, OTHER_ASID, 9, epochs=(2, 1), business=RIVAL),
]

STORIES: dict[str, Story] = {
    "nobody": [],
    "one": ONE,
    "linked": LINKED,
    "merged": MERGED,
    "late-founder": [seen(PSID, 9), seen(ASID, 1), joined(ASID, PSID, 10)],
    "chain": [
        *FOUR,
        joined(OTHER_PSID, PSID, 5),
        joined(PSID, OTHER_ASID, 6),
        joined(OTHER_ASID, ASID, 7),
    ],
    "merge-of-merges": [
        *FOUR,
        joined(ASID, OTHER_ASID, 5),
        joined(PSID, OTHER_PSID, 6),
        joined(ASID, OTHER_PSID, 7),
    ],
    "split": SPLIT,
    "quarantine": QUARANTINE,
    "quarantine-then-linked": [*QUARANTINE, joined(ASID, OTHER_ASID, 6)],
    "refused": [
        *ONE,
        Refused(
            ACME,
            (
                Refusal(
                    RefusalReason.FOREIGN_ASSET, _scoped(ASID), Asset.parse("page:77")
                ),
            ),
            _ms(2),
            CAUSE,
        ),
    ],
    "erased": ERASED,
    "founder-erased": [
        *MERGED,
        joined(PSID, OTHER_ASID, 4),
        erased(ASID, 5),
    ],
    "person-erased": PERSON_ERASED,
    "erased-then-merged": [
        *MERGED[:2],
        joined(PSID, OTHER_PSID, 3),
        erased(OTHER_PSID, 4),
        joined(ASID, PSID, 5),
    ],
    "returned": [*PERSON_ERASED, seen(PSID, 6), seen(ASID, 7), joined(PSID, ASID, 8)],
    "unlinked": [
        *MERGED[:2],
        joined(ASID, CODE, 3, kind=LINKING),
        joined(PSID, CODE, 4, kind=LINKING),
        Unlinked(ACME, _scoped(PSID), _ms(5), CAUSE),
    ],
    "banned": [*MERGED, banned(4)],
    "ban-lifted": [*MERGED, banned(4), banned(5, is_lifted=True)],
    "accepted": [*QUARANTINE, decided(Verdict.ACCEPT, ASID, SECOND_PSID, 6)],
    "reopened": [
        *QUARANTINE,
        decided(Verdict.ACCEPT, ASID, SECOND_PSID, 6),
        decided(Verdict.REOPEN, ASID, SECOND_PSID, 7),
    ],
    "rejected": [*MERGED, decided(Verdict.REJECT, ASID, PSID, 4)],
    "rejected-unseen": [*LINKED, decided(Verdict.REJECT, ASID, PSID, 4)],
    "linked-by-hand": [
        *MERGED,
        decided(Verdict.REJECT, ASID, PSID, 4),
        decided(Verdict.LINK, ASID, PSID, 5),
    ],
    "lost": LOST,
    "transferred": TRANSFERRED,
    "back-again": [
        *TRANSFERRED,
        owner(RIVAL, 2, 10, owned=False),
        owner(ACME, 3, 11, owned=True),
        seen(PSID, 12, epoch=3),
        joined(ASID, PSID, 13, epochs=(1, 3)),
    ],
}


def _tangle(seed: int) -> Story:
    random = Random(seed)
    return taken_back(random, tangled_log(random, 7))


STORIES |= {f"tangle-{seed}": _tangle(seed) for seed in (1, 2, 3, 4)}
