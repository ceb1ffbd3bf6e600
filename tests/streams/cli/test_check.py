"""`idweave check`: a real broker, a simulated Graph API, and what is told of each."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from tests.streams.cli.conftest import Run
from tests.support.kafka import KafkaBroker

from idweave_adapters.simulator import Simulator, World
from idweave_streams.cli import main
from idweave_streams.cli.exits import Exit

PARTS = [
    "settings",
    "engine",
    "data_dir",
    "credentials",
    "erasures",
    "broker",
    "topics",
    "graph_api",
]


@dataclass
class Deployment:
    """A deployment that runs in all respects but its topics."""

    run: Run
    simulator: Simulator
    settings: dict[str, object]

    async def idweave(self, *arguments: str, **changed: object) -> Result:
        """Run the command beside the simulator, which lives in this loop."""
        settings = self.settings | changed
        stated = [part for n, v in settings.items() for part in ("--set", f"{n}={v}")]
        return await asyncio.to_thread(self.run, *stated, *arguments)

    async def check(self, *arguments: str, **changed: object) -> Result:
        return await self.idweave("check", *arguments, **changed)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    world = World.generate(seed=5, businesses=2, people=20, provider=False)
    async with Simulator(world) as running:
        yield running


@pytest.fixture
def deployment(run: Run, simulator: Simulator, tmp_path: Path) -> Deployment:
    """No broker is there."""
    credentials = tmp_path / "credentials.json"
    credentials.write_bytes(orjson.dumps(simulator.world.credentials()))
    key = tmp_path / "erasure-key"
    key.write_text("0123456789abcdef" * 4)
    settings = {
        "kafka": "127.0.0.1:1",
        "replication": 1,
        "partitions": 1,
        "data_dir": tmp_path / "tables",
        "graph_api_url": simulator.base_url,
        "credentials_file": credentials,
        "erasure_key_file": key,
    }
    return Deployment(run, simulator, settings)


@pytest.fixture
def on_kafka(
    deployment: Deployment, kafka: KafkaBroker, topic_prefix: str
) -> Deployment:
    """With a broker, on which the topics are missing."""
    names = {"topic_prefix": topic_prefix, "app_id": topic_prefix}
    deployment.settings |= {"kafka": kafka.bootstrap, **names}
    return deployment


def marks(result: Result) -> dict[str, str]:
    """The mark of each check; of businesses, whether all have the same."""
    found: dict[str, set[str]] = {}
    for line in result.stdout.splitlines():
        mark, name, *_ = line.split()
        found.setdefault(name, set()).add(mark)
    return {name: " ".join(sorted(each)) for name, each in found.items()}


def line(result: Result, name: str) -> str:
    """The one line about that part."""
    (found,) = (x for x in result.stdout.splitlines() if x.split()[1] == name)
    return found


def secrets(document: Any) -> Iterator[str]:
    """Every secret in a credentials document."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key in {"secret", "token"}:
                yield from value if isinstance(value, list) else [value]
            else:
                yield from secrets(value)


async def test_all_is_fine(on_kafka: Deployment) -> None:
    """One line per check and business, and code 0."""
    await on_kafka.idweave("topics", "apply")

    result = await on_kafka.check()

    assert marks(result) == dict.fromkeys([*PARTS, "business"], "ok")
    assert result.exit_code == Exit.OK
    assert len(result.stdout.splitlines()) == len(PARTS) + 2
    assert result.stderr == ""


async def test_credentials_are_counted_and_not_shown(on_kafka: Deployment) -> None:
    """Whatever fails: neither secret nor token gets out."""
    document = on_kafka.simulator.world.credentials()
    owned = document["businesses"].values()
    apps = sum(len(each["apps"]) for each in owned)
    pages = sum(len(each["pages"]) for each in owned)

    fine = await on_kafka.check()
    for app in on_kafka.simulator.world.apps:
        on_kafka.simulator.revoke(f"app:{app}")
    refused = await on_kafka.check("--every-asset")

    assert f"2 businesses, {apps} apps, {pages} Pages" in line(fine, "credentials")
    assert marks(refused)["business"] == "FAIL ok"
    hidden = list(secrets(document))
    assert len(hidden) >= apps + pages
    assert not [s for s in hidden if s in fine.output + refused.output]


async def test_missing_topics_are_a_matter_of_configuration(
    on_kafka: Deployment,
) -> None:
    """The hint is the command that makes them."""
    result = await on_kafka.check()

    assert result.exit_code == Exit.CONFIGURATION
    assert marks(result)["topics"] == "FAIL"
    assert "idweave topics apply" in line(result, "topics")


async def test_topics_with_another_numbering_are_told(on_kafka: Deployment) -> None:
    """With the way out, which is not to apply."""
    await on_kafka.idweave("topics", "apply")

    result = await on_kafka.check(partitions=2)

    assert result.exit_code == Exit.CONFIGURATION
    assert "Set partitions=1" in line(result, "topics")


async def test_more_copies_than_brokers_are_told(on_kafka: Deployment) -> None:
    """Where the brokers are counted."""
    result = await on_kafka.check(replication=3)

    assert marks(result)["broker"] == "FAIL"
    assert "replication=1" in line(result, "broker")


async def test_erasures_without_a_key_are_warned_of(deployment: Deployment) -> None:
    """With the command that makes one; a key that can't be used is a failure."""
    key = deployment.settings.pop("erasure_key_file")
    without = await deployment.check("--offline")
    missing = await deployment.check("--offline", erasure_key_file=f"{key}-lost")
    await asyncio.to_thread(Path(str(key)).write_text, "too short")
    short = await deployment.check("--offline", erasure_key_file=key)

    assert without.exit_code == Exit.OK
    assert marks(without)["erasures"] == "warn"
    assert "openssl rand -hex 32 > FILE" in line(without, "erasures")
    for result in (missing, short):
        assert result.exit_code == Exit.CONFIGURATION
        assert marks(result)["erasures"] == "FAIL"
    assert "too short" not in short.output


async def test_one_failure_hides_no_other(deployment: Deployment) -> None:
    """Everything that can be wrong at once is told at once."""
    deployment.simulator.change(drop_rate=1.0)
    in_a_file = deployment.settings["credentials_file"]

    result = await deployment.check(
        data_dir=f"{in_a_file}/tables", credentials_file="/no/such/file.json"
    )

    assert marks(result) == {
        "settings": "ok",
        "engine": "ok",
        "data_dir": "FAIL",
        "credentials": "FAIL",
        "erasures": "ok",
        "broker": "FAIL",
        "topics": "skip",
        "graph_api": "FAIL",
    }
    assert result.exit_code == Exit.CONFIGURATION


async def test_what_does_not_answer_is_unavailable(deployment: Deployment) -> None:
    """As long as nothing else has to be put right."""
    result = await deployment.check(kafka="no-such-host.invalid:9092")

    assert result.exit_code == Exit.UNAVAILABLE
    assert marks(result)["broker"] == "FAIL"
    assert "unknown host: no-such-host.invalid" in line(result, "broker")
    assert marks(result)["business"] == "ok"


async def test_a_graph_api_that_does_not_answer_is_unavailable(
    deployment: Deployment,
) -> None:
    """The credentials can't be tried then, and that is no fault of theirs."""
    deployment.simulator.change(failure_rate=1.0)

    result = await deployment.check()

    assert result.exit_code == Exit.UNAVAILABLE
    assert "HTTP 500" in line(result, "graph_api")
    assert marks(result)["business"] == "FAIL"


async def test_plain_http_to_another_machine_is_tried_as_a_worker_would(
    deployment: Deployment,
) -> None:
    """Who writes http:// means it: a simulator in another container."""
    result = await deployment.check(graph_api_url="http://no-such-host.invalid:8080")

    assert result.exit_code == Exit.UNAVAILABLE
    assert "no connection" in line(result, "graph_api")


async def test_a_version_that_is_no_longer_served_is_told(
    deployment: Deployment,
) -> None:
    """With the one that is served instead."""
    result = await deployment.check(graph_api_version="v18.0")

    assert result.exit_code == Exit.CONFIGURATION
    assert "set graph_api_version=v21.0" in line(result, "graph_api")


async def test_a_refused_credential_is_told_for_its_business_alone(
    deployment: Deployment,
) -> None:
    """One app of each business is tried; every asset if asked for."""
    document = deployment.simulator.world.credentials()["businesses"]
    owner, owned = min(document.items(), key=lambda item: item[0])
    deployment.simulator.revoke(f"app:{min(owned['apps'])}")

    result = await deployment.check()
    everything = await deployment.check("--every-asset")

    assert result.exit_code == Exit.CONFIGURATION
    tried = [x for x in result.stdout.splitlines() if " business " in x]
    assert len(tried) == len(document)
    (refused,) = (x for x in tried if x.startswith("FAIL"))
    assert owner in refused
    assert "check the app secret" in refused
    count = sum(len(o["apps"]) + len(o["pages"]) for o in document.values())
    lines = everything.stdout.splitlines()
    assert sum(" business " in x for x in lines) == count


async def test_nobody_is_looked_up(deployment: Deployment) -> None:
    """Each proof reads the app itself."""
    await deployment.check("--every-asset")

    asked = deployment.simulator.stats
    assert set(asked.by_route) <= {"node", "ids"}
    assert asked.by_route["node"] > 0


async def test_offline_nothing_is_asked(deployment: Deployment) -> None:
    """Neither broker nor Graph API, and what can be checked here is."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kafka = f"127.0.0.1:{server.getsockname()[1]}"
        result = await deployment.check("--offline", kafka=kafka)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()

    assert result.exit_code == Exit.OK
    assert marks(result) == {
        **dict.fromkeys(PARTS[:5], "ok"),
        **dict.fromkeys(PARTS[5:], "skip"),
    }
    assert deployment.simulator.stats.requests == 0


def test_wrong_settings_are_told_and_nothing_else_is_tried(run: Run) -> None:
    """All faults, in the form that was asked for."""
    stated = ["--set", "kafak=a:1", "--set", "partitions=0"]

    result = run(*stated, "check")
    as_json = orjson.loads(run(*stated, "check", "--json").stdout)

    assert result.exit_code == Exit.CONFIGURATION
    assert "did you mean kafka?" in line(result, "settings")
    assert "partitions (--set)" in line(result, "settings")
    assert as_json["exit_code"] == Exit.CONFIGURATION
    assert [check["status"] for check in as_json["checks"]] == ["failed"]


def test_wrong_credentials_are_told_by_their_places(run: Run, tmp_path: Path) -> None:
    """All of them, without a value."""
    file = tmp_path / "credentials.json"
    file.write_text(
        '{"businesses": {"1": {"pages": {"2": {"token": "hush"}}}}, "x": 1}'
    )

    result = run("--set", f"credentials_file={file}", "check", "--offline")

    assert result.exit_code == Exit.CONFIGURATION
    assert "2 faults" in line(result, "credentials")
    assert "which app made it" in line(result, "credentials")
    assert "hush" not in result.output


def test_credentials_may_be_in_the_environment(run: Run) -> None:
    """They are counted with the others."""
    result = run("check", "--offline", IDWEAVE_BUSINESS_1_APP_2_SECRET="hush-hush")

    assert "1 business, 1 app, 0 Pages" in line(result, "credentials")
    assert "hush" not in result.output


def test_no_credentials_are_worth_a_warning(run: Run) -> None:
    """Events alone make a graph too, so it is no failure."""
    result = run("check", "--offline")

    assert marks(result)["credentials"] == "warn"
    assert result.exit_code == Exit.OK


@pytest.mark.parametrize(("no_color", "is_coloured"), [(None, True), ("1", False)])
def test_colours_are_for_terminals_and_can_be_forbidden(
    no_color: str | None, *, is_coloured: bool
) -> None:
    """By NO_COLOR, whatever its value."""
    environment = {"IDWEAVE_CONFIG": None, "NO_COLOR": no_color}
    arguments = ["check", "--offline"]
    runner = CliRunner(env=environment)

    on_terminal = runner.invoke(main, arguments, color=True)
    in_a_pipe = runner.invoke(main, arguments)

    assert ("\x1b[" in on_terminal.stdout) == is_coloured
    assert "\x1b[" not in in_a_pipe.stdout


async def test_json_tells_the_same(deployment: Deployment) -> None:
    """Name, status, result and hint of each check, and the exit code."""
    result = await deployment.check("--json")
    text = await deployment.check()

    found = orjson.loads(result.stdout)
    assert found["exit_code"] == result.exit_code == text.exit_code
    words = {"ok": "ok", "failed": "FAIL", "skipped": "skip", "warning": "warn"}
    told = [(words[c["status"]], c["name"].split()[0]) for c in found["checks"]]
    assert told == [tuple(x.split()[:2]) for x in text.stdout.splitlines()]
    for check in found["checks"]:
        assert (check["hint"] is None) == (check["status"] in {"ok", "skipped"})
        assert (check["blame"] is None) == (check["status"] != "failed")
