"""What a business owns, what others share with it, and what it has claimed."""

from idweave_adapters.simulator.world.values import App, Page
from idweave_adapters.simulator.world.world import World


def owned_apps(world: World, business: str) -> list[App]:
    """Its apps, test apps included."""
    return [each for each in world.apps.values() if each.owner == business]


def owned_pages(world: World, business: str) -> list[Page]:
    """Its Pages: only claims that were confirmed."""
    return [each for each in world.pages.values() if each.owner == business]


def client_apps(world: World, business: str) -> list[App]:
    """Apps of others that are shared with it."""
    return [each for each in world.apps.values() if business in each.shared_with]


def client_pages(world: World, business: str) -> list[Page]:
    """Pages of others that are shared with it, or that its apps made tokens for."""
    return [
        page
        for page in world.pages.values()
        if page.owner != business
        and (
            business in page.shared_with
            or any(world.apps[app].owner == business for app in page.made_by)
        )
    ]


def pending_pages(world: World, business: str) -> list[Page]:
    """Pages that it has claimed, and whose claim nobody has confirmed yet."""
    return [each for each in world.pages.values() if business in each.claimed_by]
