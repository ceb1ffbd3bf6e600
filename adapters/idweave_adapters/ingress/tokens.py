"""Tokens that a caller shows to be let in, and how they are replaced while running."""

import hashlib
import hmac
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from idweave_adapters.secret import InvalidSecretError, Secret

_MAX_FILE_BYTES: Final = 64 * 1024
"""A larger one is a wrong file."""

_Mark = tuple[int, int, int] | None


class TokensError(ValueError):
    """The tokens can't be used. Names the place to correct, and no value."""


class Tokens:
    """The tokens for one purpose: those of a file, one a line, and those given.

    All of them are good, so that one can be replaced by way of two. A file is taken
    whole or not at all: while it is faulty, the last good one stays in force.
    """

    def __init__(self, path: Path | None = None, given: str = "") -> None:
        """Read the file.

        Args:
            path: the file, if there is one.
            given: more tokens, with blanks between, as a variable may hold them.

        Raises:
            TokensError: one of them is no token, or the file can't be read.
        """
        self._path = path
        self._given = _tokens(given.split(), "the variable")
        self._seen = self._mark()
        self._in_file = self._read()

    def __len__(self) -> int:
        return len(self._given) + len(self._in_file)

    def admit(self, shown: str) -> bool:
        """Say whether *shown* is one of the tokens, in a time that tells nothing."""
        digest = _digest(shown)
        # A list, so that every token is tried whichever fits; digests have one length.
        matches = [
            hmac.compare_digest(_digest(token.reveal()), digest)
            for token in (*self._given, *self._in_file)
        ]
        return any(matches)

    def reload(self) -> bool:
        """Take the file as it is now, if it changed; say whether it was read again.

        Raises:
            TokensError: it is faulty. It is not read again until it changes.
        """
        now = self._mark()
        if now == self._seen:
            return False
        self._seen = now
        self._in_file = self._read()
        return True

    def _mark(self) -> _Mark:
        try:
            stat = self._path.stat() if self._path else None
        except OSError:
            return None  # reading it says so
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino) if stat else None

    def _read(self) -> tuple[Secret, ...]:
        if self._path is None:
            return ()
        place = str(self._path)
        try:
            with self._path.open("rb") as file:
                content = file.read(_MAX_FILE_BYTES + 1)
        except OSError as error:
            msg = f"{place}: can't be read ({error.strerror})"
            raise TokensError(msg) from None
        if len(content) > _MAX_FILE_BYTES:
            msg = f"{place}: over {_MAX_FILE_BYTES} bytes: name another file"
            raise TokensError(msg)
        tokens = _tokens(content.decode(errors="replace").splitlines(), place)
        if not tokens:
            msg = f"{place}: holds no token; write one a line"
            raise TokensError(msg)
        return tokens


def _tokens(texts: Iterable[str], place: str) -> tuple[Secret, ...]:
    try:
        return tuple(Secret(text.strip()) for text in texts if text.strip())
    except InvalidSecretError as error:
        msg = f"{place}: {error}; write one a line"
        raise TokensError(msg) from None


def _digest(text: str) -> bytes:
    # Headers may hold lone surrogates, which UTF-8 has no place for.
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
