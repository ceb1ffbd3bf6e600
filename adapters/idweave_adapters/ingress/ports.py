"""What the door needs of the world behind it."""

from collections.abc import Sequence
from typing import Protocol

from idweave_adapters.errors import AdapterError

Headers = Sequence[tuple[str, bytes]]

WEBHOOKS = "webhooks"
LOGINS = "logins"
COMMANDS = "commands"
RECEIPTS = "receipts"
"""The topics, as the product calls them; their names can be configured."""


class NotStoredError(AdapterError):
    """The record is not known to be stored. It may be all the same: send it again."""


class Publish(Protocol):
    """Stores one record for good."""

    async def __call__(
        self, topic_key: str, key: bytes | None, value: bytes, headers: Headers
    ) -> None:
        """The record is stored, and survives the loss of a broker, when this returns.

        It ends by itself in any case: the door holds the record's memory until then.

        Raises:
            NotStoredError: nobody vouches for the record.
        """
        ...
