"""API keys: made, kept as hashes in one file, and told from others.

A key is `idk_<id>_<secret>`. The secret is 32 random bytes, and only its SHA-256 is
kept. A slow hash such as scrypt is for secrets that people think up and that can be
guessed: 256 random bits can't, by whatever hash, and a slow one would cost every request
some 50 ms.
"""

import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import orjson

from idweave_adapters.api.caller import Caller
from idweave_adapters.api.routes import Verb
from idweave_adapters.errors import AdapterError
from idweave_adapters.secret import Secret
from idweave_graph.ids import InvalidIdError, business_id

_PREFIX: Final = "idk"
_ID_BYTES: Final = 6
_SECRET_BYTES: Final = 32
_MAX_FILE_BYTES: Final = 4 * 1024**2
_VERSION: Final = 1
_NOBODY: Final = hashlib.sha256(b"").hexdigest()

_Mark = tuple[int, int, int] | None


class KeysError(AdapterError):
    """The keys can't be used. Names the file, and no secret."""


class UnreadableKeysError(KeysError):
    """The system did not let the file be read now; it may the next time."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key."""

    id: str
    note: str
    """Whose it is, for people."""
    sha256: str
    businesses: tuple[str, ...]
    verbs: tuple[Verb, ...]
    created_ms: int
    expires_ms: int
    revoked_ms: int | None = None

    def is_good(self, now_ms: int) -> bool:
        """Say whether it opens anything now."""
        return self.revoked_ms is None and now_ms < self.expires_ms


def new_key(
    note: str,
    businesses: Iterable[str],
    verbs: Iterable[Verb],
    *,
    now_ms: int,
    life_ms: int,
) -> tuple[ApiKey, Secret]:
    """Make a key; the secret text is nowhere else, so it is to be shown once.

    Raises:
        KeysError: a business is no id, or there is none, or no verb.
    """
    try:
        named = tuple(sorted({str(business_id(each)) for each in businesses}))
    except InvalidIdError as error:
        raise KeysError(f"a key can't be made: {error}") from None
    allowed = tuple(sorted(set(verbs)))
    if not named or not allowed or life_ms <= 0:
        msg = "a key is for one business and one verb at least, and for some time"
        raise KeysError(msg)
    name = secrets.token_hex(_ID_BYTES)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    key = ApiKey(name, note, _hash(secret), named, allowed, now_ms, now_ms + life_ms)
    return key, Secret(f"{_PREFIX}_{name}_{secret}")


class KeyFile:
    """All keys, in a file that only its owner may read; replaced as a whole.

    Who changes it holds a lock on a file beside it, so that of two commands at once
    each finds what the other wrote.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, ApiKey]:
        """Return the keys by id; none if there is no file yet.

        Raises:
            KeysError: it can't be read, or is not what `write` wrote.
        """
        try:
            with self._path.open("rb") as file:
                content = file.read(_MAX_FILE_BYTES)
            found = orjson.loads(content)
            if found["version"] != _VERSION:
                raise ValueError  # noqa: TRY301  (told below)
            keys = [_key(each) for each in found["keys"]]
        except FileNotFoundError:
            return {}
        except OSError as error:
            msg = f"{self._path}: can't be read ({error.strerror})"
            raise UnreadableKeysError(msg) from None
        except (ValueError, TypeError, KeyError, AttributeError):
            msg = f"{self._path}: is no file of keys; name another, or make it anew"
            raise KeysError(msg) from None
        return {key.id: key for key in keys}

    def add(self, key: ApiKey) -> None:
        """Add a key.

        Raises:
            KeysError: the file can't be read or written.
        """
        with self._locked():
            self._write({**self.read(), key.id: key})

    def revoke(self, name: str, now_ms: int) -> bool:
        """Let a key open nothing any more; say whether it did until now.

        Raises:
            KeysError: there is no such key, or the file can't be read or written.
        """
        with self._locked():
            keys = self.read()
            if name not in keys:
                msg = "there is no key of that id; `idweave keys list` has all"
                raise KeysError(msg)
            if keys[name].revoked_ms is not None:
                return False
            self._write({**keys, name: replace(keys[name], revoked_ms=now_ms)})
            return True

    def mark(self) -> _Mark:
        """Return what changes when the file does."""
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let nobody else change it inside; the system frees the lock of who dies."""
        lock = self._path.with_name(f".{self._path.name}.lock")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            held = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            msg = f"{lock}: can't be written ({error.strerror})"
            raise KeysError(msg) from None
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)

    def _write(self, keys: Mapping[str, ApiKey]) -> None:
        document = {"version": _VERSION, "keys": [asdict(k) for k in keys.values()]}
        content = orjson.dumps(document, option=orjson.OPT_INDENT_2)
        if len(content) > _MAX_FILE_BYTES:
            msg = f"{self._path}: holds too many keys; name another in api_keys_file"
            raise KeysError(msg)
        beside = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        try:
            with os.fdopen(os.open(beside, flags, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            msg = f"{self._path}: can't be written ({error.strerror})"
            raise KeysError(msg) from None


class ApiKeys:
    """Tells the callers of the keys of a file; a `Credentials`.

    The file is taken over again when it changes. While it is faulty, the keys that were
    good last stay so.
    """

    def __init__(self, file: KeyFile, clock_ms: Callable[[], int]) -> None:
        """Read the file.

        Raises:
            KeysError: it can't be used.
        """
        self._file = file
        self._clock_ms = clock_ms
        self._seen = file.mark()
        self._keys = file.read()

    def __len__(self) -> int:
        return sum(key.is_good(self._clock_ms()) for key in self._keys.values())

    def reload(self) -> bool:
        """Take the file as it is now, if it changed; say whether it was read again.

        Raises:
            UnreadableKeysError: it can't be read; the next time it is tried again.
            KeysError: it can't be used. It is not read again until it changes.
        """
        now = self._file.mark()
        if now == self._seen:
            return False
        before, self._seen = self._seen, now
        try:
            self._keys = self._file.read()
        except UnreadableKeysError:
            self._seen = before  # it may say that a key is revoked
            raise
        return True

    def caller(self, shown: str) -> Caller | None:
        """Return whose key *shown* is, in a time that does not tell how near it was."""
        prefix, _, rest = shown.partition("_")
        name, _, secret = rest.partition("_")
        key = self._keys.get(name)
        kept = _NOBODY if key is None else key.sha256
        is_right = hmac.compare_digest(kept, _hash(secret))
        if key is None or not is_right or prefix != _PREFIX:
            return None
        if not key.is_good(self._clock_ms()):
            return None
        return Caller(key.id, frozenset(key.businesses), frozenset(key.verbs))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _key(found: dict[str, Any]) -> ApiKey:
    revoked_ms = found["revoked_ms"]
    return ApiKey(
        id=str(found["id"]),
        note=str(found["note"]),
        sha256=str(found["sha256"]),
        businesses=tuple(map(str, found["businesses"])),
        verbs=tuple(map(Verb, found["verbs"])),
        created_ms=int(found["created_ms"]),
        expires_ms=int(found["expires_ms"]),
        revoked_ms=None if revoked_ms is None else int(revoked_ms),
    )
