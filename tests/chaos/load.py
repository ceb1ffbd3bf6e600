"""Traffic and what people ask for, sent through all faults."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from tests.chaos.journal import Journal
from tests.chaos.meta import MetaProcess
from tests.chaos.town import Guest, Town
from tests.streams.ingress.calling import wall_clock

from idweave_adapters.ban_commands import BanKind, RequestedBan
from idweave_adapters.commands import Requested, command_key, encode_command
from idweave_adapters.simulator.traffic import Event, Traffic
from idweave_graph.messages import CommandKind
from idweave_graph.ownership import Ownership
from idweave_streams.codecs import encode_ownership
from idweave_streams.commanding import SOURCE
from idweave_streams.reliable import Output
from idweave_streams.settings import Settings
from idweave_streams.tally import Tally

TICK_S = 0.25
PATIENCE_MS = 120_000
REVIEW_AT, LOSS_AT, MOVE_AT, RELEASE_AT = 0.1, 0.35, 0.45, 0.6
"""Shares of the time after which a review begins, assets change hands, and it ends."""


class Load:
    """Sends a town's events and commands; what it has sent is on its topic."""

    def __init__(
        self, town: Town, settings: Settings, meta: MetaProcess, journal: Journal
    ) -> None:
        self.town = town
        self.traffic = Traffic(town.world, town.plan)
        self.sent = 0
        self._settings = settings
        self._meta = meta
        self._journal = journal
        self._number = 0
        self._began_ms = 0
        self._to_erase = list(town.leavers)
        self._to_ban = list(town.feuders)
        self._producer: AIOKafkaProducer | None = None

    async def begin(self) -> None:
        """Workers can know who owns what, and the guests have come."""
        await self.send([self._owned(o) for o in self.town.assets()])
        self._began_ms = int(wall_clock() * 1000)
        await self._visit((*self.town.leavers, *self.town.feuders))

    async def remind(self) -> None:
        """The leavers' logins have come again, as old as they are."""
        await self._visit(self.town.leavers)

    async def _visit(self, guests: Sequence[Guest]) -> None:
        logins = self._settings.topics.logins
        values = [_login(guest, self._began_ms) for guest in guests]
        await self.send([Output(logins, None, value) for value in values])

    async def run(self, seconds: float, tally: Tally) -> None:
        """All events have been sent, evenly over that time."""
        events, total = iter(self.traffic), self.town.plan.events
        milestones = self._milestones()
        while self.sent < total:
            share = min(1.0, self._journal.now_s / seconds)
            due = max(1, int(total * share) - self.sent)
            await self.send(list(self._outputs(islice(events, due))))
            self.sent = min(total, self.sent + due)
            while milestones and milestones[0][0] <= share:
                await milestones.pop(0)[1]()
            await self.ask(tally)
            await asyncio.sleep(TICK_S)

    async def ask(self, tally: Tally) -> bool:
        """Leavers and feuders whose ids are woven have said what they want.

        Returns whether all have.
        """
        for guests, said in (
            (self._to_erase, self._erasure),
            (self._to_ban, self._ban),
        ):
            woven = [g for g in guests if _is_woven(tally, g)]
            for guest in woven:
                await self.send([said(guest)])
                guests.remove(guest)
        return not (self._to_erase or self._to_ban)

    async def send(self, outputs: Sequence[Output]) -> None:
        """The records are there, if need be more than once."""
        while True:
            try:
                if self._producer is None:
                    self._producer = await self._connected()
                sent = [await self._send(self._producer, each) for each in outputs]
                await asyncio.gather(*sent)
            except (KafkaError, OSError) as error:
                self._journal.tell("load", f"sends again after {type(error).__name__}")
                await self.close()
                await asyncio.sleep(TICK_S)
            else:
                return

    async def close(self) -> None:
        """Nothing is open."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _connected(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._settings.kafka,
            acks="all",
            request_timeout_ms=PATIENCE_MS,
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def _send(
        self, producer: AIOKafkaProducer, output: Output
    ) -> Awaitable[object]:
        partition = output.partition
        if output.key is None and partition is None:
            self._number += 1
            partition = self._number % self._settings.partitions
        sent: Awaitable[object] = await producer.send(
            output.topic, output.value, output.key, partition=partition
        )
        return sent

    def _outputs(self, events: Iterator[Event]) -> Iterator[Output]:
        names = self._settings.topics
        for event in events:
            topic = names.logins if event.topic == "login" else names.webhooks
            yield Output(topic, None, event.value)

    # What happens meanwhile

    def _milestones(self) -> list[tuple[float, Callable[[], Awaitable[None]]]]:
        return [
            (REVIEW_AT, self._review),
            (LOSS_AT, self._lose),
            (MOVE_AT, self._move),
            (RELEASE_AT, self._release),
        ]

    async def _review(self) -> None:
        await self._meta.review(self.town.reviewed, on=True)
        self._journal.tell("Meta", "puts one business under review")

    async def _release(self) -> None:
        await self._meta.review(self.town.reviewed, on=False)
        self._journal.tell("Meta", "ends the review")

    async def _lose(self) -> None:
        await self.send([self._owned(self.town.lost)])
        self._journal.tell("owners", "an app leaves the business under review")

    async def _move(self) -> None:
        """The Page's new owner holds a token that another's app made: not to be used."""
        await self.send([self._owned(self.town.moved)])
        write_credentials(self._settings, self.town.in_the_end().credentials())
        self._journal.tell("owners", "a Page goes from one business to another")

    def _owned(self, ownership: Ownership) -> Output:
        key = str(ownership.asset).encode()
        return Output(self._settings.topics.assets, key, encode_ownership(ownership))

    def _erasure(self, guest: Guest) -> Output:
        number = self.town.leavers.index(guest)
        self._journal.tell("people", f"leaver {number + 1} asks to be forgotten")
        at_ms = int((wall_clock() + 60) * 1000)
        kind = CommandKind.ERASE_PERSON
        return self._command(
            Requested(guest.asid, kind, at_ms, SOURCE, receipt(number))
        )

    def _ban(self, guest: Guest) -> Output:
        self._journal.tell("people", "two ids are banned from being one person")
        at_ms = int(wall_clock() * 1000)
        return self._command(
            RequestedBan(
                guest.asid, guest.psid, BanKind.BAN, at_ms, SOURCE, "Ann", "two people"
            )
        )

    def _command(self, wanted: Requested | RequestedBan) -> Output:
        topic = self._settings.topics.commands
        return Output(topic, command_key(wanted), encode_command(wanted))


def receipt(number: int) -> str:
    """Under which code a leaver is told."""
    return f"leaver{number + 1}"


def write_credentials(settings: Settings, document: object) -> None:
    """The credentials file holds the document: the old one or the new one, never half."""
    path = settings.credentials_file
    assert path is not None
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps(document))
    part.rename(path)


def _is_woven(tally: Tally, guest: Guest) -> bool:
    one, two = (tally.aliases.get(alias) for alias in guest.aliases)
    return one is not None and one == two


def _login(guest: Guest, at_ms: int) -> bytes:
    event = {
        "app_id": guest.asid.asset.id,
        "user_id": guest.asid.user,
        "time": at_ms,
        "login_kind": "classic",
    }
    return orjson.dumps(event)
