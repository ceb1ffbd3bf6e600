"""Sightings and answers in, evidence out: each scoped id is asked about once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from idweave_adapters.erasure_key import ErasureKey
from idweave_graph.effects import (
    DropErased,
    DropLookup,
    LookupEffect,
    PutErased,
    PutErasedAsset,
    PutHold,
    PutLookup,
    Tell,
    TellReceipt,
)
from idweave_graph.lookups import Lookup, LookupPhase
from idweave_graph.messages import LogMessage
from idweave_graph.resolve import LookupPolicy, ResolveMessage, handle
from idweave_streams.codecs import (
    UnreadableRecordError,
    decode_answers,
    decode_sightings,
    encode_hold,
    encode_log,
)
from idweave_streams.dead_letters import dead_letter
from idweave_streams.erasures import (
    NOWHERE,
    drop_erased,
    put_erased,
    put_erased_asset,
)
from idweave_streams.outputs import hold_outputs, receipt_output
from idweave_streams.packing import Packer
from idweave_streams.reliable import Output, Record, Unit
from idweave_streams.tables import LookupTable, drop_lookup, put_lookup
from idweave_streams.topics import TopicNames

STAGE = "resolve"
UNREADABLE = "internal-record"
"""Dead-letter code: a record of an internal topic that idweave did not write."""


@dataclass(frozen=True, slots=True)
class Resolve:
    """Handles records of the sightings and answers topics."""

    names: TopicNames
    policy: LookupPolicy
    changed: Callable[[int, Lookup, Lookup | None], None]
    """Told of each lookup that was written: partition, after, before."""
    key: ErasureKey | None = field(default=None, repr=False)
    """Under which erasures are remembered; None: none is."""

    def handle(self, unit: Unit, records: Sequence[Record]) -> None:
        """Carry out what *records* change and prove, in order."""
        run = _Run(self, unit, LookupTable(unit, self.key, {}))
        for record in records:
            for message in self._messages(unit, record):
                run.carry_out(handle(run.state, message, policy=self.policy))
        run.finish()

    def _messages(self, unit: Unit, record: Record) -> Sequence[ResolveMessage]:
        try:
            if record.topic == self.names.answers:
                return decode_answers(record.value)
            return decode_sightings(record.value)
        except UnreadableRecordError:
            topic = self.names.dead_letters
            unit.send(dead_letter(topic, record, stage=STAGE, code=UNREADABLE))
            return ()


@dataclass(frozen=True, slots=True)
class _Run:
    stage: Resolve
    unit: Unit
    state: LookupTable
    log: Packer[str, LogMessage] = field(default_factory=Packer)

    def carry_out(self, effects: Iterable[LookupEffect]) -> None:
        for effect in effects:
            match effect:
                case PutLookup(lookup, before):
                    put_lookup(self.unit, lookup, before)
                    partition, changed = self.unit.partition, self.stage.changed
                    self.unit.afterwards(partial(changed, partition, lookup, before))
                case Tell(message):
                    self.log.add(message.business, message)
                case DropLookup(lookup):
                    self._drop(lookup)
                case TellReceipt(receipt):
                    self.unit.send(receipt_output(self.stage.names, receipt))
                case PutHold(hold):
                    names = self.stage.names
                    for output in hold_outputs(names, hold, encode_hold(hold)):
                        self.unit.send(output)
                case _:
                    self._remember(effect)

    def _remember(self, effect: PutErased | DropErased | PutErasedAsset) -> None:
        match effect:
            case PutErased(_, scoped, erased, before):
                memory = (erased, before)
                put_erased(self.unit, self.stage.key, NOWHERE, scoped, memory)
            case DropErased(_, by_ms):
                drop_erased(self.unit, NOWHERE, by_ms)
            case PutErasedAsset(asset, erased):
                put_erased_asset(self.unit, asset, erased)
                if self.state.assets is not None:
                    self.state.assets.clear()

    def _drop(self, lookup: Lookup) -> None:
        drop_lookup(self.unit, lookup)
        closed = replace(lookup, phase=LookupPhase.FAILED)  # to whoever asks it
        partition, changed = self.unit.partition, self.stage.changed
        self.unit.afterwards(partial(changed, partition, closed, lookup))

    def finish(self) -> None:
        for business, value in self.log.records(encode_log):
            evidence = self.stage.names.evidence
            self.unit.send(Output(evidence, business.encode(), value))
