"""A text that must never be shown: a token or an app secret."""

import hmac
from typing import NoReturn, Self

MASK = "<secret>"

MAX_SECRET_CHARS = 4096
"""Page tokens have some 200 characters; the length is not documented."""


class InvalidSecretError(ValueError):
    """The text can be no secret. It is not repeated here."""


class Secret:
    """A secret text: printed, formatted and logged as a mask, never as itself.

    It can't be pickled, so it reaches no other process and no queue by accident.
    Two secrets are compared in constant time.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        if not 0 < len(value) <= MAX_SECRET_CHARS:
            msg = f"a secret has 1 to {MAX_SECRET_CHARS} characters"
            raise InvalidSecretError(msg)
        if not value.isascii() or not value.isprintable() or " " in value:
            msg = "a secret has no blanks, control or non-ASCII characters"
            raise InvalidSecretError(msg)
        self.__value = value

    def reveal(self) -> str:
        """The text itself. For the wire and for signatures only."""
        return self.__value

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value, other.__value)

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        msg = "a secret is not pickled: load it again where it is needed"
        raise TypeError(msg)
