"""What must hold of decisions in a whole graph, checked from outside."""

from idweave_graph.banlist import bans_about
from idweave_graph.bans import barred
from idweave_graph.decisionlist import decisions_about
from idweave_graph.decisions import Decision, Verdict, favoured, in_force
from idweave_graph.derive import derive
from idweave_graph.evidence import Evidence
from idweave_graph.ids import BusinessId, Member
from idweave_graph.person import Person
from idweave_graph.ports import GraphState


def is_free_of_rejected(state: GraphState, person: Person) -> bool:
    """Say whether no proof that somebody has rejected counts or waits."""
    decisions = decisions_about(state, person.business, person.members)
    rejections = [each for each in decisions if each.verdict is Verdict.REJECT]
    return not any(
        rejection.covers(proof)
        for rejection in rejections
        for proof in (*person.evidence, *person.quarantined)
    )


def is_accepted_first(state: GraphState, person: Person) -> bool:
    """Say whether what was accepted waits only for what was accepted as well."""
    decisions = decisions_about(state, person.business, person.members)
    accepted = [each for each in decisions if each.verdict is Verdict.ACCEPT]
    if not accepted:
        return True
    return not any(
        any(each.covers(proof) for each in accepted) and _may_join(state, person, proof)
        for proof in person.quarantined
    )


def _may_join(state: GraphState, person: Person, proof: Evidence) -> bool:
    """Say whether an accepted *proof* in quarantine contradicts no accepted one."""
    owners = (owner_of(state, person.business, end) for end in (proof.a, proof.b))
    sides = {owner.id: owner for owner in owners if owner is not None}.values()
    grounds = {m: side.presence_of(m) for side in sides for m in side.members}
    decisions = decisions_about(state, person.business, grounds)
    pairs = favoured(decisions, grounds)
    held = (p for side in sides for p in side.evidence if (p.a, p.b) in pairs)
    bans = barred(bans_about(state, person.business, grounds), grounds)
    derived = derive(grounds, [*held, proof], bans, pairs)
    return proof in derived.accepted


def is_decided(state: GraphState, person: Person) -> bool:
    """Say whether both ends know what was decided, and keep only what is rejected."""
    if not state.withdrawals(person.business).has_decisions:
        return True
    told = (d for m in person.members for d in state.decisions_of(person.business, m))
    return all(_is_well_kept(state, person.business, each) for each in told)


def _is_well_kept(state: GraphState, business: BusinessId, told: Decision) -> bool:
    listed = [state.decisions_of(business, end) for end in told.pair]
    is_over = told not in in_force(listed[0])
    return (
        all(told in known for known in listed)
        and all(told.covers(proof) for proof in told.kept)
        and not (told.kept and (is_over or told.verdict is not Verdict.REJECT))
    )


def owner_of(state: GraphState, business: BusinessId, end: Member) -> Person | None:
    """Return the person of *end*."""
    name = state.person_of(business, end)
    return None if name is None else state.person(business, name)
