"""What goes wrong, and how often: rates and delays that can be changed while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any


class BadFaultsError(ValueError):
    """The fault settings cannot be used. The text names the setting and its range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Rates are shares from 0 to 1, drawn from the simulator's seed.

    Args:
        latency_s: every HTTP answer waits this long,
        jitter_s: and up to this much more.
        failure_rate: HTTP requests that fail as a whole with code 1 or 2 (HTTP 500).
        garbage_rate: HTTP requests answered with something that is no JSON.
        drop_rate: HTTP requests whose connection is cut without an answer.
        item_failure_rate: batch items that fail with code 1 or 2.
        null_item_rate: batch items answered `null`, as if they had timed out.
        short_page_rate: pages of an edge that hold fewer rows than they could.
        budget_calls: calls that one app or Page may make per window.
        business_calls: calls that all Pages of one business may make together per
            window; 0 for no such limit.
        window_s: length of the rolling window.
        page_header: Pages are told their usage by the older `X-Page-Usage`.
        review_first_call: a business's first mapping call puts it under review.
        foreign_rate: ids whose answers also name an asset of another business.
        unknown_rate: ids whose answers also name an asset that nobody knows.
        second_id_rate: ids whose answers give one app or Page a second, new id.
        mixed_up_rate: ids whose answers also hold an id of another person.
    """

    latency_s: float = 0.0
    jitter_s: float = 0.0
    failure_rate: float = 0.0
    garbage_rate: float = 0.0
    drop_rate: float = 0.0
    item_failure_rate: float = 0.0
    null_item_rate: float = 0.0
    short_page_rate: float = 0.0
    budget_calls: int = 1_000_000
    business_calls: int = 0
    window_s: float = 3600.0
    page_header: bool = False
    review_first_call: bool = False
    foreign_rate: float = 0.0
    unknown_rate: float = 0.0
    second_id_rate: float = 0.0
    mixed_up_rate: float = 0.0

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if type(value) not in _ACCEPTED[each.type]:
                msg = f"{each.name} must be of type {each.type}"
                raise BadFaultsError(msg)
            if each.name.endswith("_rate") and not 0 <= value <= 1:
                msg = f"{each.name} must lie between 0 and 1"
                raise BadFaultsError(msg)
            if value < 0 or (each.name in {"budget_calls", "window_s"} and value == 0):
                msg = f"{each.name} must not be negative, and a budget or window not 0"
                raise BadFaultsError(msg)

    def changed(self, settings: Mapping[str, Any]) -> "Faults":
        """These faults with some settings replaced.

        Raises:
            BadFaultsError: a name is unknown or a value out of range.
        """
        known = {each.name for each in fields(self)}
        if strange := sorted(set(settings) - known):
            msg = f"no such fault: {strange[0]}; there are {', '.join(sorted(known))}"
            raise BadFaultsError(msg)
        return replace(self, **settings)


_ACCEPTED: Mapping[Any, tuple[type, ...]] = {
    float: (float, int),
    int: (int,),
    bool: (bool,),
}
