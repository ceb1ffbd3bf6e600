"""The real outside of a pipeline: the Graph API, the credentials, the clock."""

import logging
import time
from collections.abc import Mapping
from functools import partial

from idweave_adapters.credentials import Credentials
from idweave_adapters.erasure_key import ErasureKey
from idweave_adapters.graph_api import Bounds, GraphApiClient
from idweave_streams.pipeline import Outside
from idweave_streams.settings import Settings

_log = logging.getLogger(__name__)

unix_time_s = time.time  # noqa: TID251  (here the clock is read)


def reach_outside(
    settings: Settings, environment: Mapping[str, str]
) -> tuple[GraphApiClient, Credentials, Outside]:
    """Return the client, still to be opened, the credentials, and both for a pipeline.

    Raises:
        CredentialsError: the credentials of the file or *environment* can't be used.
        KeyFileError: the key of erasures can't be used.
    """
    api = GraphApiClient(
        settings.graph_api_url,
        clock=unix_time_s,
        version=settings.graph_api_version,
        bounds=Bounds(in_flight=settings.call_limits.total),
        sources=settings.sources,
        asid_pages_token=settings.asid_pages_token,
        on_other_version=partial(_warn_of_version, settings.graph_api_version),
    )
    paths = [settings.credentials_file] if settings.credentials_file else []
    credentials = Credentials(paths, environment)
    key_file = settings.erasure_key_file
    outside = Outside(
        api,
        credentials,
        lambda: int(unix_time_s() * 1000),
        api.asks_by_page,
        ErasureKey.from_file(key_file) if key_file else None,
    )
    return api, credentials, outside


def _warn_of_version(asked: str, served: str) -> None:
    _log.warning(
        "the Graph API answers with %s to those who ask for %s; read its release notes"
        " and set graph_api_version",
        served,
        asked,
        extra={"action": "graph-api-version"},
    )
