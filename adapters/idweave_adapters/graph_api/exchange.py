"""Questions in, replies out: batched, bounded, and each refusal put where it belongs.

A batch is asked in the name of its first question's credential. When the platform
refuses the batch because of *that* credential, the others' questions are asked again
without it: one business's revoked token or hold never touches another business.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from idweave_adapters.graph_api.batch import (
    MAX_ITEMS,
    VERSION_HEADER,
    Answer,
    Question,
    Reply,
    Signed,
    Signer,
    decode,
    encode,
)
from idweave_adapters.graph_api.classify import classify
from idweave_adapters.graph_api.counters import Counters
from idweave_adapters.graph_api.errors import (
    CredentialRefused,
    Facts,
    GraphApiError,
    LookupRefused,
    PermissionDenied,
    PolicyHold,
    ProtocolFault,
    Throttled,
)
from idweave_adapters.graph_api.limits import parse_usage
from idweave_adapters.graph_api.transport import HttpAnswer
from idweave_adapters.graph_api.versions import ServedVersions

Post = Callable[[bytes], Awaitable[HttpAnswer | GraphApiError]]
Sign = Callable[[Signer], Signed]


@dataclass(frozen=True, slots=True)
class BatchRefused:
    """The batch was refused as a whole, before anyone looked at the question."""

    error: GraphApiError


@dataclass(slots=True)
class Exchange:
    """Asks any number of questions, at most so many HTTP requests at a time."""

    post: Post
    sign: Sign
    slots: asyncio.Semaphore
    counters: Counters
    served: ServedVersions

    async def ask(self, questions: Sequence[Question]) -> list[Reply | BatchRefused]:
        """One reply for each question, in their order. Raises only when cancelled."""
        parts = [
            questions[start : start + MAX_ITEMS]
            for start in range(0, len(questions), MAX_ITEMS)
        ]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._ask_part(part)) for part in parts]
        return [reply for task in tasks for reply in task.result()]

    async def _ask_part(self, part: Sequence[Question]) -> list[Reply | BatchRefused]:
        replies: dict[int, Reply | BatchRefused] = {}
        waiting = list(range(len(part)))
        while waiting:
            asked = [part[index] for index in waiting]
            outcome = await self._ask_once(asked)
            if isinstance(outcome, list):
                replies.update(zip(waiting, outcome, strict=True))
                break
            first = asked[0].credential
            hit = [i for i in waiting if concerns(outcome, first, part[i].credential)]
            replies.update((index, BatchRefused(outcome)) for index in hit)
            waiting = [index for index in waiting if index not in replies]
        for reply in replies.values():
            self._count(reply)
        return [replies[index] for index in range(len(part))]

    async def _ask_once(
        self, questions: Sequence[Question]
    ) -> list[Reply] | GraphApiError:
        async with self.slots:
            form = encode(questions, self.sign)
            self.counters.http_requests += 1
            self.counters.items += len(questions)
            answer = await self.post(form)
        if isinstance(answer, GraphApiError):
            return answer
        return read_batch(answer, questions)

    def _count(self, reply: Reply | BatchRefused) -> None:
        match reply:
            case Answer(served_version=served):
                self.counters.count(None)
                self.served.note(served)
            case BatchRefused(error):
                self.counters.count(error)
            case error:
                self.counters.count(error)


def concerns(error: GraphApiError, first: Signer, other: Signer) -> bool:
    """Whether a batch refused with *error* in the name of *first* says so of *other*."""
    match error:
        case PolicyHold():
            return other.business == first.business
        case Throttled(facts=Facts(code=None)):
            return True  # HTTP 429 alone: said of who calls, not of a token
        case Throttled() | CredentialRefused() | PermissionDenied():
            return other.token == first.token
        case _:
            return True


def read_batch(
    answer: HttpAnswer, questions: Sequence[Question]
) -> list[Reply] | GraphApiError:
    """The replies in a whole answer, or why it was refused as a whole."""
    usage = parse_usage(answer.headers)
    body = _parsed(answer.body)
    retry_after_s = _seconds(answer.headers.get("retry-after", ""))
    error = classify(body, answer.status, usage=usage, retry_after_s=retry_after_s)
    if isinstance(error, LookupRefused):
        # Said of the batch, so of nobody: it must not close a lookup for good.
        return ProtocolFault(facts=error.facts, usage=usage)
    if error:
        return error
    try:
        return decode(body, len(questions), _shared(answer.headers, questions))
    except ProtocolFault as fault:
        return fault.with_traceback(None)


def _shared(
    headers: Mapping[str, str], questions: Sequence[Question]
) -> Mapping[str, str]:
    """The headers that hold for each item.

    Usage is counted for who asked. With several who asked it holds for none of them.
    """
    if len({question.credential for question in questions}) == 1:
        return headers
    return {name: headers[name] for name in headers.keys() & {VERSION_HEADER}}


def _parsed(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _seconds(text: str) -> float | None:
    """A `Retry-After` in seconds; its date form is rare and left to the caller's wait."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len("86400")
    return float(text) if is_number else None
