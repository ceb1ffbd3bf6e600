"""The demo on the terminal: a live table, or plain lines where there is no terminal."""

from collections.abc import Iterable
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from idweave_streams.demo.run import Progress

LINE_EVERY_S = 5.0
"""How often a line is printed where there is no terminal."""


class Screen:
    """Shows progress on stderr."""

    def __init__(self, ground: str, console: Console) -> None:
        self._ground = ground
        self._console = console
        self._live = Live(console=console, refresh_per_second=4, transient=True)
        self._printed_s = 0.0
        self._marks = 0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, progress: Progress) -> None:
        """Show how things stand."""
        for mark in progress.marks[self._marks :]:
            self._console.print(mark, style="yellow", highlight=False)
        self._marks = len(progress.marks)
        if self._console.is_terminal:
            self._live.update(_table(self._ground, progress))
        elif progress.seconds - self._printed_s >= LINE_EVERY_S:
            self._printed_s = progress.seconds
            pairs = (f"{name} {value}" for name, value in _figures(progress))
            self._console.print(f"{progress.seconds:4.0f} s  " + ", ".join(pairs))


def _table(ground: str, progress: Progress) -> Group:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in _figures(progress):
        table.add_row(name, value)
    title = f"idweave on {ground}, {progress.seconds:.0f} s: {progress.phase}"
    return Group(Text(title, style="bold"), table)


def _figures(progress: Progress) -> Iterable[tuple[str, str]]:
    tally = progress.tally
    types = tally.event_types
    total = progress.story.plan.events
    yield "events in", f"{progress.sent:,} of {total:,}"
    yield "lag", f"{progress.lag:,}"
    yield "ids seen", f"{len(tally.sighted):,}"
    yield "lookups", f"{len(tally.closed):,} done, {tally.open_lookups:,} open"
    yield "Graph API", f"{progress.requests:,} requests, {progress.calls:,} calls"
    yield "persons", f"{len(set(tally.aliases.values())):,}"
    yield "merges", f"{types['merged']:,}"
    yield "refused links", f"{sum(tally.refusals.values()):,}"
    yield "dead letters", f"{sum(tally.dead_letters.values()):,}"
    held = len(tally.held)
    yield "businesses held", f"{held}" if held else "none"
