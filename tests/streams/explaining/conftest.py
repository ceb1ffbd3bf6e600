"""The command line, as the tests of all commands run it."""

from tests.streams.cli.conftest import run

__all__ = ["run"]
