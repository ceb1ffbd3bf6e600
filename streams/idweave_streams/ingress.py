"""The HTTP door joined with Kafka: what `idweave ingress` runs."""

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from idweave_adapters.credentials import Credentials, CredentialsError
from idweave_adapters.ingress import (
    AppSecrets,
    Callbacks,
    Doorkeeper,
    IngressServer,
    Limits,
    Tokens,
    TokensError,
)
from idweave_adapters.key_file import KeyFileError
from idweave_adapters.receipts import ReceiptBook, ReceiptCodes
from idweave_streams.doctor.findings import counted
from idweave_streams.publisher import KafkaPublisher
from idweave_streams.receipts import follow_receipts
from idweave_streams.setting_sources import LOGIN_VARIABLE, VERIFY_VARIABLE
from idweave_streams.settings import Settings
from idweave_streams.topics import MIB

RELOAD_S = 5.0
"""Between two looks at the files of secrets."""

unix_time_s = time.time  # noqa: TID251 - here the clock is read

_log = logging.getLogger(__name__)


class CannotListenError(RuntimeError):
    """The address can't be listened on. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Ingress:
    """Everything of the door. Nothing is opened yet."""

    settings: Settings
    door: Doorkeeper
    publisher: KafkaPublisher
    server: IngressServer
    receipts: ReceiptBook | None
    """None: callbacks are off."""


def create_ingress(
    settings: Settings, environment: Mapping[str, str], limits: Limits | None = None
) -> Ingress:
    """Join everything that the door is.

    Args:
        settings: where to listen, and the files of secrets.
        environment: where secrets may be too.
        limits: None takes those of the settings.

    Raises:
        CredentialsError: the credentials can't be used.
        TokensError: the tokens can't be used.
        KeyFileError: the key of deletion codes can't be used, or lacks its setting.
    """
    paths = [settings.credentials_file] if settings.credentials_file else []
    door = Doorkeeper(
        AppSecrets(Credentials(paths, environment)),
        Tokens(
            settings.ingress_verify_token_file, environment.get(VERIFY_VARIABLE, "")
        ),
        Tokens(settings.ingress_login_token_file, environment.get(LOGIN_VARIABLE, "")),
    )
    names = settings.topics
    topics = {"webhooks": names.webhooks, "logins": names.logins}
    receipts, callbacks = _callbacks_of(settings)
    if callbacks is not None:
        topics |= {"commands": names.commands, "receipts": names.receipts}
    publisher = KafkaPublisher(settings.kafka, topics)
    server = IngressServer(
        door,
        publisher.publish,
        is_ready=lambda: publisher.is_ready,
        limits=limits or limits_of(settings),
        callbacks=callbacks,
    )
    return Ingress(settings, door, publisher, server, receipts)


def _callbacks_of(settings: Settings) -> tuple[ReceiptBook | None, Callbacks | None]:
    """Return what is known of deletions and what is done about them, if it is on."""
    file, public_url = settings.ingress_receipt_key_file, settings.ingress_public_url
    if file is None and public_url is None:
        return None, None
    if file is None or public_url is None:
        msg = (
            "ingress_receipt_key_file and ingress_public_url go together: "
            "state both, or none to have no callbacks"
        )
        raise KeyFileError(msg)
    codes, book = ReceiptCodes.from_file(file), ReceiptBook()
    return book, Callbacks(codes, book, public_url=public_url, clock_s=unix_time_s)


def limits_of(settings: Settings) -> Limits:
    """How much comes in at once, as the settings say."""
    return Limits(
        requests=settings.ingress_requests,
        memory_bytes=settings.ingress_memory_mib * MIB,
    )


async def run_ingress(ingress: Ingress, *, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM, then end in good order.

    Args:
        ingress: the door.
        ready: gets the base URL once it is listened on; Kafka may not be there yet.

    Raises:
        CannotListenError: the address is taken, or not ours.
    """
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serving(ingress) as (url, beside):
        ready(url)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({stopping, *beside}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()


Beside = tuple[asyncio.Task[None], ...]
"""What runs beside the server and does not end by itself, unless by a fault of ours."""


@asynccontextmanager
async def serving(ingress: Ingress) -> AsyncIterator[tuple[str, Beside]]:
    """Serve inside; give the base URL, and what runs beside.

    At the end no request is taken any more, those in work are finished, and what was
    sent to Kafka is acknowledged or given up.

    Raises:
        CannotListenError: the address is taken, or not ours.
    """
    _tell(ingress.door)
    _tell_callbacks(ingress)
    jobs = [ingress.publisher.run(), _reload(ingress.door)]
    if ingress.receipts is not None:
        kafka, topic = ingress.settings.kafka, ingress.settings.topics.receipts
        jobs.append(follow_receipts(kafka, topic, ingress.receipts))
    beside = tuple(asyncio.create_task(job) for job in jobs)
    try:
        yield await _listen(ingress), beside
    finally:
        await ingress.server.stop()
        for task in beside:
            task.cancel()
        outcomes = await asyncio.gather(*beside, return_exceptions=True)
        await ingress.publisher.stop()
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _listen(ingress: Ingress) -> str:
    host, port = ingress.settings.ingress_host, ingress.settings.ingress_port
    try:
        return await ingress.server.start(host, port)
    except OSError as error:
        msg = (
            f"can't listen on {host}, port {port} ({error.strerror}); "
            "change ingress_host or ingress_port"
        )
        raise CannotListenError(msg) from None


async def _reload(door: Doorkeeper) -> None:
    """Take over secrets whose files change, until cancelled."""
    while True:
        await asyncio.sleep(RELOAD_S)
        for source in (door.apps, door.verify_tokens, door.login_tokens):
            try:
                is_new = await asyncio.to_thread(source.reload)
            except (CredentialsError, TokensError, OSError) as error:
                _log.error("secrets that are not taken over: %s", error)
                continue
            if is_new:
                _tell(door)


def _tell_callbacks(ingress: Ingress) -> None:
    if ingress.receipts is None:
        _log.info(
            "deauthorizations and deletions are off: state ingress_receipt_key_file "
            "and ingress_public_url to switch them on"
        )
    else:
        _log.info("taking deauthorizations and deletions")


def _tell(door: Doorkeeper) -> None:
    """Say what is let in, in numbers."""
    _log.info(
        "taking webhooks of %s, with %s and %s",
        counted(len(door.apps), "app"),
        counted(len(door.verify_tokens), "verify token"),
        counted(len(door.login_tokens), "login token"),
    )
