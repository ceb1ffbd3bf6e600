"""What a client has done since it was made."""

from dataclasses import dataclass

from idweave_adapters.graph_api.errors import GraphApiError


@dataclass(slots=True)
class Counters:
    """Plain numbers, to be read at any time. They only grow, and name nobody."""

    http_requests: int = 0
    items: int = 0
    """Questions asked, each a call for the rate limits."""
    answers: int = 0
    transient: int = 0
    throttled: int = 0
    credential_refused: int = 0
    permission_denied: int = 0
    policy_hold: int = 0
    lookup_refused: int = 0
    configuration_fault: int = 0
    protocol_fault: int = 0
    other_version: int = 0
    """Answers by another API version than the one that was asked for."""

    def count(self, error: GraphApiError | None) -> None:
        """Count how one question ended."""
        outcome = "answers" if error is None else error.outcome
        setattr(self, outcome, getattr(self, outcome) + 1)
