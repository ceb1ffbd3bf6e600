"""All checks of one deployment. One that fails hides no other."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from idweave_streams.doctor.broker import check_broker, check_topics
from idweave_streams.doctor.credentials import check_credentials, to_prove
from idweave_streams.doctor.erasures import check_erasures
from idweave_streams.doctor.findings import Finding, ok, skipped, unavailable
from idweave_streams.doctor.graph_api import check_graph_api, check_proofs
from idweave_streams.doctor.machine import check_data_dir, check_engine
from idweave_streams.settings import DEFAULT, Loaded

CHECK_TIMEOUT_S = 60.0
"""For one check as a whole; its parts have shorter limits of their own."""


@dataclass(frozen=True, slots=True)
class Scope:
    """How far the checks go."""

    offline: bool = False
    """Ask neither the broker nor the Graph API."""
    every_asset: bool = False
    """Prove all credentials, not one of each business."""


async def diagnose(
    loaded: Loaded,
    scope: Scope,
    *,
    environment: Mapping[str, str],
    clock: Callable[[], float],
) -> list[Finding]:
    """Run all checks side by side; their findings come in a fixed order.

    Args:
        loaded: the settings, which are valid.
        scope: how far to go.
        environment: where credentials may be.
        clock: wall-clock time in seconds since 1970, for timed proofs.
    """
    settings = loaded.settings
    stated = sum(origin != DEFAULT for origin in loaded.origins.values())
    finding, credentials = check_credentials(settings, environment)
    findings = [
        ok("settings", f"{len(loaded.origins)} are valid, {stated} of them stated"),
        check_engine(),
        check_data_dir(settings.data_dir),
        finding,
        check_erasures(settings),
    ]
    if scope.offline:
        names = ("broker", "topics", "graph_api")
        return [*findings, *(skipped(name, "offline") for name in names)]
    chosen = to_prove(credentials, every_asset=scope.every_asset) if credentials else ()
    groups = await asyncio.gather(
        guarded("broker", _alone(check_broker(settings))),
        guarded("topics", _alone(check_topics(settings))),
        guarded("graph_api", _alone(check_graph_api(settings, clock))),
        guarded("proofs", check_proofs(settings, clock, chosen)),
    )
    return [*findings, *(each for group in groups for each in group)]


async def _alone(finding: Awaitable[Finding]) -> list[Finding]:
    return [await finding]


async def guarded(name: str, check: Awaitable[list[Finding]]) -> list[Finding]:
    """Return the findings of *check*, or one that says why there are none."""
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check
    except TimeoutError:
        hint = "something on the way is slow; try again"
        return [unavailable(name, f"no end within {CHECK_TIMEOUT_S:g} s", hint)]
    except Exception as error:  # noqa: BLE001 - one broken check must hide no other
        # The kind alone: its text could hold anything.
        hint = "a fault of the check itself; run the others' remedies first"
        return [unavailable(name, f"ended with {type(error).__name__}", hint)]
