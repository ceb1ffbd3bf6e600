"""Whose PSID each kind of messaging event shows."""

import pytest
from tests.support import webhook_samples as samples
from tests.support.webhook_samples import Sample, body, entry

from idweave_adapters.observations import DeadLetterCode, IgnoreReason, Observation
from idweave_adapters.webhooks import decode_webhook
from idweave_adapters.webhooks.kinds import EVENTS
from idweave_graph.ids import Asset, AssetKind, LinkingCode, ScopedId

PAGE = Asset(AssetKind.PAGE, samples.PAGE)


@pytest.mark.parametrize("where", ["messaging", "standby"])
@pytest.mark.parametrize("sample", samples.EVENTS.values(), ids=samples.EVENTS.keys())
def test_each_kind_shows_whom_it_should(sample: Sample, where: str) -> None:
    """Each kind gives its PSID once, or the reason why there is none, and no more.

    It is the same whether the app owns the thread or stands by.
    """
    decoded = decode_webhook(body(entry(sample.event, key=where)))

    if isinstance(sample.gives, IgnoreReason):
        assert decoded.ignored == {sample.gives: 1}
        assert (decoded.observations, decoded.problems) == ((), ())
    elif isinstance(sample.gives, DeadLetterCode):
        assert [problem.code for problem in decoded.problems] == [sample.gives]
        assert (decoded.observations, decoded.ignored) == ((), {})
    else:
        [seen] = decoded.observations
        assert (seen.scoped, seen.at_ms) == (
            ScopedId(PAGE, sample.gives),
            sample.at_ms,
        )
        assert (decoded.ignored, decoded.problems) == ({}, ())


def test_every_kind_of_the_table_has_a_sample() -> None:
    """A kind that no sample shows is a kind that no test reads."""
    shown = {key for sample in samples.EVENTS.values() for key in sample.event}

    assert set(EVENTS) <= shown


def test_meta_s_escapes_change_nothing() -> None:
    r"""`\u00e9`, `\/` and `\u003C` are read as the characters they stand for."""
    for sample in samples.EVENTS.values():
        whole = {"object": "page", "entry": [entry(sample.event)]}

        assert decode_webhook(samples.as_meta_writes(whole)) == decode_webhook(
            body(entry(sample.event))
        )


def linking(**content: object) -> Observation:
    event = samples.from_person(account_linking=content)
    [seen] = decode_webhook(body(entry(event))).observations
    return seen


def test_a_linked_account_shows_the_code_that_the_site_gave_out() -> None:
    """Hashed: what another server's login ended with is nobody's to read here."""
    seen = linking(status="linked", authorization_code="PASS-THROUGH")

    assert seen.code == LinkingCode.of("PASS-THROUGH")
    assert "PASS" not in repr(seen)
    assert not seen.is_unlinked


def test_an_unlinked_account_says_so() -> None:
    """It names no code: all linkings of the id are over."""
    seen = linking(status="unlinked")

    assert seen.is_unlinked
    assert seen.code is None


@pytest.mark.parametrize(
    "content",
    [
        {"status": "linked"},
        {"status": "linked", "authorization_code": ""},
        {"status": "linked", "authorization_code": 7},
        {"status": "linked", "authorization_code": "a b"},
        {"status": "later", "authorization_code": "PASS"},
        {},
    ],
)
def test_a_linking_without_a_usable_code_is_a_sighting(
    content: dict[str, object],
) -> None:
    """The person was there, and nothing is concluded."""
    seen = linking(**content)

    assert (seen.code, seen.is_unlinked) == (None, False)


def test_an_event_without_any_time_is_a_problem() -> None:
    """A time is never invented, because it decides which of two people is older."""
    event = samples.without(samples.from_person(read={"watermark": 1}), "timestamp")

    decoded = decode_webhook(body(entry(event, time=None)))

    assert decoded.observations == ()
    assert [problem.code for problem in decoded.problems] == [
        DeadLetterCode.WEBHOOK_SHAPE
    ]


def test_a_label_shows_the_person_it_was_put_on() -> None:
    """`inbox_labels` names a PSID; its time is the entry's, in seconds."""
    change = samples.label_change()

    decoded = decode_webhook(body(entry(change, key="changes", time=1_448_551_514)))

    seen = Observation(ScopedId(PAGE, samples.PSID), 1_448_551_514_000)
    assert decoded.observations == (seen,)


@pytest.mark.parametrize("user", ["<PSID>", None, "0", 1.5])
def test_a_label_on_no_id_is_a_problem(user: object) -> None:
    """What is no id never becomes a PSID."""
    decoded = decode_webhook(body(entry(samples.label_change(user), key="changes")))

    assert decoded.observations == ()
    assert len(decoded.problems) == 1


def test_a_label_on_the_page_is_ignored() -> None:
    """The Page is never its own customer."""
    change = samples.label_change(samples.PAGE)

    decoded = decode_webhook(body(entry(change, key="changes")))

    assert decoded.ignored == {IgnoreReason.PAGE_ITSELF: 1}
    assert decoded.observations == ()


def test_a_feed_change_shows_nobody() -> None:
    """The author of a comment is not documented to be named by PSID."""
    decoded = decode_webhook(body(entry(samples.FEED_CHANGE, key="changes")))

    assert decoded.ignored == {IgnoreReason.CHANGE_WITHOUT_PSID: 1}
    assert (decoded.observations, decoded.problems) == ((), ())
