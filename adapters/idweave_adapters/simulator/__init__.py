"""A Graph API to run against, made from Meta's documents, and traffic to go with it.

`world` says who owns what and who is who; `api` answers calls about it; `server` puts
that on a loopback port; `traffic` makes the events such a world would cause.
It shares no code with the client: a misreading in one shows up against the other.
"""

from idweave_adapters.simulator.faults import BadFaultsError, Faults
from idweave_adapters.simulator.rules import Rules
from idweave_adapters.simulator.server import Simulator, run
from idweave_adapters.simulator.stats import Stats
from idweave_adapters.simulator.world import World, WorldBuilder

__all__ = [
    "BadFaultsError",
    "Faults",
    "Rules",
    "Simulator",
    "Stats",
    "World",
    "WorldBuilder",
    "run",
]
