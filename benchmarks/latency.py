"""How long it takes from a login to the event that tells of a new person."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import orjson
from benchmarks.grounds import OnKafka

from idweave_streams.outside import unix_time_s
from idweave_streams.reliable import Output


@dataclass(frozen=True, slots=True)
class Spread:
    """Of how long it took, in milliseconds."""

    count: int
    half: float
    most: float
    """99 in 100 took no longer."""
    longest: float

    @classmethod
    def of(cls, taken_s: Sequence[float]) -> "Spread":
        """Return the spread of those times; none is all zero."""
        if not taken_s:
            return cls(0, 0.0, 0.0, 0.0)
        in_order = sorted(1000 * each for each in taken_s)
        last = len(in_order) - 1
        return cls(
            len(in_order),
            in_order[round(last * 0.5)],
            in_order[round(last * 0.99)],
            in_order[-1],
        )


@dataclass(slots=True)
class Journeys:
    """When each login was sent, and when its event was there."""

    under_way: dict[str, float] = field(default_factory=dict)
    ended: list[tuple[float, float]] = field(default_factory=list)
    """When it was due, and how long it took, in seconds."""

    def arrived(self, value: bytes, now_s: float) -> None:
        """Take note of an event that tells of a new person."""
        for member in orjson.loads(value)["person"]["members"]:
            due_s = self.under_way.pop(member["value"], None)
            if due_s is not None:
                self.ended.append((due_s, now_s - due_s))

    def between(self, since_s: float, until_s: float) -> Spread:
        """Return how long those took that were due in that time."""
        return Spread.of([t for due, t in self.ended if since_s <= due < until_s])


def login(topic: str, app: str, user: str) -> Output:
    """Somebody logs in now."""
    now_ms = int(unix_time_s() * 1000)
    row = {"app_id": app, "user_id": user, "time": now_ms, "login_kind": "classic"}
    return Output(topic, user.encode(), orjson.dumps(row))


async def keep_coming(
    ground: OnKafka, app: str, users: Iterator[str], every_s: float, seen: Journeys
) -> None:
    """Let somebody new log in every *every_s*, however long the others take.

    Time counts from when a login was due, so that a late one hides no wait.
    """
    began_s = time.monotonic()
    sending: set[asyncio.Task[None]] = set()
    for number, user in enumerate(users):
        due_s = began_s + number * every_s
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        seen.under_way[user] = due_s
        output = login(ground.settings.topics.logins, app, user)
        task = asyncio.create_task(ground.send([output]))
        sending.add(task)
        task.add_done_callback(sending.discard)
    msg = "all newcomers have come: let there be more of them"
    raise RuntimeError(msg)
