"""The points that Meta's documents leave open, each with what we assume."""

from dataclasses import dataclass
from datetime import date
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
        history: the day, YYYY-MM-DD, that `pages_id_mapping` is to believe it is. With
            one no version is expired, as it was then. Without one it is the clock's
            day, and the call is gone.
        mapping_value: what stands at an ASID in the answer of `pages_id_mapping`:
            `{"id": ...}` or the bare id. The printed sample has lost its braces.
        mapping_error_data: how its invalid ids are listed; the document only says
            that they are.
        mapping_limit_code, mapping_invalid_code, mapping_length_code,
            mapping_token_code, mapping_denied_code, mapping_gone_code: its error
            numbers. All stored copies of the document have lost them; assumed is what
            these conditions have elsewhere.
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
    history: str | None = None
    mapping_value: Literal["object", "text"] = "object"
    mapping_error_data: Literal["list", "object", "text"] = "list"
    mapping_limit_code: int = 4
    mapping_invalid_code: int = 100
    mapping_length_code: int = 105
    mapping_token_code: int = 210
    mapping_denied_code: int = 200
    mapping_gone_code: int = 12

    def __post_init__(self) -> None:
        """Only a day can be played.

        Raises:
            ValueError: `history` is none.
        """
        if self.history is not None:
            date.fromisoformat(self.history)
