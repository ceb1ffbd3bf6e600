"""Calls back as Meta does, and looks at the status as people do."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import orjson
from tests.adapters.ingress.door import APP, SECRET
from tests.support.waiting import until

from idweave_adapters.signed_request import sign
from idweave_streams.settings import Settings

wall_clock = time.time  # noqa: TID251 - requests are of now

PUBLIC = "https://people.example"
AS_JSON = {"Accept": "application/json"}


@dataclass(frozen=True)
class Asker:
    """Who asks, by which app."""

    user: str = "218471"
    app: str = APP
    secret: str = SECRET

    def form(self, issued_s: float) -> bytes:
        """What Meta posts."""
        payload = {
            "algorithm": "HMAC-SHA256",
            "issued_at": int(issued_s),
            "user_id": self.user,
        }
        text = sign(orjson.dumps(payload), self.secret.encode())
        return urlencode({"signed_request": text}).encode()


def with_callbacks(settings: Settings, folder: Path) -> Settings:
    """The same, with the callbacks switched on."""
    file = folder / "receipt-key"
    file.write_text("k" * 32)
    stated = {"ingress_receipt_key_file": file, "ingress_public_url": PUBLIC}
    return settings.model_copy(update=stated)


class Caller:
    """Calls back at one door."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def post(
        self, route: str, issued_s: float | None = None, asker: Asker | None = None
    ) -> tuple[int, bytes]:
        """Status and body of what is answered; issued now, if nothing is said."""
        asker = asker or Asker()
        body = asker.form(wall_clock() if issued_s is None else issued_s)
        url = f"{self._url}/{route}/{asker.app}"
        async with self._session.post(url, data=body) as answer:
            return answer.status, await answer.read()

    async def takes_deletions(self, asker: Asker | None = None) -> bool:
        """Whether it is known here what is on record."""
        return (await self.post("data-deletion", 0, asker))[0] == 403

    async def state(self, code: str) -> str:
        """How far a deletion is."""
        url = f"{self._url}/data-deletion/status/{code}"
        async with self._session.get(url, headers=AS_JSON) as answer:
            told: Mapping[str, str] = await answer.json()
            return told["state"]

    async def has_state(self, code: str, state: str) -> None:
        """A deletion has come so far."""

        async def is_told() -> bool:
            return await self.state(code) == state

        await until(is_told)
