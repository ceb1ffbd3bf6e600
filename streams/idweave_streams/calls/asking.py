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

NEAR_LIMIT_PERCENT = 90
"""From here on calls pause: those beyond a limit only lengthen the wait (Meta, Rate
Limits)."""
PAUSE_MS = 60_000
"""How long, where the platform does not say; its own waits are whole minutes."""


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
    holds: tuple[Hold, ...]
    """What was stopped just now: the business, or a token."""


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
        self._refused: dict[Asset, tuple[Secret, int]] = {}
        """The token of an asset that the API does not take, and until when."""

    async def ask(
        self, business: BusinessId, lookups: Sequence[Lookup], *, probed: Hold | None
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
        for (place, question), result in zip(questions.items(), results, strict=True):
            self._remember(question, result)
            answers[place] = self._answer(result, business, lookups[place])
        ordered = tuple(
            replace(answers[place], probed=probed) for place in range(len(lookups))
        )
        pause_ms = max(map(_pause_ms, results), default=0)
        return Asked(ordered, pause_ms, self._holds(ordered))

    def _prepare(self, business: BusinessId, lookup: Lookup) -> Question | Answer:
        """Return the question to ask, or the answer of a lookup that may not be asked."""
        asset = lookup.seen.id.asset
        credential = self._credentials.for_asset(business, asset)
        made_by = asset if credential is None else credential.made_by
        reason = check_call(self._ownership, business, lookup.seen, made_by)
        if reason is not None and self._is_ahead(lookup):
            answer = self._blank(business, lookup, Outcome.RETRY)
            return replace(answer, detail="ownership-not-known-yet")
        if reason is not None:
            other = made_by if reason is RefusalReason.FOREIGN_CREDENTIAL else asset
            refusal = Refusal(reason, lookup.seen.id, other)
            answer = self._blank(business, lookup, Outcome.FORBIDDEN)
            return replace(answer, refusals=(refusal,), detail=reason.value)
        if credential is None or self._is_refused(credential):
            detail = "no-credential" if credential is None else _REFUSED
            answer = self._blank(business, lookup, Outcome.CREDENTIAL)
            return replace(answer, detail=detail)
        return Question(lookup.seen.id, credential)

    def _is_ahead(self, lookup: Lookup) -> bool:
        """Say whether the worker that saw the id knew of a later owner than this one.

        Workers follow the owners each at its own pace, so this is no refusal.
        """
        known = self._ownership.of(lookup.seen.id.asset)
        return known is not None and known.epoch < lookup.seen.epoch

    def _is_refused(self, credential: Credential) -> bool:
        """Say whether this very token was refused a short while ago."""
        token, until_ms = self._refused.get(credential.asset, (None, 0))
        return token == credential.token and self._clock_ms() < until_ms

    def _remember(
        self, question: Question, result: LookupAnswer | GraphApiError
    ) -> None:
        if isinstance(result, CredentialRefused):
            until_ms = self._clock_ms() + self._policy.credential_retry_ms
            credential = question.credential
            self._refused[credential.asset] = (credential.token, until_ms)

    def _blank(self, business: BusinessId, lookup: Lookup, outcome: Outcome) -> Answer:
        # A clock that was set back must not make an answer older than its question.
        at_ms = max(self._clock_ms(), lookup.due_ms)
        return Answer(business, lookup.seen, at_ms, outcome)

    @singledispatchmethod
    def _answer(
        self, result: GraphApiError, business: BusinessId, lookup: Lookup
    ) -> Answer:
        outcome, detail = _outcome(result)
        answer = self._blank(business, lookup, outcome)
        return replace(answer, retry_after_ms=_pause_ms(result), detail=detail)

    @_answer.register
    def _(self, result: LookupAnswer, business: BusinessId, lookup: Lookup) -> Answer:
        checked = check_answer(self._ownership, business, lookup.seen.id, result.links)
        answer = self._blank(business, lookup, Outcome.ANSWERED)
        return replace(
            answer,
            links=checked.links,
            refusals=checked.refusals,
            is_whole=result.apps_known and result.pages_known,
        )

    def _holds(self, answers: Sequence[Answer]) -> tuple[Hold, ...]:
        holds = (self._policy.hold(answer) for answer in answers)
        return tuple({hold.key: hold for hold in holds if hold is not None}.values())


_REFUSED = "credential-refused"

_OUTCOMES: tuple[tuple[type[GraphApiError], Outcome, str], ...] = (
    (PolicyHold, Outcome.HOLD, "policy-hold"),
    (LookupRefused, Outcome.GONE, "no-such-user"),
    (CredentialRefused, Outcome.CREDENTIAL, _REFUSED),
    (PermissionDenied, Outcome.CREDENTIAL, "permission-denied"),
    (ConfigurationFault, Outcome.CREDENTIAL, "configuration"),
    (Throttled, Outcome.RETRY, "throttled"),
)


def _outcome(error: GraphApiError) -> tuple[Outcome, str]:
    for kind, outcome, detail in _OUTCOMES:
        if isinstance(error, kind):
            return outcome, detail
    return Outcome.RETRY, "failed-in-passing"


def _pause_ms(result: LookupAnswer | GraphApiError) -> int:
    """Return for how long *result* says that nothing more should be asked."""
    if isinstance(result, Throttled) and result.retry_after_s:
        return int(result.retry_after_s * 1000)
    is_near = result.usage.percent >= NEAR_LIMIT_PERCENT
    return PAUSE_MS if is_near or isinstance(result, Throttled) else 0
