"""Runs the command line as a user does, but in this process."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from idweave_streams.cli import main

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Run with these arguments and, of our variables, with *env* alone."""

    def invoke(*arguments: object, **env: str | None) -> Result:
        runner = CliRunner(env={"IDWEAVE_CONFIG": None, "NO_COLOR": None, **env})
        return runner.invoke(main, [str(each) for each in arguments])

    return invoke
