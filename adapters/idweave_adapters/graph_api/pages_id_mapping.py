"""The historic Page-Scoped ID API: from app-scoped ids to the ids of one Page.

Meta, Page-Scoped ID API document: gone from v7.0, and for all versions on 5 May 2021,
so this asks a simulator or a recorded replay. The numbers of its errors are lost; what
a refusal means is read from its kind: a limit, a permission, or `error_data` with ids.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson

from idweave_adapters.credentials import Credential
from idweave_adapters.errors import UnreadableError
from idweave_adapters.graph_api.answers import is_id, read_id
from idweave_adapters.graph_api.batch import version_in
from idweave_adapters.graph_api.classify import classify
from idweave_adapters.graph_api.client import GraphApiClient
from idweave_adapters.graph_api.errors import (
    NO_FACTS,
    ConfigurationFault,
    Facts,
    GraphApiError,
    LookupRefused,
    PermissionDenied,
    ProtocolFault,
)
from idweave_adapters.graph_api.limits import NO_USAGE, Usage, parse_usage
from idweave_adapters.graph_api.transport import MAX_ANSWER_BYTES, HttpAnswer
from idweave_adapters.graph_api.versions import PAGES_ID_MAPPING, Version, refusal
from idweave_adapters.strict_json import read_object
from idweave_graph.ids import AssetKind

MAX_ASIDS = 200
"""Of one call, as the document says."""

_WRONG_TOKEN_CODES = frozenset({15, 190, 210})
_GONE_CODES = frozenset({12, 2500})
_SECONDS = re.compile(r"[0-9]{1,5}")

_GONE = (
    "the platform has no pages_id_mapping under this version; it is gone from v7.0, and"
    " everywhere since 5 May 2021"
)
_NOT_ALLOWED = (
    "this app or Page may not use the Page-Scoped ID API; it takes an app that was made"
    " before 1 May 2018, passed App Review at most 180 days ago and has not been"
    " switched to PSIDs"
)
_WRONG_TOKEN = "pages_id_mapping takes the access token of the Page alone"  # noqa: S105


@dataclass(frozen=True, slots=True)
class MappingAnswer:
    """What one call has mapped."""

    psids: Mapping[str, str] = field(repr=False)
    """The Page-scoped id of each app-scoped id that was answered."""
    left_out: tuple[str, ...] = field(repr=False)
    """Asked for and not answered, in their order: the platform holds them invalid."""
    usage: Usage
    served_version: str | None


class InvalidAsids(LookupRefused):
    """The call was refused as a whole for some of its ids; the others can be asked."""

    remedy = "some ids are none of this app's people; ask for the others"

    def __init__(
        self,
        ids: Collection[str],
        *,
        facts: Facts = NO_FACTS,
        usage: Usage = NO_USAGE,
    ) -> None:
        """*ids*: those that the platform named, of those that were asked for."""
        super().__init__(facts=facts, usage=usage)
        self.ids = frozenset(ids)


class PageScopedIdApi(GraphApiClient):
    """The client, with the one call of the Page-Scoped ID API."""

    def __init__(
        self,
        base_url: str,
        *,
        clock: Callable[[], float],
        version: str,
        is_declared: bool = False,
        **options: Any,
    ) -> None:
        """Make a client; nothing is opened yet.

        Args:
            base_url: of a simulator or a replay.
            clock: wall-clock time in seconds since 1970, for timed proofs.
            version: of the API.
            is_declared: whether somebody has said that the call is there, in spite of
                the version.
            options: as of `GraphApiClient`.

        Raises:
            InvalidBaseUrlError: the address would lose or show secrets.
        """
        super().__init__(base_url, clock=clock, version=version, **options)
        self._why_not = (
            None if is_declared else refusal(Version.parse(version), PAGES_ID_MAPPING)
        )

    async def map_asids(
        self, credential: Credential, asids: Sequence[str], *, ignore_invalid: bool
    ) -> MappingAnswer | GraphApiError:
        """Ask for the Page-scoped ids of *asids* in one call.

        Args:
            credential: of the Page; *asids* are ids of the app that made its token.
            asids: 1 to 200 different ids.
            ignore_invalid: whether invalid ids are left out of the answer; otherwise
                they are an `InvalidAsids` and nobody is mapped.

        Returns:
            The answer, or a typed error. Nothing is raised for what the other side does.

        Raises:
            ValueError: it is no Page's credential, or there are too few, too many,
                repeated or malformed ids.
        """
        _check(credential, asids)
        if self._why_not is not None:
            return ConfigurationFault(self._why_not)
        lenient = "true" if ignore_invalid else "false"
        asking = [("user_ids", ",".join(asids)), ("ignore_invalid_ids", lenient)]
        form = urlencode([*asking, *self._sign(credential)]).encode()
        answer = await self._post_mapping(form)
        result = (
            read_mapping(answer, asids, ignore_invalid=ignore_invalid)
            if isinstance(answer, HttpAnswer)
            else answer
        )
        self.counters.count(result if isinstance(result, GraphApiError) else None)
        return result

    async def _post_mapping(self, form: bytes) -> HttpAnswer | GraphApiError:
        if not self._connection.is_open:
            msg = "use the client as a context manager: async with PageScopedIdApi(...)"
            raise RuntimeError(msg)
        self.counters.http_requests += 1
        self.counters.items += 1
        return await self._connection.post(form, PAGES_ID_MAPPING)


def _check(credential: Credential, asids: Sequence[str]) -> None:
    if credential.asset.kind is not AssetKind.PAGE:
        msg = "only a Page's token maps ids to that Page"
        raise ValueError(msg)
    if not 0 < len(asids) <= MAX_ASIDS:
        msg = f"a call has 1 to {MAX_ASIDS} ids, this has {len(asids)}"
        raise ValueError(msg)
    if len(set(asids)) != len(asids) or not all(map(is_id, asids)):
        msg = "an id is malformed or stands twice"
        raise ValueError(msg)


def read_mapping(
    answer: HttpAnswer, asids: Sequence[str], *, ignore_invalid: bool
) -> MappingAnswer | GraphApiError:
    """What *answer* says about *asids*, or why it says nothing. Never raises."""
    usage = parse_usage(answer.headers)
    body = _parsed(answer.body)
    retry_after_s = _seconds(answer.headers.get("retry-after", ""))
    error = classify(body, answer.status, usage=usage, retry_after_s=retry_after_s)
    if error is not None:
        return _refused(error, body, asids)
    try:
        psids = _psids(answer.body, asids)
    except ProtocolFault as fault:
        fault.usage = usage
        return fault.with_traceback(None)  # the trace would keep ids within reach
    left_out = tuple(each for each in asids if each not in psids)
    if left_out and not ignore_invalid:
        text = "an id was left out of an answer that must have all of them"
        return ProtocolFault(text, usage=usage)
    return MappingAnswer(psids, left_out, usage, version_in(answer.headers))


def _psids(raw: bytes, asids: Collection[str]) -> dict[str, str]:
    try:
        body = read_object(raw, limit_bytes=MAX_ANSWER_BYTES)
    except UnreadableError:
        msg = "the answer is no JSON object with one reading"
        raise ProtocolFault(msg) from None
    if not body.keys() <= set(asids):
        msg = "the answer holds something that was not asked for"
        raise ProtocolFault(msg)
    psids = {asid: _psid(value) for asid, value in body.items()}
    if len(set(psids.values())) != len(psids):
        # An app and a Page have one id each for a person.
        msg = "the answer gives one Page-scoped id to two people"
        raise ProtocolFault(msg)
    return psids


def _psid(value: object) -> str:
    """The id at an ASID: `{"id": ...}`, or bare, as some versions may have had it."""
    return read_id(value.get("id") if isinstance(value, Mapping) else value)


def _refused(
    error: GraphApiError, body: object, asids: Collection[str]
) -> GraphApiError:
    facts, usage = error.facts, error.usage
    match error:
        case LookupRefused() | ConfigurationFault() | ProtocolFault():
            if invalid := invalid_ids(body, asids):
                return InvalidAsids(invalid, facts=facts, usage=usage)
            if isinstance(error, LookupRefused) or facts.code in _GONE_CODES:
                return ConfigurationFault(_GONE, facts=facts, usage=usage)
        case PermissionDenied():
            is_token = facts.code in _WRONG_TOKEN_CODES
            hint = _WRONG_TOKEN if is_token else _NOT_ALLOWED
            return PermissionDenied(hint, facts=facts, usage=usage)
        case _:
            pass
    return error


def invalid_ids(body: object, asids: Collection[str]) -> frozenset[str]:
    """Those of *asids* that `error_data` lists.

    Its form is not documented: a list, an object with ids as keys or values, or either
    of them as JSON text. Whatever in it was not asked for is passed over.
    """
    error = body.get("error") if isinstance(body, Mapping) else None
    data = error.get("error_data") if isinstance(error, Mapping) else None
    if isinstance(data, str):
        data = _parsed(data.encode(errors="replace"))
    asked = frozenset(asids)
    return frozenset(leaf for leaf in _leaves(data) if leaf in asked)


def _leaves(data: object) -> Iterator[str]:
    waiting = [data]
    while waiting:
        match waiting.pop():
            case str() | int() as leaf:
                yield str(leaf)
            case list() as rows:
                waiting += rows
            case dict() as pairs:
                waiting += [*pairs.keys(), *pairs.values()]
            case _:
                pass


def _parsed(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _seconds(text: str) -> float | None:
    return float(text) if _SECONDS.fullmatch(text) else None
