"""The ways of `idweave erase` that look and write nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from idweave_graph.ids import Asset, ScopedId
from idweave_streams.cli.erase_preview import show_preview
from idweave_streams.cli.erase_search import show_search
from idweave_streams.cli.options import settings_of

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


_OPTIONS = (
    click.option(
        "--read-model",
        "read_models",
        multiple=True,
        type=_FOLDER,
        help="With --verify: look into this data_dir of an `idweave api`, too, with all "
        "that its files still hold.",
    ),
    click.option(
        "--tables",
        "data_dirs",
        multiple=True,
        type=_FOLDER,
        help="With --verify: look into this data_dir of a worker, too.",
    ),
    click.option(
        "--snapshot",
        "snapshots",
        multiple=True,
        type=_FOLDER,
        help="Look into this folder of `export`: with --dry-run instead of Kafka, "
        "with --verify as well.",
    ),
    click.option(
        "--verify",
        "is_search",
        is_flag=True,
        help="Write nothing; say where the id stands, and whether it is forgotten.",
    ),
    click.option(
        "--dry-run",
        "is_preview",
        is_flag=True,
        help="Write nothing; say what would go, and which events would come.",
    ),
)


def looking_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give the command the options that `Looking` is made of."""
    for decorate in _OPTIONS:
        function = decorate(function)
    return function


@dataclass(frozen=True, slots=True)
class Looking:
    """What is to be looked at, if anything."""

    is_preview: bool
    is_search: bool
    snapshots: tuple[Path, ...]
    data_dirs: tuple[Path, ...]
    read_models: tuple[Path, ...]

    def check(self, ctx: click.Context, *, waits: bool) -> None:
        """Refuse options that make no sense together."""
        looks = self.is_preview or self.is_search
        if self.is_preview and self.is_search:
            raise click.UsageError("choose --dry-run or --verify", ctx)
        if looks and waits:
            raise click.UsageError("--wait is for an erasure that is written", ctx)
        if self.snapshots and not looks:
            raise click.UsageError("--snapshot is for --dry-run and --verify", ctx)
        if self.data_dirs and not self.is_search:
            raise click.UsageError("--tables is for --verify", ctx)
        if self.read_models and not self.is_search:
            raise click.UsageError("--read-model is for --verify", ctx)
        if self.is_preview and len(self.snapshots) > 1:
            raise click.UsageError("--dry-run looks into one snapshot", ctx)

    def looked(
        self,
        ctx: click.Context,
        subject: ScopedId | Asset,
        command: Callable[[], bytes],
        *,
        as_json: bool,
    ) -> bool:
        """Say whether that was all; if so, what there was to see is printed.

        Args:
            ctx: of the command.
            subject: what is to be forgotten.
            command: returns the command that would be written.
            as_json: how it is printed.
        """
        if self.is_search:
            self._search(ctx, subject, as_json=as_json)
        elif self.is_preview:
            asset = subject if isinstance(subject, Asset) else subject.asset
            snapshot = next(iter(self.snapshots), None)
            choices: dict[str, Any] = {"snapshot": snapshot, "as_json": as_json}
            show_preview(settings_of(ctx), asset, command(), **choices)
        return self.is_search or self.is_preview

    def _search(
        self, ctx: click.Context, subject: ScopedId | Asset, *, as_json: bool
    ) -> None:
        if isinstance(subject, Asset):
            raise click.UsageError("--verify is about one id of a person", ctx)
        show_search(
            settings_of(ctx),
            subject,
            snapshots=self.snapshots,
            data_dirs=self.data_dirs,
            read_models=self.read_models,
            as_json=as_json,
        )
