"""How much traffic of which sort."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficPlan:
    """The same plan over the same world gives the same bytes. Shares are from 0 to 1.

    Args:
        events: records in all: logins and webhook bodies, duplicates and garbage.
        logins: share of logins; the rest are webhook bodies.
        start_ms: unix milliseconds of the first event.
        per_second: mean events per second of event time.
        tail: exponent of the activity of people; nearer to 1 means that fewer people
            cause more of the traffic.
        duplicates: share of events that repeat one of the last thousand, byte for byte.
        out_of_order: share of events whose time lies up to an hour back.
        garbage: share of events that nobody can read.
        unknown_apps: share of logins into an app that the world has not.
        business_tokens: share of logins with `token_for_business`.
        signed_requests: share of logins with a valid `signed_request`.
        limited: share of logins by Limited Login, which has no signed request.
        test_apps: share of logins into an app that go to its test app, if it has one.
        entries: most entries in one webhook body.
        items: most events in one entry.
    """

    seed: int = 0
    events: int = 10_000
    logins: float = 0.4
    start_ms: int = 1_767_225_600_000
    per_second: float = 1_000.0
    tail: float = 1.2
    duplicates: float = 0.02
    out_of_order: float = 0.05
    garbage: float = 0.001
    unknown_apps: float = 0.001
    business_tokens: float = 0.10
    signed_requests: float = 0.05
    limited: float = 0.20
    test_apps: float = 0.05
    entries: int = 4
    items: int = 3
