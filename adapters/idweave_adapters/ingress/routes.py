"""The addresses of the door."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """One address and how it is used."""

    template: str
    """What logs call it."""
    pattern: re.Pattern[str]
    methods: tuple[str, ...]


LIVE = Route("/live", re.compile("/live"), ("GET",))
READY = Route("/ready", re.compile("/ready"), ("GET",))
LOGINS = Route("/logins", re.compile("/logins"), ("POST",))
WEBHOOKS = Route(
    "/webhooks/{app_id}",
    re.compile(r"/webhooks/(?P<app_id>[1-9][0-9]{0,31})"),
    ("GET", "POST"),
)
DEAUTHORIZE = Route(
    "/deauthorize/{app_id}",
    re.compile(r"/deauthorize/(?P<app_id>[1-9][0-9]{0,31})"),
    ("POST",),
)
DATA_DELETION = Route(
    "/data-deletion/{app_id}",
    re.compile(r"/data-deletion/(?P<app_id>[1-9][0-9]{0,31})"),
    ("POST",),
)
DELETION_STATUS = Route(
    "/data-deletion/status/{code}",
    re.compile(r"/data-deletion/status/(?P<code>[0-9A-Za-z]{1,64})"),
    ("GET",),
)

ROUTES = (WEBHOOKS, LOGINS, DEAUTHORIZE, DATA_DELETION, DELETION_STATUS, LIVE, READY)


def route_of(raw_path: str) -> Route | None:
    """Return the route of a path, or None. A path with escapes has none."""
    for route in ROUTES:
        if route.pattern.fullmatch(raw_path):
            return route
    return None
