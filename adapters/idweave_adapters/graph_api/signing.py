"""What proves to the platform that a request comes from who may ask."""

from collections.abc import Callable
from dataclasses import dataclass

from idweave_adapters.graph_api.batch import Signed, Signer
from idweave_adapters.graph_api.proof import appsecret_proof, timed_appsecret_proof


@dataclass(frozen=True, slots=True)
class Signing:
    """Signs requests, with the time where there is a clock."""

    clock: Callable[[], float] | None
    """Seconds since 1970; None: proofs are good for ever."""

    def sign(self, credential: Signer) -> Signed:
        """Return what a request carries in the name of *credential*."""
        token, secret = credential.token, credential.app_secret
        signed = [("access_token", token.reveal())]
        if secret is None:
            return signed  # a business's token, whose app nobody has stated
        if self.clock is None:
            return [*signed, ("appsecret_proof", appsecret_proof(token, secret))]
        time_s = int(self.clock())
        proof = timed_appsecret_proof(token, secret, time_s)
        return [*signed, ("appsecret_proof", proof), ("appsecret_time", str(time_s))]
