"""One settings object: flags over environment over file over defaults.

Every fault is found and reported at once. Secrets are not settings: they are read from
the credentials file, which this only names.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from idweave_graph.resolve import HOUR_MS, LookupPolicy
from idweave_streams.calls import CallLimits
from idweave_streams.topics import TopicNames

ENV_PREFIX = "IDWEAVE_"
NOT_SETTINGS = re.compile(
    "IDWEAVE_(CONFIG|REQUIRE_KAFKA|CREDENTIALS|(BUSINESS|PROVIDER)_.*)"
)
"""Names with our prefix that are read elsewhere: credentials, tests, the file's name."""


class SettingsError(ValueError):
    """The settings can't be used. The text lists every fault, one per line."""


class Settings(BaseModel):
    """What a deployment may decide."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    app_id: str = Field("idweave", pattern=r"^[a-zA-Z0-9._-]+$")
    """Names the consumer group and the changelogs. A new id starts from nothing."""
    kafka: str = Field("127.0.0.1:9092", pattern=r"^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$")
    """Bootstrap servers, `host:port`, separated by commas."""
    partitions: int = Field(8, ge=1, le=1024)
    """Of every topic but assets and holds. It can't change later: start high."""
    replication: int = Field(3, ge=1, le=9)
    """Copies of every topic, changelogs included."""
    topic_prefix: str = Field("", pattern=r"^[a-zA-Z0-9._-]*$")
    """Put in front of every topic name."""
    data_dir: Path = Path(".idweave")
    """Where the tables lie; one worker per directory."""

    graph_api_url: str = Field("https://graph.facebook.com", pattern=r"^https?://\S+$")
    """Where the Graph API is; the simulator prints its own address."""
    graph_api_version: str = Field("v25.0", pattern=r"^v\d+\.\d+$")
    """The API version that is asked for."""
    credentials_file: Path | None = None
    """A document, or a folder of secrets, with app secrets and Page tokens."""

    lookup_linger_ms: int = Field(1_000, ge=0, le=60_000)
    """How long a batch of lookups waits to be filled."""
    lookup_requests: int = Field(8, ge=1, le=256)
    """Requests to the Graph API under way at once, per worker."""
    lookup_requests_per_business: int = Field(4, ge=1, le=256)
    """Of these, for one business."""
    empty_answer_hours: float = Field(24, gt=0)
    """How long "no id known" is believed."""
    hold_probe_hours: float = Field(48, gt=0)
    """When a held business is tried again for the first time."""
    credential_retry_minutes: float = Field(10, gt=0)
    """When a missing or refused credential is tried again."""

    @property
    def topics(self) -> TopicNames:
        """The names of all topics."""
        return TopicNames.build(self.topic_prefix)

    @property
    def call_limits(self) -> CallLimits:
        """How much is asked at once."""
        return CallLimits(
            linger_ms=self.lookup_linger_ms,
            in_flight=self.lookup_requests,
            in_flight_per_business=self.lookup_requests_per_business,
        )

    @property
    def lookup_policy(self) -> LookupPolicy:
        """How long things are waited for and believed."""
        return LookupPolicy(
            empty_life_ms=int(self.empty_answer_hours * HOUR_MS),
            credential_retry_ms=int(self.credential_retry_minutes * HOUR_MS / 60),
            first_probe_ms=int(self.hold_probe_hours * HOUR_MS),
        )


def load_settings(
    flags: Mapping[str, str],
    *,
    environment: Mapping[str, str],
    file: Path | None = None,
) -> Settings:
    """Build the settings from *flags*, *environment* and *file*, in this order.

    Raises:
        SettingsError: with every fault of every source, and where it came from.
    """
    sources: dict[str, str] = {}
    values: dict[str, Any] = {}
    faults: list[str] = []
    for origin, given in (
        (f"file {file}", _from_file(file, faults)),
        ("environment", _from_environment(environment)),
        ("flags", flags),
    ):
        for name, value in given.items():
            values[name] = value
            sources[name] = origin
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        faults += [
            _fault(str(found["loc"][0]), found["msg"], found["type"], sources)
            for found in error.errors(include_input=False, include_url=False)
        ]
    else:
        if not faults:
            return settings
    raise SettingsError("\n".join(faults))


def _from_file(file: Path | None, faults: list[str]) -> Mapping[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        faults.append(f"file {file}: can't be read ({error.strerror})")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"file {file}: is not TOML ({error})")
    return {}


def _from_environment(environment: Mapping[str, str]) -> Mapping[str, str]:
    return {
        name.removeprefix(ENV_PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(ENV_PREFIX) and not NOT_SETTINGS.fullmatch(name)
    }


def _fault(name: str, message: str, kind: str, sources: Mapping[str, str]) -> str:
    origin = sources.get(name, "defaults")
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(name, Settings.model_fields, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"{name} ({origin}): there is no such setting{hint}"
    return f"{name} ({origin}): {message[:1].lower()}{message[1:]}"
