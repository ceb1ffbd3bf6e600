"""Login events and webhook bodies over a world, with the truth about them."""

from idweave_adapters.simulator.traffic.expected import woven
from idweave_adapters.simulator.traffic.plan import TrafficPlan
from idweave_adapters.simulator.traffic.report import Event, Report, Topic
from idweave_adapters.simulator.traffic.traffic import EmptyWorldError, Traffic

__all__ = [
    "EmptyWorldError",
    "Event",
    "Report",
    "Topic",
    "Traffic",
    "TrafficPlan",
    "woven",
]
