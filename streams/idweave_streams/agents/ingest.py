"""Events and commands in, sightings and commands out.

Decodes, checks the boundary, and spreads by scoped id, so that a command stays in order
with the sightings of its id from here on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from idweave_adapters.ban_commands import RequestedBan
from idweave_adapters.commands import decode_command
from idweave_adapters.decision_commands import RequestedDecision
from idweave_adapters.erase_commands import RequestedAssetErasure
from idweave_adapters.errors import UnreadableError
from idweave_adapters.fields import EARLIEST_MS
from idweave_adapters.logins import decode_login
from idweave_adapters.observations import DeadLetterCode, Decoded, Observation
from idweave_adapters.webhooks import decode_webhook
from idweave_graph.boundary import admit
from idweave_graph.evidence import Cause, EvidenceKind
from idweave_graph.ids import Asset
from idweave_graph.messages import (
    BanCommand,
    Command,
    DecisionCommand,
    EraseAsset,
    Sighting,
)
from idweave_graph.ownership import OwnershipView
from idweave_streams.agents.attribution import (
    attributed,
    attributed_asset,
    attributed_ban,
    attributed_decision,
)
from idweave_streams.codecs import encode_log, encode_sightings
from idweave_streams.dead_letters import dead_letter
from idweave_streams.packing import Packer, partition_of
from idweave_streams.reliable import Output, Record, Unit
from idweave_streams.topics import TopicNames

STAGE = "ingest"
CLOCKS_APART_MS = 300_000
"""The clocks of who gives a command and of who stores it may differ by five minutes."""

Said = Sighting | Command | BanCommand | DecisionCommand
"""What ingest sends on."""

Decode = Callable[[bytes | None], Decoded]
"""Reads one record's value; never raises."""


@dataclass(frozen=True, slots=True)
class Memory:
    """How long erasures are remembered."""

    length_ms: int
    of_ids: bool
    """There is a key to remember ids under; assets need none."""

    def of_id_until_ms(self, at_ms: int, record: Record) -> int:
        """Return the end of the memory of an id that was erased; 0: there is none."""
        return self.of_asset_until_ms(at_ms, record) if self.of_ids else 0

    def of_asset_until_ms(self, at_ms: int, record: Record) -> int:
        """Return the end of the memory: counted from when the command was stored.

        One that waited for long is not remembered less.
        """
        return max(at_ms, record.timestamp_ms) + self.length_ms


@dataclass(frozen=True, slots=True)
class Ingest:
    """Handles records of the source topics. It keeps no state."""

    names: TopicNames
    partitions: int
    ownership: OwnershipView
    secrets: Callable[[Asset], Sequence[bytes]]
    """The secrets of an app, to verify signed requests."""
    believes_linking: bool = False
    """Account linking is evidence: a word of the business, not of Meta."""
    memory: Memory = field(default_factory=lambda: Memory(0, of_ids=False))
    """Of erasures."""

    def handle(self, unit: Unit, records: Sequence[Record]) -> None:
        """Send on what *records* say, and what can't be read to dead letters."""
        packer: Packer[int, Said] = Packer()
        decoders = self._decoders()
        for record in records:
            if record.topic == self.names.commands:
                found = self._commands(unit, record)
            else:
                decoded = decoders[record.topic](record.value)
                found = self._sightings(unit, record, decoded)
            for each in found:
                packer.add(partition_of(str(each.seen.id), self.partitions), each)
        for partition, value in packer.records(encode_sightings):
            sightings = self.names.sightings
            unit.send(Output(sightings, None, value, partition=partition))

    def _sightings(self, unit: Unit, record: Record, decoded: Decoded) -> list[Said]:
        admitted = [self._admit(each, record) for each in decoded.observations]
        found: list[Said] = [s for s in admitted if s is not None]
        self._report(unit, record, decoded, len(admitted) - len(found))
        return found

    def _commands(self, unit: Unit, record: Record) -> list[Said]:
        """Attribute the command to who owns its ids now; none: it is a dead letter."""
        try:
            found = self._attributed(record)
        except UnreadableError as error:
            self._give_up(unit, record, error.problem.code)
            return []
        if not isinstance(found, EraseAsset):
            return [found]
        # It is about no id that it would have to stay in order with.
        key, value = found.business.encode(), encode_log([found])
        unit.send(Output(self.names.evidence, key, value))
        return []

    def _attributed(
        self, record: Record
    ) -> Command | BanCommand | DecisionCommand | EraseAsset:
        stated, cause = decode_command(record.value), _cause(record)
        requested = replace(stated, at_ms=_asked_ms(stated.at_ms, record))
        if isinstance(requested, RequestedAssetErasure):
            until_ms = self.memory.of_asset_until_ms(requested.at_ms, record)
            return attributed_asset(self.ownership, requested, cause, until_ms)
        if isinstance(requested, RequestedBan):
            return attributed_ban(self.ownership, requested, cause)
        if isinstance(requested, RequestedDecision):
            return attributed_decision(self.ownership, requested, cause)
        until_ms = self.memory.of_id_until_ms(requested.at_ms, record)
        return attributed(self.ownership, requested, cause, until_ms)

    def _decoders(self) -> Mapping[str, Decode]:
        return {
            self.names.logins: lambda value: decode_login(value, secrets=self.secrets),
            self.names.webhooks: decode_webhook,
        }

    def _admit(self, observation: Observation, record: Record) -> Sighting | None:
        return admit(
            self.ownership,
            observation.scoped,
            at_ms=_seen_ms(observation, record),
            cause=_cause(record),
            token=observation.token,
            token_proof=observation.proof or EvidenceKind.TOKEN_FOR_BUSINESS,
            code=observation.code if self.believes_linking else None,
            is_unlinked=observation.is_unlinked and self.believes_linking,
        )

    def _report(
        self, unit: Unit, record: Record, decoded: Decoded, unknown: int
    ) -> None:
        codes = [problem.code for problem in decoded.problems]
        parts = sum(problem.parts for problem in decoded.problems) + unknown
        if unknown:
            codes.append(DeadLetterCode.UNKNOWN_ASSET)
        if codes:
            self._give_up(unit, record, codes[0], parts)

    def _give_up(
        self, unit: Unit, record: Record, code: DeadLetterCode, parts: int = 1
    ) -> None:
        topic = self.names.dead_letters
        unit.send(dead_letter(topic, record, stage=STAGE, code=code, count=parts))


def _seen_ms(observation: Observation, record: Record) -> int:
    """Return when it happened, at the latest when it was stored.

    A sender whose clock is ahead would have people come back after they asked to be
    forgotten. Records from files have no time of their own.
    """
    if record.timestamp_ms < EARLIEST_MS:
        return observation.at_ms
    return min(observation.at_ms, record.timestamp_ms)


def _asked_ms(at_ms: int, record: Record) -> int:
    """Return when a command was given, at the latest soon after it was stored.

    One of the year 2099 would forget whoever comes until then, or could not be taken
    back. A receipt names the time that was stated, which a small difference must leave.
    """
    if record.timestamp_ms < EARLIEST_MS:
        return at_ms
    return min(at_ms, record.timestamp_ms + CLOCKS_APART_MS)


def _cause(record: Record) -> Cause:
    return Cause(record.topic, record.partition, record.offset)
