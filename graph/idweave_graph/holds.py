"""Businesses whose lookups are stopped by the platform."""

from dataclasses import dataclass

from idweave_graph.ids import BusinessId


@dataclass(frozen=True, slots=True)
class Hold:
    """The state of one business: held until a probe succeeds, or open again."""

    business: BusinessId
    held: bool
    since_ms: int
    probe_ms: int
    """When one lookup may be tried to see whether the hold is over."""
    reason: str
    """A code, such as `policy-hold`: reviewed, or blocked for its conduct."""
