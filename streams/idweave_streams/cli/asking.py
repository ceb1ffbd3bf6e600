"""What `why` and `how` have in common: what is asked for, and where it is looked up."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson

from idweave_graph.explain import BrokenPersonError
from idweave_graph.ids import InvalidIdError, Member, member
from idweave_graph.person import PersonId
from idweave_graph.reading import UnreadableDocumentError
from idweave_streams.broker_errors import BrokerError
from idweave_streams.cli.commanding import line_of
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.options import settings_of
from idweave_streams.cli.topics import exit_of
from idweave_streams.explaining.archive import Archive, ArchiveError, FolderArchive
from idweave_streams.explaining.kafka import kafka_archive
from idweave_streams.explaining.tell import Teller
from idweave_streams.settings import Settings
from idweave_streams.topics import TopicNames

T = TypeVar("T")

FORMS = "app:<app>:<user>, page:<page>:<user>, token:<value> or code:<hash>"

from_folder = click.option(
    "--from",
    "folder",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Read the files that `local --out`, `export` or `demo` wrote, instead of Kafka.",
)
"""Where to look, if not on Kafka."""


class MemberType(click.ParamType):
    """A member in its text form. It is not repeated where it can't be read."""

    name = "id"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Member:
        """Read it, or the next line of stdin for a dash."""
        if not isinstance(value, str):
            found: Member = value  # click converts a value that it has converted
            return found
        try:
            return member(line_of(value))
        except InvalidIdError:
            self.fail(f"write an id as {FORMS}", param, ctx)


class PersonOrMemberType(MemberType):
    """A person id, or a member."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Read either; a person id stays a text."""
        value = line_of(value) if isinstance(value, str) else value
        if isinstance(value, str) and re.fullmatch(r"p_[0-9a-f]{32}", value):
            return PersonId(value)
        return super().convert(value, param, ctx)


def asked(
    ctx: click.Context, folder: Path | None, ask: Callable[[Teller], Awaitable[T]]
) -> T:
    """Return what *ask* finds out, or end with the code of what went wrong."""
    return asked_of_archive(ctx, folder, lambda *where: ask(Teller(*where)))


def asked_of_archive(
    ctx: click.Context,
    folder: Path | None,
    ask: Callable[[Archive, TopicNames], Awaitable[T]],
) -> T:
    """Return what *ask* finds out of the topics, or end as `asked` does."""
    settings = settings_of(ctx)
    try:
        return asyncio.run(_answer(settings, folder, ask))
    except BrokerError as error:
        raise CommandFailed(exit_of(error), str(error)) from error
    except (ArchiveError, BrokenPersonError) as error:
        raise CommandFailed(Exit.BAD_DATA, str(error)) from None
    except (UnreadableDocumentError, orjson.JSONDecodeError):
        text = "a record can't be read; find out who else writes to the output topics"
        raise CommandFailed(Exit.BAD_DATA, text) from None


async def _answer(
    settings: Settings,
    folder: Path | None,
    ask: Callable[[Archive, TopicNames], Awaitable[T]],
) -> T:
    names = settings.topics
    if folder is not None:
        if not any(
            (folder / f"{n}.jsonl").exists() for n in (names.persons, names.events)
        ):
            msg = f"{folder} has no file of {names.persons}; name a folder that has"
            raise ArchiveError(msg)
        return await ask(FolderArchive(folder), names)
    async with kafka_archive(settings.kafka) as archive:
        return await ask(archive, names)
