"""What `idweave export` wrote is served as it is."""

from pathlib import Path

import pytest
from tests.streams.state.conftest import copy, log, space

from idweave_adapters.api import KeysError
from idweave_adapters.read_model import MemoryStore, StoredReadModel
from idweave_streams.api import fill, names_in
from idweave_streams.api_credentials import doors_of, provider_of
from idweave_streams.settings import Settings
from idweave_streams.state.copy import StateCopy
from idweave_streams.state.membership import memberships
from idweave_streams.state.snapshot import write_snapshot
from idweave_streams.topics import TopicNames

__all__ = ["copy", "log", "space"]


async def test_an_export_says_what_the_tables_say(
    copy: StateCopy, tmp_path: Path
) -> None:
    """The digest is that of the manifest, whatever the topics are called here."""
    manifest = write_snapshot(copy, tmp_path / "out")
    store = MemoryStore()

    names = names_in(tmp_path / "out", TopicNames.build("other."))
    await fill(store, tmp_path / "out", names)

    model = StoredReadModel(store)
    found = {b: model.digest(b) for b in memberships(copy, copy.partitions)}
    assert found == {b: facts.digest for b, facts in manifest.businesses.items()}
    assert found


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, object]:
    """The three settings that go together."""
    return {
        "api_oidc_issuer": "https://login.example",
        "api_oidc_audience": "idweave",
        "api_oidc_jwks_file": tmp_path / "jwks.json",
    }


@pytest.mark.parametrize("missing", range(3))
def test_settings_that_go_together_are_all_stated(
    parts: dict[str, object], missing: int
) -> None:
    """Two of the three are a mistake; all or none are not."""
    some = dict(list(parts.items())[:missing] + list(parts.items())[missing + 1 :])

    with pytest.raises(KeysError, match="go together"):
        provider_of(Settings.model_validate(some))

    assert provider_of(Settings.model_validate(parts)) is not None
    assert provider_of(Settings()) is None


def test_keys_of_an_issuer_that_are_not_there_are_told(
    parts: dict[str, object], tmp_path: Path
) -> None:
    """Before anything is served."""
    settings = Settings.model_validate(
        {**parts, "api_keys_file": tmp_path / "keys.json"}
    )

    with pytest.raises(KeysError, match=r"jwks\.json: can't be read"):
        doors_of(settings, lambda: 0.0)
