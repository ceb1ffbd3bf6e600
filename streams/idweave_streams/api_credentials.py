"""Which credentials `idweave api` takes, as the settings say."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from idweave_adapters.api import (
    ApiKeys,
    Credentials,
    EitherCredentials,
    KeyFile,
    KeysError,
    OidcTokens,
    Provider,
)
from idweave_streams.settings import Settings

RELOAD_S = 5.0
"""Between two looks at the files: a revoked key opens nothing from then on."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Doors:
    """What is taken, and the files that it comes from."""

    credentials: Credentials
    sources: Sequence[ApiKeys | OidcTokens]


def keys_of(settings: Settings) -> KeyFile:
    """Return the file of keys.

    Raises:
        KeysError: the settings name none.
    """
    if settings.api_keys_file is None:
        msg = (
            "no file of keys is named: state api_keys_file, and make one with "
            "`idweave keys create`"
        )
        raise KeysError(msg)
    return KeyFile(settings.api_keys_file)


def doors_of(settings: Settings, clock_s: Callable[[], float]) -> Doors:
    """Read the keys, and those of the token issuer if the settings name one.

    Raises:
        KeysError: they can't be used, or a setting that goes with another is missing.
    """
    keys = ApiKeys(keys_of(settings), lambda: int(clock_s() * 1000))
    provider = provider_of(settings)
    if provider is None:
        if not len(keys):
            _log.warning("no key is good: make one with `idweave keys create`")
        return Doors(keys, [keys])
    tokens = OidcTokens(provider, clock_s)
    return Doors(EitherCredentials(keys, tokens), [keys, tokens])


def provider_of(settings: Settings) -> Provider | None:
    """Return whose tokens are taken; None: nobody's.

    Raises:
        KeysError: one of the three settings that go together is missing.
    """
    issuer, file = settings.api_oidc_issuer, settings.api_oidc_jwks_file
    audience = settings.api_oidc_audience
    if issuer is not None and file is not None and audience:
        return Provider(issuer, audience, file)
    if issuer is None and file is None and not audience:
        return None
    msg = (
        "api_oidc_issuer, api_oidc_audience and api_oidc_jwks_file go together: state "
        "all three, or none to take API keys alone"
    )
    raise KeysError(msg)


async def reload(doors: Doors) -> None:
    """Take files over that change, until cancelled."""
    while True:
        await asyncio.sleep(RELOAD_S)
        for source in doors.sources:
            try:
                if await asyncio.to_thread(source.reload):
                    _log.info("credentials were taken over")
            except KeysError as error:
                _log.error("credentials that are not taken over: %s", error)
            except Exception as error:  # noqa: BLE001  (else no revocation would count)
                kind = type(error).__name__
                _log.error("credentials that are not taken over (%s)", kind)
