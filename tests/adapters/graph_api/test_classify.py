"""What each error the platform is known to send tells the caller to do."""

import pytest
from tests.adapters.graph_api.scripted import envelope

from idweave_adapters.graph_api import (
    ConfigurationFault,
    CredentialRefused,
    GraphApiError,
    LookupRefused,
    PermissionDenied,
    PolicyHold,
    ProtocolFault,
    Throttled,
    TooMuchData,
    Transient,
    Usage,
)
from idweave_adapters.graph_api.classify import classify

REVIEW = "(#200) Your business is currently going through review to access this API."
NOT_FOUND = (
    "Unsupported get request. Object with ID '2' does not exist, cannot be loaded due"
    " to missing permissions, or does not support this operation."
)


def error(body: object, status: int = 400, **kwargs: object) -> GraphApiError:
    found = classify(body, status, **kwargs)  # type: ignore[arg-type]
    assert found is not None
    return found


TABLE: list[tuple[type[GraphApiError], dict[str, object]]] = [
    (PolicyHold, envelope(200, REVIEW)),
    (PolicyHold, envelope(200, REVIEW, is_transient=True)),
    (PolicyHold, envelope(10, REVIEW)),
    (PolicyHold, envelope(368, "The action attempted has been deemed abusive")),
    (
        Throttled,
        envelope(4, "(#4) Application request limit reached", is_transient=True),
    ),
    (Throttled, envelope(9, error_subcode=2018352)),
    (Throttled, envelope(17, error_subcode=2446079)),
    (Throttled, envelope(32, "(#32) Page request limit reached")),
    (Throttled, envelope(341)),
    (Throttled, envelope(613, error_subcode=1996)),
    *((Throttled, envelope(code)) for code in range(80000, 80015)),
    (Transient, envelope(1)),
    (Transient, envelope(2, is_transient=True)),
    (Transient, envelope(2, error_subcode=2018344)),
    (Transient, envelope(1200)),
    (Transient, envelope(100, "any", is_transient=True)),
    (TooMuchData, envelope(1, "Please reduce the amount of data you're asking for")),
    (
        CredentialRefused,
        envelope(100, "Invalid appsecret_proof provided in the API argument"),
    ),
    (
        CredentialRefused,
        envelope(100, "API calls from the server require an appsecret_proof argument"),
    ),
    (CredentialRefused, envelope(145)),
    *(
        (CredentialRefused, envelope(code))
        for code in (101, 102, 104, 190, 415, 450, 452)
    ),
    *(
        (CredentialRefused, envelope(190, error_subcode=subcode))
        for subcode in (458, 459, 460, 463, 464, 467, 492)
    ),
    (
        CredentialRefused,
        envelope(2500, "An active access token must be used to query information"),
    ),
    (CredentialRefused, {"message": "Invalid token", "type": "OAuthException"}),
    (PermissionDenied, envelope(190, "must be a Page token", error_subcode=2069032)),
    (
        PermissionDenied,
        envelope(190, "This method must be called with a Page Access Token"),
    ),
    (
        PermissionDenied,
        envelope(210, "A page access token is required to request this resource."),
    ),
    *((PermissionDenied, envelope(code)) for code in (3, 10, 15, 200, 230, 299, 3953)),
    (LookupRefused, envelope(100, NOT_FOUND, error_subcode=33)),
    (LookupRefused, envelope(100, "No matching user found", error_subcode=2018001)),
    (LookupRefused, envelope(100, "No profile available", error_subcode=2018218)),
    (
        LookupRefused,
        envelope(803, "(#803) Some of the aliases you requested do not exist: X"),
    ),
    (LookupRefused, envelope(110)),
    (LookupRefused, envelope(551)),
    (
        ConfigurationFault,
        envelope(12, "(#12) ids_for_apps requires version v2.9 or higher"),
    ),
    (
        ConfigurationFault,
        envelope(100, "Tried accessing nonexisting field (ids_for_apps)"),
    ),
    *((ConfigurationFault, envelope(code)) for code in (105, 194, 506, 1609005)),
    (ConfigurationFault, envelope(2500, "Syntax error")),
    (ProtocolFault, envelope(4711, "something new")),
    (ProtocolFault, {}),
    (ProtocolFault, {"message": "x", "type": "GraphMethodException"}),
]


@pytest.mark.parametrize(("expected", "inner"), TABLE)
def test_each_known_error_has_its_class(
    expected: type[GraphApiError], inner: dict[str, object]
) -> None:
    """The class is the same whether the code came as a number or as text."""
    assert type(error({"error": inner})) is expected
    if "code" in inner:
        assert type(error({"error": {**inner, "code": str(inner["code"])}})) is expected


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (CredentialRefused, {"error_code": 190, "error_description": "Invalid token"}),
        (Transient, {"error_code": 2, "error_msg": "Service temporarily unavailable"}),
        (Throttled, {"error": 4, "error_description": "limit"}),
        (
            CredentialRefused,
            {"error_type": "OAuthException", "code": 400, "error_message": "x"},
        ),
        (ProtocolFault, {"error": "text"}),
        (ProtocolFault, {"error": []}),
        (ProtocolFault, {"error": {"code": True, "message": 5, "type": []}}),
        (ProtocolFault, {"error": {"code": 10**30}}),
        (ProtocolFault, {"error": {"code": "9" * 5000}}),
    ],
)
def test_old_and_odd_shapes_are_errors_too(
    expected: type[GraphApiError], body: object
) -> None:
    """Even with HTTP 200 a stated error is no answer."""
    assert type(error(body, 200)) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (500, Transient),
        (503, Transient),
        (429, Throttled),
        (403, ProtocolFault),
        (302, ProtocolFault),
    ],
)
def test_without_a_stated_error_the_status_says_little(
    status: int, expected: type[GraphApiError]
) -> None:
    """A proxy's 403 is no refusal by the platform."""
    assert type(error(None, status)) is expected
    assert type(error([], status)) is expected


def test_success_without_an_error_is_none() -> None:
    """Nothing is made up."""
    assert classify({"id": "5"}, 200) is None
    assert classify({"id": "5", "error": None}, 200) is None


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (envelope(190), Transient),
        (envelope(4), Throttled),
        (envelope(200, REVIEW), PolicyHold),
        (envelope(1, "Please reduce the amount of data"), TooMuchData),
    ],
)
def test_a_failing_server_refuses_nothing_but_can_stop_calls(
    inner: dict[str, object], expected: type[GraphApiError]
) -> None:
    """A 500 gives no token up; a limit or a hold in it still stops the calls."""
    assert type(error({"error": inner}, 500)) is expected


def test_how_long_to_wait_comes_from_the_best_source() -> None:
    """First the usage header's minutes, then `Retry-After`, else nothing is claimed."""
    limit = {"error": envelope(80001)}

    both = error(limit, usage=Usage(100, 19), retry_after_s=30)
    header = error(limit, retry_after_s=30)
    none = error(limit)

    waits = [e.retry_after_s for e in (both, header, none) if isinstance(e, Throttled)]
    assert waits == [19 * 60, 30, None]


def test_an_error_tells_the_numbers_and_what_to_do() -> None:
    """Code, subcode, type and trace; never the message."""
    body = {
        "error": envelope(
            190,
            "Session of user 645195294 expired",
            error_subcode=463,
            fbtrace_id="Fz54k3GZrio",
        )
    }

    told = str(error(body))

    assert "replace the token" in told
    assert "code 190, subcode 463, type OAuthException, fbtrace_id Fz54k3GZrio" in told
    assert "645195294" not in told


@pytest.mark.parametrize(
    "field", ["message", "type", "fbtrace_id", "error_subcode", "code", "error_data"]
)
@pytest.mark.parametrize(
    "value", ["645195294012345", "5ecretOfTheApp0123456789abcdef42"]
)
def test_no_field_smuggles_an_id_or_a_secret_out(field: str, value: str) -> None:
    """A server may send back what it was sent, in any field, as text or number."""
    for sent in (value, int(value) if value.isdecimal() else value):
        found = error({"error": {**envelope(190), field: sent}})

        assert value not in f"{found} {found!r} {found.args} {found.facts}"
