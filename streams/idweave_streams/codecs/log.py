"""Values of the evidence topic: several messages of one business in one record."""

from collections.abc import Iterable
from functools import singledispatch

from idweave_graph.ids import business_id
from idweave_graph.messages import (
    AssetChanged,
    Erase,
    LogMessage,
    Proved,
    Refused,
    Sighted,
    Sweep,
)
from idweave_streams.codecs.frame import Json, pack, unpack_list
from idweave_streams.codecs.lookups import get_refusal, put_refusal
from idweave_streams.codecs.values import (
    get_asset,
    get_cause,
    get_evidence,
    get_owned,
    get_scoped,
    get_text,
    put_cause,
    put_evidence,
    put_owned,
)


def encode_log(messages: Iterable[LogMessage]) -> bytes:
    """Write messages of one record, in order."""
    return pack(
        [
            {
                "b": message.business,
                "t": message.at_ms,
                "c": put_cause(message.cause),
                **_put(message),
            }
            for message in messages
        ]
    )


def decode_log(data: bytes | None) -> list[LogMessage]:
    """Read the messages of one record."""
    return unpack_list(data, _get)


@singledispatch
def _put(message: LogMessage) -> Json:
    msg = f"the evidence log has no form for {type(message)}"
    raise TypeError(msg)


@_put.register
def _(message: Sighted) -> Json:
    return {"k": "sighted", "s": put_owned(message.seen)}


@_put.register
def _(message: Proved) -> Json:
    return {"k": "proved", "p": [put_evidence(proof) for proof in message.proofs]}


@_put.register
def _(message: Refused) -> Json:
    return {"k": "refused", "r": [put_refusal(r) for r in message.refusals]}


@_put.register
def _(message: AssetChanged) -> Json:
    return {
        "k": "asset",
        "a": str(message.asset),
        "e": message.epoch,
        "o": message.owned,
    }


@_put.register
def _(message: Sweep) -> Json:
    return {
        "k": "sweep",
        "a": str(message.asset),
        "e": message.epoch,
        "f": message.after,
    }


@_put.register
def _(message: Erase) -> Json:
    return {
        "k": "erase",
        "s": str(message.subject),
        "w": message.whole_person,
        "r": message.receipt,
    }


def _get(row: Json) -> LogMessage:
    business, at_ms, cause = business_id(row["b"]), int(row["t"]), get_cause(row["c"])
    match row["k"]:
        case "sighted":
            return Sighted(business, get_owned(row["s"]), at_ms, cause)
        case "proved":
            proofs = tuple(get_evidence(proof) for proof in row["p"])
            return Proved(business, proofs, at_ms, cause)
        case "refused":
            refusals = tuple(get_refusal(refusal) for refusal in row["r"])
            return Refused(business, refusals, at_ms, cause)
        case "asset":
            asset, epoch, owned = get_asset(row["a"]), int(row["e"]), bool(row["o"])
            return AssetChanged(business, asset, epoch, owned, at_ms, cause)
        case "sweep":
            asset, epoch, after = get_asset(row["a"]), int(row["e"]), get_text(row["f"])
            return Sweep(business, asset, epoch, after, at_ms, cause)
        case "erase":
            subject, whole, receipt = row["s"], bool(row["w"]), get_text(row["r"])
            scoped = get_scoped(subject)
            return Erase(business, scoped, whole, at_ms, cause, receipt)
    msg = "the evidence log holds a message of a kind unknown here"
    raise ValueError(msg)
