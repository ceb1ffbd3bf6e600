"""Values of the sightings and answers topics and of the lookups table."""

from collections.abc import Iterable

from idweave_graph.decisions import Verdict
from idweave_graph.evidence import Cause, EvidenceKind
from idweave_graph.ids import BusinessId, business_id, member
from idweave_graph.lookups import Lookup, LookupPhase
from idweave_graph.messages import (
    Answer,
    AssetForgotten,
    BanCommand,
    Command,
    CommandKind,
    DecisionCommand,
    Forgotten,
    Outcome,
    Refusal,
    RefusalReason,
    Sighting,
)
from idweave_streams.codecs.frame import Json, pack, unpack, unpack_list
from idweave_streams.codecs.values import (
    get_asset,
    get_cause,
    get_code,
    get_hold,
    get_owned,
    get_scoped,
    get_text,
    get_token,
    put_cause,
    put_hold,
    put_owned,
)

Seen = Sighting | Command | BanCommand | DecisionCommand | Forgotten | AssetForgotten
"""What the sightings topic holds, each in the partition of its scoped id."""

FORGET = "forget"
FORGET_ASSET = "forget-asset"
BAN = "ban"
DECIDE = "decide"


def encode_sightings(messages: Iterable[Seen]) -> bytes:
    """Write what concerns the scoped ids of one record, in order."""
    return pack(
        [
            {
                "b": message.business,
                "t": message.at_ms,
                "c": put_cause(message.cause),
                **_put_rest(message),
            }
            for message in messages
        ]
    )


def _put_rest(message: Seen) -> Json:
    match message:
        case Forgotten(_, scoped):
            return {"do": FORGET, "s": str(scoped), **_put_until(message)}
        case AssetForgotten(_, asset):
            return {"do": FORGET_ASSET, "a": str(asset), **_put_until(message)}
        case Command(_, seen, kind):
            command = {"s": put_owned(seen), "do": kind, "r": message.receipt}
            return command | _put_until(message)
        case BanCommand(_, seen, other):
            return {
                "s": put_owned(seen),
                "do": BAN,
                "o": put_owned(other),
                "l": message.is_lifted,
                "w": message.author,
                "r": message.reason,
            }
        case DecisionCommand(_, seen, other):
            return {
                "s": put_owned(seen),
                "do": DECIDE,
                "o": [str(other), message.other_epoch],
                "v": message.verdict,
                "w": message.author,
                "r": message.reason,
            }
        case Sighting(_, seen):
            return {
                "s": put_owned(seen),
                **_put_token(message),
                **_put_linking(message),
            }


def _put_until(message: Command | Forgotten | AssetForgotten) -> Json:
    return {"m": message.until_ms} if message.until_ms else {}


def _put_token(sighting: Sighting) -> Json:
    if sighting.token is None:
        return {}
    return {"k": sighting.token.value, "p": sighting.token_proof}


def _put_linking(sighting: Sighting) -> Json:
    linking: Json = {}
    if sighting.code is not None:
        linking["y"] = sighting.code.digest
    if sighting.is_unlinked:
        linking["u"] = True
    return linking


def decode_sightings(data: bytes | None) -> list[Seen]:
    """Read what concerns the scoped ids of one record."""
    return unpack_list(data, _seen)


def _seen(row: Json) -> Seen:
    business, at_ms, cause = business_id(row["b"]), int(row["t"]), get_cause(row["c"])
    until_ms = int(row.get("m", 0))
    if row.get("do") == FORGET:
        return Forgotten(business, get_scoped(row["s"]), at_ms, cause, until_ms)
    if row.get("do") == FORGET_ASSET:
        return AssetForgotten(business, get_asset(row["a"]), at_ms, cause, until_ms)
    seen = get_owned(row["s"])
    if row.get("do") == BAN:
        return _ban_command(row, business, at_ms, cause)
    if row.get("do") == DECIDE:
        return _decision_command(row, business, at_ms, cause)
    if "do" in row:
        kind, receipt = CommandKind(row["do"]), get_text(row["r"])
        return Command(business, seen, kind, at_ms, cause, receipt, until_ms)
    kind_of_proof = EvidenceKind(row.get("p", EvidenceKind.TOKEN_FOR_BUSINESS))
    token = get_token(row.get("k"))
    return Sighting(
        business,
        seen,
        at_ms,
        cause,
        token,
        kind_of_proof,
        code=get_code(row.get("y")),
        is_unlinked=bool(row.get("u", False)),
    )


def _ban_command(
    row: Json, business: BusinessId, at_ms: int, cause: Cause
) -> BanCommand:
    return BanCommand(
        business=business,
        seen=get_owned(row["s"]),
        other=get_owned(row["o"]),
        is_lifted=bool(row["l"]),
        author=get_text(row["w"]),
        reason=get_text(row["r"]),
        at_ms=at_ms,
        cause=cause,
    )


def _decision_command(
    row: Json, business: BusinessId, at_ms: int, cause: Cause
) -> DecisionCommand:
    other, other_epoch = row["o"]
    return DecisionCommand(
        business=business,
        seen=get_owned(row["s"]),
        other=member(other),
        other_epoch=int(other_epoch),
        verdict=Verdict(row["v"]),
        author=get_text(row["w"]),
        reason=get_text(row["r"]),
        at_ms=at_ms,
        cause=cause,
    )


def encode_answers(answers: Iterable[Answer]) -> bytes:
    """Write the answers of one record, in order."""
    return pack(
        [
            {
                "b": a.business,
                "s": put_owned(a.asked),
                "t": a.at_ms,
                "o": a.outcome,
                "l": [put_owned(link) for link in a.links],
                "m": [put_owned(link) for link in a.business_links],
                "k": a.token.value if a.token else None,
                "r": [put_refusal(refusal) for refusal in a.refusals],
                "f": a.is_whole,
                "w": a.retry_after_ms,
                "h": None if a.probed is None else put_hold(a.probed),
                "d": a.detail,
            }
            for a in answers
        ]
    )


def decode_answers(data: bytes | None) -> list[Answer]:
    """Read the answers of one record."""
    return unpack_list(data, _answer)


def _answer(row: Json) -> Answer:
    return Answer(
        business=business_id(row["b"]),
        asked=get_owned(row["s"]),
        at_ms=int(row["t"]),
        outcome=Outcome(row["o"]),
        links=tuple(get_owned(link) for link in row["l"]),
        business_links=tuple(get_owned(link) for link in row.get("m", ())),
        token=get_token(row.get("k")),
        refusals=tuple(get_refusal(refusal) for refusal in row["r"]),
        is_whole=bool(row.get("f", True)),
        retry_after_ms=int(row["w"]),
        probed=None if row.get("h") is None else get_hold(row["h"]),
        detail=str(row["d"]),
    )


def put_refusal(refusal: Refusal) -> Json:
    """Write a refused link."""
    return [refusal.reason, str(refusal.subject), str(refusal.other)]


def get_refusal(data: Json) -> Refusal:
    """Read a refused link."""
    reason, subject, other = data
    return Refusal(RefusalReason(reason), get_scoped(subject), get_asset(other))


def encode_lookup(lookup: Lookup) -> bytes:
    """Write the state of a lookup."""
    return pack(
        {
            "b": lookup.business,
            "s": put_owned(lookup.seen),
            "f": lookup.first_seen_ms,
            "c": put_cause(lookup.cause),
            "p": lookup.phase,
            "n": lookup.attempts,
            "u": lookup.due_ms,
            "a": lookup.answered_ms,
            "l": lookup.is_final,
            "k": lookup.token.value if lookup.token else None,
            "y": lookup.code.digest if lookup.code else None,
            "v": lookup.unlinked_ms,
            "d": lookup.detail,
        }
    )


def decode_lookup(data: bytes) -> Lookup:
    """Read the state of a lookup."""
    return unpack(data, _lookup)


def _lookup(row: Json) -> Lookup:
    return Lookup(
        business=business_id(row["b"]),
        seen=get_owned(row["s"]),
        first_seen_ms=int(row["f"]),
        cause=get_cause(row["c"]),
        phase=LookupPhase(row["p"]),
        attempts=int(row["n"]),
        due_ms=int(row["u"]),
        answered_ms=int(row["a"]),
        is_final=bool(row["l"]),
        token=get_token(row["k"]),
        code=get_code(row.get("y")),
        unlinked_ms=int(row.get("v", 0)),
        detail=str(row["d"]),
    )
