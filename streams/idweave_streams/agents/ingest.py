"""Events in, sightings out: decode, check the boundary, spread by scoped id."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from idweave_adapters.logins import decode_login
from idweave_adapters.observations import DeadLetterCode, Decoded, Observation
from idweave_adapters.webhooks import decode_webhook
from idweave_graph.boundary import admit
from idweave_graph.evidence import Cause, EvidenceKind
from idweave_graph.ids import Asset
from idweave_graph.messages import Sighting
from idweave_graph.ownership import OwnershipView
from idweave_streams.codecs import encode_sightings
from idweave_streams.dead_letters import dead_letter
from idweave_streams.packing import Packer, partition_of
from idweave_streams.reliable import Output, Record, Unit
from idweave_streams.topics import TopicNames

STAGE = "ingest"

Decode = Callable[[bytes | None], Decoded]
"""Reads one record's value; never raises."""


@dataclass(frozen=True, slots=True)
class Ingest:
    """Handles records of the source topics. It keeps no state."""

    names: TopicNames
    partitions: int
    ownership: OwnershipView
    secrets: Callable[[Asset], Sequence[bytes]]
    """The secrets of an app, to verify signed requests."""

    def handle(self, unit: Unit, records: Sequence[Record]) -> None:
        """Send on what *records* sighted, and what can't be read to dead letters."""
        packer: Packer[int, Sighting] = Packer()
        decoders = self._decoders()
        for record in records:
            decoded = decoders[record.topic](record.value)
            cause = Cause(record.topic, record.partition, record.offset)
            unknown = 0
            for observation in decoded.observations:
                sighting = self._admit(observation, cause)
                if sighting is None:
                    unknown += 1
                    continue
                scoped = str(sighting.seen.id)
                packer.add(partition_of(scoped, self.partitions), sighting)
            self._report(unit, record, decoded, unknown)
        for partition, value in packer.records(encode_sightings):
            sightings = self.names.sightings
            unit.send(Output(sightings, None, value, partition=partition))

    def _decoders(self) -> Mapping[str, Decode]:
        return {
            self.names.logins: lambda value: decode_login(value, secrets=self.secrets),
            self.names.webhooks: decode_webhook,
        }

    def _admit(self, observation: Observation, cause: Cause) -> Sighting | None:
        return admit(
            self.ownership,
            observation.scoped,
            at_ms=observation.at_ms,
            cause=cause,
            token=observation.token,
            token_proof=observation.proof or EvidenceKind.TOKEN_FOR_BUSINESS,
        )

    def _report(
        self, unit: Unit, record: Record, decoded: Decoded, unknown: int
    ) -> None:
        codes = [problem.code for problem in decoded.problems]
        parts = sum(problem.parts for problem in decoded.problems) + unknown
        if unknown:
            codes.append(DeadLetterCode.UNKNOWN_ASSET)
        if codes:
            topic = self.names.dead_letters
            letter = dead_letter(topic, record, stage=STAGE, code=codes[0], count=parts)
            unit.send(letter)
