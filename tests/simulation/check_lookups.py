"""No event is lost, every lookup ends, and nobody is asked about without cause."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.simulation import scenario as s
from tests.simulation.after import After
from tests.simulation.expected import lookups_are_of_the_seen
from tests.simulation.scenario import of_kind

from idweave_graph.evidence import Cause
from idweave_graph.lookups import LookupPhase
from idweave_graph.messages import Command, EraseAsset
from idweave_streams.dead_letters import PREFIX

_ABOUT_TWO = (s.Ban, s.Decide, s.EraseAsset)
"""Commands that may be refused: ids of two businesses, or of a test app."""
_ENDS = (LookupPhase.RESOLVED, LookupPhase.FAILED)


def dead_places(after: After) -> set[Cause]:
    """Return where the dead letters come from."""
    found = set()
    for record in after.records("dead_letters"):
        headers = {name.removeprefix(PREFIX): value for name, value in record.headers}
        place = (headers["topic"], headers["partition"], headers["offset"])
        found.add(Cause(place[0].decode(), int(place[1]), int(place[2])))
    return found


def all_input_is_handled(after: After) -> Iterator[str]:
    """Each record leads to something, or is a dead letter."""
    causes = {m.cause for m in (*after.said, *after.log) if hasattr(m, "cause")}
    dead = dead_places(after)
    for record in after.run.sources.sent:
        cause = Cause(record.topic, record.partition, record.offset)
        if cause not in causes and cause not in dead:
            yield f"{record.topic}[{record.partition}]{record.offset} led to nothing"
    if any(of_kind(after.run.scenario, s.Transfer, s.Garbage, *_ABOUT_TWO)):
        return
    if dead and not any(of_kind(after.run.scenario, s.Again)):
        yield "a good record is a dead letter"


def lookups_end(after: After) -> Iterator[str]:
    """Each is resolved or failed, or everybody knows that there is no token for it."""
    processes = after.run.alive()
    for lookup in after.lookups.values():
        place = (lookup.business, lookup.seen.id.asset)
        is_held = all(process.is_tokenless(*place) for process in processes)
        if lookup.phase not in _ENDS and not is_held:
            yield f"the lookup of {lookup.seen.id} is {lookup.phase} for ever"
        if lookup.phase is LookupPhase.HELD and not is_held:
            yield f"the lookup of {lookup.seen.id} waits for a hold that is over"


def nobody_is_asked_twice(after: After) -> Iterator[str]:
    """One question per id, but for what was lost, taken back or not answered in full."""
    counted, scenario = after.run.counted, after.run.scenario
    causes = (s.Erase, s.EraseAsset, s.Deauthorize, s.Transfer, s.Again)
    excused = sum(1 for _ in of_kind(scenario, *causes))
    excused += counted.deaths + counted.rebalances - 1  # not the first
    whole = Counter(
        asked for asked, _, is_whole in after.run.platform.answered if is_whole
    )
    for asked, times in whole.items():
        if times > 1 + excused:
            yield f"{asked} was asked about {times} times"


def holds_are_respected(after: After) -> Iterator[str]:
    """Whoever knows of a hold asks nothing until it may be tried."""
    for scoped in after.run.platform.held_calls:
        yield f"{scoped} was asked about in spite of a hold"


def requests_are_receipted(after: After) -> Iterator[str]:
    """Who waits for an erasure is told that it is done."""
    told = {(record.key or b"").decode() for record in after.records("receipts")}
    waited = defaultdict(set)
    for message in (*after.said, *after.log):
        if isinstance(message, Command | EraseAsset) and message.receipt:
            waited[message.receipt].add(message.at_ms)
    for receipt in sorted(waited.keys() - told):
        yield f"nobody told that {receipt} is done"


CHECKS = (
    all_input_is_handled,
    lookups_end,
    lookups_are_of_the_seen,
    nobody_is_asked_twice,
    holds_are_respected,
    requests_are_receipted,
)
