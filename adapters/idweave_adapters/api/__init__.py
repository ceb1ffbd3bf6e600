"""The query API over HTTP, answered from a read model. Knows no Kafka.

Every request but the two probes needs a credential, and what it is about is looked for
in the businesses of that credential alone.
"""

from idweave_adapters.api.api_keys import (
    ApiKey,
    ApiKeys,
    KeyFile,
    KeysError,
    new_key,
)
from idweave_adapters.api.audit import Audit
from idweave_adapters.api.caller import Caller, Credentials
from idweave_adapters.api.document import openapi
from idweave_adapters.api.freshness import Fresh, Freshness, Origin
from idweave_adapters.api.limits import Limits
from idweave_adapters.api.oidc import EitherCredentials, OidcTokens, Provider
from idweave_adapters.api.passing_key import PassingKey
from idweave_adapters.api.routes import ROUTES, Route, Verb
from idweave_adapters.api.server import ApiServer, Served

__all__ = [
    "ROUTES",
    "ApiKey",
    "ApiKeys",
    "ApiServer",
    "Audit",
    "Caller",
    "Credentials",
    "EitherCredentials",
    "Fresh",
    "Freshness",
    "KeyFile",
    "KeysError",
    "Limits",
    "OidcTokens",
    "Origin",
    "PassingKey",
    "Provider",
    "Route",
    "Served",
    "Verb",
    "new_key",
    "openapi",
]
