"""The key under which erasures are remembered, so that no id has to be.

Ids are decimal numbers, so a plain hash of one can be undone by trying them all; a
keyed one can't, and without the key a memory says nothing about whose it is.
"""

from hashlib import blake2b
from pathlib import Path
from typing import Final

from idweave_adapters.key_file import check_key, read_key
from idweave_adapters.secret import Secret

_HASH_BYTES: Final = 16


class ErasureKey:
    """Hashes what was erased: the same text always gets the same hash."""

    def __init__(self, key: Secret) -> None:
        """Take the key.

        Raises:
            KeyFileError: it is too short.
        """
        check_key(key)
        # blake2b takes a key of up to 64 bytes.
        self._key = blake2b(key.reveal().encode(), person=b"erasure-key").digest()

    @classmethod
    def from_file(cls, path: Path) -> "ErasureKey":
        """Read the key: all that stands in the file.

        Raises:
            KeyFileError: it can't be read, or holds no key.
        """
        return cls(read_key(path))

    def of(self, text: str) -> str:
        """Return the hash of *text*: 32 hexadecimal digits."""
        digest = blake2b(
            text.encode(), digest_size=_HASH_BYTES, key=self._key, person=b"erased"
        )
        return digest.hexdigest()
