"""The compose file starts the broker that the tests run against."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
POM = {"m": "http://maven.apache.org/POM/4.0.0"}


@pytest.fixture
def kafka_service() -> dict[str, Any]:
    loaded = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    service: dict[str, Any] = loaded["services"]["kafka"]
    return service


def as_property(variable: str) -> str:
    """The image's rule: prefix off, "_" means ".", lower case."""
    return variable.removeprefix("KAFKA_").replace("_", ".").lower()


def properties() -> dict[str, str]:
    lines = (DEPLOY / "kafka" / "server.properties.in").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and line[0] != "#")


def test_same_version_as_in_tests(kafka_service: dict[str, Any]) -> None:
    """Image and Maven name one Kafka version, so neither is upgraded alone."""
    pom = ET.parse(DEPLOY / "kafka" / "pom.xml")  # noqa: S314 - our own file
    profile = pom.find(".//m:profile", POM)
    assert profile is not None
    tested = profile.findtext("m:properties/m:kafka.version", None, POM)

    assert kafka_service["image"] == f"apache/kafka:{tested}"


def test_everything_a_broker_must_have_is_set(kafka_service: dict[str, Any]) -> None:
    """The image drops all its defaults once one variable is set."""
    given = {as_property(name) for name in kafka_service["environment"]}

    assert given >= {
        "cluster.id",
        "node.id",
        "process.roles",
        "listeners",
        "advertised.listeners",
        "listener.security.protocol.map",
        "inter.broker.listener.name",
        "controller.listener.names",
        "controller.quorum.voters",
        "log.dirs",
        "offsets.topic.replication.factor",
        "transaction.state.log.replication.factor",
        "transaction.state.log.min.isr",
        "share.coordinator.state.topic.replication.factor",
        "share.coordinator.state.topic.min.isr",
    }


def test_same_settings_as_in_tests(kafka_service: dict[str, Any]) -> None:
    """What both files set, apart from addresses, they set alike."""
    ours = properties()
    theirs = {as_property(k): v for k, v in kafka_service["environment"].items()}
    addresses = re.compile(r"listener|log\.dirs|voters")

    both = {k for k in ours.keys() & theirs.keys() if not addresses.search(k)}

    assert len(both) > 10
    assert {k: theirs[k] for k in both} == {k: ours[k] for k in both}


def test_the_broker_is_reachable_from_this_machine_only(
    kafka_service: dict[str, Any],
) -> None:
    """Each published port is bound to loopback: the broker asks nobody for a password."""
    ports = kafka_service["ports"]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_each_listener_is_declared_throughout(kafka_service: dict[str, Any]) -> None:
    """Listeners, their protocols and what is advertised name the same things."""
    environment = kafka_service["environment"]

    def names(variable: str) -> set[str]:
        return {part.split(":")[0] for part in environment[variable].split(",")}

    assert names("KAFKA_LISTENERS") == names("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP")
    assert names("KAFKA_ADVERTISED_LISTENERS") == {"INTERNAL", "HOST"}
    assert "kafka:19092" in kafka_service["healthcheck"]["test"]
