"""A key of the operator's own, in a file that holds nothing else."""

from pathlib import Path
from typing import Final

from idweave_adapters.errors import AdapterError
from idweave_adapters.secret import InvalidSecretError, Secret

MIN_KEY_CHARS: Final = 32
"""`openssl rand -hex 32` gives 64. Ids are decimal numbers: under a key that can be
guessed, they can be too."""
_MAX_FILE_BYTES: Final = 64 * 1024


class KeyFileError(AdapterError):
    """The key can't be used. Names the file, and no value."""


def check_key(key: Secret) -> None:
    """Let a key pass that is long enough.

    Raises:
        KeyFileError: it is not.
    """
    if len(key.reveal()) < MIN_KEY_CHARS:
        msg = f"the key has fewer than {MIN_KEY_CHARS} characters; make a new one"
        raise KeyFileError(msg)


def read_key(path: Path) -> Secret:
    """Read all that stands in the file at *path*.

    Raises:
        KeyFileError: it can't be read, or holds no key.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE_BYTES)
        key = Secret(content.decode(errors="replace").strip())
        check_key(key)
    except OSError as error:
        msg = f"{path}: can't be read ({error.strerror})"
    except (InvalidSecretError, KeyFileError) as error:
        msg = f"{path}: {error}; `openssl rand -hex 32` makes a good key"
    else:
        return key
    raise KeyFileError(msg) from None
