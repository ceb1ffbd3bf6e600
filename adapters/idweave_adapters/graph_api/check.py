"""Whether the Graph API answers, and takes a credential. For checks before a start."""

from collections.abc import Sequence
from dataclasses import dataclass

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api.batch import Question, Reply, version_in
from idweave_adapters.graph_api.client import GraphApiClient
from idweave_adapters.graph_api.errors import GraphApiError, ProtocolFault
from idweave_adapters.graph_api.exchange import BatchRefused

_OWN_ID = (("fields", "id"),)


@dataclass(frozen=True, slots=True)
class Reached:
    """An HTTP answer came, whatever it says."""

    status: int
    served_version: str | None
    """The API version that answered, if it said so; an expired one is replaced."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of one credential."""

    credential: Credential
    error: GraphApiError | None
    """None: it is accepted."""


class GraphApiProbe(GraphApiClient):
    """The client, with two calls that look nobody up."""

    async def reach(self) -> Reached | GraphApiError:
        """Send an empty request to the versioned root, with no credential."""
        answer = await self._connection.post(b"")
        if isinstance(answer, GraphApiError):
            return answer
        return Reached(answer.status, version_in(answer.headers))

    async def prove(self, credentials: Sequence[Credential]) -> list[Proof]:
        """Let each asset read its own id, with token and proof; 50 in one request."""
        questions = [Question(c.asset.id, _OWN_ID, c) for c in credentials]
        replies = await self._exchange.ask(questions)
        return [
            Proof(credential, _error(reply, credential))
            for credential, reply in zip(credentials, replies, strict=True)
        ]


def _error(reply: Reply | BatchRefused, credential: Credential) -> GraphApiError | None:
    if isinstance(reply, BatchRefused):
        return reply.error
    if isinstance(reply, GraphApiError):
        return reply
    if reply.body.get("id") != credential.asset.id:
        return ProtocolFault("the answer is about something else")
    return None
