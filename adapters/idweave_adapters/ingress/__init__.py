"""The HTTP door for webhooks, login events and callbacks. Knows no Kafka.

What is let in is given to `Publish`, and is answered as taken only after that has
returned.
"""

from idweave_adapters.ingress.app_secrets import AppSecrets
from idweave_adapters.ingress.callbacks import Callbacks
from idweave_adapters.ingress.limits import Limits
from idweave_adapters.ingress.ports import Headers, NotStoredError, Publish
from idweave_adapters.ingress.server import Doorkeeper, IngressServer
from idweave_adapters.ingress.tokens import Tokens, TokensError

__all__ = [
    "AppSecrets",
    "Callbacks",
    "Doorkeeper",
    "Headers",
    "IngressServer",
    "Limits",
    "NotStoredError",
    "Publish",
    "Tokens",
    "TokensError",
]
