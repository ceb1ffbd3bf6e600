"""Checks of the Graph API, and of what it says to our credentials."""

from collections.abc import Callable, Sequence

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api import (
    Bounds,
    ConfigurationFault,
    CredentialRefused,
    GraphApiError,
    LookupRefused,
    PermissionDenied,
)
from idweave_adapters.graph_api.check import GraphApiProbe, Proof, Reached
from idweave_streams.doctor.findings import Finding, ok, unavailable, wrong
from idweave_streams.settings import Settings

TIMEOUT_S = 10.0
"""For one HTTP request, with its answer."""

_NAME = "graph_api"
_OURS = (ConfigurationFault, CredentialRefused, LookupRefused, PermissionDenied)
_SERVER_FAILURE = 500


async def check_graph_api(settings: Settings, clock: Callable[[], float]) -> Finding:
    """Something answers at its address, and serves the version that is asked for."""
    async with _probe(settings, clock) as probe:
        reached = await probe.reach()
    if isinstance(reached, GraphApiError):
        return _failure(_NAME, reached)
    return _reached(reached, settings)


async def check_proofs(
    settings: Settings, clock: Callable[[], float], credentials: Sequence[Credential]
) -> list[Finding]:
    """Each of *credentials* is accepted: one call each, which looks nobody up."""
    async with _probe(settings, clock) as probe:
        return [_proved(proof) for proof in await probe.prove(credentials)]


def _probe(settings: Settings, clock: Callable[[], float]) -> GraphApiProbe:
    return GraphApiProbe(
        settings.graph_api_url,
        clock=clock,
        version=settings.graph_api_version,
        bounds=Bounds(total_s=TIMEOUT_S),
        plain_http=settings.graph_api_url.startswith("http://"),
    )


def _reached(reached: Reached, settings: Settings) -> Finding:
    asked, served = settings.graph_api_version, reached.served_version
    if reached.status >= _SERVER_FAILURE:
        result = f"answers HTTP {reached.status}"
        return unavailable(_NAME, result, "try again later; check proxies on the way")
    if served is not None and served != asked:
        result = f"serves {served} to those who ask for {asked}"
        return wrong(_NAME, result, f"set graph_api_version={served}")
    version = f"serves {served}" if served else "does not say its version"
    return ok(_NAME, f"{settings.graph_api_url} answers and {version}")


def _proved(proof: Proof) -> Finding:
    credential = proof.credential
    name = f"business {credential.business}"
    asset = f"{credential.asset.kind} {credential.asset.id}"
    if proof.error is None:
        return ok(name, f"{asset} is accepted")
    return _failure(name, proof.error, about=f"{asset}: ")


def _failure(name: str, error: GraphApiError, about: str = "") -> Finding:
    result = f"{about}{error.outcome.replace('_', ' ')}"
    make = wrong if isinstance(error, _OURS) else unavailable
    return make(name, result, str(error))
