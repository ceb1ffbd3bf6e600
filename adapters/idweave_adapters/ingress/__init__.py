"""The HTTP door for Messenger webhooks and login events. Knows no Kafka.

What is let in is given to `Publish`, and is answered as taken only after that has
returned.
"""

from idweave_adapters.ingress.app_secrets import AppSecrets
from idweave_adapters.ingress.limits import Limits
from idweave_adapters.ingress.ports import Headers, NotStoredError, Publish
from idweave_adapters.ingress.server import Doorkeeper, IngressServer
from idweave_adapters.ingress.tokens import Tokens, TokensError

__all__ = [
    "AppSecrets",
    "Doorkeeper",
    "Headers",
    "IngressServer",
    "Limits",
    "NotStoredError",
    "Publish",
    "Tokens",
    "TokensError",
]
