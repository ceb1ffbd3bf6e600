"""The public form: plain, whole, and nothing but JSON."""

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graph import DictGraph, weave
from tests.support.strategies import BUSINESS, full_logs

from idweave_graph.documents import (
    alias_document,
    alias_key,
    event_document,
    hold_document,
    person_document,
)
from idweave_graph.evidence import Evidence
from idweave_graph.holds import Hold
from idweave_graph.ids import (
    Asset,
    AssetKind,
    BusinessToken,
    Member,
    ScopedId,
    member,
)
from idweave_graph.messages import LogMessage
from idweave_graph.person import Person, PersonId

INNER = {"presence", "titles"}
"""What of a person is idweave's own business."""


def is_plain(value: object) -> bool:
    """Say whether JSON has a form for *value* that reads back as the same."""
    if isinstance(value, dict):
        return all(isinstance(k, str) and is_plain(v) for k, v in value.items())
    if isinstance(value, list):
        return all(is_plain(each) for each in value)
    return value is None or isinstance(value, str | int)


def member_of(document: dict[str, str]) -> Member:
    if document["kind"] in ("token", "code"):
        return member(f"{document['kind']}:{document['value']}")
    return member(f"{document['kind']}:{document['asset']}:{document['value']}")


def assert_tells_all_of(person: Person, document: dict[str, object]) -> None:
    listed = document["members"]
    assert isinstance(listed, list)
    assert {member_of(m): m["first_seen_ms"] for m in listed} == person.members
    assert len(listed) == len(person.members)
    assert document["absorbed"] == list(person.absorbed)
    assert (document["id"], document["business"]) == (person.id, person.business)
    assert document["generation"] == person.generation
    for name in ("evidence", "quarantined"):
        proofs: tuple[Evidence, ...] = getattr(person, name)
        told = document[name]
        assert isinstance(told, list)
        assert [(d["kind"], d["a"], d["b"]) for d in told] == [
            (p.kind, str(p.a), str(p.b)) for p in proofs
        ]
        assert [(d["at_ms"], d["epochs"]) for d in told] == [
            (p.at_ms, [p.epoch_a, p.epoch_b]) for p in proofs
        ]
        assert [tuple(d["cause"].values()) for d in told] == [
            (p.cause.topic, p.cause.partition, p.cause.offset) for p in proofs
        ]
    assert {field.name for field in fields(person)} - INNER == document.keys()


@given(log=full_logs())
def test_events_are_json_and_whole(log: list[LogMessage]) -> None:
    """Whatever a graph tells, its document says all of it in plain values."""
    for event in weave(log, DictGraph(), check=False):
        document = event_document(event)

        assert is_plain(document)
        assert json.loads(json.dumps(document)) == document
        names = ("id", "type", "business", "at_ms", "reason")
        assert all(document[name] == getattr(event, name) for name in names)
        assert len(document["evidence"]) == len(event.proofs)
        if event.person is not None:
            assert document["person"] == person_document(event.person)
            assert_tells_all_of(event.person, document["person"])
        optional = ("about", "other", "refusal", "ownership", "person")
        given_ = {name for name in optional if getattr(event, name) is not None}
        assert document.keys() & set(optional) == given_


@given(log=full_logs())
def test_refusals_and_changes_of_owner_say_what_they_are_about(
    log: list[LogMessage],
) -> None:
    """A refusal names its subject and the other asset, never the other id."""
    for event in weave(log, DictGraph(), check=False):
        document = event_document(event)
        if event.refusal is not None:
            told = document["refusal"]
            other = event.refusal.other
            assert member_of(told["subject"]) == event.refusal.subject
            assert told["other"] == {"kind": other.kind, "id": other.id}
            assert told["reason"] == event.refusal.reason
        if event.ownership is not None:
            asset = event.ownership.asset
            assert document["ownership"] == {
                "asset": {"kind": asset.kind, "id": asset.id},
                "epoch": event.ownership.epoch,
                "owned": event.ownership.owned,
            }


def test_an_alias_is_found_by_business_and_scoped_id() -> None:
    """Key and document of the compacted topic say whose id it is."""
    known = member("app:1:x")
    assert isinstance(known, ScopedId)

    document = alias_document(BUSINESS, known, PersonId("p_1"), 3)

    assert alias_key(BUSINESS, known) == f"{BUSINESS}/app:1:x"
    assert document == {
        "business": BUSINESS,
        "kind": "app",
        "asset": "1",
        "value": "x",
        "person": "p_1",
        "generation": 3,
    }


@pytest.mark.parametrize(
    ("asset", "told"),
    [(None, None), (Asset(AssetKind.APP, "1"), {"kind": "app", "id": "1"})],
)
@given(held=st.booleans())
def test_a_hold_says_whether_it_stands(
    asset: Asset | None, told: object, *, held: bool
) -> None:
    """Held or released, whose token it is, since when and when it is tried."""
    document = hold_document(Hold(BUSINESS, held, 4, 5, 9, "policy-hold", asset))

    assert is_plain(document)
    assert document == {
        "type": "held" if held else "released",
        "business": BUSINESS,
        "asset": told,
        "since_ms": 4,
        "at_ms": 5,
        "reason": "policy-hold",
        "probe_ms": 9,
    }


def test_tokens_are_told_apart_from_ids() -> None:
    """A business token among the members has a kind of its own and no asset."""
    token = BusinessToken("t")
    person = Person(BUSINESS, PersonId("p_1"), 1, {token: 4})

    (told,) = person_document(person)["members"]

    assert told == {"kind": "token", "value": "t", "first_seen_ms": 4}
