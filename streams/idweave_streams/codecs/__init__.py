"""Bytes and core values: how tables and internal topics hold them.

Every value starts with a version byte and goes on in JSON. A reader knows all
versions that were ever written; a writer writes the newest. Only asset records are
JSON alone, because operators write them.
"""

from idweave_streams.codecs.erasures import decode_erased, encode_erased
from idweave_streams.codecs.frame import UnreadableRecordError
from idweave_streams.codecs.graph import (
    decode_asset_epoch,
    decode_bans,
    decode_decisions,
    decode_person,
    decode_person_id,
    decode_receipt_ms,
    decode_withdrawals,
    encode_asset_epoch,
    encode_bans,
    encode_decisions,
    encode_person,
    encode_person_id,
    encode_receipt_ms,
    encode_withdrawals,
)
from idweave_streams.codecs.log import decode_log, encode_log
from idweave_streams.codecs.lookups import (
    decode_answers,
    decode_lookup,
    decode_sightings,
    encode_answers,
    encode_lookup,
    encode_sightings,
)
from idweave_streams.codecs.views import (
    decode_asset_record,
    decode_hold,
    decode_ownership,
    encode_hold,
    encode_ownership,
)

__all__ = [
    "UnreadableRecordError",
    "decode_answers",
    "decode_asset_epoch",
    "decode_asset_record",
    "decode_bans",
    "decode_decisions",
    "decode_erased",
    "decode_hold",
    "decode_log",
    "decode_lookup",
    "decode_ownership",
    "decode_person",
    "decode_person_id",
    "decode_receipt_ms",
    "decode_sightings",
    "decode_withdrawals",
    "encode_answers",
    "encode_asset_epoch",
    "encode_bans",
    "encode_decisions",
    "encode_erased",
    "encode_hold",
    "encode_log",
    "encode_lookup",
    "encode_ownership",
    "encode_person",
    "encode_person_id",
    "encode_receipt_ms",
    "encode_sightings",
    "encode_withdrawals",
]
