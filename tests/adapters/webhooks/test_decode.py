"""Whole webhook bodies: batches, foreign objects, bad parts."""

from typing import Any

import orjson
import pytest
from tests.support import webhook_samples as samples
from tests.support.webhook_samples import body, entry, from_person

from idweave_adapters.observations import DeadLetterCode, IgnoreReason
from idweave_adapters.webhooks import decode_webhook


def message_from(psid: Any) -> dict[str, Any]:
    return from_person(message={"mid": "m"}, sender={"id": psid})


def test_one_bad_entry_of_a_thousand_loses_nothing() -> None:
    """999 people are seen, and the bad entry is reported with its place."""
    entries: list[Any] = [entry(message_from(str(n))) for n in range(1, 1000)]
    entries.insert(500, "not an entry")

    decoded = decode_webhook(body(*entries))

    seen = [observed.scoped.user for observed in decoded.observations]
    assert seen == [str(n) for n in range(1, 1000)]
    [problem] = decoded.problems
    assert problem.code == DeadLetterCode.WEBHOOK_SHAPE
    assert problem.where == "/entry/500"


def test_one_bad_event_of_an_entry_loses_nothing() -> None:
    """`messaging` is documented to hold one event; more are read one by one."""
    decoded = decode_webhook(body(entry(message_from("1"), 7, message_from("2"))))

    assert [observed.scoped.user for observed in decoded.observations] == ["1", "2"]
    assert [problem.where for problem in decoded.problems] == ["/entry/0/messaging/1"]


def test_equal_problems_are_reported_once_and_counted() -> None:
    """A body full of rubbish must not become a report of its own size."""
    decoded = decode_webhook(body(entry(*[None] * 1000)))

    [problem] = decoded.problems
    assert problem.parts == 1000
    assert problem.where == "/entry/0/messaging/0"


def test_entries_of_several_pages_keep_their_pages() -> None:
    """The Page of a PSID is the one of its own entry."""
    other = from_person(read={"watermark": 1}, recipient={"id": samples.OTHER_PAGE})

    decoded = decode_webhook(
        body(entry(message_from("1")), entry(other, page=int(samples.OTHER_PAGE)))
    )

    assert [observed.scoped.asset.id for observed in decoded.observations] == [
        samples.PAGE,
        samples.OTHER_PAGE,
    ]


def test_one_entry_may_hold_events_and_changes() -> None:
    """Everything in an entry is read."""
    both = entry(message_from("1")) | {"changes": [samples.label_change("2")]}

    decoded = decode_webhook(body(both))

    assert [observed.scoped.user for observed in decoded.observations] == ["1", "2"]


@pytest.mark.parametrize(
    ("whole", "reason"),
    [
        (samples.INSTAGRAM, IgnoreReason.INSTAGRAM),
        (samples.PERMISSIONS, IgnoreReason.NO_APP_ID),
        ({"object": "whatsapp_business_account"}, IgnoreReason.OTHER_OBJECT),
        (samples.DASHBOARD_TEST, IgnoreReason.DASHBOARD_TEST),
        (samples.DASHBOARD_TEST_ENTRY, IgnoreReason.DASHBOARD_TEST),
        ({"object": "page", "entry": []}, IgnoreReason.NO_EVENTS),
        ({"object": "page", "entry": [{"id": "7", "time": 1}]}, IgnoreReason.NO_EVENTS),
        (
            {"object": "page", "entry": [{"id": "7", "messaging": [], "changes": []}]},
            IgnoreReason.NO_EVENTS,
        ),
    ],
)
def test_known_bodies_without_psids_are_ignored_and_counted(
    whole: dict[str, Any], reason: IgnoreReason
) -> None:
    """They are normal traffic: dead letters would be buried under them."""
    decoded = decode_webhook(orjson.dumps(whole))

    assert decoded.ignored == {reason: 1}
    assert (decoded.observations, decoded.problems) == ((), ())


@pytest.mark.parametrize(
    ("whole", "code"),
    [
        ({}, DeadLetterCode.WEBHOOK_SHAPE),
        ({"object": None, "entry": []}, DeadLetterCode.WEBHOOK_SHAPE),
        ({"object": ["page"], "entry": []}, DeadLetterCode.WEBHOOK_SHAPE),
        ({"object": "toaster"}, DeadLetterCode.WEBHOOK_OBJECT_UNSUPPORTED),
        ({"object": "page"}, DeadLetterCode.WEBHOOK_SHAPE),
        ({"object": "page", "entry": {}}, DeadLetterCode.WEBHOOK_SHAPE),
        (
            {"object": "page", "entry": [{"messaging": []}]},
            DeadLetterCode.WEBHOOK_SHAPE,
        ),
        ({"object": "page", "entry": [{"id": []}]}, DeadLetterCode.WEBHOOK_SHAPE),
        (
            {"object": "page", "entry": [{"id": "7", "messaging": {}}]},
            DeadLetterCode.WEBHOOK_SHAPE,
        ),
        (
            {"object": "page", "entry": [{"id": "7", "changes": [{}]}]},
            DeadLetterCode.WEBHOOK_SHAPE,
        ),
    ],
)
def test_wrong_shapes_are_dead_letters(
    whole: dict[str, Any], code: DeadLetterCode
) -> None:
    """Nothing that can't be understood is dropped silently."""
    decoded = decode_webhook(orjson.dumps(whole))

    assert [problem.code for problem in decoded.problems] == [code]
    assert decoded.observations == ()


def test_the_size_limit_is_the_caller_s() -> None:
    """A body of exactly the limit is read, one byte more is refused unread."""
    whole = body(entry(message_from("1")))

    assert len(decode_webhook(whole, limit_bytes=len(whole)).observations) == 1
    refused = decode_webhook(whole, limit_bytes=len(whole) - 1)
    assert [problem.code for problem in refused.problems] == [DeadLetterCode.TOO_LARGE]


def test_reports_hold_neither_ids_nor_payload() -> None:
    """Problems, reasons and reprs may be logged."""
    for sample in samples.EVENTS.values():
        decoded = decode_webhook(body(entry(sample.event)))

        assert samples.PSID not in repr(decoded)
        assert samples.PAGE not in repr(decoded)
