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

    An app goes before a Page: its token never expires, so it tells most.
    """
    known = [
        credentials.for_asset(owner, asset) for owner, asset in credentials.assets()
    ]
    found = [credential for credential in known if credential is not None]
    if every_asset:
        return found
    found.sort(key=lambda c: (c.business, c.asset.kind is not AssetKind.APP))
    return list({c.business: c for c in reversed(found)}.values())[::-1]
