"""The shipped schemas and the AsyncAPI document say what the code does, no more."""

import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import strategies as narrow
from tests.support import wire_strategies as wire
from tests.support.ecma import Ecma
from tests.support.graph import DictGraph, weave

from idweave_adapters.fields import LATEST_MS
from idweave_adapters.reasons import DeadLetterCode
from idweave_graph.decisions import Verdict
from idweave_graph.documents import (
    alias_document,
    erasure_document,
    event_document,
    hold_document,
    person_document,
)
from idweave_graph.events import EventType, IdentityEvent
from idweave_graph.evidence import EvidenceKind
from idweave_graph.holds import Hold
from idweave_graph.ids import (
    MAX_ID_CHARS,
    MAX_TOKEN_CHARS,
    AssetKind,
    BusinessId,
    ScopedId,
)
from idweave_graph.messages import LogMessage, RefusalReason
from idweave_graph.person import Person, PersonId
from idweave_graph.transition import MAX_QUARANTINED
from idweave_streams.agents import assets, ingest, resolve
from idweave_streams.agents import weave as weaving
from idweave_streams.codecs.views import MAX_EPOCH
from idweave_streams.contracts import NAMES, own_schema, schema
from idweave_streams.contracts.schemas import references
from idweave_streams.outputs import POLICY_EVENTS, event_outputs
from idweave_streams.topics import TopicNames

VALUES = [name for name in NAMES if name != "common"]


VALIDATORS = {name: Ecma(schema(name)) for name in NAMES}


def assert_fits(name: str, document: dict[str, Any]) -> None:
    """Fail unless *document*, as it goes over the wire, is as the schema says."""
    VALIDATORS[name].validate(orjson.loads(orjson.dumps(document)))


def parts(schema_part: object) -> Iterator[dict[str, Any]]:
    """Yield every object in a schema."""
    if isinstance(schema_part, dict):
        yield schema_part
        for inner in schema_part.values():
            yield from parts(inner)
    elif isinstance(schema_part, list):
        for inner in schema_part:
            yield from parts(inner)


def shared(name: str) -> dict[str, Any]:
    part: dict[str, Any] = own_schema("common")["$defs"][name]
    return part


# The schemas themselves.


def test_every_shipped_file_is_listed() -> None:
    """`NAMES` has all the files that travel in the package, and no other."""
    folder = resources.files("idweave_streams.contracts.schemas")
    files = {file.name for file in folder.iterdir() if file.name.endswith(".json")}

    assert files == {f"{name}.v1.json" for name in NAMES}


def test_an_unknown_name_is_told() -> None:
    """The error names what there is."""
    with pytest.raises(KeyError, match="person"):
        schema("people")


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_and_stands_alone(name: str) -> None:
    """It is valid 2020-12 under its own URN, and refers to nothing outside of it."""
    document = schema(name)

    Ecma.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["$id"] == f"urn:idweave:schema:{name}:v1"
    inside = {part["$id"] for part in parts(document) if "$id" in part}
    assert {ref.partition("#")[0] for ref in references(document)} <= inside | {""}


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_reads_the_same_under_draft_7(name: str) -> None:
    """AsyncAPI's schemas are draft 7 and more, so only what both know is used."""
    for part in parts(own_schema(name)):
        assert not part.keys() & {
            *("prefixItems", "unevaluatedProperties", "dependentRequired"),
            *("minContains", "$dynamicRef", "$anchor"),
        }
        if "$ref" in part:
            assert part.keys() == {"$ref"}  # draft 7 ignores what stands beside it


@pytest.mark.parametrize("name", VALUES)
def test_the_examples_fit(name: str) -> None:
    """A reader's author can copy them."""
    document = own_schema(name)

    assert document["examples"]
    for one in document["examples"]:
        VALIDATORS[name].validate(one)


def _described(part: Any) -> bool:
    if "$ref" in part:
        target = part["$ref"].rpartition("/")[2]
        return bool(shared(target)["description"])
    return len(part["description"]) > 10


@pytest.mark.parametrize("name", NAMES)
def test_each_field_is_explained(name: str) -> None:
    """By itself, or by what it refers to."""
    document = own_schema(name)
    definitions = [document, *document.get("$defs", {}).values()]
    refusal_and_ownership = [
        field
        for field in document.get("properties", {}).values()
        if isinstance(field, dict) and "properties" in field
    ]

    for definition in [*definitions, *refusal_and_ownership]:
        for field in definition.get("properties", {}).values():
            assert _described(field)


# What the code knows.


def test_the_enumerations_are_those_of_the_code() -> None:
    """No value is missing, none is left over, the order is the same."""
    event = own_schema("event")["properties"]
    dead = own_schema("dead-letter-headers")["properties"]
    stages = {stage.STAGE for stage in (assets, ingest, resolve, weaving)}

    assert event["type"]["enum"] == list(EventType)
    assert event["refusal"]["properties"]["reason"]["enum"] == list(RefusalReason)
    assert shared("verdict")["enum"] == list(Verdict)
    assert shared("evidence_kind")["enum"] == list(EvidenceKind)
    assert shared("asset_kind")["enum"] == list(AssetKind)
    assert shared("member")["properties"]["kind"]["enum"] == [
        *AssetKind,
        "token",
        "code",
    ]
    assert set(dead["idweave.errors.stage"]["enum"]) == stages
    assert dead["idweave.errors.code"]["enum"] == [
        *DeadLetterCode,
        assets.UNREADABLE_ASSET,
        resolve.UNREADABLE,
    ]
    assert own_schema("event-headers")["properties"]["ce_type"]["enum"] == [
        f"idweave.identity.{kind}.v1" for kind in EventType
    ]


def test_each_value_of_an_enumeration_is_explained() -> None:
    """Its name stands in the description of its field."""
    event = own_schema("event")["properties"]
    reason = event["refusal"]["properties"]["reason"]

    for field in (event["type"], reason, shared("evidence_kind"), shared("verdict")):
        for value in field["enum"]:
            assert re.search(rf"(^|[ ,]){value}[:,]", field["description"])


def test_the_limits_are_those_of_the_code() -> None:
    """Lengths, epochs and times."""
    asset = own_schema("asset")["properties"]

    for name in ("business_id", "asset_id", "user_id"):
        assert shared(name)["maxLength"] == MAX_ID_CHARS
    assert asset["business"]["maxLength"] == MAX_ID_CHARS
    assert asset["previous"]["maxLength"] == MAX_ID_CHARS
    assert shared("member")["properties"]["value"]["maxLength"] == MAX_TOKEN_CHARS
    assert asset["epoch"]["maximum"] == shared("epoch")["maximum"] == MAX_EPOCH
    assert asset["since_ms"]["maximum"] == LATEST_MS
    quarantined = own_schema("person")["properties"]["quarantined"]
    assert quarantined["maxItems"] == MAX_QUARANTINED


# What is sent out fits.


@pytest.mark.parametrize("kind", EventType)
@given(data=st.data())
def test_an_event_fits_its_schema(kind: EventType, data: st.DataObject) -> None:
    """Of each type, with ids as wide as they may be."""
    event = data.draw(wire.events_by_type[kind])

    assert_fits("event", event_document(event))
    if kind in POLICY_EVENTS:
        assert_fits("policy", event_document(event))


@given(log=narrow.full_logs())
def test_what_the_graph_tells_fits(log: list[LogMessage]) -> None:
    """The events and persons that come of a log are as promised."""
    graph = DictGraph()
    names = TopicNames.build()
    for event in weave(log, graph, check=False):
        assert_fits("event", event_document(event))
        for output in event_outputs(names, event):
            told = {name: text.decode() for name, text in output.headers}
            assert_fits("event-headers", told)
    for person in graph.persons.values():
        assert_fits("person", person_document(person))
    for record in graph.audit:
        for subject in (None, "0" * 32):
            document = erasure_document(record, subject)
            if document["asset"] is None or subject is None:
                assert_fits("erasure", document)
                assert_fits("policy", document)


@given(person=wire.persons)
def test_a_person_fits_the_schema(person: Person) -> None:
    """With members of all kinds, evidence, quarantine and absorbed ids."""
    assert_fits("person", person_document(person))


@given(
    business=wire.businesses,
    scoped=narrow.any_scoped_ids,
    person=wire.person_ids,
    generation=st.integers(1, 2**40),
)
def test_an_alias_fits_the_schema(
    business: BusinessId, scoped: ScopedId, person: PersonId, generation: int
) -> None:
    """Of an app or a Page, with whatever ids."""
    assert_fits("alias", alias_document(business, scoped, person, generation))


@given(hold=wire.holds)
def test_a_hold_fits_the_schema(hold: Hold) -> None:
    """As its own schema and as a record of the policy topic."""
    assert_fits("hold", hold_document(hold))
    assert_fits("policy", hold_document(hold))


@given(hold=wire.holds)
def test_a_release_needs_no_reason(hold: Hold) -> None:
    """A probe that was answered has nothing to say, a hold has."""
    document = {**hold_document(hold), "reason": ""}

    assert VALIDATORS["policy"].is_valid(document) == (not hold.held)


# What is not sent out does not fit.

BANS = (EventType.BANNED, EventType.UNBANNED)
SAID = (*BANS, EventType.DECIDED)
MAY_LACK = {
    ("about", EventType.REFUSED),
    *((name, kind) for name in ("about", "other") for kind in SAID),
    *(("decisions", kind) for kind in EventType if kind is not EventType.DECIDED),
    *(("bans", kind) for kind in EventType if kind not in BANS),
}


@given(event=wire.events, data=st.data())
def test_a_field_too_many_or_too_few_is_seen(
    event: IdentityEvent, data: st.DataObject
) -> None:
    """A field that code and schema do not share fails these tests, so none drifts."""
    document = orjson.loads(orjson.dumps(event_document(event)))
    left_out = data.draw(st.sampled_from(sorted(document)))
    rest = {name: value for name, value in document.items() if name != left_out}

    assert not VALIDATORS["event"].is_valid({**document, "new": 1})
    if (left_out, event.type) not in MAY_LACK:
        assert not VALIDATORS["event"].is_valid(rest)


ONLY_OF = {
    "person": {
        *(EventType.CREATED, EventType.LINKED, EventType.MERGED, EventType.SPLIT),
        *(EventType.ERASED, EventType.QUARANTINED),
    },
    "about": {EventType.ERASED, EventType.REFUSED, *SAID},
    "other": {EventType.QUARANTINED, *SAID},
    "bans": {
        *(EventType.CREATED, EventType.LINKED, EventType.MERGED, EventType.SPLIT),
        *(EventType.QUARANTINED, *BANS),
    },
    "decisions": {
        *(EventType.CREATED, EventType.LINKED, EventType.MERGED, EventType.SPLIT),
        *(EventType.ERASED, EventType.QUARANTINED, EventType.DECIDED),
    },
    "refusal": {EventType.REFUSED},
    "ownership": {EventType.EPOCH_CHANGED},
}


@pytest.mark.parametrize("field", ONLY_OF)
@settings(max_examples=30)
@given(data=st.data())
def test_a_field_belongs_to_its_types_only(field: str, data: st.DataObject) -> None:
    """A refusal is in no merge, a person in no change of ownership."""
    owners = ONLY_OF[field]
    owner = data.draw(st.one_of([wire.events_by_type[kind] for kind in owners]))
    others = [
        events for kind, events in wire.events_by_type.items() if kind not in owners
    ]
    document = event_document(data.draw(st.one_of(others)))
    document[field] = event_document(owner).get(field, "p_" + "0" * 32)

    assert not VALIDATORS["event"].is_valid(orjson.loads(orjson.dumps(document)))


@given(event=wire.events)
def test_only_policy_events_fit_the_policy_topic(event: IdentityEvent) -> None:
    """Refusals, quarantines, bans and decisions; any other event there would be a mistake."""
    document = orjson.loads(orjson.dumps(event_document(event)))

    assert VALIDATORS["policy"].is_valid(document) == (event.type in POLICY_EVENTS)
