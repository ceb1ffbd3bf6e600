"""The events of a world, in an order and with faults as in real life."""

from collections import deque
from collections.abc import Iterator
from random import Random

from idweave_adapters.simulator.dice import chance, dice
from idweave_adapters.simulator.traffic import garbage, webhooks
from idweave_adapters.simulator.traffic.cast import Cast
from idweave_adapters.simulator.traffic.expected import woven
from idweave_adapters.simulator.traffic.logins import Logins
from idweave_adapters.simulator.traffic.plan import TrafficPlan
from idweave_adapters.simulator.traffic.report import Event, Made, Report, Topic
from idweave_adapters.simulator.world import Truth, World

_RECENT = 1_000  # duplicates repeat one of so many
_HOUR_MS = 3_600_000


class EmptyWorldError(ValueError):
    """There is nobody to make traffic. Add people to the world."""


class Traffic:
    """Iterating makes the events; `report` sums up the ones made so far.

    Each iteration starts anew and gives the same events.

    Example:
        >>> traffic = Traffic(World.generate(seed=1), TrafficPlan(events=100))
        >>> records = list(traffic)
        >>> traffic.report.events.total()
        100
    """

    def __init__(self, world: World, plan: TrafficPlan | None = None) -> None:
        self._plan = plan or TrafficPlan()
        self._world = world
        self._cast = Cast(world, seed=self._plan.seed, tail=self._plan.tail)
        self._logins = Logins(world, self._plan)
        self.report = Report()
        if not self._cast.has_apps and not self._cast.has_pages:
            msg = "nobody in this world uses anything; add people to it"
            raise EmptyWorldError(msg)

    def __iter__(self) -> Iterator[Event]:
        """All events of the plan."""
        plan, rng = self._plan, dice("traffic", self._plan.seed)
        report = self.report = Report()
        recent: deque[Made] = deque(maxlen=_RECENT)
        now_ms = float(plan.start_ms)
        for _ in range(plan.events):
            now_ms += rng.expovariate(plan.per_second) * 1000
            if recent and chance(rng, plan.duplicates):
                made = rng.choice(recent)
                report.duplicates += 1
            else:
                made = self._made(rng, self._time(rng, int(now_ms)))
                recent.append(made)
            report.add(made)
            yield made.event

    def expected(self) -> Truth:
        """The persons that must come out of the events made so far. See `woven`."""
        return woven(self._world, self.report.sighted)

    def _time(self, rng: Random, now_ms: int) -> int:
        late = chance(rng, self._plan.out_of_order)
        return now_ms - rng.randrange(1, _HOUR_MS) if late else now_ms

    def _made(self, rng: Random, time_ms: int) -> Made:
        plan, topic = self._plan, self._topic(rng)
        if chance(rng, plan.garbage):
            return garbage.made(rng, topic, time_ms)
        if topic == "webhook":
            return webhooks.made(
                rng, lambda: self._cast.on_page(rng), time_ms, plan, self.report.sighted
            )
        if chance(rng, plan.unknown_apps):
            return self._logins.stranger(rng, time_ms)
        return self._logins.made(rng, self._cast.in_app(rng), time_ms)

    def _topic(self, rng: Random) -> Topic:
        is_login = chance(rng, self._plan.logins)
        if not self._cast.has_pages:
            return "login"
        return "login" if is_login and self._cast.has_apps else "webhook"
