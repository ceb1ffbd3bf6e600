"""Values of the evidence topic: several messages of one business in one record."""

from collections.abc import Callable, Iterable, Mapping
from functools import singledispatch

from idweave_graph.decisions import Verdict
from idweave_graph.evidence import Cause
from idweave_graph.ids import BusinessId, business_id, member
from idweave_graph.messages import (
    AssetChanged,
    Banned,
    Decided,
    Erase,
    EraseAsset,
    EraseMembers,
    LogMessage,
    Proved,
    Refused,
    Sighted,
    Sweep,
    Unlinked,
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
        **_put_until(message.until_ms),
    }


@_put.register
def _(message: EraseAsset) -> Json:
    return {
        "k": "erase-asset",
        "a": str(message.asset),
        "r": message.receipt,
        **_put_until(message.until_ms),
    }


@_put.register
def _(message: EraseMembers) -> Json:
    return {"k": "erase-members", "a": str(message.asset), "f": message.after}


def _put_until(until_ms: int) -> Json:
    return {"u": until_ms} if until_ms else {}


@_put.register
def _(message: Unlinked) -> Json:
    return {"k": "unlinked", "s": str(message.subject)}


@_put.register
def _(message: Banned) -> Json:
    return {
        "k": "banned",
        "x": put_owned(message.one),
        "y": put_owned(message.two),
        "l": message.is_lifted,
        "w": message.author,
        "r": message.reason,
    }


@_put.register
def _(message: Decided) -> Json:
    return {
        "k": "decided",
        "x": [str(message.a), message.epoch_a],
        "y": [str(message.b), message.epoch_b],
        "v": message.verdict,
        "w": message.author,
        "r": message.reason,
    }


def _get(row: Json) -> LogMessage:
    read = _READERS.get(row["k"])
    if read is None:
        msg = "the evidence log holds a message of a kind unknown here"
        raise ValueError(msg)
    return read(row, business_id(row["b"]), int(row["t"]), get_cause(row["c"]))


_Reader = Callable[[Json, BusinessId, int, Cause], LogMessage]


def _sighted(row: Json, business: BusinessId, at_ms: int, cause: Cause) -> Sighted:
    return Sighted(business, get_owned(row["s"]), at_ms, cause)


def _proved(row: Json, business: BusinessId, at_ms: int, cause: Cause) -> Proved:
    proofs = tuple(get_evidence(proof) for proof in row["p"])
    return Proved(business, proofs, at_ms, cause)


def _refused(row: Json, business: BusinessId, at_ms: int, cause: Cause) -> Refused:
    refusals = tuple(get_refusal(refusal) for refusal in row["r"])
    return Refused(business, refusals, at_ms, cause)


def _asset(row: Json, business: BusinessId, at_ms: int, cause: Cause) -> AssetChanged:
    asset, epoch, owned = get_asset(row["a"]), int(row["e"]), bool(row["o"])
    return AssetChanged(business, asset, epoch, owned, at_ms, cause)


def _sweep(row: Json, business: BusinessId, at_ms: int, cause: Cause) -> Sweep:
    asset, epoch, after = get_asset(row["a"]), int(row["e"]), get_text(row["f"])
    return Sweep(business, asset, epoch, after, at_ms, cause)


def _erase(row: Json, business: BusinessId, at_ms: int, cause: Cause) -> Erase:
    subject, whole, receipt = get_scoped(row["s"]), bool(row["w"]), get_text(row["r"])
    until_ms = int(row.get("u", 0))
    return Erase(business, subject, whole, at_ms, cause, receipt, until_ms)


def _erase_asset(
    row: Json, business: BusinessId, at_ms: int, cause: Cause
) -> EraseAsset:
    asset, receipt, until_ms = get_asset(row["a"]), get_text(row["r"]), row.get("u", 0)
    return EraseAsset(business, asset, at_ms, cause, receipt, int(until_ms))


def _erase_members(
    row: Json, business: BusinessId, at_ms: int, cause: Cause
) -> EraseMembers:
    asset, after = get_asset(row["a"]), get_text(row["f"])
    return EraseMembers(business, asset, after, at_ms, cause)


def _unlinked(row: Json, business: BusinessId, at_ms: int, cause: Cause) -> Unlinked:
    return Unlinked(business, get_scoped(row["s"]), at_ms, cause)


def _banned(row: Json, business: BusinessId, at_ms: int, cause: Cause) -> Banned:
    return Banned(
        business=business,
        one=get_owned(row["x"]),
        two=get_owned(row["y"]),
        is_lifted=bool(row["l"]),
        author=get_text(row["w"]),
        reason=get_text(row["r"]),
        at_ms=at_ms,
        cause=cause,
    )


def _decided(row: Json, business: BusinessId, at_ms: int, cause: Cause) -> Decided:
    (a, epoch_a), (b, epoch_b) = row["x"], row["y"]
    return Decided(
        business=business,
        a=member(a),
        b=member(b),
        epoch_a=int(epoch_a),
        epoch_b=int(epoch_b),
        verdict=Verdict(row["v"]),
        author=get_text(row["w"]),
        reason=get_text(row["r"]),
        at_ms=at_ms,
        cause=cause,
    )


_READERS: Mapping[str, _Reader] = {
    "sighted": _sighted,
    "proved": _proved,
    "refused": _refused,
    "asset": _asset,
    "sweep": _sweep,
    "erase": _erase,
    "erase-asset": _erase_asset,
    "erase-members": _erase_members,
    "unlinked": _unlinked,
    "banned": _banned,
    "decided": _decided,
}
