"""The AsyncAPI document says what the code does, as AsyncAPI tools read it."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.support import strategies as narrow
from tests.support import wire_strategies as wire

from idweave_graph.documents import alias_key
from idweave_graph.ids import BusinessId, ScopedId
from idweave_streams.contracts import NAMES, own_schema
from idweave_streams.contracts.asyncapi import asyncapi_document, asyncapi_text
from idweave_streams.contracts.plain_yaml import plain_yaml
from idweave_streams.contracts.schemas import references
from idweave_streams.topics import TOPICS, Role, TopicNames, wanted_topics

ROOT = Path(__file__).parents[2]
VALUES = [name for name in NAMES if name != "common"]


def test_the_committed_document_is_that_of_the_code() -> None:
    """Whoever changes a topic or a schema writes the document anew."""
    committed = (ROOT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8")

    assert committed == asyncapi_text(), (
        "write it anew: python -m idweave_streams.contracts.asyncapi "
        "> docs/asyncapi.yaml"
    )
    assert yaml.safe_load(committed) == asyncapi_document()


def test_each_topic_is_a_channel_as_the_broker_gets_it() -> None:
    """Name, partitions and configuration are those that are applied."""
    channels = asyncapi_document()["channels"]
    wanted = wanted_topics(TopicNames.build(), 8, ())

    assert list(channels) == [topic.key for topic in TOPICS]
    for channel, topic in zip(channels.values(), wanted, strict=True):
        kafka = channel["bindings"]["kafka"]
        assert channel["address"] == kafka["topic"] == topic.name
        assert (kafka["partitions"], kafka["replicas"]) == (topic.partitions, 3)
        assert kafka["bindingVersion"] == "0.5.0"
        policy = kafka["topicConfiguration"].pop("cleanup.policy")
        told = {name: str(n) for name, n in kafka["topicConfiguration"].items()}
        assert {"cleanup.policy": ",".join(policy), **told} == topic.config


def test_operations_are_seen_from_idweave() -> None:
    """Sources are received, outputs sent, internal topics both."""
    operations = asyncapi_document()["operations"].values()

    for topic in TOPICS:
        channel = {"$ref": f"#/channels/{topic.key}"}
        actions = {o["action"] for o in operations if o["channel"] == channel}
        assert actions == {
            Role.SOURCE: {"receive"},
            Role.OUTPUT: {"send"},
            Role.INTERNAL: {"send", "receive"},
        }.get(topic.role)


def test_each_reference_of_the_document_leads_somewhere() -> None:
    """To a part of the document itself; each message belongs to one channel."""
    document = asyncapi_document()

    for reference in references(document):
        part = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
    used = [name for c in document["channels"].values() for name in c["messages"]]
    assert sorted(used) == sorted(document["components"]["messages"])


@pytest.mark.parametrize("name", VALUES)
def test_the_documents_schemas_judge_as_the_shipped_ones(name: str) -> None:
    """Under draft 7, as AsyncAPI tools read them: the examples fit, others do not."""
    components = asyncapi_document()["components"]
    judge = jsonschema.Draft7Validator(
        {"$ref": f"#/components/schemas/{name}", "components": components}
    )

    for one in own_schema(name)["examples"]:
        judge.validate(one)
        for field in own_schema(name)["required"]:
            assert not judge.is_valid({k: v for k, v in one.items() if k != field})


@pytest.mark.parametrize(
    ("message", "payload", "headers"),
    [
        ("identityEvent", "event", "event-headers"),
        ("alias", "alias", None),
        ("person", "person", None),
        ("hold", "hold", None),
        ("erasure", "erasure", None),
        ("asset", "asset", None),
    ],
)
def test_a_message_has_the_shipped_payload(
    message: str, payload: str, headers: str | None
) -> None:
    """What the document promises is what the schemas promise."""
    told = asyncapi_document()["components"]["messages"][message]

    assert told["payload"] == {"$ref": f"#/components/schemas/{payload}"}
    wanted = {"$ref": f"#/components/schemas/{headers}"} if headers else None
    assert told.get("headers") == wanted


@pytest.mark.parametrize("topic", ["aliases", "persons", "assets"])
def test_a_compacted_topic_has_tombstones(topic: str) -> None:
    """A reader learns that the value may be missing."""
    document = asyncapi_document()
    messages = document["channels"][topic]["messages"]

    payloads = [document["components"]["messages"][m]["payload"] for m in messages]
    assert [p.get("type") for p in payloads] == [None, "null"]


@given(business=wire.businesses, scoped=narrow.any_scoped_ids)
def test_the_key_of_an_alias_is_as_told(business: BusinessId, scoped: ScopedId) -> None:
    """Whoever makes the key from the document finds the alias."""
    message = asyncapi_document()["components"]["messages"]["alias"]
    key = message["bindings"]["kafka"]["key"]

    jsonschema.validate(alias_key(business, scoped), key)


basic = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])
yaml_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(basic, max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(basic, max_size=5)
            | st.sampled_from(["yes", "No", "null", "a-b", "1"]),
            inner,
            max_size=4,
        )
    ),
)


@given(value=yaml_values)
def test_yaml_reads_what_was_written(value: object) -> None:
    """Whatever a document is made of comes back as it was, keys in order."""
    again = yaml.safe_load(plain_yaml(value))

    assert repr(again) == repr(value)
