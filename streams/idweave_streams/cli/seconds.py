"""A number of seconds, as an option."""

import math
from typing import Any

import click


class Seconds(click.FloatRange):
    """A range of numbers; what is no number, such as `nan`, is in none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read it."""
        found: float = super().convert(value, param, ctx)
        if math.isnan(found):
            self.fail("write a number of seconds", param, ctx)
        return found
