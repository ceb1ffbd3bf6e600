"""Whose lookups are stopped: those of a business, or those that need one token."""

from dataclasses import dataclass

from idweave_graph.ids import Asset, BusinessId


@dataclass(frozen=True, slots=True)
class Hold:
    """The lookups of one business, or of one asset's ids, are stopped; or free again.

    The platform stops a business, for a review or for its conduct. A token that is
    missing, refused or not permitted stops the lookups that need it.
    """

    business: BusinessId
    held: bool
    since_ms: int
    """When it began."""
    at_ms: int
    """When the answer came that says so; of two records the later one holds."""
    probe_ms: int
    """When one lookup may be tried to see whether the hold is over."""
    reason: str
    """A code, such as `policy-hold` or `credential-refused`."""
    asset: Asset | None = None
    """Whose token it is that can't be used; None: all of the business is held."""

    @property
    def key(self) -> str:
        """`<business>`, or `<business>/<asset>`: one hold each. No id has a slash."""
        return f"{self.business}/{self.asset}" if self.asset else self.business
