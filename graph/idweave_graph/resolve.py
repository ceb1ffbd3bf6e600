"""The life of a lookup: what a sighting or an answer changes, and what it proves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from idweave_graph.effects import LookupEffect, PutHold, PutLookup, Tell
from idweave_graph.evidence import Cause, Evidence, EvidenceKind, evidence
from idweave_graph.holds import Hold
from idweave_graph.ids import AssetKind, BusinessToken, LinkingCode
from idweave_graph.linking import linked
from idweave_graph.lookups import LONGEST_RETRY_MS, Lookup, LookupPhase, retry_delay_ms
from idweave_graph.messages import (
    Answer,
    AssetForgotten,
    BanCommand,
    Banned,
    Command,
    Decided,
    DecisionCommand,
    Forgotten,
    Outcome,
    Proved,
    Refused,
    Sighted,
    Sighting,
    Unlinked,
)
from idweave_graph.ownership import OwnedId
from idweave_graph.ports import LookupState
from idweave_graph.takeback import (
    commanded,
    forgotten,
    is_authorized_again,
    is_old_news,
    is_outlived,
)

HOUR_MS = 3_600_000
PROBE_AGAIN_MS = 60_000
"""The waits that the platform itself tells are whole minutes."""

LINK_KIND = {
    AssetKind.APP: EvidenceKind.IDS_FOR_APPS,
    AssetKind.PAGE: EvidenceKind.IDS_FOR_PAGES,
}


_ENDS: Mapping[bool, tuple[Outcome, ...]] = {
    True: (Outcome.ANSWERED, Outcome.GONE),
    False: (Outcome.ANSWERED, Outcome.GONE, Outcome.FORBIDDEN),
}
"""What ends the hold of a business, and of a token."""


@dataclass(frozen=True, slots=True)
class LookupPolicy:
    """How long things are waited for and believed."""

    empty_life_ms: int = 24 * HOUR_MS
    """An answer that is empty, or lacks an edge, says what is known now: the next
    sighting after this asks anew."""
    credential_retry_ms: int = HOUR_MS // 6
    """After how long a refused or missing credential is tried again, at first."""
    first_probe_ms: int = 48 * HOUR_MS
    """Meta's review takes about 48 hours (Mapping Users Across Apps and Pages)."""
    next_probe_ms: int = 6 * HOUR_MS
    """How long after a probe in vain the next one may come, at most."""

    @property
    def probe_again_ms(self) -> int:
        """How long a hold is left alone after a probe that settled nothing."""
        return min(PROBE_AGAIN_MS, self.next_probe_ms)

    def hold(self, answer: Answer) -> Hold | None:
        """Return the hold that *answer* puts on its business or token, if it does.

        One that is in force and was probed in vain goes on, and the next probe is
        further away.
        """
        if answer.outcome not in (Outcome.HOLD, Outcome.CREDENTIAL):
            return None
        is_business = answer.outcome is Outcome.HOLD
        asset = None if is_business else answer.asked.id.asset
        first_ms = self.first_probe_ms if is_business else self.credential_retry_ms
        since_ms, wait_ms = answer.at_ms, first_ms
        if answer.probed is not None and answer.probed.asset == asset:
            since_ms = min(answer.probed.since_ms, answer.at_ms)
            # Not as long for a token: it may be this one id that it was refused for.
            longest_ms = LONGEST_RETRY_MS if asset else self.next_probe_ms
            most_ms = min(longest_ms, self.next_probe_ms)
            wait_ms = max(min(first_ms, most_ms), min(answer.at_ms - since_ms, most_ms))
        return Hold(
            business=answer.business,
            held=True,
            since_ms=since_ms,
            at_ms=answer.at_ms,
            probe_ms=answer.at_ms + wait_ms,
            reason=answer.detail,
            asset=asset,
        )

    def release(self, answer: Answer) -> Hold | None:
        """Return the end of the hold that *answer* was a probe of, if it ends it.

        The platform has really answered; or the token is not the asset's any more,
        so that there is nothing left to hold.
        """
        hold = answer.probed
        if hold is None or answer.outcome not in _ENDS[hold.asset is None]:
            return None
        return replace(hold, held=False, at_ms=answer.at_ms, reason=answer.detail)


ResolveMessage = (
    Sighting
    | Command
    | BanCommand
    | DecisionCommand
    | Forgotten
    | AssetForgotten
    | Answer
)
"""What a lookup can be told of."""


def handle(
    state: LookupState, message: ResolveMessage, *, policy: LookupPolicy
) -> list[LookupEffect]:
    """Return what *message* changes and proves; repeating it changes no lookup."""
    match message:
        case Sighting():
            return _sighted(state, message, policy)
        case Command():
            return commanded(state, message)
        case BanCommand():
            return [Tell(_banned(message))]
        case DecisionCommand():
            return [Tell(_decided(message))]
        case Forgotten() | AssetForgotten():
            return forgotten(state, message)
        case Answer():
            return _answered(state.lookup(message.asked.id), message, policy)


def _banned(command: BanCommand) -> Banned:
    """A ban asks for no lookup and ends none; it only keeps its place among them."""
    return Banned(
        business=command.business,
        one=command.seen,
        two=command.other,
        is_lifted=command.is_lifted,
        author=command.author,
        reason=command.reason,
        at_ms=command.at_ms,
        cause=command.cause,
    )


def _decided(command: DecisionCommand) -> Decided:
    """A decision, as a ban, is nothing that a lookup has to do with."""
    seen, other = (command.seen.id, command.seen.epoch), command.other
    (a, epoch_a), (b, epoch_b) = sorted(
        (seen, (other, command.other_epoch)), key=lambda end: str(end[0])
    )
    return Decided(
        business=command.business,
        a=a,
        b=b,
        epoch_a=epoch_a,
        epoch_b=epoch_b,
        verdict=command.verdict,
        author=command.author,
        reason=command.reason,
        at_ms=command.at_ms,
        cause=command.cause,
    )


def _sighted(
    state: LookupState, sighting: Sighting, policy: LookupPolicy
) -> list[LookupEffect]:
    before = state.lookup(sighting.seen.id)
    if is_old_news(state, before, sighting):
        return []
    standing = None if is_outlived(state, before, sighting) else before
    after = _after_sighting(standing, sighting, policy)
    if after == before:
        return []
    effects: list[LookupEffect] = [PutLookup(after, before)]
    known = standing if standing is not None and standing.seen == after.seen else None
    if known is None or after.first_seen_ms < known.first_seen_ms:
        seen = Sighted(sighting.business, sighting.seen, sighting.at_ms, sighting.cause)
        effects.append(Tell(seen))
    if after.token is not None and (known is None or after.token != known.token):
        effects.append(_proved(sighting, sighting.token_proof, after.token))
    if after.code is not None and (known is None or after.code != known.code):
        effects.append(_proved(sighting, EvidenceKind.ACCOUNT_LINKING, after.code))
    if known is not None and after.unlinked_ms > known.unlinked_ms:
        told = (sighting.business, sighting.seen.id, sighting.at_ms, sighting.cause)
        effects.append(Tell(Unlinked(*told)))
    return effects


def _proved(
    sighting: Sighting, kind: EvidenceKind, joint: BusinessToken | LinkingCode
) -> Tell:
    proof = _joint_proof(
        kind, sighting.seen, joint, at_ms=sighting.at_ms, cause=sighting.cause
    )
    return Tell(Proved(sighting.business, (proof,), sighting.at_ms, sighting.cause))


def _after_sighting(
    before: Lookup | None, sighting: Sighting, policy: LookupPolicy
) -> Lookup:
    if before is None or sighting.seen.epoch > before.seen.epoch:
        opened = Lookup(
            business=sighting.business,
            seen=sighting.seen,
            first_seen_ms=sighting.at_ms,
            cause=sighting.cause,
            phase=LookupPhase.PENDING,
            token=sighting.token,
        )
        return linked(opened, sighting)
    if (sighting.business, sighting.seen) != (before.business, before.seen):
        return before
    after = replace(
        linked(before, sighting),
        first_seen_ms=min(before.first_seen_ms, sighting.at_ms),
        token=sighting.token or before.token,
    )
    if _is_expired(before, sighting.at_ms, policy):
        due_ms = before.answered_ms + 1  # that answer, repeated, is not the next one
        return replace(after, phase=LookupPhase.PENDING, attempts=0, due_ms=due_ms)
    return after


def _is_expired(lookup: Lookup, now_ms: int, policy: LookupPolicy) -> bool:
    if lookup.is_open or lookup.is_final:
        return False
    is_old = now_ms >= lookup.answered_ms + policy.empty_life_ms
    return is_old or is_authorized_again(lookup, now_ms)


def _joint_proof(
    kind: EvidenceKind,
    seen: OwnedId,
    joint: BusinessToken | LinkingCode,
    *,
    at_ms: int,
    cause: Cause,
) -> Evidence:
    return evidence(kind, (seen.id, seen.epoch), (joint, 0), at_ms=at_ms, cause=cause)


def _answered(
    before: Lookup | None, answer: Answer, policy: LookupPolicy
) -> list[LookupEffect]:
    if before is None or not _is_awaited(before, answer):
        return []
    effects: list[LookupEffect] = [PutLookup(_after_answer(before, answer), before)]
    if proofs := tuple(_proofs(answer, before)):
        proved = Proved(answer.business, proofs, answer.at_ms, before.cause)
        effects.append(Tell(proved))
    if answer.refusals:
        refused = Refused(answer.business, answer.refusals, answer.at_ms, before.cause)
        effects.append(Tell(refused))
    if hold := policy.hold(answer) or policy.release(answer):
        effects.append(PutHold(hold))
    return effects


def _is_awaited(lookup: Lookup, answer: Answer) -> bool:
    """Say whether *answer* is the one: an earlier one that is repeated is not."""
    same = (lookup.business, lookup.seen) == (answer.business, answer.asked)
    return same and lookup.is_open and answer.at_ms >= lookup.due_ms


def _proofs(answer: Answer, before: Lookup) -> Iterator[Evidence]:
    for link in answer.links:
        yield from _link_proof(LINK_KIND[link.id.asset.kind], answer, link, before)
    for link in answer.business_links:
        yield from _link_proof(EvidenceKind.IDS_FOR_BUSINESS, answer, link, before)
    if answer.token is not None and answer.token != before.token:
        yield _joint_proof(
            EvidenceKind.TOKEN_FOR_BUSINESS,
            answer.asked,
            answer.token,
            at_ms=answer.at_ms,
            cause=before.cause,
        )


def _link_proof(
    kind: EvidenceKind, answer: Answer, link: OwnedId, before: Lookup
) -> Iterator[Evidence]:
    if link.id == answer.asked.id:
        return
    yield evidence(
        kind,
        (answer.asked.id, answer.asked.epoch),
        (link.id, link.epoch),
        at_ms=answer.at_ms,
        cause=before.cause,
    )


def _after_answer(before: Lookup, answer: Answer) -> Lookup:
    after = replace(
        before,
        phase=LookupPhase.PENDING,
        detail=answer.detail,
        token=answer.token or before.token,
    )
    match answer.outcome:
        case Outcome.ANSWERED:
            return _closed(after, LookupPhase.RESOLVED, answer)
        case Outcome.GONE | Outcome.FORBIDDEN:
            return _closed(after, LookupPhase.FAILED, answer)
        case Outcome.HOLD | Outcome.CREDENTIAL:
            after = replace(after, phase=LookupPhase.HELD)
            delay = 1  # the hold says when; until then this answer is not the next
        case Outcome.RETRY:
            backoff = retry_delay_ms(before.seen, before.attempts + 1)
            delay = max(backoff, answer.retry_after_ms)
        case _:
            assert_never(answer.outcome)
    return replace(after, attempts=before.attempts + 1, due_ms=answer.at_ms + delay)


def _closed(lookup: Lookup, phase: LookupPhase, answer: Answer) -> Lookup:
    return replace(
        lookup,
        phase=phase,
        attempts=0,
        due_ms=0,
        answered_ms=answer.at_ms,
        is_final=answer.is_whole and bool(answer.links or answer.business_links),
    )
