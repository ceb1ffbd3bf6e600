"""One batch of lookups, from the first boundary check to the second."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import singledispatchmethod
from typing import Protocol

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api import (
    ConfigurationFault,
    CredentialRefused,
    GraphApiError,
    LookupAnswer,
    LookupRefused,
    PermissionDenied,
    PolicyHold,
    Throttled,
)
from idweave_adapters.graph_api import Lookup as Question
from idweave_adapters.secret import Secret
from idweave_graph.boundary import check_answer, check_call
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, BusinessId
from idweave_graph.lookups import Lookup
from idweave_graph.messages import Answer, Outcome, Refusal, RefusalReason
from idweave_graph.ownership import OwnershipView
from idweave_graph.resolve import LookupPolicy


class GraphApi(Protocol):
    """What is asked: the Graph API client, or what stands in for it."""

    async def look_up(
        self, lookups: Sequence[Question]
    ) -> list[LookupAnswer | GraphApiError]:
        """Answer each question, or say why not, in their order."""


class CredentialStore(Protocol):
    """Where the credentials are."""

    def for_asset(self, business: BusinessId, asset: Asset) -> Credential | None:
        """Return what a lookup of *asset*'s ids needs, None where it is missing."""

    def app_secrets(self, business: BusinessId, app: Asset) -> tuple[Secret, ...]:
        """Return all secrets that may have signed what came in for *app*."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one batch brought."""

    answers: tuple[Answer, ...]
    """One per lookup, in order."""
    pause_ms: int
    """How long to ask nothing more for this business."""
    hold: Hold | None
    """The platform has stopped the business just now."""


class Asking:
    """Checks, asks, checks again."""

    def __init__(
        self,
        api: GraphApi,
        credentials: CredentialStore,
        ownership: OwnershipView,
        *,
        clock_ms: Callable[[], int],
        policy: LookupPolicy,
    ) -> None:
        self._api = api
        self._credentials = credentials
        self._ownership = ownership
        self._clock_ms = clock_ms
        self._policy = policy

    async def ask(
        self, business: BusinessId, lookups: Sequence[Lookup], *, is_probe: bool
    ) -> Asked:
        """Bring an answer for each of *lookups*, all of *business*.

        What may not be asked gets its answer without a call.
        """
        answers: dict[int, Answer] = {}
        questions: dict[int, Question] = {}
        for place, lookup in enumerate(lookups):
            prepared = self._prepare(business, lookup)
            if isinstance(prepared, Answer):
                answers[place] = prepared
            else:
                questions[place] = prepared
        results = await self._api.look_up(list(questions.values()))
        for place, result in zip(questions, results, strict=True):
            answer = self._answer(result, business, lookups[place])
            answers[place] = replace(answer, is_probe=is_probe)
        ordered = tuple(answers[place] for place in range(len(lookups)))
        return Asked(ordered, _pause_ms(results), self._hold(ordered))

    def _prepare(self, business: BusinessId, lookup: Lookup) -> Question | Answer:
        asset = lookup.seen.id.asset
        credential = self._credentials.for_asset(business, asset)
        if credential is None:
            answer = self._blank(business, lookup, Outcome.CREDENTIAL)
            return replace(answer, detail="no-credential")
        made_by = credential.made_by
        reason = check_call(self._ownership, business, lookup.seen, made_by)
        if reason is None:
            return Question(lookup.seen.id, credential)
        other = made_by if reason is RefusalReason.FOREIGN_CREDENTIAL else asset
        refusal = Refusal(reason, lookup.seen.id, other)
        answer = self._blank(business, lookup, Outcome.FORBIDDEN)
        return replace(answer, refusals=(refusal,), detail=reason.value)

    def _blank(self, business: BusinessId, lookup: Lookup, outcome: Outcome) -> Answer:
        return Answer(business, lookup.seen, self._clock_ms(), outcome)

    @singledispatchmethod
    def _answer(
        self, result: GraphApiError, business: BusinessId, lookup: Lookup
    ) -> Answer:
        outcome, detail = _outcome(result)
        wait_ms = _pause_ms([result])
        answer = self._blank(business, lookup, outcome)
        return replace(answer, retry_after_ms=wait_ms, detail=detail)

    @_answer.register
    def _(self, result: LookupAnswer, business: BusinessId, lookup: Lookup) -> Answer:
        checked = check_answer(self._ownership, business, lookup.seen.id, result.links)
        answer = self._blank(business, lookup, Outcome.ANSWERED)
        return replace(answer, links=checked.links, refusals=checked.refusals)

    def _hold(self, answers: Sequence[Answer]) -> Hold | None:
        for answer in answers:
            if answer.outcome is Outcome.HOLD:
                return self._policy.hold(answer)
        return None


_OUTCOMES: tuple[tuple[type[GraphApiError], Outcome, str], ...] = (
    (PolicyHold, Outcome.HOLD, "policy-hold"),
    (LookupRefused, Outcome.GONE, "no-such-user"),
    (CredentialRefused, Outcome.CREDENTIAL, "credential-refused"),
    (PermissionDenied, Outcome.CREDENTIAL, "permission-denied"),
    (ConfigurationFault, Outcome.CREDENTIAL, "configuration"),
    (Throttled, Outcome.RETRY, "throttled"),
)


def _outcome(error: GraphApiError) -> tuple[Outcome, str]:
    for kind, outcome, detail in _OUTCOMES:
        if isinstance(error, kind):
            return outcome, detail
    return Outcome.RETRY, "failed-in-passing"


def _pause_ms(results: Sequence[LookupAnswer | GraphApiError]) -> int:
    waits = [r.retry_after_s or 0 for r in results if isinstance(r, Throttled)]
    return int(max(waits, default=0) * 1000)
