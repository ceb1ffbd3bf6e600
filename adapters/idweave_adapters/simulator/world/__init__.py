"""The simulated world: who owns which app and Page, who is who, and the truth of it."""

from idweave_adapters.simulator.world.builder import DuplicateIdError, WorldBuilder
from idweave_adapters.simulator.world.codec import UnreadableWorldError
from idweave_adapters.simulator.world.values import App, Business, Page, Parts, Person
from idweave_adapters.simulator.world.world import NoSuchAssetError, Truth, World

__all__ = [
    "App",
    "Business",
    "DuplicateIdError",
    "NoSuchAssetError",
    "Page",
    "Parts",
    "Person",
    "Truth",
    "UnreadableWorldError",
    "World",
    "WorldBuilder",
]
