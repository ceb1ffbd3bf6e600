"""One batch of lookups, from the first boundary check to the second."""

from collections.abc import Callable, Collection, Mapping, Sequence
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
from idweave_streams.calls.gates import Gate, Heard, gates_of, heard
from idweave_streams.tables import Lane


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

    def pages_made_by(self, business: BusinessId, app: Asset) -> tuple[Asset, ...]:
        """Return the Pages whose tokens *app* made, always in the same order."""

    def app_secrets(self, business: BusinessId, app: Asset) -> tuple[Secret, ...]:
        """Return all secrets that may have signed what came in for *app*."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one batch brought."""

    answers: tuple[Answer, ...]
    """One per lookup, in order."""
    heard: tuple[Heard | None, ...]
    """What each answer said of rate limits; None where no call was made."""
    holds: tuple[Hold, ...]
    """What was stopped just now: the business, or a token."""

    @property
    def called(self) -> frozenset[Asset]:
        """The assets whose ids the platform was really asked about."""
        pairs = zip(self.answers, self.heard, strict=True)
        return frozenset(a.asked.id.asset for a, said in pairs if said is not None)


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
        asks_by_page: Callable[[Asset], bool] = lambda _: False,
    ) -> None:
        """Join what is needed.

        Args:
            api: what is asked.
            credentials: what it is asked with.
            ownership: who owns which asset.
            clock_ms: Unix time in milliseconds.
            policy: how long things are waited for and believed.
            asks_by_page: whether *api* asks about an app's ids with the token of a
                Page too, if it is given one.
        """
        self._api = api
        self._credentials = credentials
        self._ownership = ownership
        self._clock_ms = clock_ms
        self._policy = policy
        self._asks_by_page = asks_by_page

    def gates(self, lane: Lane) -> tuple[Gate, ...]:
        """Return the rate limits that a lookup of *lane* passes; none without a call."""
        credential = self._credentials.for_asset(lane.business, lane.asset)
        if credential is None:
            return ()
        is_by_page = self._asks_by_page(lane.asset)
        page = self._page_credential(lane.business, lane.asset) if is_by_page else None
        return gates_of(credential, page)

    @property
    def probe_again_ms(self) -> int:
        """How long a hold is left alone after a probe that settled nothing."""
        return self._policy.probe_again_ms

    async def ask(
        self,
        business: BusinessId,
        lookups: Sequence[Lookup],
        *,
        probed: Mapping[Asset, Hold],
    ) -> Asked:
        """Bring an answer for each of *lookups*, all of *business*.

        What may not be asked gets its answer without a call.

        Args:
            business: whose they are.
            lookups: of any of its assets.
            probed: the holds that are tried with this, by the asset asked about.
        """
        prepared = [self._prepare(business, lookup) for lookup in lookups]
        questions = [each for each in prepared if isinstance(each, Question)]
        results = await self._api.look_up(questions)
        pairs = list(zip(questions, results, strict=True))
        proven = {q.credential.token for q, r in pairs if isinstance(r, LookupAnswer)}
        rest = iter(pairs)
        concluded: list[tuple[Answer, Heard | None]] = [
            self._conclude(lookup, *next(rest), proven)
            if isinstance(each, Question)
            else (each, None)
            for lookup, each in zip(lookups, prepared, strict=True)
        ]
        answers = tuple(
            replace(answer, probed=_probed(probed.get(answer.asked.id.asset), said))
            for answer, said in concluded
        )
        said = tuple(each for _, each in concluded)
        return Asked(answers, said, self._holds(answers))

    def _conclude(
        self,
        lookup: Lookup,
        question: Question,
        result: LookupAnswer | GraphApiError,
        proven: Collection[Secret],
    ) -> tuple[Answer, Heard | None]:
        """Return what *result* means for *lookup*, and what it says of limits.

        Args:
            lookup: that was asked about.
            question: as it was asked.
            result: what came back.
            proven: tokens that have just served others. What such a token is refused
                for lies with the one id.
        """
        answer = self._answer(result, lookup.business, lookup)
        is_proven = question.credential.token in proven
        if answer.outcome is Outcome.CREDENTIAL and is_proven:
            answer = replace(answer, outcome=Outcome.GONE)
        if not _is_call(result):
            return answer, None
        by_page = self._asks_by_page(question.scoped.asset)
        return answer, heard(question, result, by_page=by_page)

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
        if credential is None:
            answer = self._blank(business, lookup, Outcome.CREDENTIAL)
            return replace(answer, detail="no-credential")
        page = self._page_credential(business, asset)
        return Question(lookup.seen.id, credential, page)

    def _page_credential(self, business: BusinessId, app: Asset) -> Credential | None:
        """Return the credential of the first Page that may be used for *app*'s ids."""
        for page in self._credentials.pages_made_by(business, app):
            owner = self._ownership.of(page)
            if owner is not None and owner.business == business:
                return self._credentials.for_asset(business, page)
        return None

    def _is_ahead(self, lookup: Lookup) -> bool:
        """Say whether the worker that saw the id knew of a later owner than this one.

        Workers follow the owners each at its own pace, so this is no refusal.
        """
        known = self._ownership.of(lookup.seen.id.asset)
        return known is not None and known.epoch < lookup.seen.epoch

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
        wait_s = result.retry_after_s if isinstance(result, Throttled) else None
        wait_ms = int((wait_s or 0) * 1000)
        return replace(answer, retry_after_ms=wait_ms, detail=detail)

    @_answer.register
    def _(self, result: LookupAnswer, business: BusinessId, lookup: Lookup) -> Answer:
        links, of_business = (
            check_answer(self._ownership, business, lookup.seen.id, found)
            for found in (result.links, result.business_links)
        )
        refusals = dict.fromkeys((*links.refusals, *of_business.refusals))
        return replace(
            self._blank(business, lookup, Outcome.ANSWERED),
            links=links.links,
            business_links=of_business.links,
            refusals=tuple(refusals),
            is_whole=result.is_whole,
            token=result.token,
        )

    def _holds(self, answers: Sequence[Answer]) -> tuple[Hold, ...]:
        holds = (self._policy.hold(answer) for answer in answers)
        return tuple({hold.key: hold for hold in holds if hold is not None}.values())


_OUTCOMES: tuple[tuple[type[GraphApiError], Outcome, str], ...] = (
    (PolicyHold, Outcome.HOLD, "policy-hold"),
    (LookupRefused, Outcome.GONE, "no-such-user"),
    (CredentialRefused, Outcome.CREDENTIAL, "credential-refused"),
    (PermissionDenied, Outcome.CREDENTIAL, "permission-denied"),
    (ConfigurationFault, Outcome.CREDENTIAL, "configuration"),
    (Throttled, Outcome.RETRY, "throttled"),
)


def _is_call(result: LookupAnswer | GraphApiError) -> bool:
    """Say whether the platform had a part in *result*.

    Where nothing of what is wanted can be asked about an id, or it is no id that the
    platform gives out, the client answers by itself.
    """
    if isinstance(result, LookupAnswer):
        return result.requests > 0
    is_refused = isinstance(result, LookupRefused)
    return not is_refused or result.facts.http_status is not None


def _probed(hold: Hold | None, said: Heard | None) -> Hold | None:
    """Return the hold that an answer was a probe of.

    Only the platform can say that a business is free again. Of a token it matters too
    that there is none, or that it is not needed.
    """
    is_of_business = hold is not None and hold.asset is None
    return None if is_of_business and said is None else hold


def _outcome(error: GraphApiError) -> tuple[Outcome, str]:
    for kind, outcome, detail in _OUTCOMES:
        if isinstance(error, kind):
            return outcome, detail
    return Outcome.RETRY, "failed-in-passing"
