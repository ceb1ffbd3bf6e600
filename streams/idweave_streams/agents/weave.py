"""The evidence log in, identities out: the only writer of each business's graph."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from idweave_graph.effects import (
    DropPerson,
    Emit,
    GraphEffect,
    PutAsset,
    PutMember,
    PutPerson,
    PutRefusal,
)
from idweave_graph.ids import ScopedId
from idweave_graph.messages import LogMessage
from idweave_graph.weave import handle
from idweave_streams.agents.resolve import UNREADABLE
from idweave_streams.codecs import UnreadableRecordError, decode_log
from idweave_streams.dead_letters import dead_letter
from idweave_streams.outputs import (
    alias_output,
    event_outputs,
    person_output,
    person_tombstone,
)
from idweave_streams.reliable import Record, Unit
from idweave_streams.tables import (
    GraphTable,
    drop_person,
    put_asset,
    put_member,
    put_person,
    put_refusal,
)
from idweave_streams.topics import TopicNames

STAGE = "weave"


@dataclass(frozen=True, slots=True)
class Weave:
    """Handles records of the evidence topic."""

    names: TopicNames

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
        names = self.names
        match effect:
            case PutPerson(person):
                unit.send(person_output(names, person))
            case DropPerson(_, person_id):
                unit.send(person_tombstone(names, person_id))
            case PutMember(business, ScopedId() as scoped, person_id, generation):
                alias = alias_output(names, business, scoped, person_id, generation)
                unit.send(alias)
            case Emit(event):
                for output in event_outputs(names, event):
                    unit.send(output)


def _write(unit: Unit, effect: GraphEffect) -> None:
    match effect:
        case PutPerson(person):
            put_person(unit, person)
        case DropPerson(business, person_id):
            drop_person(unit, business, person_id)
        case PutMember(business, member, person_id, _):
            put_member(unit, business, member, person_id)
        case PutAsset(business, asset, epoch):
            put_asset(unit, business, asset, epoch)
        case PutRefusal(business, refusal):
            put_refusal(unit, business, refusal)
