"""Meta's Graph API: the client, what it answers with, and its errors."""

from idweave_adapters.graph_api.asked import Lookup, LookupAnswer
from idweave_adapters.graph_api.client import DEFAULT_VERSION, GraphApiClient
from idweave_adapters.graph_api.connection import Bounds
from idweave_adapters.graph_api.counters import Counters
from idweave_adapters.graph_api.errors import (
    ConfigurationFault,
    CredentialRefused,
    Facts,
    GraphApiError,
    LookupRefused,
    PermissionDenied,
    PolicyHold,
    ProtocolFault,
    Throttled,
    TooMuchData,
    Transient,
)
from idweave_adapters.graph_api.limits import Usage
from idweave_adapters.graph_api.ownership import BusinessLists, OwnershipReader
from idweave_adapters.graph_api.sources import (
    DEFAULT_SOURCES,
    AsidPagesToken,
    Source,
)

__all__ = [
    "DEFAULT_SOURCES",
    "DEFAULT_VERSION",
    "AsidPagesToken",
    "Bounds",
    "BusinessLists",
    "ConfigurationFault",
    "Counters",
    "CredentialRefused",
    "Facts",
    "GraphApiClient",
    "GraphApiError",
    "Lookup",
    "LookupAnswer",
    "LookupRefused",
    "OwnershipReader",
    "PermissionDenied",
    "PolicyHold",
    "ProtocolFault",
    "Source",
    "Throttled",
    "TooMuchData",
    "Transient",
    "Usage",
]
