"""Versions of the Graph API: what each can't do, and when another one answers.

An expired version is answered by the oldest one that still lives (Meta, Versioning
guide), so who asks for a version compares it with `facebook-api-version`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from idweave_adapters.graph_api.counters import Counters
from idweave_adapters.graph_api.sources import ID_EDGES

_FORM = re.compile(r"v([0-9]{1,4})\.([0-9]{1,4})")

MAX_TOLD = 8
"""How many differing versions are told of; a server could make up any number."""


class InvalidVersionError(ValueError):
    """The text is no version. Write it like v25.0."""


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version of the Graph API. Its text form is `v25.0`."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form.

        Raises:
            InvalidVersionError: it is none. The text is not repeated.
        """
        found = _FORM.fullmatch(text)
        if not found:
            msg = "a version of the Graph API is written like v25.0"
            raise InvalidVersionError(msg)
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class Bounds:
    """From which version on something can be asked, and from which it is gone."""

    since: Version | None = None
    gone: Version | None = None


READ_MANY = "ids"
"""`GET /?ids=a,b`: several nodes in one read."""

PAGES_ID_MAPPING = "pages_id_mapping"
"""`POST /pages_id_mapping`: ASIDs to the PSIDs of one Page."""

# Edges: "(#12) ids_for_apps requires version v2.9 or higher", as the platform says.
_EDGE = Bounds(since=Version(2, 9))

BOUNDS = {
    **dict.fromkeys(map(str, ID_EDGES), _EDGE),
    # token_for_business: "available in all API versions" (Business Mapping API).
    # `?ids=`: refused by v26.0 of 29 July 2026, as the makers of restfb report.
    READ_MANY: Bounds(gone=Version(26, 0)),
    # Page-Scoped ID API document: "deprecated in v7.0+", for all on 5 May 2021.
    PAGES_ID_MAPPING: Bounds(gone=Version(7, 0)),
}
"""What has no row can be asked in each version."""


def refusal(version: Version, call: str) -> str | None:
    """Why *version* can't do *call* and what to do about it, None if it can."""
    bounds = BOUNDS.get(call, Bounds())
    if bounds.since and version < bounds.since:
        return (
            f"{call} needs version {bounds.since} of the Graph API and {version} is set;"
            " raise graph_api_version"
        )
    if bounds.gone and version >= bounds.gone:
        return f"{call} is gone since version {bounds.gone} of the Graph API; don't ask"
    return None


def tell_nobody(_served: str) -> None:
    """The default of who wants to hear of differing versions."""


@dataclass(slots=True)
class ServedVersions:
    """Compares the version that answered with the one that was asked for."""

    asked: Version
    counters: Counters
    tell: Callable[[str], None] = tell_nobody
    """Called once with each differing version."""
    _told: set[str] = field(default_factory=set)

    def note(self, served: str | None) -> None:
        """Count one answer; *served* is None where it does not say its version."""
        if served is None or served == str(self.asked):
            return
        self.counters.other_version += 1
        if served not in self._told and len(self._told) < MAX_TOLD:
            self._told.add(served)
            self.tell(served)
