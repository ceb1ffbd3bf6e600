"""What credentials promise: all forms, all faults at once, and nothing shown."""

import copy
import json
import logging
import os
import pickle
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idweave_adapters.credentials import (
    BusinessCredential,
    Credential,
    Credentials,
    CredentialsError,
)
from idweave_adapters.secret import InvalidSecretError, Secret
from idweave_graph.ids import Asset, AssetKind, BusinessId, business_id

SHOP = business_id("900")
APP = Asset(AssetKind.APP, "100")
PAGE = Asset(AssetKind.PAGE, "200")

DOCUMENT = {
    "businesses": {
        "900": {
            "apps": {"100": {"secret": ["new-secret", "old-secret"]}},
            "pages": {
                "200": {"token": "page-token", "app": "100"},
                "201": {"token": "provided-token", "app": "300"},
            },
        },
        "901": {"apps": {"101": {"secret": "other-secret"}}},
    },
    "providers": {"300": {"secret": "provider-secret", "business": "902"}},
}

TOML = """
[businesses.900.apps.100]
secret = ["new-secret", "old-secret"]
[businesses.900.pages]
200 = {token = "page-token", app = "100"}
201 = {token = "provided-token", app = "300"}
[businesses.901.apps]
101.secret = "other-secret"
[providers]
300.secret = "provider-secret"
"""

SINGLE_FILES = {
    "business.900.app.100.secret": "new-secret\nold-secret\n",
    "business.900.page.200.token": "page-token\n",
    "business.900.page.200.app": "100",
    "business.900.page.201.token": "provided-token",
    "business.900.page.201.app": "300\n",
    "business.901.app.101.secret": "other-secret",
    "provider.300.secret": "provider-secret",
}

VARIABLES = {
    "IDWEAVE_BUSINESS_900_APP_100_SECRET": "new-secret old-secret",
    "IDWEAVE_BUSINESS_900_PAGE_200_TOKEN": "page-token",
    "IDWEAVE_BUSINESS_900_PAGE_200_APP": "100",
    "IDWEAVE_BUSINESS_900_PAGE_201_TOKEN": "provided-token",
    "IDWEAVE_BUSINESS_900_PAGE_201_APP": "300",
    "IDWEAVE_BUSINESS_901_APP_101_SECRET": "other-secret",
    "IDWEAVE_PROVIDER_300_SECRET": "provider-secret",
    "IDWEAVE_KAFKA_URL": "not ours",
    "HOME": "/",
}


def written(folder: Path, files: Mapping[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content)
    return folder


def faults(*paths: Path, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(CredentialsError) as caught:
        Credentials(paths, environ)
    return caught.value.problems


def faults_of(document: Mapping[str, object]) -> tuple[str, ...]:
    with pytest.raises(CredentialsError) as caught:
        Credentials.from_document(document)
    return caught.value.problems


def from_file(name: str, content: str) -> Callable[[Path], Credentials]:
    return lambda tmp: Credentials([written(tmp / "s", {name: content}) / name])


FORMS: dict[str, Callable[[Path], Credentials]] = {
    "json": from_file("c.json", json.dumps(DOCUMENT)),
    "toml": from_file("c.toml", TOML),
    "folder of documents": lambda tmp: Credentials(
        [written(tmp / "s", {"c.toml": TOML})]
    ),
    "folder of secrets": lambda tmp: Credentials([written(tmp / "s", SINGLE_FILES)]),
    "variables": lambda tmp: Credentials(environ=VARIABLES),
    "variable with a document": lambda tmp: Credentials(
        environ={"IDWEAVE_CREDENTIALS": json.dumps(DOCUMENT)}
    ),
    "parsed": lambda tmp: Credentials.from_document(DOCUMENT),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_states_the_same(form: str, tmp_path: Path) -> None:
    """Apps call with id|secret, Pages with their token and its maker's secret."""
    credentials = FORMS[form](tmp_path)

    provider = Asset(AssetKind.APP, "300")
    second_page = Asset(AssetKind.PAGE, "201")
    app_token = Secret("100|new-secret")
    new = Secret("new-secret")
    assert credentials.for_asset(SHOP, APP) == Credential(
        SHOP, APP, APP, app_token, new
    )
    assert credentials.for_asset(SHOP, PAGE) == Credential(
        SHOP, PAGE, APP, Secret("page-token"), new
    )
    assert credentials.for_asset(SHOP, second_page) == Credential(
        SHOP, second_page, provider, Secret("provided-token"), Secret("provider-secret")
    )
    assert credentials.app_secrets(SHOP, APP) == (new, Secret("old-secret"))
    assert [(owner, asset.id) for owner, asset in credentials.assets()] == [
        ("900", "100"),
        ("900", "200"),
        ("900", "201"),
        ("901", "101"),
    ]


@pytest.mark.parametrize(
    ("business", "asset"),
    [
        ("901", APP),
        ("901", PAGE),
        ("900", Asset(AssetKind.APP, "101")),
        ("900", Asset(AssetKind.APP, "300")),
        ("900", Asset(AssetKind.PAGE, "100")),
        ("999", APP),
    ],
)
def test_a_credential_serves_its_own_business_only(business: str, asset: Asset) -> None:
    """Another business, a provider's app and an unknown asset get nothing."""
    credentials = Credentials.from_document(DOCUMENT)

    assert credentials.for_asset(BusinessId(business), asset) is None
    assert credentials.app_secrets(BusinessId(business), asset) == ()


def test_the_first_page_that_an_app_made_is_found() -> None:
    """By Page id, in the same business only; another app's Pages are not meant."""
    pages = {
        page: {"token": f"token-{page}", "app": "100"} for page in ("9", "201", "7")
    }
    pages["1"] = {"token": "provided", "app": "300"}
    document = {
        "businesses": {"900": {"apps": {"100": {"secret": "hush"}}, "pages": pages}},
        "providers": {"300": {"secret": "provider-secret"}},
    }
    credentials = Credentials.from_document(document)

    found = credentials.pages_made_by(SHOP, APP)

    assert [page.id for page in found] == ["201", "7", "9"]
    assert {page.kind for page in found} == {AssetKind.PAGE}
    assert credentials.pages_made_by(business_id("901"), APP) == ()
    assert credentials.pages_made_by(SHOP, Asset(AssetKind.APP, "101")) == ()


def test_sources_add_up(tmp_path: Path) -> None:
    """A Page's token may come from a file and its app's secret from the environment."""
    page = {"businesses": {"900": {"pages": {"200": {"token": "t", "app": "100"}}}}}
    file = written(tmp_path / "s", {"c.json": json.dumps(page)}) / "c.json"

    credentials = Credentials([file], {"IDWEAVE_BUSINESS_900_APP_100_SECRET": "s"})

    found = credentials.for_asset(SHOP, PAGE)
    assert found is not None
    assert found.app_secret == Secret("s")


def test_all_faults_are_told_at_once_with_their_places(tmp_path: Path) -> None:
    """The operator corrects everything in one go."""
    document = {
        "businesses": {
            "900": {
                "apps": {"100": {"secret": 5}, "102": {"secret": []}},
                "pages": {
                    "200": {"token": "t"},
                    "201": {"app": "100"},
                    "202": {"token": "t", "app": "777"},
                    "203": {"token": "has blank", "app": 3},
                },
            },
            "901": {"apps": {"103": {"secret": "s", "name": "x"}}, "names": {}},
            "902": {"apps": {"103": {"secret": "s"}}},
        },
        "provider": {"300": {"secret": "s"}},
        "providers": {"300": {"secret": "s", "business": 5}},
    }
    good = written(tmp_path / "s", {"c.json": json.dumps(document)}) / "c.json"
    broken = written(tmp_path / "s", {"b.toml": "a = \n"}) / "b.toml"
    missing = tmp_path / "missing.json"
    stray = written(tmp_path / "s", {"password.txt": "hush"}) / "password.txt"

    told = faults(good, broken, missing, stray)

    expected = [
        (f"{good}: businesses.900.apps.100.secret", "must be a text"),
        (f"{good}: businesses.900.apps.102.secret", "must hold a secret"),
        (f"{good}: businesses.900.pages.200.token", "which app made it"),
        (f"{good}: businesses.900.pages.201.app", "has no token"),
        (f"{good}: businesses.900.pages.202.app", "the secret of this app is missing"),
        (f"{good}: businesses.900.pages.203.token", "no blanks"),
        (f"{good}: businesses.900.pages.203.app", "must be the id of an app"),
        (f"{good}: businesses.901.apps.103.<not shown>", "no part of the form"),
        (f"{good}: <not shown>.300.secret", "no part of the form"),
        (f"{good}: providers.300.business", "must be the id of a business"),
        ("app 103", "the businesses 901 and 902"),
        (f"{broken}: ", "not valid TOML at line 1"),
        (f"{missing}: ", "can't be read"),
        (f"{stray}: ", "rename or remove it"),
    ]
    for place, what in expected:
        assert [t for t in told if t.startswith(place) and what in t], (place, what)
    assert len(told) == len(expected)


def test_a_fact_stated_twice_is_a_fault(tmp_path: Path) -> None:
    """Nobody could say which one holds."""
    file = written(tmp_path / "s", {"c.json": json.dumps(DOCUMENT)}) / "c.json"

    told = faults(file, environ={"IDWEAVE_PROVIDER_300_SECRET": "provider-secret"})

    assert told == (f"environment: providers.300.secret: also stated in {file}",)


@pytest.mark.parametrize("document", [[], "text", 5, None])
def test_a_document_must_be_an_object(document: object) -> None:
    """Anything else is told in words."""
    (told,) = faults_of(document)  # type: ignore[arg-type]

    assert told == "document: the document: must be an object with businesses"


def test_no_credentials_at_all_are_allowed() -> None:
    """The graph still works on what events bring."""
    assert Credentials().assets() == ()
    assert Credentials.from_document({"businesses": {}}).assets() == ()


def test_the_own_secret_comes_before_a_providers() -> None:
    """An app can serve its owner and others; its owner's statement holds for its own."""
    document = {
        "businesses": DOCUMENT["businesses"],
        "providers": {"100": {"secret": "p"}, "300": {"secret": "provider-secret"}},
    }

    found = Credentials.from_document(document).for_asset(SHOP, PAGE)

    assert found is not None
    assert found.app_secret == Secret("new-secret")


def test_hidden_files_of_a_folder_are_left_alone(tmp_path: Path) -> None:
    """An editor's copy of a secret is not a second secret."""
    folder = written(tmp_path / "s", {**SINGLE_FILES, ".provider.300.secret": "old"})

    assert len(Credentials([folder]).assets()) == 4


def test_a_changed_file_is_taken_while_running(tmp_path: Path) -> None:
    """Unchanged files are not read again; changed ones are, whole."""
    folder = written(tmp_path / "s", SINGLE_FILES)
    credentials = Credentials([folder])
    assert credentials.reload() is False

    written(folder, {"business.900.app.100.secret": "newest-secret"})

    assert credentials.reload() is True
    assert credentials.app_secrets(SHOP, APP) == (Secret("newest-secret"),)
    assert credentials.reload() is False
    assert credentials.reload(force=True) is True


def test_a_mounted_secret_is_replaced_by_its_link(tmp_path: Path) -> None:
    """Kubernetes swaps a hidden link; same names, same sizes, other files."""
    for name, secret in (("..1", "aaaa"), ("..2", "bbbb")):
        written(tmp_path / name, {"business.900.app.100.secret": secret})
        os.utime(tmp_path / name / "business.900.app.100.secret", ns=(1, 1))
    (tmp_path / "..data").symlink_to("..1")
    link = tmp_path / "business.900.app.100.secret"
    link.symlink_to("..data/business.900.app.100.secret")
    credentials = Credentials([tmp_path])

    (tmp_path / "..new").symlink_to("..2")
    (tmp_path / "..new").rename(tmp_path / "..data")

    assert credentials.reload() is True
    assert credentials.app_secrets(SHOP, APP) == (Secret("bbbb"),)


def test_a_faulty_replacement_leaves_the_old_one_in_force(tmp_path: Path) -> None:
    """A half-written file stops nothing, and is told once for each change."""
    file = written(tmp_path / "s", {"c.json": json.dumps(DOCUMENT)}) / "c.json"
    credentials = Credentials([file])

    file.write_text('{"businesses": {"900"')

    with pytest.raises(CredentialsError):
        credentials.reload()
    assert credentials.reload() is False
    assert credentials.for_asset(SHOP, APP) is not None
    file.write_text("{}")
    assert credentials.reload() is True
    assert credentials.for_asset(SHOP, APP) is None


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """A wrong file costs no memory."""
    file = tmp_path / "c.json"
    with file.open("wb") as sparse:
        sparse.truncate(64 * 1024 * 1024)

    (told,) = faults(file)

    assert "name another file" in told


def test_a_secret_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    """Not by repr, str, format, %, logging, nor inside of what holds it."""
    secret = Secret("hush-hush")
    credential = Credential(SHOP, APP, APP, Secret("100|hush-hush"), secret)

    with caplog.at_level(logging.DEBUG):
        logging.getLogger("t").info("%s %r", secret, credential)
    shown = [
        repr(secret),
        str(secret),
        f"{secret} {secret!r} {secret:>30}",
        f"{credential}",
        caplog.text,
    ]

    assert not [text for text in shown if "hush" in text]
    assert secret.reveal() == "hush-hush"


def test_a_secret_does_not_leave_the_process() -> None:
    """It can be copied, and not pickled."""
    secret = Secret("hush-hush")

    assert copy.deepcopy([secret]) == [secret]
    assert copy.copy(secret) == secret
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_secrets_are_equal_by_value_only() -> None:
    """A secret equals no plain text, so a typing mistake can't pass for a match."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


@pytest.mark.parametrize("text", ["", "a b", "a\n", "ä", "\x7f", "x" * 5000])
def test_what_can_be_no_secret_is_refused_unshown(text: str) -> None:
    """A stray line end or blank is found on loading, not by refused calls."""
    with pytest.raises(InvalidSecretError) as caught:
        Secret(text)

    assert not text or text not in str(caught.value).replace(" ", "")


def error_of(load: Callable[[], Credentials]) -> CredentialsError | None:
    try:
        load()
    except CredentialsError as error:
        return error
    return None


HUSH = st.just("hush-hush-hush")
LEAVES = st.one_of(
    HUSH, st.integers(), st.none(), st.booleans(), st.lists(HUSH, max_size=2)
)
KEYS = st.one_of(
    st.sampled_from(
        [
            "businesses",
            "providers",
            "apps",
            "pages",
            "secret",
            "token",
            "app",
            "900",
            "100",
        ]
    ),
    HUSH,
    st.text(max_size=4),
)
DOCUMENTS = st.dictionaries(
    KEYS,
    st.recursive(LEAVES, lambda below: st.dictionaries(KEYS, below, max_size=3)),
    max_size=3,
)


@given(document=DOCUMENTS)
def test_no_document_raises_anything_else_or_shows_a_value(
    document: dict[str, object],
) -> None:
    """Whatever stands in it, and even where a secret was typed as a name."""
    error = error_of(lambda: Credentials.from_document(document))

    told = "".join(traceback.format_exception(error)) if error else ""
    assert "hush" not in told + repr(error)


@given(
    content=st.binary(max_size=200), suffix=st.sampled_from(["json", "toml", "secret"])
)
def test_no_file_raises_anything_else(
    content: bytes, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any bytes are credentials or a list of problems."""
    file = tmp_path_factory.mktemp("c") / f"provider.1.{suffix}"
    file.write_bytes(content)

    error = error_of(lambda: Credentials([file]))

    assert error is None or error.problems


@pytest.mark.parametrize("name", ["c.json", "c.toml"])
def test_a_broken_document_shows_only_where(tmp_path: Path, name: str) -> None:
    """The parser's own words, and its copy of the text, stay out."""
    file = written(tmp_path / "s", {name: '{"a" = "hush-hush" hush }'}) / name

    with pytest.raises(CredentialsError) as caught:
        Credentials([file])

    chain = "".join(traceback.format_exception(caught.value))
    assert "hush" not in chain
    assert caught.value.__context__ is None
    assert "line 1" in str(caught.value)


BUSINESS_DOCUMENT = {
    "businesses": {
        "900": {
            "token": "system-token",
            "app": "100",
            "apps": {"100": {"secret": ["new-secret", "old-secret"]}},
        },
        "901": {"token": "bare-token"},
        "902": {"apps": {"102": {"secret": "a-secret"}}},
    }
}
BUSINESS_FILES = {
    "business.900.token": "system-token\n",
    "business.900.app": "100",
    "business.900.app.100.secret": "new-secret\nold-secret\n",
    "business.901.token": "bare-token",
    "business.902.app.102.secret": "a-secret",
}
BUSINESS_VARIABLES = {
    "IDWEAVE_BUSINESS_900_TOKEN": "system-token",
    "IDWEAVE_BUSINESS_900_APP": "100",
    "IDWEAVE_BUSINESS_900_APP_100_SECRET": "new-secret old-secret",
    "IDWEAVE_BUSINESS_901_TOKEN": "bare-token",
    "IDWEAVE_BUSINESS_902_APP_102_SECRET": "a-secret",
}
BUSINESS_FORMS: dict[str, Callable[[Path], Credentials]] = {
    "folder of secrets": lambda tmp: Credentials([written(tmp / "s", BUSINESS_FILES)]),
    "variables": lambda tmp: Credentials(environ=BUSINESS_VARIABLES),
    "parsed": lambda tmp: Credentials.from_document(BUSINESS_DOCUMENT),
}


@pytest.mark.parametrize("form", BUSINESS_FORMS)
def test_a_business_may_have_a_token_of_its_own(form: str, tmp_path: Path) -> None:
    """Proved with the secret of the app that made it, if that is stated."""
    credentials = BUSINESS_FORMS[form](tmp_path)

    assert credentials.for_business(SHOP) == BusinessCredential(
        SHOP, Secret("system-token"), APP, Secret("new-secret")
    )
    bare = business_id("901")
    assert credentials.for_business(bare) == BusinessCredential(
        bare, Secret("bare-token")
    )


def test_a_business_without_a_token_has_no_credential() -> None:
    """It is known all the same; what nobody speaks of is not."""
    credentials = Credentials.from_document(BUSINESS_DOCUMENT)

    assert credentials.for_business(business_id("902")) is None
    assert credentials.for_business(business_id("999")) is None
    assert credentials.businesses() == ("900", "901", "902")


def test_the_token_of_a_business_is_no_credential_of_an_asset() -> None:
    """Nobody is looked up with it."""
    credentials = Credentials.from_document({"businesses": {"901": {"token": "t"}}})

    assert credentials.assets() == ()


def test_faults_of_a_businesss_own_token_are_told() -> None:
    """With their places, and without a value."""
    told = faults(
        environ={
            "IDWEAVE_CREDENTIALS": json.dumps(
                {
                    "businesses": {
                        "900": {"token": "secret-token", "app": "777"},
                        "901": {"app": "100", "apps": {"100": {"secret": "s"}}},
                        "902": {"token": 5},
                    }
                }
            )
        }
    )

    assert len(told) == 3
    assert "businesses.902.token: must be a text" in told[0]
    assert "the secret of this app is missing" in told[1]
    assert "the business has no token" in told[2]
    assert "secret-token" not in " ".join(told)


def test_the_token_of_a_business_is_never_shown() -> None:
    """As no secret is."""
    credential = Credentials.from_document(BUSINESS_DOCUMENT).for_business(SHOP)

    assert "system-token" not in f"{credential!r}"
    assert "new-secret" not in f"{credential!r}"


def test_a_file_that_may_be_read_at_last_is_read(tmp_path: Path) -> None:
    """An operator corrects its permissions, which leaves its content as it was."""
    file = written(tmp_path / "s", {"c.json": json.dumps(DOCUMENT)}) / "c.json"
    credentials = Credentials([file])

    file.chmod(0o400)

    assert credentials.reload()
    assert not credentials.reload()


def test_a_place_that_cant_be_looked_at_is_told(tmp_path: Path) -> None:
    """As any other fault, so that a running worker keeps what it has."""
    nowhere = tmp_path / ("x" * 300)  # longer than any file system takes

    with pytest.raises(CredentialsError, match="can't be read"):
        Credentials([nowhere])
