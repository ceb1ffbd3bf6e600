"""How commands tell that the state can't be read or written."""

from collections.abc import Iterator
from contextlib import contextmanager

from idweave_adapters.key_file import KeyFileError
from idweave_streams.broker_errors import BrokerError
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.topics import exit_of
from idweave_streams.codecs import UnreadableRecordError
from idweave_streams.state.errors import CannotWrite, KeyMissing, StateError


@contextmanager
def told_as_failure() -> Iterator[None]:
    """End the command with the code of what went wrong."""
    try:
        yield
    except BrokerError as error:
        raise CommandFailed(exit_of(error), str(error)) from error
    except CannotWrite as error:
        raise CommandFailed(Exit.CANNOT_CREATE, str(error)) from None
    except (KeyMissing, KeyFileError) as error:
        raise CommandFailed(Exit.CONFIGURATION, str(error)) from None
    except StateError as error:
        raise CommandFailed(Exit.BAD_DATA, str(error)) from None
    except UnreadableRecordError as error:
        text = f"a table holds what can't be read: {error}; run `idweave verify`"
        raise CommandFailed(Exit.BAD_DATA, text) from None
