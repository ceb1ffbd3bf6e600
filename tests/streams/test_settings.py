"""Settings: which source wins, and what is said of faults."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_streams.settings import (
    DEFAULT,
    Settings,
    SettingsError,
    load_settings,
    trace_settings,
)

SECRET = "EAAsecretTokenOfThePage0123456789"


def load(
    *,
    flags: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    return load_settings(flags or {}, environment=environment or {}, file=file)


def faults(
    *,
    flags: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> list[str]:
    with pytest.raises(SettingsError) as found:
        load(flags=flags, environment=environment, file=file)
    return str(found.value).splitlines()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "idweave.toml"


def test_without_any_source_the_defaults_hold() -> None:
    """Nothing has to be stated."""
    assert load() == Settings()


def test_flags_win_over_environment_over_file_over_defaults(file: Path) -> None:
    """Each source replaces the weaker ones, setting by setting."""
    file.write_text(
        'partitions = 2\nreplication = 2\nlookup_requests = 2\napp_id = "two"'
    )
    environment = {
        "IDWEAVE_REPLICATION": "3",
        "IDWEAVE_LOOKUP_REQUESTS": "3",
        "IDWEAVE_APP_ID": "three",
    }

    loaded = trace_settings({"app_id": "four"}, environment=environment, file=file)

    settings, origins = loaded.settings, loaded.origins
    assert (settings.partitions, origins["partitions"]) == (2, f"file {file}")
    assert (settings.replication, origins["replication"]) == (3, "environment")
    assert (settings.lookup_requests, origins["lookup_requests"]) == (3, "environment")
    assert (settings.app_id, origins["app_id"]) == ("four", "--set")
    assert (settings.kafka, origins["kafka"]) == ("127.0.0.1:9092", DEFAULT)


def test_every_setting_has_an_origin() -> None:
    """Where nobody stated one, that is said too."""
    origins = trace_settings({}, environment={}, file=None).origins

    assert origins == dict.fromkeys(Settings.model_fields, DEFAULT)


def test_each_setting_can_be_stated_in_each_source(file: Path) -> None:
    """The text of a default, stated in any source, gives the default."""
    texts = {
        name: str(value)
        for name, value in Settings().model_dump().items()
        if value not in {None, ""}
    }
    variables = {f"IDWEAVE_{name.upper()}": text for name, text in texts.items()}
    file.write_text("\n".join(f'{name} = "{text}"' for name, text in texts.items()))

    assert load(flags=texts) == Settings()
    assert load(environment=variables) == Settings()
    assert load(file=file) == Settings()


def test_all_faults_of_all_sources_are_told_at_once(file: Path) -> None:
    """Also of a value that a stronger source replaces: nothing comes up later."""
    file.write_text('partitions = 0\nkafak = "a:1"')

    found = faults(
        flags={"partitions": "many"},
        environment={"IDWEAVE_REPLICATION": "0", "IDWEAVE_PARTITIONS": "8"},
        file=file,
    )

    assert [line.split(":")[0] for line in found] == [
        f"partitions (file {file})",
        f"kafak (file {file})",
        "IDWEAVE_REPLICATION (environment)",
        "partitions (--set)",
    ]


@pytest.mark.parametrize(
    ("flags", "environment", "said"),
    [
        ({"kafak": "a:1"}, {}, "kafak (--set): {none}; did you mean kafka?"),
        (
            {"topic-prefix": "x"},
            {},
            "topic-prefix (--set): {none}; did you mean topic_prefix?",
        ),
        ({"zzz": "1"}, {}, "zzz (--set): {none}; `idweave config show` lists all"),
        (
            {},
            {"IDWEAVE_KAFAK": "a:1"},
            "IDWEAVE_KAFAK (environment): {none}; did you mean IDWEAVE_KAFKA?",
        ),
        (
            {},
            {"IDWEAVE_kafka": "a:1"},
            "IDWEAVE_kafka (environment): {none}; did you mean IDWEAVE_KAFKA?",
        ),
        (
            {},
            {"IDWEAVE_CREDENTIAL_FILE": "/x"},
            "IDWEAVE_CREDENTIAL_FILE (environment): {none}; did you mean IDWEAVE_CREDENTIALS_FILE?",
        ),
    ],
)
def test_a_typo_is_refused_with_the_nearest_name(
    flags: dict[str, str], environment: dict[str, str], said: str
) -> None:
    """In the spelling of its source. A silent typo would run with a default."""
    assert faults(flags=flags, environment=environment) == [
        said.replace("{none}", "there is no such setting")
    ]


@pytest.mark.parametrize(
    "variables",
    [
        {"IDWEAVE_CONFIG": "/etc/idweave.toml"},
        {"IDWEAVE_CREDENTIALS": "{}"},
        {"IDWEAVE_BUSINESS_1_APP_2_SECRET": SECRET},
        {"IDWEAVE_PROVIDER_2_SECRET": SECRET},
        {"IDWEAVE_SERVICE_HOST": "10.0.0.7", "IDWEAVE_SERVICE_PORT": "6066"},
        {"IDWEAVE_WEB_SERVICE_PORT_HTTP": "6066", "IDWEAVE_PORT": "tcp://10.0.0.7:6"},
        {"IDWEAVE_PORT_6066_TCP": "tcp://10.0.0.7:6066", "IDWEAVE_PORT_6066_TCP_PROTO":
         "tcp"},
        {"IDWEAVE_WEB_PORT": "tcp://10.0.0.7:6066"},
        {"IDWEAVE_KAFKA": ""},
        {"KAFKA": "elsewhere:9092", "IDWEAVER_KAFKA": "elsewhere:9092"},
    ],
)  # fmt: skip
def test_variables_that_state_no_setting_are_passed_over(
    variables: dict[str, str],
) -> None:
    """Credentials, Kubernetes' service variables, empty ones, other programs'."""
    assert load(environment=variables) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("kafka", value)
            for value in (
                "",
                "broker",
                "broker:",
                "broker:0",
                "broker:65536",
                "a:1,",
                "a:1, b:2",
                "kafka://a:1",
                "a:b:1",
                "user:pw@a:1",
                "a:1\n",
            )
        ),
        *(("app_id", value) for value in ("", "a b", "a/b", "ä", "a\n", "x" * 129)),
        *(("topic_prefix", value) for value in ("a b", "a:", "\n")),
        *(("partitions", value) for value in ("0", "1025", "x", "1.5", "", "-1")),
        *(("replication", value) for value in ("0", "10", "x")),
        *(("data_dir", value) for value in ("", " ", "a\0b")),
        *(
            ("lookup_sources", value)
            for value in (
                "",
                "ids_for_apps,",
                "ids_for_apps, ids_for_pages",
                "ids_for_apps,ids_for_apps",
                "pages_id_mapping",
            )
        ),
        *(("account_linking", value) for value in ("", "on", "EVIDENCE", "1")),
        *(("asid_pages_token", value) for value in ("", "user", "app,page", "APP")),
        *(("credentials_file", value) for value in ("", "~nobody-of-that-name/x")),
        *(
            ("graph_api_url", value)
            for value in (
                "",
                "graph.facebook.com",
                "ftp://graph.facebook.com",
                "https://",
                f"https://user:{SECRET}@graph.facebook.com",
                f"https://graph.facebook.com/?access_token={SECRET}",
                "https://graph.facebook.com/#x",
                f"https://[{SECRET}",
                f"https://graph.facebook.com:{SECRET}",
                "https://graph.facebook.com /x",
            )
        ),
        *(("graph_api_version", value) for value in ("", "25.0", "v25", "v25.0/x")),
        *(("lookup_linger_ms", value) for value in ("-1", "60001", "1s")),
        *(("lookup_requests", value) for value in ("0", "257")),
        *(("lookup_requests_per_business", value) for value in ("0", "257")),
        *(
            (name, value)
            for name in (
                "empty_answer_hours",
                "hold_probe_hours",
                "hold_next_probe_hours",
                "credential_retry_minutes",
                "credentials_reload_seconds",
                "api_scrub_hours",
            )
            for value in ("0", "-1", "nan", "inf", "1e9", "a day")
        ),
        *(
            ("ingress_host", value)
            for value in ("", "a b", "http://a", "a/b", "[::1]", "a\n", "x" * 254)
        ),
        *(("ingress_port", value) for value in ("-1", "65536", "http", "tcp://a:1")),
        *(("ingress_verify_token_file", value) for value in ("", "a\0b")),
        *(("ingress_login_token_file", value) for value in ("", "a\0b")),
        *(("ingress_receipt_key_file", value) for value in ("", "a\0b")),
        *(
            (name, value)
            for name in ("evidence_kept_days", "events_kept_days", "policy_kept_days")
            for value in ("-1", "36501", "0.5", "inf", "for ever")
        ),
        *(("erasure_key_file", value) for value in ("", "a\0b")),
        *(
            ("erasure_memory_days", value)
            for value in ("0", "-1", "3651", "1.5", "inf")
        ),
        *(
            ("ingress_public_url", value)
            for value in (
                "",
                "idweave.example",
                "ftp://idweave.example",
                f"https://idweave.example/?token={SECRET}",
                f"https://user:{SECRET}@idweave.example",
                "https://idweave.example/#x",
            )
        ),
        *(("ingress_requests", value) for value in ("0", "65537")),
        *(("api_port", value) for value in ("-1", "65536", "http")),
        ("api_host", "a b"),
        *(("api_keys_file", value) for value in ("", "a\0b")),
        *(("api_audit_key_file", value) for value in ("", "a\0b")),
        *(("api_oidc_issuer", value) for value in ("", "login.example")),
        ("api_oidc_audience", "a b"),
        *(("api_oidc_jwks_file", value) for value in ("", "a\0b")),
        *(("api_requests_per_second", value) for value in ("0", "100001", "many")),
        *(("ingress_memory_mib", value) for value in ("0", "65537", "64M")),
        *(("table_cache_mib", value) for value in ("0", "65537", "64M")),
        *(("table_write_buffer_mib", value) for value in ("7", "65537", "64M")),
    ],
)
def test_a_value_that_can_not_be_is_refused(name: str, value: str) -> None:
    """In one line that names the setting and its source, and repeats no value."""
    (said,) = faults(flags={name: value})

    assert said.startswith(f"{name} (--set): ")
    assert SECRET not in said


def test_no_setting_is_left_out_of_the_refused_values() -> None:
    """A setting without any limit would have to be argued for."""
    marks = test_a_value_that_can_not_be_is_refused.pytestmark  # type: ignore[attr-defined]
    tried = {name for mark in marks for name, _ in mark.args[1]}

    assert tried == set(Settings.model_fields)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kafka", "kafka-0.kafka:9092,kafka_1:65535,10.0.0.1:1,[::1]:9092"),
        ("data_dir", "."),
        ("topic_prefix", ""),
        ("ingress_host", "::1"),
        ("ingress_host", "0.0.0.0"),  # noqa: S104 - not listened on here
        ("ingress_host", "ingress-0.local"),
        ("ingress_port", "0"),
        ("lookup_sources", "token_for_business"),
        ("asid_pages_token", "page"),
        ("account_linking", "evidence"),
        ("ingress_public_url", "https://idweave.example/people/"),
        ("graph_api_url", "http://127.0.0.1:4321"),
        ("graph_api_url", "https://proxy.example:8443/graph"),
    ],
)
def test_a_value_that_can_be_is_kept(name: str, value: str) -> None:
    """As it was given."""
    assert str(getattr(load(flags={name: value}), name)) == value


def test_a_path_may_begin_at_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No folder called `~` comes into being."""
    monkeypatch.setenv("HOME", str(tmp_path))

    assert load(flags={"data_dir": "~/tables"}).data_dir == tmp_path / "tables"


@pytest.mark.parametrize(
    "text",
    [
        "partitions = true",
        "lookup_requests = false",
        "partitions = [1]",
        "kafka = 9092",
        "data_dir = 1",
        "app_id = 1979-05-27",
        "empty_answer_hours = nan",
        "empty_answer_hours = inf",
        "[lookup]\nlinger_ms = 1",
        '"a\\nb" = 1',
    ],
)
def test_a_value_of_another_kind_in_the_file_is_refused(file: Path, text: str) -> None:
    """`true` is no number, a table is no setting."""
    file.write_text(text)

    assert len(faults(file=file)) == 1


@pytest.mark.parametrize(
    "content",
    [
        f'app_secret = "{SECRET}',
        f'kafka = "{SECRET}"\nkafka = "{SECRET}"',
        f"{SECRET}",
        f"a = {'[' * 5000}",
        f"partitions = {'9' * 5000}",
        f'kafka = "{SECRET}\xff"'.encode("latin-1"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_without_its_content(
    file: Path, content: str | bytes
) -> None:
    """Its name is told, the place where possible, and nothing of what stands there."""
    file.write_bytes(content.encode() if isinstance(content, str) else content)

    (said,) = faults(file=file)

    assert said.startswith(f"file {file}: ")
    assert SECRET not in said


def test_the_place_of_a_fault_in_the_file_is_told(file: Path) -> None:
    """By line and column."""
    file.write_text('app_id = "x"\npartitions = = 2\n')

    assert faults(file=file) == [
        f"file {file}: is not TOML at line 2, column 14; correct it there"
    ]


def test_a_file_that_can_not_be_read_is_a_fault(tmp_path: Path) -> None:
    """A missing one, and a folder."""
    missing = tmp_path / "none.toml"

    assert faults(file=missing) == [
        f"file {missing}: can't be read (No such file or directory)"
    ]
    assert faults(file=tmp_path) == [f"file {tmp_path}: can't be read (Is a directory)"]


def test_a_secret_is_no_setting_and_is_not_repeated(file: Path) -> None:
    """Where it is given by mistake, its name alone is told."""
    file.write_text(f'app_secret = "{SECRET}"\npartitions = "{SECRET}"')
    environment = {"IDWEAVE_APP_SECRET": SECRET, "IDWEAVE_KAFKA": f"a:{SECRET}"}

    found = faults(flags={"token": SECRET}, environment=environment, file=file)

    assert len(found) == 5
    assert SECRET not in "".join(found)


@given(
    hours=st.floats(0, 87_600, exclude_min=True),
    minutes=st.floats(0, 87_600, exclude_min=True),
)
def test_every_span_that_is_let_in_can_be_waited_for(
    hours: float, minutes: float
) -> None:
    """It is at least a millisecond: zero would mean again and again."""
    stated = {
        "empty_answer_hours": str(hours),
        "hold_probe_hours": str(hours),
        "credential_retry_minutes": str(minutes),
    }

    policy = load(flags=stated).lookup_policy

    assert policy.empty_life_ms >= 1
    assert policy.first_probe_ms >= 1
    assert policy.credential_retry_ms >= 1


@given(
    flags=st.dictionaries(
        st.sampled_from([*Settings.model_fields, "other"]), st.text(max_size=20)
    )
)
def test_whatever_is_stated_gives_settings_or_their_faults(
    flags: dict[str, str],
) -> None:
    """No other error gets out, and settings that come out can be used."""
    try:
        settings = load(flags=flags)
    except SettingsError as error:
        named = {line.split(" ", 1)[0] for line in str(error).splitlines()}
        assert named <= flags.keys()
    else:
        assert settings.topics.logins
        assert settings.lookup_policy
        assert settings.call_limits


def test_settings_do_not_change() -> None:
    """They are read once, by everything."""
    with pytest.raises(ValueError, match="frozen"):
        Settings().partitions = 3


def test_every_setting_says_what_it_decides() -> None:
    """Its docstring is what lists of settings show."""
    unexplained = [n for n, f in Settings.model_fields.items() if not f.description]

    assert unexplained == []
