"""Whether a stated ownership may follow the known one.

Epochs are what stale evidence is told by. So they never go back, a new owner always
brings a new one, and the owner before is named, because that business has to let go.
"""

from dataclasses import replace
from enum import StrEnum

from idweave_graph.ids import BusinessId
from idweave_graph.ownership import Ownership


class Objection(StrEnum):
    """Why a stated ownership is not taken over, and what to state instead."""

    NO_EPOCH = "an owner needs an epoch: 1 for the first, one more for each new one"
    BACK = "the epoch is smaller than the known one; epochs never go back"
    SAME_EPOCH = "a new owner needs a new epoch: the known one and one more"
    OTHER_PREVIOUS = "`previous` is not the last owner that is known; name that one"


def succeed(known: Ownership | None, stated: Ownership) -> Ownership | Objection | None:
    """Return the record to write, None if nothing changes, or why it may not be.

    Where a change of owner is stated without `previous`, the last known owner is named.
    """
    if found := _objection(known, stated):
        return found
    if known is None:
        return stated
    if _is_same(known, stated):
        same = replace(known, parent=stated.parent, since_ms=stated.since_ms)
        return None if stated.parent == known.parent else same
    return replace(stated, previous=_last(known))


def _objection(known: Ownership | None, stated: Ownership) -> Objection | None:
    if stated.business is not None and stated.epoch == 0:
        return Objection.NO_EPOCH
    if known is None or _is_same(known, stated):
        return None
    if stated.epoch < known.epoch:
        return Objection.BACK
    if stated.epoch == known.epoch and stated.business is not None:
        return Objection.SAME_EPOCH
    is_last = stated.previous in (None, _last(known))
    return None if is_last else Objection.OTHER_PREVIOUS


def _is_same(known: Ownership, stated: Ownership) -> bool:
    return (known.epoch, known.business) == (stated.epoch, stated.business)


def _last(known: Ownership) -> BusinessId | None:
    return known.business or known.previous
