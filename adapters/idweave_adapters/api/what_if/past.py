"""What of a business's past bears on what would come, as far as its events tell."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from idweave_adapters.read_model import ReadModel
from idweave_graph.events import EventType
from idweave_graph.ids import Asset

MAX_LOOKED_AT: Final = 1000
"""Events that are read to learn of owners; what they do not tell is told as not known."""
_STEP: Final = 50


class Past:
    """Answers from the counts of a business, and reads events only where it must."""

    def __init__(self, model: ReadModel, business: str) -> None:
        self._model = model
        self._business = business

    @cached_property
    def _overview(self) -> Mapping[str, Any]:
        return self._model.overview(self._business) or {"events": {}, "members": {}}

    def had(self, *types: EventType) -> bool:
        """Say whether any event of these types was told."""
        return any(self._overview["events"].get(each) for each in types)

    @property
    def is_told(self) -> bool:
        """Say whether this copy has events at all: an export may leave them out."""
        return self.had(EventType.CREATED)

    @cached_property
    def was_nothing_withdrawn(self) -> bool:
        """Say whether surely nothing was ever taken back in this business.

        Account linkings may end without an event, so where there are any it is not sure.
        """
        return (
            self.is_told
            and not self.had(EventType.ERASED, EventType.SPLIT)
            and not self._overview["members"].get("code")
            and not self._model.erasures(self._business, "", 1).items
            and self.are_owners_first
        )

    @cached_property
    def are_owners_first(self) -> bool:
        """Say whether every asset surely still has its first owner."""
        told = self._ownership
        is_whole = len(told) == self._overview["events"].get(EventType.EPOCH_CHANGED, 0)
        assets = {(each["asset"]["kind"], each["asset"]["id"]) for each in told}
        return is_whole and len(assets) == len(told) and all(e["owned"] for e in told)

    @cached_property
    def epochs(self) -> Mapping[Asset, int]:
        """The last ownership epoch of each asset that events tell of."""
        found: dict[Asset, int] = {}
        for each in self._ownership:
            asset = Asset.parse(f"{each['asset']['kind']}:{each['asset']['id']}")
            found[asset] = max(each["epoch"], found.get(asset, 0))
        return found

    @cached_property
    def _ownership(self) -> list[Mapping[str, Any]]:
        """What was told of owners; they are told of first, so most often in few reads."""
        many = self._overview["events"].get(EventType.EPOCH_CHANGED, 0)
        found: list[Mapping[str, Any]] = []
        after = 0
        for _ in range(0, MAX_LOOKED_AT, _STEP):
            if len(found) >= many:
                break
            some = self._model.changes(self._business, after, _STEP)
            found += [event["ownership"] for _, event in some if _is_of_owner(event)]
            if len(some) < _STEP:
                break
            after = some[-1][0]
        return found


def _is_of_owner(event: Mapping[str, Any]) -> bool:
    return bool(event["type"] == EventType.EPOCH_CHANGED)
