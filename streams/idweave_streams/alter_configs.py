"""One request that aiokafka lacks: set some configs, leave the others as they are.

Its AlterConfigs replaces all that was ever set on a topic, so that what an operator
set by hand would be gone. Kafka protocol guide, IncrementalAlterConfigs, version 0;
all brokers since 2.3 know it. aiokafka is untyped, and names classes this way.
"""

from collections.abc import Mapping

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Int8, Int16, Int32, Schema, String

_KEY = 44
_TOPIC = 2
_SET = 0
_TEXT = String("utf-8")


class IncrementalAlterConfigsResponse_v0(Response):  # type: ignore[misc]  # noqa: N801
    """Error code, message, kind and name of each resource."""

    API_KEY = _KEY
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "resources",
            Array(
                ("error_code", Int16),
                ("error_message", _TEXT),
                ("resource_type", Int8),
                ("resource_name", _TEXT),
            ),
        ),
    )


class IncrementalAlterConfigsRequest_v0(RequestStruct):  # type: ignore[misc]  # noqa: N801
    """Resources, each with its changes."""

    API_KEY = _KEY
    API_VERSION = 0
    RESPONSE_TYPE = IncrementalAlterConfigsResponse_v0
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("resource_type", Int8),
                ("resource_name", _TEXT),
                (
                    "configs",
                    Array(
                        ("name", _TEXT),
                        ("config_operation", Int8),
                        ("value", _TEXT),
                    ),
                ),
            ),
        ),
        ("validate_only", Boolean),
    )


class IncrementalAlterConfigsRequest(
    Request[IncrementalAlterConfigsRequest_v0]  # type: ignore[misc]
):
    """Sets configs of topics."""

    API_KEY = _KEY

    def __init__(
        self, topics: Mapping[str, Mapping[str, str]], *, validate_only: bool
    ) -> None:
        self._topics = topics
        self._validate_only = validate_only

    def build(
        self, request_struct_class: type[IncrementalAlterConfigsRequest_v0]
    ) -> IncrementalAlterConfigsRequest_v0:
        """Give the request as it is sent."""
        resources = [
            (_TOPIC, topic, [(name, _SET, value) for name, value in configs.items()])
            for topic, configs in self._topics.items()
        ]
        return request_struct_class(resources, self._validate_only)
