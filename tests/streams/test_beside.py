"""What runs beside the stream ends in good order."""

import asyncio
from collections.abc import Sequence
from types import TracebackType

from idweave_adapters.credentials import Credentials
from idweave_adapters.graph_api import GraphApiClient
from idweave_graph.messages import Answer
from idweave_streams.credential_watch import CredentialWatch
from idweave_streams.pipeline import Outside, build_pipeline
from idweave_streams.settings import Settings
from idweave_streams.worker import Beside

SETTINGS = Settings()


class Client(GraphApiClient):
    """Remembers what was still running when it was closed."""

    running: frozenset[str] = frozenset()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.running = running()
        await super().__aexit__(kind, error, trace)


def running() -> frozenset[str]:
    """What the tasks of this moment are made of."""
    coros = (task.get_coro() for task in asyncio.all_tasks())
    return frozenset(getattr(coro, "__qualname__", "") for coro in coros)


async def publish(answers: Sequence[tuple[int, Answer]]) -> None:
    raise AssertionError("nothing is asked here")


async def test_nothing_asks_any_more_when_the_client_is_closed() -> None:
    """A lookup that began then would fail, and the worker with it, on its way out."""
    api, credentials = Client("http://127.0.0.1:9", clock=lambda: 0.0), Credentials()
    outside = Outside(api, credentials, lambda: 0)
    pipeline = build_pipeline(SETTINGS, outside, publish)
    watch = CredentialWatch(credentials, pipeline.holds, every_s=60)
    beside = Beside(SETTINGS, pipeline, api, watch)
    await api.__aenter__()
    beside.start_calling()
    await asyncio.sleep(0)
    assert "Service._execute_task" in running()

    await beside.on_stop()

    assert api.running
    assert "Service._execute_task" not in api.running
