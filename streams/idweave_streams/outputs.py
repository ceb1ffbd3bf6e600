"""From identity events to records of the output topics.

Events are CloudEvents in Kafka's binary mode: attributes in headers, data in the
value. Their id is a hash of what happened, so a repeated event can be told.
"""

from datetime import UTC, datetime

import orjson

from idweave_graph.documents import (
    alias_document,
    alias_key,
    erasure_document,
    event_document,
    hold_document,
    person_document,
    receipt_document,
)
from idweave_graph.erasures import ErasureRecord
from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.holds import Hold
from idweave_graph.ids import BusinessId, ScopedId
from idweave_graph.messages import Receipt
from idweave_graph.person import Person, PersonId
from idweave_streams.reliable import Output
from idweave_streams.topics import TopicNames

POLICY_EVENTS = (
    EventType.REFUSED,
    EventType.QUARANTINED,
    EventType.BANNED,
    EventType.UNBANNED,
    EventType.DECIDED,
)
"""Events that also go to the policy topic."""


def event_outputs(names: TopicNames, event: IdentityEvent) -> list[Output]:
    """Return the records that tell of *event*."""
    value = orjson.dumps(event_document(event))
    headers = _cloud_event(event)
    outputs = [Output(names.events, event.key.encode(), value, headers=headers)]
    if event.type in POLICY_EVENTS:
        outputs.append(
            Output(names.policy, event.business.encode(), value, headers=headers)
        )
    return outputs


def _cloud_event(event: IdentityEvent) -> tuple[tuple[str, bytes], ...]:
    time = datetime.fromtimestamp(event.at_ms / 1000, UTC)
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": event.id,
        "ce_type": f"idweave.identity.{event.type}.v1",
        "ce_source": "/idweave/weave",
        "ce_subject": event.key,
        "ce_time": time.isoformat(timespec="milliseconds"),
        "content-type": "application/json",
    }
    return tuple((name, text.encode()) for name, text in attributes.items())


def person_output(names: TopicNames, person: Person) -> Output:
    """Return the record that holds the whole person."""
    value = orjson.dumps(person_document(person))
    return Output(names.persons, person.id.encode(), value)


def person_tombstone(names: TopicNames, person: PersonId) -> Output:
    """Return the record that takes a person away who has ended."""
    return Output(names.persons, person.encode(), None)


def alias_output(
    names: TopicNames,
    business: BusinessId,
    scoped: ScopedId,
    person: PersonId,
    generation: int,
) -> Output:
    """Return the record that says whose id *scoped* is."""
    value = orjson.dumps(alias_document(business, scoped, person, generation))
    return Output(names.aliases, alias_key(business, scoped).encode(), value)


def alias_tombstone(
    names: TopicNames, business: BusinessId, scoped: ScopedId
) -> Output:
    """Return the record that says that *scoped* is nobody's."""
    return Output(names.aliases, alias_key(business, scoped).encode(), None)


def receipt_output(names: TopicNames, receipt: Receipt) -> Output:
    """Return the record that says that a request is carried out."""
    value = orjson.dumps(receipt_document(receipt))
    return Output(names.receipts, receipt.code.encode(), value)


def erasure_output(
    names: TopicNames, record: ErasureRecord, subject: str | None
) -> Output:
    """Return the record that tells the audit of an erasure; *subject* is a keyed hash."""
    value = orjson.dumps(erasure_document(record, subject))
    return Output(names.policy, record.business.encode(), value)


def hold_outputs(names: TopicNames, hold: Hold, encoded: bytes) -> list[Output]:
    """Return the records that make a hold known: to the workers and to people."""
    document = orjson.dumps(hold_document(hold))
    return [
        Output(names.holds, hold.key.encode(), encoded),
        Output(names.policy, hold.business.encode(), document),
    ]
