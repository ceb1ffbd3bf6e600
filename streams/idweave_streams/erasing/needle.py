"""An id as it may stand in records: as one text, or as asset and user in fields."""

import base64
import binascii
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson

from idweave_graph.ids import ScopedId
from idweave_streams.codecs.frame import VERSION

_SIGNED = "signed_request"
_NUMBERED = ("id", "user", "user_id", "app_id", "page_id")
"""Fields in which some writers put ids as numbers."""
_KINDS = ("app", "page")
_WORD = re.compile(r"[0-9A-Za-z_-]+")


@dataclass(frozen=True, slots=True)
class _Near:
    """What stands in one object, or below it."""

    asset: bool = False
    user: bool = False

    def __or__(self, other: "_Near") -> "_Near":
        return _Near(self.asset or other.asset, self.user or other.user)


@dataclass(frozen=True, slots=True)
class _Walked:
    """What a document holds: itself, anywhere below, and whether that is the id."""

    near: _Near = _Near()
    below: _Near = _Near()
    is_found: bool = False


class Needle:
    """Finds the ids of one user in keys and values. It tells where, never what."""

    def __init__(self, ids: Collection[ScopedId]) -> None:
        """Look for *ids*: one user, by the names of each asset that shares the id."""
        self._user = next(iter(ids)).user
        self._assets = {str(each.asset) for each in ids}
        self._bare = {each.asset.id: each.asset.kind for each in ids}
        forms = "|".join(re.escape(str(each)) for each in ids)
        # What an id can't hold ends it: `:` begins another part of it.
        self._form = re.compile(
            rf"(?<![!-.0-9;-{{}}~:])(?:{forms})(?![!-.0-9;-{{}}~:])"
        )
        self._marks = self._marks_of(self._user)
        self._is_odd = _WORD.fullmatch(self._user) is None

    @staticmethod
    def _marks_of(user: str) -> tuple[bytes, ...]:
        """Return what stands in all data that may hold it, so that most is passed over.

        A user in a signed request is encoded, and JSON may write any letter as a code.
        """
        written = orjson.dumps(user)[1:-1]
        return (user.encode(), written, _SIGNED.encode(), b"\\u")

    def is_in_record(
        self,
        key: bytes | None,
        value: bytes | None,
        headers: Iterable[tuple[str, bytes]] = (),
    ) -> bool:
        """Say whether a record holds the id."""
        texts = (text for _, text in headers)
        return self.is_in_key(key) or any(map(self.is_in, chain([value], texts)))

    def is_in_key(self, key: bytes | None) -> bool:
        """Say whether *key*, of a record or a table, holds the id."""
        if not self._may_be_in(key):
            return False
        text = (key or b"").decode(errors="replace")
        parts = set(text.split("|"))
        return bool(
            self._form.search(text) or (self._user in parts and self._assets & parts)
        )

    def is_in(self, value: bytes | None) -> bool:
        """Say whether *value* holds the id: JSON, one of our frames, or anything."""
        if not self._may_be_in(value):
            return False
        data = (value or b"").removeprefix(VERSION)
        try:
            return self.is_in_document(orjson.loads(data))
        except (orjson.JSONDecodeError, RecursionError):
            return self._is_in_text(data.decode(errors="replace"))

    def _may_be_in(self, data: bytes | None) -> bool:
        return data is not None and any(mark in data for mark in self._marks)

    def names_user(self, line: bytes) -> bool:
        """Say whether *line* names the user, of whatever asset."""
        text = line.decode(errors="replace")
        return self._user in _WORD.findall(text) or (
            self._is_odd and self._user in text
        )

    def is_in_document(self, document: Any) -> bool:
        """Say whether a JSON document holds the id."""
        return self._walk(document, "").is_found

    def _is_in_text(self, text: str) -> bool:
        """Say whether *text*, in no form that is known, seems to hold the id."""
        is_beside = self.names_user(text.encode()) and not self._bare.keys().isdisjoint(
            _WORD.findall(text)
        )
        return is_beside or self._form.search(text) is not None

    def _walk(self, value: Any, field: str) -> _Walked:
        match value:
            case dict():
                return self._object(value)
            case list():
                return self._list(value)
            case str():
                return self._text(value, field)
            case int() if field in _NUMBERED:
                return self._text(str(value), field)
            case float() if field in _NUMBERED:  # as some writers spoil them
                return self._text(f"{value:.0f}", field)
        return _Walked()

    def _text(self, text: str, field: str) -> _Walked:
        if field == _SIGNED:
            return self._walk(_payload(text), "")
        is_asset = text in self._assets or text in self._bare
        near = _Near(is_asset, text == self._user)
        return _Walked(near, near, self._form.search(text) is not None)

    def _object(self, row: dict[str, Any]) -> _Walked:
        if row.get("kind") in _KINDS and {"asset", "value"} <= row.keys():
            is_kind = self._bare.get(str(row["asset"])) == row["kind"]
            return _Walked(is_found=is_kind and row["value"] == self._user)
        keys = [self._text(key, "") for key in row]
        values = [self._walk(value, key) for key, value in row.items()]
        lists = [isinstance(value, list) for value in row.values()]
        every = [*keys, *values]
        # Two entries of a list have nothing to do with each other.
        own = [
            *keys,
            *(v for v, is_list in zip(values, lists, strict=True) if not is_list),
        ]
        return _joined(_all(each.near for each in own), every)

    def _list(self, rows: list[Any]) -> _Walked:
        walked = [self._walk(row, "") for row in rows]
        own = [w for w, row in zip(walked, rows, strict=True) if isinstance(row, str)]
        return _joined(_all(each.near for each in own), walked)


def _joined(near: _Near, parts: Iterable[_Walked]) -> _Walked:
    parts = list(parts)
    below = _all(part.below for part in parts) | near
    is_found = any(part.is_found for part in parts)
    is_beside = (near.asset and below.user) or (near.user and below.asset)
    return _Walked(near, below, is_found or is_beside)


def _all(several: Iterable[_Near]) -> _Near:
    found = _Near()
    for each in several:
        found |= each
    return found


def _payload(signed_request: str) -> Any:
    """Return what a signed request says, whoever signed it; None if nothing."""
    _, _, payload = signed_request.partition(".")
    try:
        return orjson.loads(
            base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        )
    except (ValueError, binascii.Error):
        return None
