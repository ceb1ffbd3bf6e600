"""`idweave migrate-asids`: ids of an app become ids of a Page, the historic way."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console

from idweave_adapters.credentials import CredentialsError
from idweave_adapters.graph_api.transport import InvalidBaseUrlError
from idweave_graph.ids import Asset, AssetKind, InvalidIdError
from idweave_streams.broker_errors import BrokerError
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.options import given, settings_of
from idweave_streams.cli.topics import exit_of
from idweave_streams.migrate.aside import FILE_NAME
from idweave_streams.migrate.entries import FileInput, Input, InputChangedError
from idweave_streams.migrate.figures import Figures
from idweave_streams.migrate.journal import JournalError
from idweave_streams.migrate.kafka import TopicInput
from idweave_streams.migrate.screen import Screen
from idweave_streams.migrate.setup import Wish
from idweave_streams.migrate.start import Scene, migrate
from idweave_streams.migrate.stops import MigrationStoppedError, Reason
from idweave_streams.migrate.terms import Terms, quota_of
from idweave_streams.settings import Settings

unix_time_s = time.time  # noqa: TID251 - the edge: here the day is read

_CODES = {
    Reason.NOT_THERE: Exit.FAILURE,
    Reason.SETUP: Exit.CONFIGURATION,
    Reason.LATER: Exit.TRY_AGAIN,
    Reason.FAILED: Exit.UNAVAILABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The options of the command, under their names there."""

    page: Asset
    file: Path | None
    topic: str | None
    ignore_invalid: bool
    is_declared: bool
    today: datetime | None
    approved_on: datetime | None
    quota: int | None
    fans: int | None
    patience: int
    state: Path | None
    as_json: bool

    def __post_init__(self) -> None:
        """They must fit together.

        Raises:
            UsageError: they don't.
        """
        if (self.file is None) == (self.topic is None):
            raise click.UsageError("name either --input or --topic")
        if self.today is not None and not self.is_declared:
            text = "--today is for what plays history: say --declared-supported too"
            raise click.UsageError(text)

    def source(self, settings: Settings) -> Input:
        """Where the ids come from."""
        if self.file is not None:
            return FileInput(self.file)
        return TopicInput(settings, self.topic or "")

    def folder(self, settings: Settings) -> Path:
        """Where the journal lies."""
        return self.state or settings.data_dir / "migrate-asids" / self.page.id

    def wish(self, settings: Settings) -> Wish:
        """What is to be done."""
        terms = Terms(
            version=settings.graph_api_version,
            quota=quota_of(self.quota, self.fans),
            approved_on=self.approved_on.date() if self.approved_on else None,
            is_declared=self.is_declared,
        )
        return Wish(self.page, terms, self.ignore_invalid, self.patience * 60.0)

    def calendar(self) -> Callable[[], date]:
        """What tells the day: the clock, unless another day is played."""
        if self.today is not None:
            played = self.today.date()
            return lambda: played
        return lambda: datetime.fromtimestamp(unix_time_s(), UTC).date()


class PageParameter(click.ParamType):
    """The id of a Page."""

    name = "page"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Asset:
        """Check that it can be one."""
        try:
            return Asset(AssetKind.PAGE, str(value))
        except InvalidIdError as error:
            self.fail(str(error), param, ctx)


_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("migrate-asids", short_help="Map an app's ids to those of a Page, once.")
@click.option(
    "--page",
    type=PageParameter(),
    required=True,
    help="The Page; its token says which app.",
)
@click.option(
    "--input",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='The ASIDs, one a line, bare or as {"asid": "..."}.',
)
@click.option("--topic", help="The ASIDs, one a record, as far as it reaches now.")
@click.option(
    "--ignore-invalid-ids/--report-invalid-ids",
    "ignore_invalid",
    default=True,
    show_default=True,
    help="Let the platform leave invalid ids out, or name them and refuse the call.",
)
@click.option(
    "--declared-supported",
    "is_declared",
    is_flag=True,
    help="The Graph API of the settings is a simulator or replay that has the call.",
)
@click.option(
    "--today",
    type=_DAY,
    help="The day that it plays; only with --declared-supported.",
)
@click.option(
    "--approved-on", type=_DAY, help="When the app passed App Review: 180 days from it."
)
@click.option(
    "--quota", type=click.IntRange(min=0), help="How many ids may be converted."
)
@click.option(
    "--fans",
    type=click.IntRange(min=0),
    help="Fans of all Pages of the app; one percent of them is the quota.",
)
@click.option(
    "--patience",
    default=60,
    show_default=True,
    type=click.IntRange(min=0),
    help="Minutes to wait for a limit to end, for one call.",
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the journal; without it one below data_dir.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:
    """Ask for the Page-scoped id of each ASID, and let the workers weave them.

    This is Meta's Page-Scoped ID API, which is gone from v7.0 and, since 5 May 2021,
    everywhere: it is for simulators and for replays of what was recorded then. The ids
    are those of the app that made the Page's token.

    It may be stopped at any time, and run again with the same words: no id that has an
    answer is asked for again. Ids without an answer stand in not-mapped.jsonl, in the
    folder of the journal.

    \b
    Exit codes: 0 done, 1 the call is gone or its time is over, 65 the input is another
    one, 69 the broker or the Graph API does not answer, 73 a file can't be written, 75
    a limit, quota or hold (run it again later), 78 something has to be put right.

    \b
    Examples:
      idweave --set graph_api_version=v3.3 --set graph_api_url=http://127.0.0.1:8080 \\
        migrate-asids --page 380374449010653 --input asids.txt \\
        --declared-supported --today 2021-04-01
    """  # noqa: D301  (\b keeps click from joining lines)
    choices = Choices(**options)
    settings = settings_of(ctx)
    figures = Figures()
    stopped: MigrationStoppedError | None = None
    with Screen(Console(stderr=True)) as screen:
        scene = Scene(
            settings,
            given(ctx).environment,
            choices.source(settings),
            choices.folder(settings),
            choices.calendar(),
            screen.show,
        )
        try:
            _run(choices.wish(settings), scene, figures)
        except MigrationStoppedError as error:
            stopped = error
    code = Exit.OK if stopped is None else _CODES[stopped.reason]
    click.echo(_told(choices, scene, figures, code, str(stopped or "")))
    if stopped is not None and not choices.as_json:
        raise CommandFailed(code, str(stopped))
    ctx.exit(code)


def _run(wish: Wish, scene: Scene, figures: Figures) -> None:
    """Migrate; what can't be helped ends the command with its code."""
    try:
        asyncio.run(migrate(wish, scene, figures))
    except BrokerError as error:
        raise CommandFailed(exit_of(error), str(error)) from error
    except (CredentialsError, InvalidBaseUrlError) as error:
        raise CommandFailed(Exit.CONFIGURATION, str(error)) from None
    except InputChangedError as error:
        raise CommandFailed(Exit.BAD_DATA, str(error)) from None
    except JournalError as error:
        raise CommandFailed(Exit.CANNOT_CREATE, str(error)) from None
    except OSError as error:
        text = f"can't read or write {error.filename or scene.folder}: {error.strerror}"
        raise CommandFailed(Exit.CANNOT_CREATE, text) from None


def _told(
    choices: Choices, scene: Scene, figures: Figures, code: Exit, why: str
) -> bytes | str:
    if choices.as_json:
        document = {
            "exit_code": int(code),
            "stopped": why or None,
            **{name.replace(" ", "_"): count for name, count in figures.counts()},
            "not_mapped_file": str(scene.folder / FILE_NAME),
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2)
    line = ", ".join(f"{name} {value}" for name, value in figures.pairs())
    if figures.aside:
        line += f"\nwhat was set aside stands in {scene.folder / FILE_NAME}"
    return line
