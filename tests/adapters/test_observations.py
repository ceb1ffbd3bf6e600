"""The codes that operators see, and how parts of a record are collected."""

import re

import pytest

from idweave_adapters.errors import AdapterError, UnreadableError
from idweave_adapters.observations import (
    DeadLetterCode,
    Decoded,
    Findings,
    IgnoreReason,
    Observation,
    Unreadable,
)
from idweave_graph.ids import Asset, AssetKind, ScopedId

CODES = [*DeadLetterCode, *IgnoreReason]


@pytest.mark.parametrize("code", CODES)
def test_each_code_is_a_stable_word_with_a_meaning(code: DeadLetterCode) -> None:
    """Codes are written into headers and metrics, meanings into the runbook."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code.value)
    assert str(code) == code.value
    assert type(code)(code.value) is code
    assert len(code.meaning) > 20
    assert code.meaning.endswith(".")


def test_published_codes_never_change() -> None:
    """Dead letters written by older versions must stay routable."""
    assert {code.value for code in DeadLetterCode} >= {
        "empty-value",
        "too-large",
        "not-json",
        "too-deep",
        "duplicate-key",
        "not-an-object",
        "login-field-missing",
        "login-field-invalid",
        "login-contradiction",
        "webhook-shape",
        "webhook-page-mismatch",
        "webhook-object-unsupported",
        "signed-request-malformed",
        "signed-request-signature",
        "signed-request-algorithm",
        "signed-request-expired",
        "signed-request-no-secret",
        "unknown-asset",
    }


def test_findings_keep_order_and_count() -> None:
    """Observations in order, reasons counted, equal problems joined at the first."""
    seen = [Observation(ScopedId(Asset(AssetKind.PAGE, "1"), u), 1) for u in "abc"]
    bad = Unreadable(DeadLetterCode.WEBHOOK_SHAPE, "hint")
    other = Unreadable(DeadLetterCode.WEBHOOK_SHAPE, "another hint")
    findings = Findings()

    parts: list[tuple[Observation | IgnoreReason | Unreadable, str]] = [
        (seen[0], "/0"),
        (bad, "/1"),
        (IgnoreReason.GUEST, "/2"),
        (seen[1], "/3"),
        (other, "/4"),
        (bad, "/5"),
        (IgnoreReason.GUEST, "/6"),
        (seen[2], "/7"),
    ]
    for found, where in parts:
        findings.add(found, where)

    assert findings.decoded() == Decoded(
        tuple(seen),
        {IgnoreReason.GUEST: 2},
        (
            Unreadable(DeadLetterCode.WEBHOOK_SHAPE, "hint", "/1", 2),
            Unreadable(DeadLetterCode.WEBHOOK_SHAPE, "another hint", "/4", 1),
        ),
    )


def test_an_error_says_what_to_do() -> None:
    """Its text and its problem's hint are the detail and the code's meaning."""
    code = DeadLetterCode.TOO_LARGE

    error = UnreadableError(code, "It has 3 bytes")

    assert isinstance(error, AdapterError)
    assert str(error) == f"It has 3 bytes. {code.meaning}"
    assert error.problem == Unreadable(code, str(error))
    assert str(UnreadableError(code)) == code.meaning
