"""A migration on the terminal: a line that lives, or lines where there is no terminal."""

import time
from collections.abc import Callable
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from idweave_streams.migrate.figures import Figures

LINE_EVERY_S = 5.0
"""How often a line is printed where there is no terminal."""


class Screen:
    """Shows figures on stderr, and never an id."""

    def __init__(
        self, console: Console, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console
        self._clock = clock
        self._live = Live(console=console, refresh_per_second=4, transient=True)
        self._printed_s = clock()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, figures: Figures) -> None:
        """Show how things stand."""
        line = ", ".join(f"{name} {value}" for name, value in figures.pairs())
        if self._console.is_terminal:
            self._live.update(Text(line))
        elif figures.waiting_s or self._clock() - self._printed_s >= LINE_EVERY_S:
            self._printed_s = self._clock()
            self._console.print(line, highlight=False, soft_wrap=True)
