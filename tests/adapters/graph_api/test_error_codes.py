"""Every error number that Meta documents, and every error text that was seen."""

import pytest
from tests.adapters.graph_api.scripted import envelope

from idweave_adapters.graph_api import (
    ConfigurationFault,
    CredentialRefused,
    GraphApiError,
    LookupRefused,
    PermissionDenied,
    PolicyHold,
    Throttled,
    Transient,
)
from idweave_adapters.graph_api.classify import classify

REVIEW = "(#200) Your business is currently going through review to access this API."
NOT_FOUND = (
    "Unsupported get request. Object with ID '2' does not exist, cannot be loaded due"
    " to missing permissions, or does not support this operation."
)


def error(body: object, status: int = 400) -> GraphApiError:
    found = classify(body, status)
    assert found is not None
    return found


# Every row of Meta's Handling Errors, Rate Limits and Messenger error code documents
# (and of the clients' tables, for the old codes): code, subcodes, and what to do.
SESSION = (458, 459, 460, 463, 464, 467, 492)
NEW_PAGES = (2069030, 2069031, 2069032, 2069033)
CODES: list[tuple[int, tuple[int, ...], type[GraphApiError]]] = [
    (1, (99, 1357046, 1965014), Transient),
    (2, (2018344,), Transient),
    (3, (), PermissionDenied),
    (4, (2018354,), Throttled),
    (9, (2018352,), Throttled),
    (10, (2018278,), PermissionDenied),
    (12, (), ConfigurationFault),
    (15, (), PermissionDenied),
    (17, (2446079,), Throttled),
    (32, (), Throttled),
    (100, (), ConfigurationFault),
    (101, (), CredentialRefused),
    (102, SESSION, CredentialRefused),
    (104, (), CredentialRefused),
    (105, (), ConfigurationFault),
    (110, (), LookupRefused),
    (145, (), CredentialRefused),
    (190, SESSION, CredentialRefused),
    (194, (), ConfigurationFault),
    *((code, (), PermissionDenied) for code in range(200, 300)),
    (341, (), Throttled),
    (368, (), PolicyHold),
    (415, (), CredentialRefused),
    (450, (), CredentialRefused),
    (452, (), CredentialRefused),
    (506, (), ConfigurationFault),
    (551, (), LookupRefused),
    (613, (1996,), Throttled),
    (803, (), LookupRefused),
    (1200, (), Transient),
    (2500, (), ConfigurationFault),
    (3953, (), PermissionDenied),
    (1609005, (), ConfigurationFault),
    (2018218, (), LookupRefused),
    *((code, (), Throttled) for code in (80001, 80002, 80005, 80006, 80008, 80009)),
    *((code, (2446079,), Throttled) for code in (80000, 80003, 80004)),
    (80014, (), Throttled),
]
PAIRS = [
    *((expected, code, None) for code, _, expected in CODES),
    *((expected, code, sub) for code, subs, expected in CODES for sub in subs),
    *((LookupRefused, 100, subcode) for subcode in (33, 2018001, 2018218)),
    *((PermissionDenied, 200, subcode) for subcode in NEW_PAGES),
    *((PermissionDenied, 190, subcode) for subcode in NEW_PAGES),
]


@pytest.mark.parametrize(("expected", "code", "subcode"), PAIRS)
def test_each_documented_number_has_its_class(
    expected: type[GraphApiError], code: int, subcode: int | None
) -> None:
    """Whatever the message, the type and the HTTP status, which vary between samples."""
    for status in (400, 403, 404, 429):
        for kind in ("OAuthException", "GraphMethodException", "FacebookApiException"):
            inner = envelope(code, f"(#{code}) any", error_subcode=subcode)
            assert type(error({"error": {**inner, "type": kind}}, status)) is expected


@pytest.mark.parametrize("status", [200, 400, 403, 500])
@pytest.mark.parametrize(
    "text",
    [REVIEW, f"{REVIEW[:-1]} (現在、このAPIへのアクセスについて)", REVIEW.upper()],
)
def test_a_review_is_a_hold_whatever_is_around_its_text(status: int, text: str) -> None:
    """Only the text is documented: neither type, status nor subcode are."""
    for inner in (envelope(200, text), envelope(10, text), {"message": text}):
        assert type(error({"error": inner}, status)) is PolicyHold


# As they were seen, word for word.
SAMPLES = [
    (Throttled, "OAuthException", 32, None, "(#32) Page request limit reached"),
    (
        Throttled,
        "OAuthException",
        80001,
        None,
        (
            "(#80001) There have been too many calls to this Page account. Wait a bit and"
            " try again. For more info, please refer to"
            " https://developers.facebook.com/docs/graph-api/overview/rate-limiting."
        ),
    ),
    (LookupRefused, "GraphMethodException", 100, 33, NOT_FOUND),
    (
        ConfigurationFault,
        "OAuthException",
        12,
        None,
        "(#12) ids_for_apps requires version v2.9 or higher",
    ),
    (
        CredentialRefused,
        "OAuthException",
        104,
        None,
        "An access token is required to request this resource.",
    ),
    (
        PermissionDenied,
        "OAuthException",
        210,
        None,
        "A page access token is required to request this resource.",
    ),
    (
        PermissionDenied,
        "OAuthException",
        190,
        None,
        "This method must be called with a Page Access Token",
    ),
    (
        CredentialRefused,
        "GraphMethodException",
        100,
        None,
        "API calls from the server require an appsecret_proof argument",
    ),
    (
        CredentialRefused,
        "GraphMethodException",
        100,
        None,
        "Invalid appsecret_proof provided in the API argument",
    ),
    (
        LookupRefused,
        "OAuthException",
        803,
        None,
        "(#803) Some of the aliases you requested do not exist: X",
    ),
    (
        ConfigurationFault,
        "GraphBatchException",
        100,
        None,
        "Too many requests in batch message. Maximum batch size is 50",
    ),
]


@pytest.mark.parametrize(("expected", "kind", "code", "subcode", "text"), SAMPLES)
def test_each_error_that_was_seen_has_its_class(
    expected: type[GraphApiError], kind: str, code: int, subcode: int | None, text: str
) -> None:
    """In the whole envelope, with all optional keys."""
    inner = {
        "message": text,
        "type": kind,
        "is_transient": False,
        "code": code,
        "error_subcode": subcode,
        "error_data": '{"blame_field_specs":[["x"]]}',
        "error_user_title": "any",
        "error_user_msg": "any",
        "fbtrace_id": "AmFGcW_3hwDB7qFbl_QdebZ",
    }

    found = error({"error": inner})

    assert type(found) is expected
    assert (found.facts.code, found.facts.subcode) == (code, subcode)
    assert found.facts.trace == "AmFGcW_3hwDB7qFbl_QdebZ"
