"""Proofs, against what other clients' tests publish."""

import pytest

from idweave_adapters.graph_api.proof import appsecret_proof, timed_appsecret_proof
from idweave_adapters.secret import Secret

VECTORS = [
    # facebookarchive/php-graph-sdk, AccessTokenTest
    (
        "foo_token",
        "shhhhh!is.my.secret",
        "796ba0d8a6b339e476a7b166a9e8ac0a395f7de736dc37de5f2f4397f5854eb8",
    ),
    # mobolic/facebook-sdk, test_application_secret_proof
    (
        "abc123",
        "xyz789",
        "4dad02ff1693df832f9c183fe400fc4f601360be06514acb4a73edb783eec345",
    ),
    # node-facebook/facebook-node-sdk, access_token/api
    (
        "access_token",
        "app_secret",
        "d52ddf968d622d8af8677906b7fbae09ac1f89f7cd5c1584b27544624cc23e5a",
    ),
    # jaredhanson/passport-facebook
    (
        "token",
        "secret",
        "e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a",
    ),
]


@pytest.mark.parametrize(("token", "secret", "proof"), VECTORS)
def test_the_plain_proof_is_what_other_clients_send(
    token: str, secret: str, proof: str
) -> None:
    """Four published vectors of four clients."""
    assert appsecret_proof(Secret(token), Secret(secret)) == proof


def test_the_timed_proof_covers_the_time() -> None:
    """No vector is published: this one follows the document's formula by hand."""
    token, secret = Secret("foo_token"), Secret("shhhhh!is.my.secret")

    proof = timed_appsecret_proof(token, secret, 1_700_000_000)

    assert proof == "110dd14d7ed2ec8b9d0c297ef2d02522b4339013739bd9c935648080e29f0593"
    assert proof == appsecret_proof(Secret("foo_token|1700000000"), secret)
