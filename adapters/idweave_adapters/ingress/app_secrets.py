"""The secrets of the apps that webhooks are taken in for, by app id."""

from collections.abc import Mapping

from idweave_adapters.credentials import Credentials
from idweave_adapters.secret import Secret
from idweave_graph.ids import AssetKind


class AppSecrets:
    """Knows the apps of all businesses. An app of nobody's has no address here."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._by_app = _by_app(credentials)

    def __len__(self) -> int:
        return len(self._by_app)

    def of(self, app_id: str) -> list[bytes]:
        """All secrets that may sign for this app; none if the app is not known."""
        return [secret.reveal().encode() for secret in self._by_app.get(app_id, ())]

    def reload(self) -> bool:
        """Take the credentials as they are now, if they changed.

        Raises:
            CredentialsError: they are faulty; the last good ones stay in force.
        """
        if not self._credentials.reload():
            return False
        self._by_app = _by_app(self._credentials)
        return True


def _by_app(credentials: Credentials) -> Mapping[str, tuple[Secret, ...]]:
    return {
        asset.id: credentials.app_secrets(owner, asset)
        for owner, asset in credentials.assets()
        if asset.kind is AssetKind.APP
    }
