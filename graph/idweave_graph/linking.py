"""Account linking: how it stands with an id, and what its end takes back."""

from dataclasses import replace

from idweave_graph.lookups import Lookup
from idweave_graph.messages import Sighting


def linked(lookup: Lookup, sighting: Sighting) -> Lookup:
    """Return *lookup* with what *sighting* tells of account linking.

    Whatever came before the last end of it is over, so it does not matter in which
    order a linking and its end are told.
    """
    if sighting.at_ms <= lookup.unlinked_ms:
        return lookup
    if sighting.is_unlinked:
        return replace(lookup, code=None, unlinked_ms=sighting.at_ms)
    return replace(lookup, code=sighting.code or lookup.code)
