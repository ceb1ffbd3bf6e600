"""What a lookup can read, and what follows from the kind of id and token.

Meta, Business Mapping API and Messenger ID Matching documents.
"""

from collections.abc import Collection
from enum import StrEnum

from idweave_adapters.credentials import Credential
from idweave_graph.ids import AssetKind, ScopedId


class Source(StrEnum):
    """One thing that the platform tells about a scoped id, by the name it has there."""

    IDS_FOR_APPS = "ids_for_apps"
    IDS_FOR_PAGES = "ids_for_pages"
    TOKEN_FOR_BUSINESS = "token_for_business"  # noqa: S105 - the name of a field
    IDS_FOR_BUSINESS = "ids_for_business"


ID_EDGES = frozenset(Source) - {Source.TOKEN_FOR_BUSINESS}
"""The sources that hold ids."""

DEFAULT_SOURCES = frozenset(Source) - {Source.IDS_FOR_BUSINESS}
"""`ids_for_business` repeats what `ids_for_apps` says of an ASID, so it is left out."""

_OF_APPS_ONLY = frozenset({Source.TOKEN_FOR_BUSINESS, Source.IDS_FOR_BUSINESS})


class AsidPagesToken(StrEnum):
    """Whose token asks for `ids_for_pages` of an ASID.

    The Messenger ID Matching document contradicts itself: its sample uses the app's
    token, its Japanese prose asks for a Page's. Both were seen at work.
    """

    APP = "app"
    PAGE = "page"


def askable(
    wanted: Collection[Source], scoped: ScopedId, credential: Credential
) -> frozenset[Source]:
    """Those of *wanted* that can be asked about *scoped* with *credential*.

    `token_for_business` and `ids_for_business` are about people who logged into an app,
    and take the app's token (Business Mapping API, usage notes).
    """
    is_of_app = scoped.asset.kind is AssetKind.APP
    if is_of_app and credential.asset.kind is AssetKind.APP:
        return frozenset(wanted)
    return frozenset(wanted) - _OF_APPS_ONLY
