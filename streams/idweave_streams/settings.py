"""One settings object: flags over environment over file over defaults.

Every fault is found and reported at once. Secrets are not settings: they are read from
the credentials file, which this only names.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from idweave_adapters.graph_api import AsidPagesToken
from idweave_adapters.graph_api import Source as LookupSource
from idweave_graph.resolve import HOUR_MS, LookupPolicy
from idweave_streams.calls import CallLimits
from idweave_streams.reliable import Memory
from idweave_streams.setting_sources import (
    ENV_PREFIX,
    Source,
    Stated,
    from_environment,
    from_file,
    from_flags,
)
from idweave_streams.setting_types import (
    AccountLinking,
    Address,
    FilePath,
    Host,
    NamePart,
    Servers,
    Sources,
    Span,
    Version,
    refused,
)
from idweave_streams.topics import MIB, TopicNames

DEFAULT = "default"
"""The origin of what nobody has stated."""


class SettingsError(ValueError):
    """The settings can't be used. The text lists every fault, one per line."""


class Settings(BaseModel):
    """What a deployment may decide."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True
    )

    app_id: NamePart = Field(default="idweave", min_length=1)
    """Names the consumer group and the changelogs. A new id starts from nothing."""
    kafka: Servers = "127.0.0.1:9092"
    """Bootstrap servers, `host:port`, separated by commas."""
    partitions: int = Field(default=8, ge=1, le=1024)
    """Of every topic but assets and holds. It can't change later: start high."""
    replication: int = Field(default=3, ge=1, le=9)
    """Copies of every topic, changelogs included."""
    topic_prefix: NamePart = ""
    """Put in front of every topic name."""
    data_dir: FilePath = Path(".idweave")
    """Where the tables lie; one worker per directory."""
    table_cache_mib: int = Field(default=64, ge=1, le=65_536)
    """What a worker remembers of what it read in its tables, in MiB."""
    table_write_buffer_mib: int = Field(default=64, ge=8, le=65_536)
    """What a worker gathers before its tables are written to files, in MiB."""

    graph_api_url: Address = "https://graph.facebook.com"
    """Where the Graph API is; the simulator prints its own address."""
    graph_api_version: Version = "v25.0"
    """The API version that is asked for."""
    credentials_file: FilePath | None = None
    """A document, or a folder of secrets, with app secrets and Page tokens."""

    lookup_sources: Sources = "ids_for_apps,ids_for_pages,token_for_business"
    """What is asked about an id, with commas between; `ids_for_business` is the fourth."""
    asid_pages_token: AsidPagesToken = AsidPagesToken.APP
    """Whose token asks for the Page ids of an app's id first: `app` or `page`."""

    account_linking: AccountLinking = AccountLinking.IGNORED
    """Whether Messenger's account linking joins ids: `ignored` or `evidence`."""
    lookup_linger_ms: int = Field(default=2_000, ge=0, le=60_000)
    """How long a batch of lookups waits to be filled."""
    lookup_requests: int = Field(default=8, ge=1, le=256)
    """Batches of lookups under way at once, per worker; slow ones have other places."""
    lookup_requests_per_business: int = Field(default=4, ge=1, le=256)
    """Of these, for one business."""
    empty_answer_hours: Span = 24
    """How long "no id known" is believed."""
    hold_probe_hours: Span = 48
    """When a held business is tried again for the first time."""
    hold_next_probe_hours: Span = 6
    """How long after a probe in vain the next one comes, at most; a token's, an hour."""
    credential_retry_minutes: Span = 10
    """When a missing or refused credential is tried again, at first."""
    credentials_reload_seconds: Span = 30
    """How often a worker looks whether the credentials were replaced."""

    erasure_key_file: FilePath | None = None
    """Holds the key that erased ids are remembered under; without it none is."""
    erasure_memory_days: int = Field(default=90, ge=1, le=3_650)
    """How long erasures are remembered: longer than what events come on is kept."""
    evidence_kept_days: int = Field(default=0, ge=0, le=36_500)
    """For how long the log of truth is kept, with the ids that it names; 0: for ever."""
    events_kept_days: int = Field(default=0, ge=0, le=36_500)
    """For how long identity events are kept, with the ids that they name; 0: for ever."""
    policy_kept_days: int = Field(default=0, ge=0, le=36_500)
    """For how long policy records are kept, with the ids that they name; 0: for ever."""

    ingress_host: Host = "127.0.0.1"
    """Where `idweave ingress` listens; `0.0.0.0` is everywhere."""
    ingress_port: int = Field(default=8080, ge=0, le=65_535)
    """Its port; 0 takes a free one."""
    ingress_verify_token_file: FilePath | None = None
    """Holds what Meta shows when a webhook is set up; one token a line, all are good."""
    ingress_login_token_file: FilePath | None = None
    """Holds what login servers show; one token a line, all are good."""
    ingress_receipt_key_file: FilePath | None = None
    """Holds the key that deletion codes are made with; `ingress_public_url` goes with it."""
    ingress_public_url: Address | None = None
    """Under which people reach `idweave ingress`, for the status of deletions."""
    ingress_requests: int = Field(default=512, ge=1, le=65_536)
    """Requests in work at once, per `idweave ingress`; more are told to come again."""
    ingress_memory_mib: int = Field(default=64, ge=1, le=65_536)
    """For bodies held at once, in MiB; some three times as much is used in all."""

    api_host: Host = "127.0.0.1"
    """Where `idweave api` listens; `0.0.0.0` is everywhere."""
    api_port: int = Field(default=8081, ge=0, le=65_535)
    """Its port; 0 takes a free one."""
    api_keys_file: FilePath | None = None
    """Holds the hashes of API keys; `idweave keys` writes it."""
    api_audit_key_file: FilePath | None = None
    """Holds the key that the audit hashes ids with; without it each start has its own."""
    api_oidc_issuer: Address | None = None
    """Whose tokens `idweave api` takes as well, as they name it."""
    api_oidc_audience: NamePart = ""
    """What these tokens must be made for; goes with `api_oidc_issuer`."""
    api_oidc_jwks_file: FilePath | None = None
    """Holds the issuer's public keys, a JSON Web Key Set; goes with `api_oidc_issuer`."""
    api_requests_per_second: int = Field(default=100, ge=1, le=100_000)
    """Of one API key, in the long run; twice as many at once."""
    api_scrub_hours: Span = 24
    """For how long files of `idweave api` may hold what its answers have forgotten."""

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_value(cls, value: object) -> object:
        """`partitions = true` would be 1."""
        if isinstance(value, bool):
            raise refused("must be a number or a text, not true or false")
        return value

    @property
    def topics(self) -> TopicNames:
        """The names of all topics."""
        return TopicNames.build(self.topic_prefix)

    @property
    def sources(self) -> frozenset[LookupSource]:
        """What a lookup reads."""
        return frozenset(map(LookupSource, self.lookup_sources.split(",")))

    @property
    def table_memory(self) -> Memory:
        """What the tables of a worker hold in memory."""
        return Memory(self.table_cache_mib * MIB, self.table_write_buffer_mib * MIB)

    @property
    def call_limits(self) -> CallLimits:
        """How much is asked at once."""
        return CallLimits(
            linger_ms=self.lookup_linger_ms,
            in_flight=self.lookup_requests,
            in_flight_per_business=self.lookup_requests_per_business,
        )

    @property
    def kept_days(self) -> Mapping[str, int]:
        """For how many days logs are kept that are otherwise kept for ever."""
        stated = {
            "evidence": self.evidence_kept_days,
            "events": self.events_kept_days,
            "policy": self.policy_kept_days,
        }
        return {key: days for key, days in stated.items() if days}

    @property
    def erasure_memory_ms(self) -> int:
        """How long erasures are remembered."""
        return _ms(self.erasure_memory_days * 24)

    @property
    def api_scrub_ms(self) -> int:
        """For how long files of the read model may hold what was forgotten."""
        return _ms(self.api_scrub_hours)

    @property
    def lookup_policy(self) -> LookupPolicy:
        """How long things are waited for and believed."""
        return LookupPolicy(
            empty_life_ms=_ms(self.empty_answer_hours),
            credential_retry_ms=_ms(self.credential_retry_minutes / 60),
            first_probe_ms=_ms(self.hold_probe_hours),
            next_probe_ms=_ms(self.hold_next_probe_hours),
        )


def _ms(hours: float) -> int:
    # Zero would mean at once, and again, and again.
    return max(1, int(hours * HOUR_MS))


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and where each of them was stated."""

    settings: Settings
    origins: Mapping[str, str]
    """By the name of the setting; `DEFAULT` where nobody stated it."""


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
    return trace_settings(flags, environment=environment, file=file).settings


def trace_settings(
    flags: Mapping[str, str],
    *,
    environment: Mapping[str, str],
    file: Path | None = None,
) -> Loaded:
    """Build the settings as `load_settings` does, and tell where each was stated.

    Raises:
        SettingsError: with every fault of every source, and where it came from. What a
            stronger source would replace must be right too.
    """
    sources = (from_file(file), from_environment(environment), from_flags(flags))
    faults = [fault for source in sources for fault in _faults(source)]
    if faults:
        raise SettingsError("\n".join(faults))
    strongest = {each.name: each for source in sources for each in source.stated}
    values = {name: each.value for name, each in strongest.items()}
    origins = dict.fromkeys(Settings.model_fields, DEFAULT)
    origins |= {name: each.origin for name, each in strongest.items()}
    return Loaded(Settings.model_validate(values), origins)


def _faults(source: Source) -> list[str]:
    """List what is wrong with one source, by itself."""
    faults = [source.fault] if source.fault else []
    stated = {each.name: each for each in source.stated}
    try:
        Settings.model_validate({name: each.value for name, each in stated.items()})
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        faults += [_fault(stated[str(f["loc"][0])], f["type"], f["msg"]) for f in found]
    return faults


def _fault(stated: Stated, kind: str, message: str) -> str:
    place = f"{_shown(stated.spelled)} ({stated.origin})"
    if kind != "extra_forbidden":
        return f"{place}: {message[:1].lower()}{message[1:]}"
    meant = stated.spelled.removeprefix(ENV_PREFIX).lower()
    near = difflib.get_close_matches(meant, Settings.model_fields, n=1)
    if not near:
        return f"{place}: there is no such setting; `idweave config show` lists all"
    is_variable = stated.spelled.startswith(ENV_PREFIX)
    name = ENV_PREFIX + near[0].upper() if is_variable else near[0]
    return f"{place}: there is no such setting; did you mean {name}?"


def _shown(name: str) -> str:
    """Return *name* as it can stand in one line."""
    return name if re.fullmatch(r"[\w.-]{1,64}", name) else f"{name[:64]!r}"
