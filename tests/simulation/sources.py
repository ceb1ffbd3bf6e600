"""What the world puts on the source topics."""

from collections.abc import Callable
from dataclasses import dataclass, field

import orjson
from tests.simulation.broker import Broker
from tests.simulation.ground import PARENTS, scoped, token_of
from tests.simulation.platform import Platform
from tests.simulation.scenario import (
    Ban,
    Deauthorize,
    Decide,
    Erase,
    EraseAsset,
    See,
    Unlink,
)

from idweave_adapters.ban_commands import BanKind, RequestedBan
from idweave_adapters.commands import (
    AnyRequest,
    Requested,
    command_key,
    encode_command,
)
from idweave_adapters.decision_commands import RequestedDecision
from idweave_adapters.erase_commands import RequestedAssetErasure
from idweave_graph.decisions import Verdict
from idweave_graph.ids import Asset, ScopedId
from idweave_graph.messages import CommandKind
from idweave_streams.codecs import encode_ownership
from idweave_streams.reliable import Output, Record
from idweave_streams.settings import Settings


@dataclass(slots=True)
class Sources:
    """Writes events, commands and asset records as their senders do."""

    broker: Broker
    settings: Settings
    platform: Platform
    now_ms: Callable[[], int]
    sent: list[Record] = field(default_factory=list)
    """All records of source topics but those of assets."""

    def own(self, asset: Asset) -> None:
        """Tell who owns *asset* now."""
        value = encode_ownership(self.platform.owners[asset])
        topic = self.settings.topics.assets
        output = Output(topic, str(asset).encode(), value)
        self.broker.store(output, self.now_ms())

    def _send(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        partition = len(self.sent) % self.settings.partitions if key is None else None
        output = Output(topic, key, value, partition=partition)
        self.sent.append(self.broker.store(output, self.now_ms()))

    def again(self, number: int) -> None:
        """Send a record once more, as it was."""
        if self.sent:
            record = self.sent[number % len(self.sent)]
            self._send(record.topic, record.key, record.value)

    def garbage(self, number: int) -> None:
        """Send what nobody can read."""
        names = self.settings.topics
        topic = (names.logins, names.webhooks, names.commands)[number]
        self._send(topic, None, (b"", b"{", b'{"v":9}')[number])

    def see(self, step: See) -> None:
        """Let an event name somebody."""
        asset = Asset.parse(step.asset)
        seen, at_ms = scoped(step.person, asset), self.now_ms() - step.back * 1000
        names = self.settings.topics
        for _ in range(step.copies):
            if asset.kind == "app":
                self._send(names.logins, None, self._login(step, seen, at_ms))
            else:
                linking = _linking("linked", step.code) if step.code else _MESSAGE
                self._send(names.webhooks, None, _webhook(seen, at_ms, linking))

    def _login(self, step: See, seen: ScopedId, at_ms: int) -> bytes:
        event: dict[str, object] = {
            "app_id": seen.asset.id,
            "user_id": seen.user,
            "time": at_ms,
            "login_kind": "classic",
        }
        home = PARENTS.get(seen.asset, seen.asset)
        owner = self.platform.owner(home)
        if step.token and owner is not None:
            event["token_for_business"] = token_of(step.person, owner).value
        if step.code:
            event["authorization_code"] = f"code-{step.code}"
        return orjson.dumps(event)

    def unlink(self, step: Unlink) -> None:
        """Let a Page tell that somebody's account linkings are over."""
        seen = scoped(step.person, Asset.parse(step.asset))
        body = _webhook(seen, self.now_ms(), _linking("unlinked", 0))
        self._send(self.settings.topics.webhooks, None, body)

    def command(self, step: Erase | Deauthorize) -> None:
        """Ask for something about an id."""
        kind, receipt = CommandKind.DEAUTHORIZE, ""
        if isinstance(step, Erase):
            kind = CommandKind.ERASE_PERSON if step.whole else CommandKind.ERASE_ID
            receipt = f"receipt{step.receipt}" if step.receipt else ""
        about = scoped(step.person, Asset.parse(step.asset))
        self._order(Requested(about, kind, self.now_ms(), "simulation", receipt))

    def ban(self, step: Ban) -> None:
        """Say whether two ids may be one person."""
        self._order(
            RequestedBan(
                scoped=scoped(step.person, Asset.parse(step.asset)),
                other=scoped(step.other, Asset.parse(step.other_asset)),
                kind=BanKind.LIFT_BAN if step.lift else BanKind.BAN,
                at_ms=self.now_ms(),
                source="simulation",
                author="ann",
                reason="two people",
            )
        )

    def decide(self, step: Decide) -> None:
        """Decide about two ids."""
        self._order(
            RequestedDecision(
                scoped=scoped(step.person, Asset.parse(step.asset)),
                other=scoped(step.other, Asset.parse(step.other_asset)),
                verdict=Verdict(step.verdict),
                at_ms=self.now_ms(),
                source="simulation",
                author="ann",
                reason="looked at it",
            )
        )

    def erase_asset(self, step: EraseAsset) -> None:
        """Ask for all ids of an asset to be forgotten."""
        receipt = f"receipt{step.receipt}" if step.receipt else ""
        asset, now_ms = Asset.parse(step.asset), self.now_ms()
        self._order(RequestedAssetErasure(asset, now_ms, "simulation", receipt))

    def _order(self, requested: AnyRequest) -> None:
        topic = self.settings.topics.commands
        self._send(topic, command_key(requested), encode_command(requested))


_MESSAGE: dict[str, object] = {"message": {"mid": "m", "text": "hello"}}


def _linking(status: str, code: int) -> dict[str, object]:
    told = {"status": status}
    if code:
        told["authorization_code"] = f"code-{code}"
    return {"account_linking": told}


def _webhook(seen: ScopedId, at_ms: int, what: dict[str, object]) -> bytes:
    event = {
        "sender": {"id": seen.user},
        "recipient": {"id": seen.asset.id},
        "timestamp": at_ms,
        **what,
    }
    entry = {"id": seen.asset.id, "time": at_ms, "messaging": [event]}
    return orjson.dumps({"object": "page", "entry": [entry]})
