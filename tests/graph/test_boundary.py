"""The first two checks: before a call, and on its answer."""

import pytest
from tests.support.graph import DictOwnership
from tests.support.strategies import BUSINESS, OTHER_BUSINESS, PROVIDER

from idweave_graph.boundary import admit, check_answer, check_call
from idweave_graph.evidence import Cause, EvidenceKind
from idweave_graph.ids import Asset, BusinessId, BusinessToken, ScopedId, member
from idweave_graph.messages import Refusal, RefusalReason, Sighting
from idweave_graph.ownership import OwnedId, Ownership

CAUSE = Cause("t", 0, 0)


def asset(text: str) -> Asset:
    return Asset.parse(text)


def scoped(text: str) -> ScopedId:
    known = member(text)
    assert isinstance(known, ScopedId)
    return known


def owned(
    text: str, business: BusinessId | None, epoch: int = 1, parent: str | None = None
) -> Ownership:
    above = None if parent is None else asset(parent)
    return Ownership(asset(text), business, epoch, parent=above)


VIEW = DictOwnership(
    {
        ownership.asset: ownership
        for ownership in (
            owned("app:1", BUSINESS, 3),
            owned("page:1", BUSINESS, 2),
            owned("app:19", BUSINESS, 5, parent="app:1"),
            owned("app:2", OTHER_BUSINESS),
            owned("app:29", OTHER_BUSINESS, parent="app:2"),
            owned("app:6", PROVIDER),
            owned("app:7", None, 4),
            owned("app:79", None, parent="app:7"),
            owned("app:89", BUSINESS, parent="app:8"),  # the parent is unknown
            owned("app:99", OTHER_BUSINESS, parent="app:1"),  # claims the parent
            owned("app:98", None, parent="app:1"),
        )
    }
)


@pytest.mark.parametrize(
    ("seen", "business", "home"),
    [
        ("app:1:x", BUSINESS, OwnedId(scoped("app:1:x"), 3)),
        ("page:1:x", BUSINESS, OwnedId(scoped("page:1:x"), 2)),
        ("app:19:x", BUSINESS, OwnedId(scoped("app:1:x"), 3)),
        ("app:29:x", OTHER_BUSINESS, OwnedId(scoped("app:2:x"), 1)),
    ],
)
def test_an_id_belongs_to_the_owner_of_its_asset(
    seen: str, business: BusinessId, home: OwnedId
) -> None:
    """A test app's id is that of its parent, in the parent's epoch."""
    token, proof = BusinessToken("t"), EvidenceKind.SIGNED_REQUEST

    sighting = admit(
        VIEW, scoped(seen), at_ms=7, cause=CAUSE, token=token, token_proof=proof
    )

    assert sighting == Sighting(business, home, 7, CAUSE, token, proof)


@pytest.mark.parametrize(
    "seen", ["app:5:x", "page:7:x", "app:7:x", "app:79:x", "app:89:x", "app:8:x"]
)
def test_nobody_is_guessed_to_own_an_asset(seen: str) -> None:
    """Unknown or between two owners, it and its test apps are nobody's."""
    assert admit(VIEW, scoped(seen), at_ms=7, cause=CAUSE) is None


@pytest.mark.parametrize("seen", ["app:99:x", "app:98:x"])
def test_a_claimed_parent_leads_nowhere(seen: str) -> None:
    """A test app that is not of its parent's business has no business here."""
    assert admit(VIEW, scoped(seen), at_ms=7, cause=CAUSE) is None


@pytest.mark.parametrize(
    ("asked", "epoch", "made_by", "reason"),
    [
        ("app:1:x", 3, "app:1", None),
        ("page:1:x", 2, "app:1", None),
        ("app:1:x", 3, "app:19", None),
        ("app:1:x", 3, "app:2", RefusalReason.FOREIGN_CREDENTIAL),
        ("page:1:x", 2, "app:6", RefusalReason.FOREIGN_CREDENTIAL),  # a provider's
        ("app:1:x", 3, "app:7", RefusalReason.FOREIGN_CREDENTIAL),
        ("app:1:x", 3, "app:5", RefusalReason.FOREIGN_CREDENTIAL),
        ("app:1:x", 2, "app:1", RefusalReason.STALE_EPOCH),
        ("app:1:x", 4, "app:1", RefusalReason.STALE_EPOCH),
        ("app:2:x", 1, "app:2", RefusalReason.STALE_EPOCH),
        ("app:7:x", 4, "app:1", RefusalReason.STALE_EPOCH),
        ("app:5:x", 1, "app:1", RefusalReason.STALE_EPOCH),
    ],
)
def test_a_call_stays_in_one_business(
    asked: str, epoch: int, made_by: str, reason: RefusalReason | None
) -> None:
    """The asked asset and the app that made the token are the business's, now."""
    question = OwnedId(scoped(asked), epoch)

    assert check_call(VIEW, BUSINESS, question, asset(made_by)) is reason


@pytest.mark.parametrize(
    ("link", "reason", "other"),
    [
        ("app:2:y", RefusalReason.FOREIGN_ASSET, "app:2"),
        ("app:29:y", RefusalReason.FOREIGN_ASSET, "app:2"),
        ("app:6:y", RefusalReason.FOREIGN_ASSET, "app:6"),
        ("app:7:y", RefusalReason.UNOWNED_ASSET, "app:7"),
        ("app:79:y", RefusalReason.UNOWNED_ASSET, "app:7"),
        ("app:99:y", RefusalReason.UNOWNED_ASSET, "app:1"),
        ("app:5:y", RefusalReason.UNKNOWN_ASSET, "app:5"),
        ("app:89:y", RefusalReason.UNKNOWN_ASSET, "app:8"),
    ],
)
def test_an_answer_may_not_lead_out(
    link: str, reason: RefusalReason, other: str
) -> None:
    """Each other id is refused by its asset, once; what is the business's is kept."""
    asked, own = scoped("app:1:x"), scoped("page:1:y")

    checked = check_answer(VIEW, BUSINESS, asked, [scoped(link), own, scoped(link)])

    assert checked.links == (OwnedId(own, 2),)
    assert checked.refusals == (Refusal(reason, asked, asset(other)),)


def test_the_asked_id_is_no_link() -> None:
    """Not by its own name and not by a test app's; another id of the asset is."""
    asked = scoped("app:1:x")
    named = [asked, scoped("app:19:x"), scoped("app:19:y"), scoped("app:1:y")]

    checked = check_answer(VIEW, BUSINESS, asked, named)

    assert checked.links == (OwnedId(scoped("app:1:y"), 3),)
    assert checked.refusals == ()
