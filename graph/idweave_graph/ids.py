"""Names for things: businesses, assets, scoped ids, and what joins them.

Parsing is the only way from text to these values, so a value that exists is valid.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import NewType

BusinessId = NewType("BusinessId", str)
"""The owner of apps and Pages, as Meta's Business Manager numbers it."""

MAX_ID_CHARS = 128
"""Meta's ids are decimal numbers of up to 20 digits; room is left for others."""

MAX_TOKEN_CHARS = 512
"""`token_for_business` samples have 16 to 20 characters; the length is not documented."""


_DIGEST = re.compile(r"[0-9a-f]{32}")
_ID = re.compile(r"[!-.0-9;-{}~]+")
"""Visible ASCII without `:`, `/` and `|`. Ids are read all the time: one match, no loop."""
_TOKEN = re.compile(r"[!-~]+")
"""Visible ASCII."""


class InvalidIdError(ValueError):
    """The text is no id. It is not repeated here, because ids stay out of errors."""


class AssetKind(StrEnum):
    """What a business can own."""

    APP = "app"
    PAGE = "page"


def _check_size(value: str, *, what: str, limit: int) -> None:
    if not isinstance(value, str):  # it comes from JSON, which knows more than text
        msg = f"{what} must be a text"
        raise InvalidIdError(msg)
    if not 0 < len(value) <= limit:
        msg = f"{what} must have 1 to {limit} characters, this has {len(value)}"
        raise InvalidIdError(msg)


def _checked(value: str, *, what: str) -> str:
    _check_size(value, what=what, limit=MAX_ID_CHARS)
    if not _ID.fullmatch(value):
        msg = f"{what} holds a character that no id has"
        raise InvalidIdError(msg)
    return value


def business_id(value: str) -> BusinessId:
    """Check *value* and name it a business id.

    Raises:
        InvalidIdError: it is empty, too long, or holds a separator or a blank.
    """
    return BusinessId(_checked(value, what="a business id"))


@dataclass(frozen=True, slots=True, order=True)
class Asset:
    """An app or a Page. Its text form is `app:<id>` or `page:<id>`."""

    kind: AssetKind
    id: str

    def __post_init__(self) -> None:
        _checked(self.id, what="an asset id")

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Asset":
        """Read the text form.

        Raises:
            InvalidIdError: the kind is unknown or the id is malformed.
        """
        kind, _, asset_id = text.partition(":")
        if kind not in ("app", "page"):
            msg = "an asset starts with app: or page:"
            raise InvalidIdError(msg)
        return cls(AssetKind(kind), asset_id)


@dataclass(frozen=True, slots=True, order=True)
class ScopedId:
    """A person as one app (ASID) or one Page (PSID) sees them: `app:<app>:<user>`."""

    asset: Asset
    user: str

    def __post_init__(self) -> None:
        _checked(self.user, what="a user id")

    def __str__(self) -> str:
        return f"{self.asset}:{self.user}"

    @property
    def scope(self) -> str:
        """At most one id of a scope belongs to one person."""
        return str(self.asset)


@dataclass(frozen=True, slots=True, order=True)
class BusinessToken:
    """A `token_for_business` value: `token:<value>`.

    The same for one person in all apps of one business, so it joins ids; it is not
    an id and must not be sent to the API (Business Mapping API, usage notes).
    """

    value: str

    def __post_init__(self) -> None:
        _check_size(self.value, what="a business token", limit=MAX_TOKEN_CHARS)
        if not _TOKEN.fullmatch(self.value):
            msg = "a business token holds a character that no token has"
            raise InvalidIdError(msg)

    def __str__(self) -> str:
        return f"token:{self.value}"

    @property
    def scope(self) -> str:
        """A person has one token in a business."""
        return "token"


@dataclass(frozen=True, slots=True, order=True)
class LinkingCode:
    """What two ids have in common that went through one account linking: `code:<hash>`.

    Meta's Account Linking hands the `authorization_code` that the business's own login
    gave out on to the webhook. It may be a secret, so only a hash of it is kept.
    """

    digest: str
    """32 hexadecimal digits."""

    def __post_init__(self) -> None:
        if not _DIGEST.fullmatch(self.digest):
            msg = "a linking code is kept as 32 hexadecimal digits"
            raise InvalidIdError(msg)

    @classmethod
    def of(cls, authorization_code: str) -> "LinkingCode":
        """Hash what the business's login gave out."""
        digest = blake2b(
            authorization_code.encode(), digest_size=16, person=b"linking-code"
        )
        return cls(digest.hexdigest())

    def __str__(self) -> str:
        return f"code:{self.digest}"

    @property
    def scope(self) -> str:
        """A person may go through account linking many times."""
        return str(self)


Member = ScopedId | BusinessToken | LinkingCode
"""What a person is made of."""


def member(text: str) -> Member:
    """Read the text form of a scoped id, a business token or a linking code.

    Raises:
        InvalidIdError: it is none of them.
    """
    kind, _, rest = text.partition(":")
    if kind == "token":
        return BusinessToken(rest)
    if kind == "code":
        return LinkingCode(rest)
    asset_id, _, user = rest.partition(":")
    return ScopedId(Asset.parse(f"{kind}:{asset_id}"), user)
