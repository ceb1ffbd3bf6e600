"""The key under which erasures are remembered, so that no id has to be.

Ids are decimal numbers, so a plain hash of one can be undone by trying them all; a
keyed one can't, and without the key a memory says nothing about whose it is.
"""

from hashlib import blake2b
from pathlib import Path
from typing import Final

from idweave_adapters.errors import AdapterError
from idweave_adapters.secret import InvalidSecretError, Secret

MIN_KEY_CHARS: Final = 32
"""`openssl rand -hex 32` gives 64."""
MAX_FILE_BYTES: Final = 64 * 1024
_HASH_BYTES: Final = 16


class ErasureKeyError(AdapterError):
    """The key of the memory of erasures can't be used. Names the file, and no value."""


class ErasureKey:
    """Hashes what was erased: the same text always gets the same hash."""

    def __init__(self, key: Secret) -> None:
        """Take the key.

        Raises:
            ErasureKeyError: it is too short.
        """
        if len(key.reveal()) < MIN_KEY_CHARS:
            msg = f"the key has fewer than {MIN_KEY_CHARS} characters; make a new one"
            raise ErasureKeyError(msg)
        # blake2b takes a key of up to 64 bytes.
        self._key = blake2b(key.reveal().encode(), person=b"erasure-key").digest()

    @classmethod
    def from_file(cls, path: Path) -> "ErasureKey":
        """Read the key: all that stands in the file.

        Raises:
            ErasureKeyError: it can't be read, or holds no key.
        """
        try:
            with path.open("rb") as file:
                content = file.read(MAX_FILE_BYTES)
            return cls(Secret(content.decode(errors="replace").strip()))
        except OSError as error:
            msg = f"{path}: can't be read ({error.strerror})"
        except (InvalidSecretError, ErasureKeyError) as error:
            msg = f"{path}: {error}; `openssl rand -hex 32` makes a good key"
        raise ErasureKeyError(msg) from None

    def of(self, text: str) -> str:
        """Return the hash of *text*: 32 hexadecimal digits."""
        digest = blake2b(
            text.encode(), digest_size=_HASH_BYTES, key=self._key, person=b"erased"
        )
        return digest.hexdigest()
