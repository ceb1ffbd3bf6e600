"""One request that aiokafka lacks: the ids of topics, which tell one made anew.

Kafka protocol guide, Metadata, version 10; all brokers since 2.8 know it. aiokafka is
untyped, and names classes this way.
"""

from collections.abc import Collection, Mapping
from io import BytesIO
from typing import Any

from aiokafka.errors import IncompatibleBrokerVersion
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

_KEY = 3
_VERSION = 10
_TEXT = CompactString("utf-8")
_SIZE = 16
_NONE = bytes(_SIZE)
"""Of a broker that has no ids."""


class _Uuid(AbstractType[bytes]):  # type: ignore[misc]
    """Sixteen bytes."""

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(_SIZE)


class TopicIdsResponse_v10(Response):  # type: ignore[misc]  # noqa: N801
    """What is known of brokers and topics."""

    API_KEY = _KEY
    API_VERSION = _VERSION
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", _TEXT),
                ("port", Int32),
                ("rack", _TEXT),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", _TEXT),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("topic", _TEXT),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("operations", Int32),
        ("tags", TaggedFields),
    )


class TopicIdsRequest_v10(RequestStruct):  # type: ignore[misc]  # noqa: N801
    """Names of topics; none is made."""

    API_KEY = _KEY
    API_VERSION = _VERSION
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = TopicIdsResponse_v10
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("topic_id", _Uuid), ("topic", _TEXT), ("tags", TaggedFields)),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class TopicIdsRequest(Request[TopicIdsRequest_v10]):  # type: ignore[misc]
    """Asks for topics by name."""

    API_KEY = _KEY

    def __init__(self, topics: Collection[str]) -> None:
        self._topics = topics

    def build(
        self, request_struct_class: type[TopicIdsRequest_v10]
    ) -> TopicIdsRequest_v10:
        """Give the request as it is sent."""
        topics: list[object] = [(_NONE, topic, {}) for topic in self._topics]
        return request_struct_class(topics, False, False, False, {})


async def topic_ids(client: Any, topics: Collection[str]) -> Mapping[str, str]:
    """Return the id of each of *topics*; those without one are left out.

    Args:
        client: an `AIOKafkaClient` that was started.
        topics: their names.

    Raises:
        KafkaError: no broker answers.
    """
    try:
        answer = await client.send(client.get_random_node(), TopicIdsRequest(topics))
    except (IncompatibleBrokerVersion, NotImplementedError):
        return {}  # it has none
    return {
        topic: number.hex()
        for code, topic, number, *_ in answer.topics
        if not code and number != _NONE
    }
