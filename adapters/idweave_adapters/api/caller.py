"""Who asks, and what they may."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from idweave_adapters.api.problems import BAD_REQUEST, NOT_FOUND, Problem
from idweave_adapters.api.routes import Verb


@dataclass(frozen=True, slots=True)
class Caller:
    """The bearer of a good credential."""

    name: str
    """For the audit and the limits: the id of a key, or issuer and subject hashed."""
    businesses: frozenset[str]
    verbs: frozenset[Verb]

    def business(self, values: Mapping[str, str]) -> str:
        """Return which business is asked about.

        Raises:
            Problem: it is not said which of several; or it is none of theirs, which is
                answered as one that nobody knows.
        """
        named = values.get("business")
        if named is None:
            if len(self.businesses) == 1:
                return next(iter(self.businesses))
            raise Problem(BAD_REQUEST, "name one of your businesses in `business`")
        if named not in self.businesses:
            raise Problem(NOT_FOUND)
        return named


class Credentials(Protocol):
    """Tells good credentials from others."""

    def caller(self, shown: str) -> Caller | None:
        """Return whose bearer token *shown* is, or None."""
