"""How a command that serves the query API ends when it can't."""

from collections.abc import Iterator
from contextlib import contextmanager

from idweave_streams.cli.exits import CommandFailed, Exit


@contextmanager
def told_as_failure() -> Iterator[None]:
    """Turn what goes wrong inside into the text and exit code of the command."""
    # Not needed for --help, and slow.
    from idweave_adapters.api import KeysError  # noqa: PLC0415
    from idweave_adapters.key_file import KeyFileError  # noqa: PLC0415
    from idweave_adapters.read_model import (  # noqa: PLC0415
        ReadModelError,
        UnreadableEntryError,
    )
    from idweave_streams.api import CannotListenError  # noqa: PLC0415
    from idweave_streams.broker_errors import BrokerError  # noqa: PLC0415
    from idweave_streams.cli.topics import exit_of  # noqa: PLC0415
    from idweave_streams.explaining.archive import ArchiveError  # noqa: PLC0415
    from idweave_streams.state.errors import StateError  # noqa: PLC0415

    try:
        yield
    except BrokerError as error:
        raise CommandFailed(exit_of(error), str(error)) from error
    except (KeysError, KeyFileError, CannotListenError) as error:
        raise CommandFailed(Exit.CONFIGURATION, str(error)) from None
    except (ArchiveError, StateError, UnreadableEntryError) as error:
        raise CommandFailed(Exit.BAD_DATA, str(error)) from None
    except ReadModelError as error:
        raise CommandFailed(Exit.CANNOT_CREATE, str(error)) from None
