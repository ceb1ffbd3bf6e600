"""The points that Meta's documents leave open, each with what we assume."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How the simulated API decides where the documents contradict or are silent.

    Args:
        asid_to_pages: token for app-scoped id to `ids_for_pages`. The sample uses the
            app token, the prose asks for a Page token, and both are seen in use.
        timed_proof_only: refuse proofs without `appsecret_time`; only old clients
            send those, and Meta's present text describes timed ones alone.
        proof_always: apps that require the proof on every call.
        omit_empty_edges: an expanded read leaves empty edges out, as the Graph API
            does in general; a direct read always says `data: []`.
        test_app_rows: list test apps beside their parent, with the parent's id.
        test_apps_owned: `owned_apps` lists test apps beside their parent; the documents
            don't say.
        default_limit: rows of a page where the call names none.
        max_limit: more is cut down silently; 100 is the most seen in use.
        oldest: calls to an older version are served by this one.
        newest: anything newer is an unknown path.
        review_status: HTTP status of the policy hold; 400 or 403.
        no_business_code: error number for an asset without a business.
        batch_limit_code: error number for a batch that is too long.
    """

    asid_to_pages: Literal["both", "app", "page"] = "both"
    timed_proof_only: bool = False
    proof_always: bool = False
    omit_empty_edges: bool = True
    test_app_rows: bool = False
    test_apps_owned: bool = True
    default_limit: int = 25
    max_limit: int = 100
    oldest: tuple[int, int] = (21, 0)
    newest: tuple[int, int] = (26, 0)
    review_status: int = 400
    no_business_code: int = 100
    batch_limit_code: int = 100
