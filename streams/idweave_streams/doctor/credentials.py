"""Checks of the credentials. Numbers only: no secret gets out."""

from collections.abc import Mapping, Sequence

from idweave_adapters.credentials import Credential, Credentials, CredentialsError
from idweave_graph.ids import AssetKind
from idweave_streams.doctor.findings import Finding, counted, ok, warning, wrong
from idweave_streams.settings import Settings

_NAME = "credentials"


def check_credentials(
    settings: Settings, environment: Mapping[str, str]
) -> tuple[Finding, Credentials | None]:
    """They can be read, and whose they are."""
    paths = [settings.credentials_file] if settings.credentials_file else []
    try:
        credentials = Credentials(paths, environment)
    except CredentialsError as error:
        count = counted(len(error.problems), "fault")
        return wrong(_NAME, count, "; ".join(error.problems)), None
    except OSError as error:
        result = f"can't be read ({error.strerror})"
        return wrong(_NAME, result, "let idweave read credentials_file"), None
    assets, businesses = credentials.assets(), credentials.businesses()
    if not businesses:
        hint = "lookups wait until some come; set credentials_file"
        return warning(_NAME, "there are none", hint), credentials
    apps = sum(asset.kind is AssetKind.APP for _, asset in assets)
    counts = (
        counted(len(businesses), "business"),
        counted(apps, "app"),
        counted(len(assets) - apps, "Page"),
    )
    return ok(_NAME, ", ".join(counts)), credentials


def to_prove(credentials: Credentials, *, every_asset: bool) -> Sequence[Credential]:
    """Choose what is tried: one credential of each business, or all of them.

    Apps come before Pages in the order of assets; their tokens never expire, so that
    they tell most.
    """
    chosen: dict[object, Credential] = {}
    for owner, asset in credentials.assets():
        credential = credentials.for_asset(owner, asset)
        if credential is not None:
            chosen.setdefault((owner, asset) if every_asset else owner, credential)
    return list(chosen.values())
