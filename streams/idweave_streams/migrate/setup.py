"""From a Page to the plan of its migration: whose it is, and what to ask with."""

from dataclasses import dataclass

from idweave_adapters.credentials import Credentials
from idweave_graph.ids import Asset
from idweave_graph.ownership import OwnershipView
from idweave_streams.migrate.proofs import Route
from idweave_streams.migrate.run import Plan
from idweave_streams.migrate.stops import MigrationStoppedError, Reason
from idweave_streams.migrate.terms import Terms


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator wants."""

    page: Asset
    terms: Terms
    ignore_invalid: bool
    patience_s: float


def plan_of(wish: Wish, view: OwnershipView, credentials: Credentials) -> Plan:
    """Find the business of the Page and the token that one of its apps has made.

    Raises:
        MigrationStoppedError: nobody owns the Page, there is no token, or an app of
            somebody else made it.
    """
    owned = view.of(wish.page)
    if owned is None or owned.business is None:
        text = f"nobody is known to own {wish.page}; run `idweave assets sync`"
        raise MigrationStoppedError(Reason.SETUP, text)
    credential = credentials.for_asset(owned.business, wish.page)
    if credential is None:
        text = f"business {owned.business} has no token for {wish.page}; add it"
        raise MigrationStoppedError(Reason.SETUP, text)
    route = Route(owned.business, credential.made_by, wish.page)
    if route.epochs(view) is None:
        text = (
            f"the token of {wish.page} was made by {credential.made_by}, which business"
            f" {owned.business} does not own; use a token of one of its own apps"
        )
        raise MigrationStoppedError(Reason.SETUP, text)
    return Plan(route, credential, wish.terms, wish.ignore_invalid, wish.patience_s)
