"""Credentials replaced while running: taken up, and what waited for them is tried."""

import asyncio
import logging
from typing import Protocol

from idweave_adapters.credentials import Credential, CredentialsError
from idweave_graph.holds import Hold
from idweave_graph.ids import Asset, BusinessId
from idweave_streams.views import HoldBook

log = logging.getLogger(__name__)


class Replaceable(Protocol):
    """Credentials that may be replaced where they lie."""

    def for_asset(self, business: BusinessId, asset: Asset) -> Credential | None:
        """Return what a lookup of *asset*'s ids needs, None where it is missing."""

    def reload(self) -> bool:
        """Take them as they are now; say whether anything may have changed."""


class CredentialWatch:
    """Looks from time to time whether the credentials were replaced."""

    def __init__(
        self, credentials: Replaceable, holds: HoldBook, *, every_s: float
    ) -> None:
        self._credentials = credentials
        self._holds = holds
        self._every_s = every_s

    async def run(self) -> None:
        """Look until cancelled.

        Each held token is tried at once, to begin with: whoever starts a worker may
        have replaced it before.
        """
        for hold in self._held_tokens():
            self._holds.probe_now(hold)
        while True:
            await asyncio.sleep(self._every_s)
            await self.look()

    async def look(self) -> None:
        """Take up what is new. A token that is held and was replaced is tried at once.

        Faulty credentials are told in the log, once, and the old ones stay in force.
        """
        stopped = {hold: self._of(hold) for hold in self._held_tokens()}
        try:
            # Some files may lie on a slow disk; the stream must not wait for it.
            if not await asyncio.to_thread(self._credentials.reload):
                return
        except CredentialsError as error:
            log.warning("the new credentials are not used: %s", error)
            return
        log.info("credentials taken anew")
        for hold, before in stopped.items():
            if self._of(hold) != before:
                self._holds.probe_now(hold)

    def _held_tokens(self) -> list[Hold]:
        return [hold for hold in self._holds.held() if hold.asset]

    def _of(self, hold: Hold) -> Credential | None:
        if hold.asset is None:
            return None
        return self._credentials.for_asset(hold.business, hold.asset)
