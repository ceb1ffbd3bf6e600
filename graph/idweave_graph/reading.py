"""From the public form back to values, for whoever reads the output topics.

The counterpart of `documents`. Fields that are not known are passed over, as every
reader of the topics should. What a person keeps for idweave alone is not in the public
form, so `presence` and `titles` are empty, and a ban's epochs are 0.
"""

from idweave_graph.bans import Ban
from idweave_graph.decisions import Decision, Verdict
from idweave_graph.documents import Document
from idweave_graph.events import EventType, IdentityEvent, OwnershipChange
from idweave_graph.evidence import Cause, Evidence, EvidenceKind
from idweave_graph.ids import (
    Asset,
    AssetKind,
    BusinessToken,
    LinkingCode,
    Member,
    ScopedId,
    business_id,
    member,
)
from idweave_graph.messages import Refusal, RefusalReason
from idweave_graph.ownership import OwnedId
from idweave_graph.person import Person, PersonId


class UnreadableDocumentError(ValueError):
    """The document is not as its schema says; a newer idweave may have written it.

    Its content is not repeated here, because it holds people's ids.
    """


_FAULTS = (ValueError, TypeError, KeyError, AttributeError)


def read_person(document: Document) -> Person:
    """Read a value of `identity.persons.v1`.

    Raises:
        UnreadableDocumentError: it is not as `person.v1.json` describes it.
    """
    try:
        return _person(document)
    except _FAULTS:  # cut off: its text may quote the content
        msg = "a person is not as person.v1.json describes it"
        raise UnreadableDocumentError(msg) from None


def read_event(document: Document) -> IdentityEvent | None:
    """Read a value of `identity.events.v1`; None where its type is not known here.

    Raises:
        UnreadableDocumentError: it is not as `event.v1.json` describes it.
    """
    try:
        if document["type"] not in set(EventType):
            return None
        return _event(document)
    except _FAULTS:
        msg = "an event is not as event.v1.json describes it"
        raise UnreadableDocumentError(msg) from None


def _event(document: Document) -> IdentityEvent:
    person = document.get("person")
    about, other = document.get("about"), document.get("other")
    refusal, ownership = document.get("refusal"), document.get("ownership")
    return IdentityEvent(
        id=str(document["id"]),
        type=EventType(document["type"]),
        business=business_id(document["business"]),
        at_ms=int(document["at_ms"]),
        cause=_cause(document["cause"]),
        reason=str(document["reason"]),
        person=None if person is None else _person(person),
        proofs=tuple(map(_evidence, document["evidence"])),
        about=None if about is None else PersonId(about),
        other=None if other is None else PersonId(other),
        refusal=None if refusal is None else _refusal(refusal),
        ownership=None if ownership is None else _ownership(ownership),
        bans=tuple(map(_ban, document.get("bans", ()))),
        decisions=tuple(map(_decision, document.get("decisions", ()))),
    )


def _person(document: Document) -> Person:
    return Person(
        business=business_id(document["business"]),
        id=PersonId(document["id"]),
        generation=int(document["generation"]),
        members={_member(m): int(m["first_seen_ms"]) for m in document["members"]},
        evidence=tuple(map(_evidence, document["evidence"])),
        quarantined=tuple(map(_evidence, document["quarantined"])),
        absorbed=tuple(map(PersonId, document["absorbed"])),
    )


def _refusal(document: Document) -> Refusal:
    reason = RefusalReason(document["reason"])
    subject = document["subject"]
    user = ScopedId(
        Asset(AssetKind(subject["kind"]), subject["asset"]), subject["value"]
    )
    return Refusal(reason, user, _asset(document["other"]))


def _ownership(document: Document) -> OwnershipChange:
    owned = bool(document["owned"])
    return OwnershipChange(_asset(document["asset"]), int(document["epoch"]), owned)


def _ban(document: Document) -> Ban:
    one, two = member(document["a"]), member(document["b"])
    if not (isinstance(one, ScopedId) and isinstance(two, ScopedId)):
        msg = "a ban is about two scoped ids"
        raise TypeError(msg)
    return Ban(
        a=OwnedId(one, 0),  # under which epochs it was said is not told
        b=OwnedId(two, 0),
        at_ms=int(document["at_ms"]),
        author=str(document["author"]),
        reason=str(document["reason"]),
        cause=_cause(document["cause"]),
        is_lifted=bool(document["lifted"]),
    )


def _decision(document: Document) -> Decision:
    epoch_a, epoch_b = document["epochs"]
    return Decision(
        a=member(document["a"]),
        b=member(document["b"]),
        epoch_a=int(epoch_a),
        epoch_b=int(epoch_b),
        verdict=Verdict(document["verdict"]),
        at_ms=int(document["at_ms"]),
        author=str(document["author"]),
        reason=str(document["reason"]),
        cause=_cause(document["cause"]),
    )


def _member(document: Document) -> Member:
    kind, value = document["kind"], document["value"]
    if kind == "token":
        return BusinessToken(value)
    if kind == "code":
        return LinkingCode(value)
    return ScopedId(Asset(AssetKind(kind), document["asset"]), value)


def _asset(document: Document) -> Asset:
    return Asset(AssetKind(document["kind"]), document["id"])


def _cause(document: Document) -> Cause:
    topic, partition, offset = (document[n] for n in ("topic", "partition", "offset"))
    return Cause(str(topic), int(partition), int(offset))


def _evidence(document: Document) -> Evidence:
    epoch_a, epoch_b = document["epochs"]
    return Evidence(
        kind=EvidenceKind(document["kind"]),
        a=member(document["a"]),
        b=member(document["b"]),
        at_ms=int(document["at_ms"]),
        epoch_a=int(epoch_a),
        epoch_b=int(epoch_b),
        cause=_cause(document["cause"]),
    )
