"""Values of the graph table."""

from idweave_graph.ids import business_id, member
from idweave_graph.person import Person, PersonId
from idweave_graph.ports import AssetEpoch
from idweave_streams.codecs.frame import Json, pack, unpack
from idweave_streams.codecs.values import get_evidence, put_evidence


def encode_person(person: Person) -> bytes:
    """Write a person."""
    return pack(
        {
            "b": person.business,
            "i": person.id,
            "g": person.generation,
            "m": [[str(m), at_ms] for m, at_ms in person.members.items()],
            "e": [put_evidence(proof) for proof in person.evidence],
            "q": [put_evidence(proof) for proof in person.quarantined],
            "a": person.absorbed,
        }
    )


def decode_person(data: bytes) -> Person:
    """Read a person."""
    return unpack(data, _person)


def _person(data: Json) -> Person:
    return Person(
        business=business_id(data["b"]),
        id=_person_id(data["i"]),
        generation=int(data["g"]),
        members={member(text): int(at_ms) for text, at_ms in data["m"]},
        evidence=tuple(get_evidence(proof) for proof in data["e"]),
        quarantined=tuple(get_evidence(proof) for proof in data["q"]),
        absorbed=tuple(_person_id(name) for name in data["a"]),
    )


def encode_person_id(person: PersonId) -> bytes:
    """Write whose a member is."""
    return pack(person)


def decode_person_id(data: bytes) -> PersonId:
    """Read whose a member is."""
    return unpack(data, _person_id)


def _person_id(text: Json) -> PersonId:
    if not isinstance(text, str):
        msg = "a person id is a text"
        raise TypeError(msg)
    return PersonId(text)


def encode_asset_epoch(asset: AssetEpoch) -> bytes:
    """Write the epoch of an asset."""
    return pack([asset.epoch, asset.owned])


def decode_asset_epoch(data: bytes) -> AssetEpoch:
    """Read the epoch of an asset."""
    return unpack(data, lambda pair: AssetEpoch(int(pair[0]), bool(pair[1])))
