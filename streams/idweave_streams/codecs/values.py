"""The small values that everything else is made of, in JSON."""

from collections.abc import Mapping
from typing import Final

from idweave_graph.bans import Ban
from idweave_graph.decisions import Decision, Verdict
from idweave_graph.evidence import Cause, Evidence, EvidenceKind
from idweave_graph.holds import Hold
from idweave_graph.ids import (
    Asset,
    BusinessToken,
    LinkingCode,
    Member,
    ScopedId,
    business_id,
    member,
)
from idweave_graph.ownership import OwnedId
from idweave_streams.codecs.frame import Json

_NOBODY: Final[Mapping[str, Member]] = {}


def put_cause(cause: Cause) -> Json:
    """Write where something comes from."""
    return [cause.topic, cause.partition, cause.offset]


def get_cause(data: Json) -> Cause:
    """Read where something comes from."""
    topic, partition, offset = data
    return Cause(str(topic), int(partition), int(offset))


def put_owned(owned: OwnedId) -> Json:
    """Write a scoped id with its epoch."""
    return [str(owned.id), owned.epoch]


def get_owned(data: Json) -> OwnedId:
    """Read a scoped id with its epoch."""
    text, epoch = data
    return OwnedId(get_scoped(text), int(epoch))


def get_scoped(text: Json) -> ScopedId:
    """Read a scoped id."""
    found = member(text)
    if not isinstance(found, ScopedId):
        msg = "a business token stands where a scoped id belongs"
        raise TypeError(msg)
    return found


def get_token(text: Json) -> BusinessToken | None:
    """Read a business token's value, where there is one."""
    return None if text is None else BusinessToken(text)


def get_code(text: Json) -> LinkingCode | None:
    """Read a linking code's hash, where there is one."""
    return None if text is None else LinkingCode(text)


def get_text(text: Json) -> str:
    """Read a text."""
    if not isinstance(text, str):
        msg = "a text is expected"
        raise TypeError(msg)
    return text


def get_optional_int(number: Json) -> int | None:
    """Read a number, where there is one."""
    return None if number is None else int(number)


def get_asset(text: Json) -> Asset:
    """Read an asset."""
    return Asset.parse(text)


def put_evidence(proof: Evidence) -> Json:
    """Write one proof."""
    return {
        "k": proof.kind,
        "a": str(proof.a),
        "b": str(proof.b),
        "t": proof.at_ms,
        "e": [proof.epoch_a, proof.epoch_b],
        "c": put_cause(proof.cause),
    }


def get_evidence(data: Json, known: Mapping[str, Member] = _NOBODY) -> Evidence:
    """Read one proof; ids that are *known* are not read again."""
    epoch_a, epoch_b = data["e"]
    return Evidence(
        kind=EvidenceKind(data["k"]),
        a=known.get(data["a"]) or member(data["a"]),
        b=known.get(data["b"]) or member(data["b"]),
        at_ms=int(data["t"]),
        epoch_a=int(epoch_a),
        epoch_b=int(epoch_b),
        cause=get_cause(data["c"]),
    )


def put_ban(ban: Ban) -> Json:
    """Write what was said about two ids."""
    return {
        "x": put_owned(ban.a),
        "y": put_owned(ban.b),
        "t": ban.at_ms,
        "w": ban.author,
        "r": ban.reason,
        "c": put_cause(ban.cause),
        "l": ban.is_lifted,
    }


def get_ban(data: Json) -> Ban:
    """Read what was said about two ids."""
    return Ban(
        a=get_owned(data["x"]),
        b=get_owned(data["y"]),
        at_ms=int(data["t"]),
        author=get_text(data["w"]),
        reason=get_text(data["r"]),
        cause=get_cause(data["c"]),
        is_lifted=bool(data["l"]),
    )


def put_decision(told: Decision) -> Json:
    """Write what was said about the proofs between two members."""
    return {
        "a": str(told.a),
        "b": str(told.b),
        "e": [told.epoch_a, told.epoch_b],
        "v": told.verdict,
        "t": told.at_ms,
        "w": told.author,
        "r": told.reason,
        "c": put_cause(told.cause),
        "p": [put_evidence(proof) for proof in told.kept],
    }


def get_decision(data: Json) -> Decision:
    """Read what was said about the proofs between two members."""
    epoch_a, epoch_b = data["e"]
    return Decision(
        a=member(data["a"]),
        b=member(data["b"]),
        epoch_a=int(epoch_a),
        epoch_b=int(epoch_b),
        verdict=Verdict(data["v"]),
        at_ms=int(data["t"]),
        author=get_text(data["w"]),
        reason=get_text(data["r"]),
        cause=get_cause(data["c"]),
        kept=tuple(get_evidence(proof) for proof in data["p"]),
    )


def put_hold(hold: Hold) -> Json:
    """Write a hold."""
    return {
        "b": hold.business,
        "h": hold.held,
        "s": hold.since_ms,
        "t": hold.at_ms,
        "p": hold.probe_ms,
        "r": hold.reason,
        "a": None if hold.asset is None else str(hold.asset),
    }


def get_hold(data: Json) -> Hold:
    """Read a hold."""
    asset = data.get("a")
    return Hold(
        business=business_id(data["b"]),
        held=bool(data["h"]),
        since_ms=int(data["s"]),
        at_ms=int(data.get("t", data["s"])),
        probe_ms=int(data["p"]),
        reason=str(data["r"]),
        asset=None if asset is None else get_asset(asset),
    )
