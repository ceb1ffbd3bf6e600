"""From an error body to the error to raise: the rules, as data.

Codes: Meta, Handling Errors, Rate Limits and Messenger error codes documents, and
cross-checked against the tables of the PHP, Ruby (koala) and Java (restfb) clients.
One code can mean several things (100 most of all), so subcode and message decide
first. The first rule that fits holds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from idweave_adapters.graph_api.errors import (
    ConfigurationFault,
    CredentialRefused,
    Facts,
    GraphApiError,
    LookupRefused,
    PermissionDenied,
    PolicyHold,
    ProtocolFault,
    Throttled,
    TooMuchData,
    Transient,
)
from idweave_adapters.graph_api.limits import NO_USAGE, Usage

NO_CODE = -1
"""Stands in a rule for "the error has no code"."""

_SERVER_FAILURE = 500
_TOO_MANY_REQUESTS = 429
_LARGEST_CODE = 9_999_999  # 2018218 is the largest known; an id would be larger

# A type is server text. Only these are repeated; anything else could be anything.
_TYPES = {
    "OAuthException",
    "GraphMethodException",
    "OAuthAccessTokenException",
    "GraphBatchException",
    "FacebookApiException",
}

# Samples have 11 to 23 characters. 31 at most, as an app secret has 32, and not
# digits only, as an id has.
_TRACE = re.compile(r"(?!\d+$)[A-Za-z0-9_-]{8,31}")


@dataclass(frozen=True, slots=True)
class Rule:
    """Fits an error when every condition that is set fits."""

    error: type[GraphApiError]
    codes: frozenset[int] = frozenset()
    subcodes: frozenset[int] = frozenset()
    text: str = ""
    """A part of the message, in lower case."""
    type: str = ""
    is_transient: bool = False
    from_status: int = 0
    hint: str = ""

    def fits(self, facts: Facts, message: str, *, is_transient: bool) -> bool:
        """Whether this rule speaks about the error."""
        code = NO_CODE if facts.code is None else facts.code
        return (
            (not self.codes or code in self.codes)
            and (not self.subcodes or facts.subcode in self.subcodes)
            and self.text in message
            and (not self.type or self.type == facts.type)
            and (not self.is_transient or is_transient)
            and (facts.http_status or 0) >= self.from_status
        )


RULES: tuple[Rule, ...] = (
    # Business-wide stops come first: read as anything weaker, calls would go on.
    Rule(PolicyHold, text="currently going through review"),
    Rule(PolicyHold, codes=frozenset({368})),
    Rule(Throttled, codes=frozenset({4, 9, 17, 32, 341, 613})),
    Rule(Throttled, codes=frozenset(range(80000, 80015))),
    Rule(TooMuchData, text="reduce the amount of data"),
    Rule(Transient, from_status=_SERVER_FAILURE),
    Rule(Transient, is_transient=True),
    Rule(Transient, codes=frozenset({1, 2, 1200})),
    # 100 says "parameter", and is sent for proofs and for unknown people too.
    Rule(
        CredentialRefused,
        text="appsecret_proof",
        hint="the proof of the token is not accepted; check the app secret and this"
        " machine's clock",
    ),
    Rule(LookupRefused, codes=frozenset({100}), subcodes=frozenset({33, 2018001})),
    Rule(
        LookupRefused,
        subcodes=frozenset({2018218}),
        hint="a Messenger account made with a phone number: it has no other ids",
    ),
    Rule(LookupRefused, codes=frozenset({803, 110, 551, 2018218})),
    # The token is good and of the wrong kind, so it must not be given up.
    Rule(PermissionDenied, subcodes=frozenset({2069030, 2069031, 2069032, 2069033})),
    Rule(PermissionDenied, text="must be called with a page access token"),
    Rule(CredentialRefused, codes=frozenset({101, 102, 104, 145, 190, 415, 450, 452})),
    Rule(CredentialRefused, codes=frozenset({2500}), text="access token"),
    Rule(CredentialRefused, codes=frozenset({NO_CODE}), type="OAuthException"),
    # 15: "must be called with an app secret signed session", as an app token is.
    Rule(PermissionDenied, codes=frozenset({3, 10, 15, *range(200, 300)})),
    Rule(
        PermissionDenied,
        codes=frozenset({3953}),
        hint="the app does not belong to the business; check who owns it",
    ),
    Rule(
        ConfigurationFault,
        codes=frozenset({12}),
        hint="the API version in the settings is too old for this call",
    ),
    Rule(ConfigurationFault, codes=frozenset({100, 105, 194, 506, 2500, 1609005})),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error body as it was read. The message decides and is not kept anywhere."""

    facts: Facts
    message: str
    is_transient: bool


def classify(
    body: object,
    status: int,
    *,
    usage: Usage = NO_USAGE,
    retry_after_s: float | None = None,
) -> GraphApiError | None:
    """The error that an answer states, or None if it states none.

    Args:
        body: the parsed body, or None when it is no JSON.
        status: HTTP status, of the answer or of the item in a batch.
        usage: what the headers said.
        retry_after_s: from a `Retry-After` header, in seconds.
    """
    refusal = read_refusal(body, status)
    if refusal is None:
        return _by_status(status, usage, retry_after_s)
    for rule in RULES:
        if rule.fits(refusal.facts, refusal.message, is_transient=refusal.is_transient):
            return _made(rule.error, rule.hint, refusal.facts, usage, retry_after_s)
    # An unknown code must not close a lookup for good.
    return ProtocolFault("an unknown error code", facts=refusal.facts, usage=usage)


def read_refusal(body: object, status: int) -> Refusal | None:
    """The error in *body*, in any of the shapes that were seen; None if there is none."""
    if not isinstance(body, Mapping):
        return None
    inner = body.get("error")
    if isinstance(inner, Mapping):
        return _refusal(inner, "code", "message", status)
    if "error_code" in body:  # answers of old services, of a batch as a whole too
        text = "error_msg" if "error_msg" in body else "error_description"
        return _refusal(body, "error_code", text, status)
    if "error_type" in body:  # OAuth; its `code` is the HTTP status
        return _refusal(body, "", "error_message", status)
    if inner is not None:
        return _refusal(body, "error", "error_description", status)
    return None


def _refusal(
    source: Mapping[str, object], code: str, message: str, status: int
) -> Refusal:
    kind = source.get("type", source.get("error_type"))
    trace = source.get("fbtrace_id")
    said = source.get(message)
    is_trace = isinstance(trace, str) and _TRACE.fullmatch(trace)
    facts = Facts(
        code=_small_number(source.get(code)),
        subcode=_small_number(source.get("error_subcode")),
        type=kind if isinstance(kind, str) and kind in _TYPES else None,
        trace=str(trace) if is_trace else None,
        http_status=status,
    )
    return Refusal(
        facts,
        said.lower() if isinstance(said, str) else "",
        is_transient=source.get("is_transient") is True,
    )


def _small_number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value) if len(value) <= len(str(_LARGEST_CODE)) else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _LARGEST_CODE else None


def _by_status(
    status: int, usage: Usage, retry_after_s: float | None
) -> GraphApiError | None:
    """What a status says alone: little, as Meta sends 400 for most errors."""
    facts = Facts(http_status=status)
    if status == _TOO_MANY_REQUESTS:
        return _made(Throttled, "", facts, usage, retry_after_s)
    if status >= _SERVER_FAILURE:
        return Transient(facts=facts, usage=usage)
    if not 200 <= status < 300:  # noqa: PLR2004 - the range of success
        return ProtocolFault(facts=facts, usage=usage)
    return None


def _made(
    error: type[GraphApiError],
    hint: str,
    facts: Facts,
    usage: Usage,
    retry_after_s: float | None,
) -> GraphApiError:
    if not issubclass(error, Throttled):
        return error(hint, facts=facts, usage=usage)
    wait_s = usage.regain_minutes * 60 or retry_after_s
    return error(hint, facts=facts, usage=usage, retry_after_s=wait_s)
