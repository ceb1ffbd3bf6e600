"""What can go wrong with a Graph API call, split by what the caller should do.

::

    GraphApiError
    ├── Transient            ask again, a bounded number of times, with growing waits
    │   └── TooMuchData      ask again for less at a time
    ├── ProtocolFault        as Transient: the answer proves nothing, not even "none"
    ├── Throttled            stop calling with this app or Page until the wait is over
    ├── CredentialRefused    stop using this token until it is replaced
    ├── PermissionDenied     this token may not ask this; others may
    ├── PolicyHold           stop all calls for this business; a person must act
    ├── LookupRefused        the id can't be looked up; asking again is no use
    └── ConfigurationFault   our request can't work as it is; a person must act

The text of an error holds numbers and fixed words only. What a server sends as a
message is looked at (classify.py) and never kept, since it may name people's ids.
"""

# The names are what the caller does, which the suffix "Error" would only blur.
# ruff: noqa: N818

from dataclasses import dataclass
from typing import ClassVar

from idweave_adapters.graph_api.limits import NO_USAGE, Usage


@dataclass(frozen=True, slots=True)
class Facts:
    """What may be told about a refusal: nothing in it can be an id or a secret."""

    code: int | None = None
    subcode: int | None = None
    type: str | None = None
    trace: str | None = None
    """`fbtrace_id`, which Meta's support asks for."""
    http_status: int | None = None

    def __str__(self) -> str:
        named = (
            ("code", self.code),
            ("subcode", self.subcode),
            ("type", self.type),
            ("fbtrace_id", self.trace),
            ("HTTP", self.http_status),
        )
        return ", ".join(f"{name} {fact}" for name, fact in named if fact is not None)


NO_FACTS = Facts()


class GraphApiError(Exception):
    """A call gave no answer that can be used."""

    outcome: ClassVar[str] = "protocol_fault"
    """A stable word for counters, states and labels."""
    remedy: ClassVar[str] = "the call failed"

    def __init__(
        self, hint: str = "", *, facts: Facts = NO_FACTS, usage: Usage = NO_USAGE
    ) -> None:
        """*hint* is one of our own fixed texts, never text from outside."""
        self.hint = hint or self.remedy
        self.facts = facts
        self.usage = usage
        said = str(facts)
        super().__init__(f"{self.hint} ({said})" if said else self.hint)


class Transient(GraphApiError):
    """The platform or the way to it failed for the moment."""

    outcome = "transient"
    remedy = "the platform did not answer; ask again later"


class TooMuchData(Transient):
    """The platform wants to be asked for less at a time."""

    remedy = "the platform asks for smaller questions; ask again for less"


class ProtocolFault(GraphApiError):
    """The answer is not understood, so nothing may be concluded from it."""

    outcome = "protocol_fault"
    remedy = (
        "ask again later; if it stays so, check the address and proxies, and compare"
        " the API version with its release notes"
    )

    def __init__(
        self,
        what: str = "the answer was not understood",
        *,
        facts: Facts = NO_FACTS,
        usage: Usage = NO_USAGE,
    ) -> None:
        """*what* was not understood, in our own fixed words."""
        super().__init__(f"{what}; {self.remedy}", facts=facts, usage=usage)


class Throttled(GraphApiError):
    """A rate limit is reached. Calls made meanwhile would lengthen the wait."""

    outcome = "throttled"
    remedy = "a rate limit is reached; make no calls with this app or Page for a while"

    def __init__(
        self,
        hint: str = "",
        *,
        facts: Facts = NO_FACTS,
        usage: Usage = NO_USAGE,
        retry_after_s: float | None = None,
    ) -> None:
        """*retry_after_s*: how long to wait, in seconds, if the platform said so."""
        super().__init__(hint, facts=facts, usage=usage)
        self.retry_after_s = retry_after_s


class CredentialRefused(GraphApiError):
    """The token or its proof is not accepted."""

    outcome = "credential_refused"
    remedy = (
        "the token or its proof is not accepted; replace the token, check the app"
        " secret and this machine's clock"
    )


class PermissionDenied(GraphApiError):
    """The token is good, but may not ask this."""

    outcome = "permission_denied"
    remedy = (
        "this token may not ask this; check the app's permissions and review, and who"
        " owns the app and the Page"
    )


class PolicyHold(GraphApiError):
    """The platform reviews or blocks this business. Stop calling for it."""

    outcome = "policy_hold"
    remedy = (
        "the platform reviews or blocks this business; make no calls for it and follow"
        " the review in its Business Manager"
    )


class LookupRefused(GraphApiError):
    """The platform knows no such person for this app or Page."""

    outcome = "lookup_refused"
    remedy = "the platform has no such id for this app or Page; do not ask again"


class ConfigurationFault(GraphApiError):
    """The request can't work as it is put."""

    outcome = "configuration_fault"
    remedy = (
        "the platform does not take the request as it is put; check the API version"
        " and the settings"
    )
