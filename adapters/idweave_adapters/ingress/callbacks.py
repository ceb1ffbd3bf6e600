"""People who take an app away, or ask for their data to be deleted.

Meta calls back; what is asked for becomes a command. A deletion is first put on record
under its code and then commanded, so what is done is always told after what is asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from idweave_adapters.commands import Requested, command_key, encode_command
from idweave_adapters.ingress import replies
from idweave_adapters.ingress.intake import Parcel
from idweave_adapters.ingress.ports import COMMANDS, RECEIPTS
from idweave_adapters.ingress.replies import Reply
from idweave_adapters.ingress.status_page import status_reply
from idweave_adapters.ingress.wishes import Wish, wish_of
from idweave_adapters.receipts import ReceiptBook, ReceiptCodes, encode_received
from idweave_graph.messages import CommandKind

DEAUTHORIZE = "deauthorize"
DATA_DELETION = "data-deletion"
"""Sources of commands."""

_SECOND_MS = 1000


@dataclass(frozen=True, slots=True)
class Deletion(Parcel):
    """What one deletion request wants stored; nothing, if it is a repeated one."""

    code: str = ""
    asked_ms: int = 0


class Callbacks:
    """Turns Meta's callbacks into commands, and says what became of them."""

    def __init__(
        self,
        codes: ReceiptCodes,
        receipts: ReceiptBook,
        *,
        public_url: str,
        clock_s: Callable[[], float],
    ) -> None:
        """Prepare.

        Args:
            codes: makes the confirmation codes.
            receipts: what is on record; somebody else keeps it up to date.
            public_url: under which people reach this server.
            clock_s: unix time in seconds.
        """
        self._codes = codes
        self._receipts = receipts
        self._public_url = public_url.rstrip("/")
        self._clock_s = clock_s

    def deauthorize(self, app_id: str, secrets: Sequence[bytes], body: bytes) -> Parcel:
        """Return the command to close the lookup of whoever took the app away.

        It is dated by the request, not by its arrival: who has come back before a late
        one arrives is not shut out again.

        Raises:
            Refused: it is no genuine request.
        """
        wish = self._wish(app_id, secrets, body)
        # The whole second: what was seen earlier in it was seen before.
        at_ms = wish.issued_s * _SECOND_MS + _SECOND_MS - 1
        requested = Requested(wish.scoped, CommandKind.DEAUTHORIZE, at_ms, DEAUTHORIZE)
        return Parcel(COMMANDS, [encode_command(requested)], key=command_key(requested))

    def delete(self, app_id: str, secrets: Sequence[bytes], body: bytes) -> Deletion:
        """Return what has to be stored to have a person forgotten.

        A request that was issued no later than the one on record is a repeated one. It is
        not run again, but where it is not certain that its command was stored, that is
        stored again as it was.

        Raises:
            Refused: it is no genuine request, or what is on record is not known yet.
        """
        self.check_known()
        wish = self._wish(app_id, secrets, body)
        code = self._codes.of(wish.scoped)
        known = self._receipts.of(code)
        if known is None or known.asked_ms < wish.issued_s * _SECOND_MS:
            return self._new(wish, code)
        if known.is_sent:
            return Deletion(COMMANDS, [], code=code, asked_ms=known.asked_ms)
        return _deletion(wish, code, known.asked_ms)

    def check_known(self) -> None:
        """Make sure that what is on record is known.

        Raises:
            Refused: not yet (503).
        """
        if not self._receipts.is_known:
            raise replies.not_known_yet()

    def accepted(self, deletion: Deletion) -> Reply:
        """Return what Meta wants to hear once all of it is stored, and note that."""
        self._receipts.sent(deletion.code, deletion.asked_ms)
        url = f"{self._public_url}/data-deletion/status/{deletion.code}"
        return Reply(200, {"url": url, "confirmation_code": deletion.code})

    def status(self, code: str, accept: str) -> Reply:
        """Return how far the request with this code has come, for people or programs."""
        receipts = self._receipts
        return status_reply(
            code, receipts.of(code), is_known=receipts.is_known, accept=accept
        )

    def _new(self, wish: Wish, code: str) -> Deletion:
        # Of its arrival: whatever was learned until then is to be forgotten.
        asked_ms = max(int(self._clock_s() * _SECOND_MS), wish.issued_s * _SECOND_MS)
        received = encode_received(code, asked_ms)
        first = Parcel(RECEIPTS, [received], key=code.encode())
        return _deletion(wish, code, asked_ms, first)

    def _wish(self, app_id: str, secrets: Sequence[bytes], body: bytes) -> Wish:
        return wish_of(body, app_id, secrets, now_s=self._clock_s())


def _deletion(
    wish: Wish, code: str, asked_ms: int, first: Parcel | None = None
) -> Deletion:
    kind = CommandKind.ERASE_PERSON
    requested = Requested(wish.scoped, kind, asked_ms, DATA_DELETION, code)
    return Deletion(
        COMMANDS,
        [encode_command(requested)],
        key=command_key(requested),
        first=first,
        code=code,
        asked_ms=asked_ms,
    )
