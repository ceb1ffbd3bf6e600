"""All topics as one AsyncAPI 3.0 document, made from the code.

`python -m idweave_streams.contracts.asyncapi` writes it as YAML.
"""

import sys
from typing import Any, Final

from idweave_streams.contracts.messages import MESSAGES, Message, ref
from idweave_streams.contracts.plain_yaml import plain_yaml
from idweave_streams.contracts.schemas import NAMES, URN, own_schema
from idweave_streams.settings import Settings
from idweave_streams.topics import TOPICS, Role, Topic

Document = dict[str, Any]

CONTRACT_VERSION: Final = "1.0.0"
"""Of the document: the middle part grows when a field or a topic is added. A change
that breaks a reader makes a new topic."""
BINDING_VERSION: Final = "0.5.0"
"""Of AsyncAPI's Kafka bindings."""

_ACTIONS: Final = {
    Role.SOURCE: ("receive",),
    Role.INTERNAL: ("send", "receive"),
    Role.OUTPUT: ("send",),
}


def asyncapi_document() -> Document:
    """Return the document: each topic of `TOPICS` under its own name, no prefix."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "idweave",
            "version": CONTRACT_VERSION,
            "description": "The topics that idweave reads and writes. Operations are "
            "seen from idweave: what it receives, others write. How to read the "
            "outputs: topics.md.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.key: _channel(topic) for topic in TOPICS},
        "operations": {
            f"{action}{_camel(topic.key)}": _operation(action, topic)
            for topic in TOPICS
            for action in _ACTIONS[topic.role]
        },
        "components": {
            "messages": {
                message.name: _message(message)
                for messages in MESSAGES.values()
                for message in messages
            },
            "schemas": _schemas(),
        },
    }


def asyncapi_text() -> str:
    """Return the document as it stands in `docs/asyncapi.yaml`."""
    made = "# Made from the code: python -m idweave_streams.contracts.asyncapi\n"
    return made + plain_yaml(asyncapi_document())


def _channel(topic: Topic) -> Document:
    return {
        "address": topic.name,
        "description": _description(topic),
        "messages": {
            message.name: {"$ref": f"#/components/messages/{message.name}"}
            for message in MESSAGES[topic.key]
        },
        "bindings": {"kafka": _topic_binding(topic)},
    }


def _description(topic: Topic) -> str:
    text = f"{topic.holds[:1].upper()}{topic.holds[1:]}. Key: {topic.keyed_by}."
    if topic.partitions is None:
        text += " Partitions: as many as the setting `partitions`."
    if topic.role is Role.INTERNAL:
        text += " Internal: only idweave reads and writes it."
    return text


def _topic_binding(topic: Topic) -> Document:
    default = Settings()
    return {
        "topic": topic.name,
        "partitions": topic.partitions or default.partitions,
        "replicas": default.replication,
        "topicConfiguration": {
            name: value.split(",") if name == "cleanup.policy" else int(value)
            for name, value in topic.config.items()
        },
        "bindingVersion": BINDING_VERSION,
    }


def _operation(action: str, topic: Topic) -> Document:
    return {"action": action, "channel": {"$ref": f"#/channels/{topic.key}"}}


def _message(message: Message) -> Document:
    kafka: Document = {"bindingVersion": BINDING_VERSION}
    if message.key is not None:
        kafka = {"key": message.key, **kafka}
    headers = {} if message.headers is None else {"headers": ref(message.headers)}
    return {
        "name": message.name,
        "summary": message.summary,
        "contentType": message.content_type,
        **headers,
        "payload": _as_component(message.payload),
        "bindings": {"kafka": kafka},
    }


def _schemas() -> Document:
    """Return the shipped schemas, with what they share taken apart."""
    schemas: Document = {}
    for name in NAMES:
        shipped = own_schema(name)
        for part, definition in shipped.get("$defs", {}).items():
            schemas[f"{name}.{part}"] = _as_component(definition)
        if "type" in shipped:
            schemas[name] = _as_component(shipped)
    return schemas


def _as_component(part: Any) -> Any:
    """Leave out what only a file of its own has, and refer within the document."""
    if isinstance(part, list):
        return [_as_component(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _reference(inner) if key == "$ref" else _as_component(inner)
        for key, inner in part.items()
        if key not in ("$schema", "$id", "$defs")
    }


def _reference(target: str) -> str:
    for name in NAMES:
        if target == URN.format(name):
            return _component(name)
    _, shared, part = target.partition("#/$defs/")
    return _component(f"common.{part}") if shared else target


def _component(name: str) -> str:
    reference: str = ref(name)["$ref"]
    return reference


def _camel(key: str) -> str:
    return "".join(word.capitalize() for word in key.split("_"))


if __name__ == "__main__":
    sys.stdout.write(asyncapi_text())
