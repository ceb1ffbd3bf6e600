"""Values of the graph table."""

from collections.abc import Iterable

from idweave_graph.bans import Ban
from idweave_graph.decisions import Decision
from idweave_graph.ids import Member, business_id, member
from idweave_graph.person import Person, PersonId, Presence, Title
from idweave_graph.ports import AssetEpoch, Withdrawals
from idweave_streams.codecs.erasures import get_erasing, put_erasing
from idweave_streams.codecs.frame import Json, pack, unpack, unpack_list
from idweave_streams.codecs.values import (
    get_asset,
    get_ban,
    get_decision,
    get_evidence,
    get_optional_int,
    get_text,
    put_ban,
    put_decision,
    put_evidence,
)


def encode_person(person: Person) -> bytes:
    """Write a person."""
    return pack(
        {
            "b": person.business,
            "i": person.id,
            "g": person.generation,
            "m": [_put_member(person, m) for m in person.members],
            "e": [put_evidence(proof) for proof in person.evidence],
            "q": [put_evidence(proof) for proof in person.quarantined],
            "a": person.absorbed,
            **({"t": [_put_title(t) for t in person.titles]} if person.titles else {}),
        }
    )


def _put_member(person: Person, who: Member) -> Json:
    row = [str(who), person.members[who]]
    ground = person.presence.get(who)
    if ground is None:
        return row
    return [*row, ground.epoch, ground.life, ground.sighted_ms]


def _put_title(title: Title) -> Json:
    return [title.name, str(title.bearer), title.is_ids, title.since_ms]


def decode_person(data: bytes) -> Person:
    """Read a person."""
    return unpack(data, _person)


def _person(data: Json) -> Person:
    rows = [(member(row[0]), row) for row in data["m"]]
    known = {row[0]: who for who, row in rows}
    return Person(
        business=business_id(data["b"]),
        id=_person_id(data["i"]),
        generation=int(data["g"]),
        members={who: int(row[1]) for who, row in rows},
        evidence=tuple(get_evidence(proof, known) for proof in data["e"]),
        quarantined=tuple(get_evidence(proof, known) for proof in data["q"]),
        absorbed=tuple(_person_id(name) for name in data["a"]),
        presence={who: _presence(row) for who, row in rows if row[2:]},
        titles=tuple(_title(row) for row in data.get("t", ())),
    )


def _presence(row: Json) -> Presence:
    _, _, epoch, life, sighted_ms = row
    return Presence(int(epoch), int(life), get_optional_int(sighted_ms))


def _title(row: Json) -> Title:
    name, bearer, is_ids, since_ms = row
    return Title(_person_id(name), member(bearer), bool(is_ids), int(since_ms))


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
    row = [asset.epoch, asset.owned]
    return pack(row if asset.is_told else [*row, False])


def decode_asset_epoch(data: bytes) -> AssetEpoch:
    """Read the epoch of an asset."""
    return unpack(data, _asset_epoch)


def _asset_epoch(row: Json) -> AssetEpoch:
    epoch, owned, *rest = row
    return AssetEpoch(int(epoch), bool(owned), is_told=all(rest))


def encode_withdrawals(withdrawals: Withdrawals) -> bytes:
    """Write what a graph remembers of what was taken back."""
    return pack(
        {
            "n": withdrawals.count,
            "g": withdrawals.generation,
            "s": [[str(asset), at] for asset, at in withdrawals.sweeping.items()],
            **({"b": True} if withdrawals.has_bans else {}),
            **({"d": True} if withdrawals.has_decisions else {}),
            **({"e": True} if withdrawals.has_erasures else {}),
            **({"a": put_erasing(withdrawals.erasing)} if withdrawals.erasing else {}),
        }
    )


def decode_withdrawals(data: bytes) -> Withdrawals:
    """Read what a graph remembers of what was taken back."""
    return unpack(data, _withdrawals)


def _withdrawals(data: Json) -> Withdrawals:
    return Withdrawals(
        count=int(data["n"]),
        generation=int(data["g"]),
        sweeping={get_asset(asset): get_text(at) for asset, at in data["s"]},
        has_bans=bool(data.get("b", False)),
        has_decisions=bool(data.get("d", False)),
        has_erasures=bool(data.get("e", False)),
        erasing=get_erasing(data.get("a", ())),
    )


def encode_bans(bans: Iterable[Ban]) -> bytes:
    """Write what was said about an id and others."""
    return pack([put_ban(ban) for ban in bans])


def decode_bans(data: bytes) -> tuple[Ban, ...]:
    """Read what was said about an id and others."""
    return tuple(unpack_list(data, get_ban))


def encode_decisions(decisions: Iterable[Decision]) -> bytes:
    """Write what was decided about a member and others."""
    return pack([put_decision(each) for each in decisions])


def decode_decisions(data: bytes) -> tuple[Decision, ...]:
    """Read what was decided about a member and others."""
    return tuple(unpack_list(data, get_decision))


def encode_receipt_ms(at_ms: int) -> bytes:
    """Write when what is carried out under a receipt was asked for."""
    return pack(at_ms)


def decode_receipt_ms(data: bytes) -> int:
    """Read when what is carried out under a receipt was asked for."""
    return unpack(data, int)
