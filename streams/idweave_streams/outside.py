"""The real outside of a pipeline: the Graph API, the credentials, the clock."""

import time
from collections.abc import Mapping

from idweave_adapters.credentials import Credentials
from idweave_adapters.graph_api import GraphApiClient
from idweave_streams.pipeline import Outside
from idweave_streams.settings import Settings

unix_time_s = time.time  # noqa: TID251  (here the clock is read)


def reach_outside(
    settings: Settings, environment: Mapping[str, str]
) -> tuple[GraphApiClient, Outside]:
    """Return the client, still to be opened, and all that a pipeline needs with it.

    Raises:
        CredentialsError: the credentials of the file or *environment* can't be used.
    """
    api = GraphApiClient(
        settings.graph_api_url,
        clock=unix_time_s,
        version=settings.graph_api_version,
        max_in_flight=settings.lookup_requests,
    )
    paths = [settings.credentials_file] if settings.credentials_file else []
    credentials = Credentials(paths, environment)
    return api, Outside(api, credentials, lambda: int(unix_time_s() * 1000))
