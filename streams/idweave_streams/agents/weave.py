"""The evidence log in, identities out: the only writer of each business's graph."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from idweave_adapters.erasure_key import ErasureKey
from idweave_graph.effects import (
    DropErased,
    DropMember,
    DropPerson,
    Emit,
    Forget,
    ForgetAsset,
    GraphEffect,
    PutAsset,
    PutBans,
    PutDecisions,
    PutErased,
    PutMember,
    PutPerson,
    PutReceipt,
    PutRefusal,
    PutWithdrawals,
    Tell,
    TellErasure,
)
from idweave_graph.erasures import ErasureRecord
from idweave_graph.ids import Asset, ScopedId
from idweave_graph.messages import AssetForgotten, LogMessage
from idweave_graph.weave import handle
from idweave_streams.agents.resolve import UNREADABLE
from idweave_streams.codecs import (
    UnreadableRecordError,
    decode_log,
    encode_log,
    encode_sightings,
)
from idweave_streams.dead_letters import dead_letter
from idweave_streams.erasures import audit_hash, drop_erased, put_erased
from idweave_streams.outputs import (
    alias_output,
    alias_tombstone,
    erasure_output,
    event_outputs,
    person_output,
    person_tombstone,
    receipt_output,
)
from idweave_streams.packing import partition_of
from idweave_streams.reliable import Output, Record, Unit
from idweave_streams.tables import (
    GraphTable,
    drop_member,
    drop_person,
    put_asset,
    put_bans,
    put_decisions,
    put_member,
    put_person,
    put_receipt,
    put_refusal,
    put_withdrawals,
)
from idweave_streams.topics import TopicNames

STAGE = "weave"


@dataclass(frozen=True, slots=True)
class Weave:
    """Handles records of the evidence topic."""

    names: TopicNames
    partitions: int
    key: ErasureKey | None = field(default=None, repr=False)
    """Under which erasures are remembered; None: none is."""

    def handle(self, unit: Unit, records: Sequence[Record]) -> None:
        """Carry out what *records* change, in order."""
        for record in records:
            for message in self._messages(unit, record):
                for effect in handle(GraphTable(unit, self.key), message):
                    _write(unit, self.key, effect)
                    self._tell(unit, effect)

    def _messages(self, unit: Unit, record: Record) -> Iterable[LogMessage]:
        try:
            return decode_log(record.value)
        except UnreadableRecordError:
            topic = self.names.dead_letters
            unit.send(dead_letter(topic, record, stage=STAGE, code=UNREADABLE))
            return ()

    def _tell(self, unit: Unit, effect: GraphEffect) -> None:
        for output in self._outputs(effect):
            unit.send(output)

    def _outputs(self, effect: GraphEffect) -> list[Output]:
        match effect:
            case Emit(event):
                return event_outputs(self.names, event)
            case Tell(message):
                key, value = message.business.encode(), encode_log([message])
                return [Output(self.names.evidence, key, value)]
            case Forget(message):
                partition = partition_of(str(message.id), self.partitions)
                value, topic = encode_sightings([message]), self.names.sightings
                return [Output(topic, None, value, partition=partition)]
            case ForgetAsset(message):
                return self._everywhere(message)
            case PutReceipt() | TellErasure():
                return [self._done(effect)]
            case _:
                return _kept(self.names, effect)

    def _done(self, effect: PutReceipt | TellErasure) -> Output:
        match effect:
            case PutReceipt(_, receipt):
                return receipt_output(self.names, receipt)
            case TellErasure(record):
                return erasure_output(self.names, record, self._hash(record))

    def _everywhere(self, message: AssetForgotten) -> list[Output]:
        topic, value = self.names.sightings, encode_sightings([message])
        return [
            Output(topic, None, value, partition=partition)
            for partition in range(self.partitions)
        ]

    def _hash(self, record: ErasureRecord) -> str | None:
        """Return what the audit calls whom it was about, if there is a key."""
        if self.key is None or isinstance(record.subject, Asset):
            return None
        return audit_hash(self.key, record.business, record.subject)


def _kept(names: TopicNames, effect: GraphEffect) -> list[Output]:
    """Return the records of the compacted topics that say how things are now."""
    match effect:
        case PutPerson(person):
            return [person_output(names, person)]
        case DropPerson(_, person_id):
            return [person_tombstone(names, person_id)]
        case PutMember(business, ScopedId() as scoped, person_id, generation):
            return [alias_output(names, business, scoped, person_id, generation)]
        case DropMember(business, ScopedId() as scoped):
            return [alias_tombstone(names, business, scoped)]
        case _:
            return []


def _write(unit: Unit, key: ErasureKey | None, effect: GraphEffect) -> None:
    match effect:
        case PutPerson(person):
            put_person(unit, person)
        case DropPerson(business, person_id):
            drop_person(unit, business, person_id)
        case PutMember(business, member, person_id, _):
            put_member(unit, business, member, person_id)
        case DropMember(business, member):
            drop_member(unit, business, member)
        case PutErased(business, scoped, erased, before):
            put_erased(unit, key, business, scoped, (erased, before))
        case DropErased(business, by_ms):
            drop_erased(unit, business, by_ms)
        case _:
            _remember(unit, effect)


def _remember(unit: Unit, effect: GraphEffect) -> None:
    match effect:
        case PutAsset(business, asset, epoch):
            put_asset(unit, business, asset, epoch)
        case PutRefusal(business, refusal):
            put_refusal(unit, business, refusal)
        case PutWithdrawals(business, withdrawals):
            put_withdrawals(unit, business, withdrawals)
        case PutBans(business, scoped, bans):
            put_bans(unit, business, scoped, bans)
        case PutDecisions(business, member, decisions):
            put_decisions(unit, business, member, decisions)
        case PutReceipt(business, receipt):
            put_receipt(unit, business, receipt)
