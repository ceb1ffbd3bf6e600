"""The public form of what is sent out: plain dictionaries, as the schemas describe.

Nothing here is read back by idweave, so a field may be added at any time; taking one
away or changing its meaning is a new version of the topic.
"""

from typing import Any

from idweave_graph.bans import Ban
from idweave_graph.decisions import Decision
from idweave_graph.erasures import ErasureRecord
from idweave_graph.events import IdentityEvent
from idweave_graph.evidence import Cause, Evidence
from idweave_graph.holds import Hold
from idweave_graph.ids import (
    Asset,
    BusinessId,
    BusinessToken,
    LinkingCode,
    Member,
    ScopedId,
)
from idweave_graph.messages import Receipt, Refusal
from idweave_graph.person import Person, PersonId

Document = dict[str, Any]
"""A JSON object."""


def event_document(event: IdentityEvent) -> Document:
    """`identity.events.v1`: one fact, with the whole person it is about."""
    document: Document = {
        "id": event.id,
        "type": event.type,
        "business": event.business,
        "at_ms": event.at_ms,
        "reason": event.reason,
        "cause": _cause(event.cause),
        "evidence": [evidence_document(proof) for proof in event.proofs],
    }
    if event.person is not None:
        document["person"] = person_document(event.person)
    elif event.about is not None:
        document["about"] = event.about
    if event.other is not None:
        document["other"] = event.other
    if event.refusal is not None:
        document["refusal"] = _refusal(event.refusal)
    if event.ownership is not None:
        document["ownership"] = {
            "asset": _asset(event.ownership.asset),
            "epoch": event.ownership.epoch,
            "owned": event.ownership.owned,
        }
    if event.bans:
        document["bans"] = [ban_document(ban) for ban in event.bans]
    if event.decisions:
        document["decisions"] = [decision_document(each) for each in event.decisions]
    return document


def person_document(person: Person) -> Document:
    """`identity.persons.v1`: the whole person."""
    return {
        "id": person.id,
        "business": person.business,
        "generation": person.generation,
        "members": [
            {**_member(member), "first_seen_ms": seen}
            for member, seen in person.members.items()
        ],
        "absorbed": list(person.absorbed),
        "evidence": [evidence_document(proof) for proof in person.evidence],
        "quarantined": [evidence_document(proof) for proof in person.quarantined],
    }


def alias_key(business: BusinessId, scoped: ScopedId) -> str:
    """`identity.aliases.v1`, key: `<business>/app:<app>:<user>`, or `page:`."""
    return f"{business}/{scoped}"


def alias_document(
    business: BusinessId, scoped: ScopedId, person: PersonId, generation: int
) -> Document:
    """`identity.aliases.v1`: whose id this is."""
    return {
        "business": business,
        **_member(scoped),
        "person": person,
        "generation": generation,
    }


def receipt_document(receipt: Receipt) -> Document:
    """`idweave.receipts.v1`: a request is carried out."""
    return {
        "receipt": receipt.code,
        "state": "done",
        "at_ms": receipt.at_ms,
        "ids": receipt.ids,
    }


def hold_document(hold: Hold) -> Document:
    """`identity.policy.v1`: a business is held, or free again."""
    return {
        "type": "held" if hold.held else "released",
        "business": hold.business,
        "asset": None if hold.asset is None else _asset(hold.asset),
        "since_ms": hold.since_ms,
        "at_ms": hold.at_ms,
        "reason": hold.reason,
        "probe_ms": hold.probe_ms,
    }


def erasure_document(record: ErasureRecord, subject: str | None) -> Document:
    """`identity.policy.v1`: ids were forgotten; *subject* is a keyed hash, or nothing."""
    asset = record.subject if isinstance(record.subject, Asset) else None
    kind = "erase-person" if record.whole_person else "erase-id"
    return {
        "type": "erasure",
        "id": record.id,
        "business": record.business,
        "what": kind if asset is None else "erase-asset",
        "asset": None if asset is None else _asset(asset),
        "subject": subject,
        "at_ms": record.at_ms,
        "ids": record.ids,
        "reason": record.reason,
        "receipt": record.receipt or None,
        "cause": _cause(record.cause),
    }


def _member(member: Member) -> Document:
    if isinstance(member, BusinessToken):
        return {"kind": "token", "value": member.value}
    if isinstance(member, LinkingCode):
        return {"kind": "code", "value": member.digest}
    return {
        "kind": member.asset.kind,
        "asset": member.asset.id,
        "value": member.user,
    }


def _asset(asset: Asset) -> Document:
    return {"kind": asset.kind, "id": asset.id}


def _cause(cause: Cause) -> Document:
    return {
        "topic": cause.topic,
        "partition": cause.partition,
        "offset": cause.offset,
    }


def evidence_document(proof: Evidence) -> Document:
    """One proof, as events and persons tell it."""
    return {
        "kind": proof.kind,
        "a": str(proof.a),
        "b": str(proof.b),
        "at_ms": proof.at_ms,
        "epochs": [proof.epoch_a, proof.epoch_b],
        "cause": _cause(proof.cause),
    }


def _refusal(refusal: Refusal) -> Document:
    return {
        "reason": refusal.reason,
        "subject": _member(refusal.subject),
        "other": _asset(refusal.other),
    }


def decision_document(told: Decision) -> Document:
    """What was decided about two members, as events tell it."""
    return {
        "a": str(told.a),
        "b": str(told.b),
        "epochs": [told.epoch_a, told.epoch_b],
        "verdict": told.verdict,
        "at_ms": told.at_ms,
        "author": told.author,
        "reason": told.reason,
        "cause": _cause(told.cause),
    }


def ban_document(ban: Ban) -> Document:
    """What was said about whether two ids may be one person, as events tell it."""
    return {
        "a": str(ban.a.id),
        "b": str(ban.b.id),
        "at_ms": ban.at_ms,
        "author": ban.author,
        "reason": ban.reason,
        "lifted": ban.is_lifted,
        "cause": _cause(ban.cause),
    }
