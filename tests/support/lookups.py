"""Lookups in tables, as the resolve stage leaves them, for what reads them."""

from idweave_graph.evidence import Cause
from idweave_graph.ids import Asset, BusinessId, ScopedId, business_id
from idweave_graph.lookups import Lookup, LookupPhase
from idweave_graph.ownership import OwnedId
from idweave_streams.local.log import LocalTable
from idweave_streams.reliable import Unit
from idweave_streams.tables import Lane, put_lookup

ACME, RIVAL = business_id("900"), business_id("901")
APP = Asset.parse("app:10")
OTHER_APP = Asset.parse("app:11")
ACMES, RIVALS = Lane(ACME, APP), Lane(RIVAL, APP)
CAUSE = Cause("logins", 0, 0)


def scoped_id(user: object, asset: Asset = APP) -> ScopedId:
    return ScopedId(asset, str(user))


def lookup(
    user: object,
    business: BusinessId = ACME,
    *,
    asset: Asset = APP,
    epoch: int = 1,
    due_ms: int = 0,
) -> Lookup:
    """An open lookup."""
    return Lookup(
        business=business,
        seen=OwnedId(scoped_id(user, asset), epoch),
        first_seen_ms=1,
        cause=CAUSE,
        phase=LookupPhase.PENDING,
        due_ms=due_ms,
    )


def write(table: LocalTable, after: Lookup, before: Lookup | None = None) -> None:
    """*after* stands in *table*, by a unit of its own."""
    unit = Unit(0, table)
    put_lookup(unit, after, before)
    table.write(unit.changes)
