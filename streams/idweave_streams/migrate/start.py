"""A migration with everything around it: broker, Graph API, journal."""

import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from idweave_adapters.credentials import Credentials
from idweave_adapters.graph_api.pages_id_mapping import PageScopedIdApi
from idweave_streams.migrate.aside import AsideFile
from idweave_streams.migrate.entries import Input
from idweave_streams.migrate.figures import Figures
from idweave_streams.migrate.journal import Journal, is_begun
from idweave_streams.migrate.kafka import evidence_log, followed
from idweave_streams.migrate.proofs import Route
from idweave_streams.migrate.run import (
    Books,
    Migration,
    Plan,
    Surroundings,
    check_terms,
)
from idweave_streams.migrate.seen import Seen
from idweave_streams.migrate.setup import Wish, plan_of
from idweave_streams.settings import Settings

unix_time_s = time.time  # noqa: TID251 - the edge: timed proofs are about wall time


@dataclass(frozen=True, slots=True)
class Scene:
    """What a migration works with."""

    settings: Settings
    environment: Mapping[str, str]
    source: Input
    folder: Path
    today: Callable[[], date]
    """The day as the platform has it, in UTC."""
    tell: Callable[[Figures], None]


async def migrate(wish: Wish, scene: Scene, figures: Figures) -> None:
    """Map and publish the whole input, and count it in *figures*.

    Raises:
        MigrationStoppedError: it ended before its input did.
        JournalError: the journal is in use, damaged or about something else.
        InputChangedError: the file is another one than before.
        BrokerError: the broker does not do what is needed.
        CredentialsError: the credentials can't be used.
        InvalidBaseUrlError: the address of the Graph API can't be used.
        OSError: a file can't be read or written.
    """
    settings = scene.settings
    if not is_begun(scene.folder):  # otherwise there may be something to publish first
        check_terms(wish.terms, scene.today())
    paths = [settings.credentials_file] if settings.credentials_file else []
    credentials = Credentials(paths, scene.environment)
    async with AsyncExitStack() as stack:
        views = await stack.enter_async_context(followed(settings))
        plan = plan_of(wish, views.ownership, credentials)
        books = open_books(stack, scene, plan.route, figures)
        log = await stack.enter_async_context(evidence_log(settings))
        api = await stack.enter_async_context(_api(settings, plan))
        outside = Surroundings(
            api=api,
            ownership=views.ownership,
            holds=views.holds,
            tell_hold=log.tell_hold,
            policy=settings.lookup_policy,
            publish=log.publish,
            clock=unix_time_s,
            today=scene.today,
            tell=scene.tell,
        )
        await Migration(plan, outside, books).run(scene.source)


def open_books(
    stack: AsyncExitStack, scene: Scene, route: Route, figures: Figures
) -> Books:
    """Take up what earlier runs have left in the folder.

    Raises:
        JournalError: the journal is in use, damaged or about something else.
        OSError: a file can't be read or written.
    """
    journal = stack.enter_context(Journal.open(scene.folder))
    seen = stack.enter_context(Seen())
    aside = stack.enter_context(AsideFile(scene.folder))
    books = Books(journal, seen, aside, figures)
    head = {
        "business": str(route.business),
        "app": route.app.id,
        "page": route.page.id,
        "input": scene.source.name,
    }
    journal.load(head, books.know)
    return books


def _api(settings: Settings, plan: Plan) -> PageScopedIdApi:
    return PageScopedIdApi(
        settings.graph_api_url,
        clock=unix_time_s,
        version=settings.graph_api_version,
        is_declared=plan.terms.is_declared,
    )
