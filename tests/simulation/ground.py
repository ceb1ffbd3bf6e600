"""What is true in every run: three businesses, ten assets, fifteen people.

The provider's app has made the tokens of a Page of each of the other two: whoever used
it for them would learn of people across the boundary.
"""

from idweave_graph.ids import Asset, BusinessId, BusinessToken, ScopedId, business_id

ACME, RIVAL, PROVIDER = map(business_id, ("900", "901", "902"))
BUSINESSES = (ACME, RIVAL, PROVIDER)
SHOP, GAME, SHOP_TEST, PAGE, MANAGED = map(
    Asset.parse, ("app:10", "app:11", "app:12", "page:20", "page:21")
)
RIVALS_APP, RIVALS_PAGE, RIVALS_MANAGED = map(
    Asset.parse, ("app:60", "page:61", "page:62")
)
PROVIDERS_APP, PROVIDERS_PAGE = map(Asset.parse, ("app:70", "page:71"))

FIRST_OWNERS: dict[Asset, BusinessId] = {
    **dict.fromkeys((SHOP, GAME, SHOP_TEST, PAGE, MANAGED), ACME),
    **dict.fromkeys((RIVALS_APP, RIVALS_PAGE, RIVALS_MANAGED), RIVAL),
    **dict.fromkeys((PROVIDERS_APP, PROVIDERS_PAGE), PROVIDER),
}
PARENTS = {SHOP_TEST: SHOP}
MAKERS = {
    PAGE: SHOP,
    MANAGED: PROVIDERS_APP,
    RIVALS_PAGE: RIVALS_APP,
    RIVALS_MANAGED: PROVIDERS_APP,
    PROVIDERS_PAGE: PROVIDERS_APP,
}
"""Which app made the token of a Page."""
ASSETS = tuple(FIRST_OWNERS)
PEOPLE = range(15)


def scoped(person: int, asset: Asset) -> ScopedId:
    """The id by which *asset* knows somebody; on another it is somebody else's."""
    place = ASSETS.index(PARENTS.get(asset, asset))
    return ScopedId(asset, str(1 + (person + place) % len(PEOPLE)))


def person_of(found: ScopedId) -> int:
    """Say who is behind an id."""
    place = ASSETS.index(PARENTS.get(found.asset, found.asset))
    return (int(found.user) - 1 - place) % len(PEOPLE)


def token_of(person: int, business: BusinessId) -> BusinessToken:
    """The token of somebody in a business."""
    return BusinessToken(f"T{business}x{person}")


def owner_of_token(token: BusinessToken) -> tuple[BusinessId, int]:
    """Say whose token it is, and who that is."""
    business, _, person = token.value[1:].partition("x")
    return business_id(business), int(person)
