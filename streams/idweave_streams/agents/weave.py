"""The evidence log in, identities out: the only writer of each business's graph."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from idweave_graph.effects import (
    DropMember,
    DropPerson,
    Emit,
    Forget,
    GraphEffect,
    PutAsset,
    PutBans,
    PutDecisions,
    PutMember,
    PutPerson,
    PutReceipt,
    PutRefusal,
    PutWithdrawals,
    Tell,
)
from idweave_graph.ids import ScopedId
from idweave_graph.messages import LogMessage
from idweave_graph.weave import handle
from idweave_streams.agents.resolve import UNREADABLE
from idweave_streams.codecs import (
    UnreadableRecordError,
    decode_log,
    encode_log,
    encode_sightings,
)
from idweave_streams.dead_letters import dead_letter
from idweave_streams.outputs import (
    alias_output,
    alias_tombstone,
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

    def handle(self, unit: Unit, records: Sequence[Record]) -> None:
        """Carry out what *records* change, in order."""
        for record in records:
            for message in self._messages(unit, record):
                for effect in handle(GraphTable(unit), message):
                    _write(unit, effect)
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
            case PutReceipt(_, receipt):
                return [receipt_output(self.names, receipt)]
            case _:
                return _kept(self.names, effect)


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


def _write(unit: Unit, effect: GraphEffect) -> None:
    match effect:
        case PutPerson(person):
            put_person(unit, person)
        case DropPerson(business, person_id):
            drop_person(unit, business, person_id)
        case PutMember(business, member, person_id, _):
            put_member(unit, business, member, person_id)
        case DropMember(business, member):
            drop_member(unit, business, member)
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
