"""How far requests have come that somebody waits for, by their receipt code.

Documents as `receipt.v1.json` has them, and what is known of all of them. No id is in
any of it: a code is a hash of the id under a key that only the operator has.
"""

import base64
import hmac
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

import orjson

from idweave_adapters.commands import RECEIPT
from idweave_adapters.errors import UnreadableError
from idweave_adapters.fields import LATEST_MS
from idweave_adapters.key_file import check_key, read_key
from idweave_adapters.secret import Secret
from idweave_adapters.strict_json import read_object
from idweave_graph.ids import ScopedId

_CODE_BYTES: Final = 20  # 32 letters and digits: nobody guesses one
_PURPOSE: Final = b"data-deletion\0"


class ReceiptState(StrEnum):
    """How far a request has come."""

    RECEIVED = "received"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of one request."""

    asked_ms: int
    """When it was asked for: the time of its command, in unix milliseconds."""
    done_ms: int | None = None
    """When it was carried out; None: not yet."""
    is_sent: bool = False
    """Whether its command is certain to be on Kafka: the receipt is there before it."""


class ReceiptCodes:
    """Makes the codes: the same id always gets the same one."""

    def __init__(self, key: Secret) -> None:
        """Take the key.

        Raises:
            KeyFileError: it is too short.
        """
        check_key(key)
        self._key = key

    @classmethod
    def from_file(cls, path: Path) -> "ReceiptCodes":
        """Read the key: all that stands in the file.

        Raises:
            KeyFileError: it can't be read, or holds no key.
        """
        return cls(read_key(path))

    def of(self, scoped: ScopedId) -> str:
        """Return the code of the deletion of *scoped*: 32 letters and digits."""
        key = self._key.reveal().encode()
        mac = hmac.digest(key, _PURPOSE + str(scoped).encode(), "sha256")
        return base64.b32encode(mac[:_CODE_BYTES]).decode().lower()


def encode_received(code: str, asked_ms: int) -> bytes:
    """Write that a request is on record."""
    row = {"receipt": code, "state": ReceiptState.RECEIVED, "at_ms": asked_ms}
    return orjson.dumps(row)


class ReceiptBook:
    """All receipts, as the receipts topic last said.

    Of several records of one code the latest request counts, and its end rather than
    its beginning: so any order, and whatever compaction leaves, gives the same.
    """

    def __init__(self) -> None:
        self._of: dict[str, Receipt] = {}
        self.is_known = False
        """Whether all that stood on the topic at some time has been read."""

    def __len__(self) -> int:
        return len(self._of)

    def of(self, code: str) -> Receipt | None:
        """Return what is known under *code*; None: nothing."""
        return self._of.get(code)

    def apply(self, key: bytes | None, value: bytes | None, stored_ms: int) -> None:
        """Take over one record; an unreadable one is passed over.

        Args:
            key: the code.
            value: as `receipt.v1.json` has it; None: the code is forgotten.
            stored_ms: the time of the record, which is when a request was done.
        """
        code = (key or b"").decode(errors="replace")
        if value is None:
            self._of.pop(code, None)
            return
        try:
            row = read_object(value)
            state, asked_ms = ReceiptState(row["state"]), row["at_ms"]
        except (UnreadableError, KeyError, ValueError, TypeError):
            return
        is_time = type(asked_ms) is int and 0 <= asked_ms <= LATEST_MS
        if not is_time or not RECEIPT.fullmatch(code):
            return
        if state is ReceiptState.DONE:
            # Clocks differ, and nothing is done before it is asked for.
            done_ms = min(max(stored_ms, asked_ms), LATEST_MS)
            self._put(code, Receipt(asked_ms, done_ms, is_sent=True))
        else:
            self._put(code, Receipt(asked_ms))

    def sent(self, code: str, asked_ms: int) -> None:
        """Note that the command of this request is on Kafka."""
        known = self._of.get(code)
        if known is not None and known.asked_ms == asked_ms:
            self._of[code] = replace(known, is_sent=True)
        else:
            self._put(code, Receipt(asked_ms, is_sent=True))

    def _put(self, code: str, told: Receipt) -> None:
        known = self._of.get(code)
        is_news = (
            known is None
            or told.asked_ms > known.asked_ms
            or (
                told.asked_ms == known.asked_ms
                and told.done_ms is not None
                and known.done_ms is None
            )
        )
        if is_news:
            self._of[code] = told
