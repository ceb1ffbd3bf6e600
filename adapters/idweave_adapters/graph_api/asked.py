"""One lookup as it is asked for, and what comes of it."""

from dataclasses import dataclass, field

from idweave_adapters.credentials import Credential
from idweave_adapters.graph_api.limits import Usage
from idweave_adapters.graph_api.sources import ID_EDGES, Source
from idweave_graph.ids import AssetKind, BusinessToken, ScopedId

_BOTH = frozenset({Source.IDS_FOR_APPS, Source.IDS_FOR_PAGES})


@dataclass(frozen=True, slots=True)
class Lookup:
    """One scoped id to look up, and what to authenticate with."""

    scoped: ScopedId = field(repr=False)
    credential: Credential
    page_credential: Credential | None = None
    """For `ids_for_pages` of an ASID, where that takes a Page's token: one that the
    app of the ASID made, of a Page of the same business."""

    def __post_init__(self) -> None:
        """Only a token of the id's own app or Page may ask.

        An ASID may also be asked about with a Page token that its app made: the
        documents disagree about which token `ids_for_pages` wants there.
        """
        if self.scoped.asset not in (self.credential.asset, self.credential.made_by):
            msg = "the credential is of another app or Page than the id"
            raise ValueError(msg)
        if self.page_credential and not self._fits(self.page_credential):
            msg = "the Page credential is not one that the app of the id made"
            raise ValueError(msg)

    def _fits(self, page: Credential) -> bool:
        return (
            page.asset.kind is AssetKind.PAGE
            and page.made_by == self.scoped.asset
            and page.business == self.credential.business
        )


@dataclass(frozen=True, slots=True)
class LookupAnswer:
    """What the platform knows now about one scoped id."""

    links: tuple[ScopedId, ...] = field(repr=False)
    """Every other id of the same person that `ids_for_apps` and `ids_for_pages`
    returned. Own id left out."""
    apps_known: bool
    """Whether the app ids are complete; if not, none in `links` means unknown."""
    pages_known: bool
    """Whether the Page ids are complete."""
    requests: int
    """Calls made for it, as the rate limits count them (an item of a batch is one)."""
    usage: Usage
    """The worst that was said along the way."""
    served_version: str | None
    """The API version that answered, if it said so."""
    token: BusinessToken | None = field(default=None, repr=False)
    """The value of `token_for_business`; a join key, and never an id."""
    business_links: tuple[ScopedId, ...] = field(default=(), repr=False)
    """Every other id that `ids_for_business` returned; apps only."""
    business_known: bool = False
    """Whether `business_links` is complete."""
    wanted: frozenset[Source] = _BOTH
    """What was to be read about this id."""

    @property
    def token_known(self) -> bool:
        """Whether there is a token. A field that is absent says nothing."""
        return self.token is not None

    @property
    def is_whole(self) -> bool:
        """Whether every id edge that was wanted was read to its end."""
        known = {
            Source.IDS_FOR_APPS: self.apps_known,
            Source.IDS_FOR_PAGES: self.pages_known,
            Source.IDS_FOR_BUSINESS: self.business_known,
        }
        return all(known[source] for source in self.wanted & ID_EDGES)
