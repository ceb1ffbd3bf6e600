"""Planted bugs: one line of the product each, and what it would do to somebody.

They show what the runs can see. Those of `reliable/commit.py` are in the very code that
carries units out here; what is only modelled (see `simulation`) can't be broken so.
"""

from dataclasses import dataclass

GRAPH = "graph/idweave_graph"
STREAMS = "streams/idweave_streams"


@dataclass(frozen=True, slots=True)
class Bug:
    """One line, found once in its file, and another one in its place."""

    name: str
    file: str
    old: str
    new: str
    harm: str


BUGS = (
    Bug(
        "local-file-first",
        f"{STREAMS}/reliable/commit.py",
        "            end = await self._write_changelog(lane, prepared.changelog)\n",
        "            self._write_locally(lane, prepared, lane.changelog_end or 0)\n"
        "            lane.changelog_end = None\n"
        "            end = await self._write_changelog(lane, prepared.changelog)\n",
        "a crash in between leaves a state here that no other worker ever has",
    ),
    Bug(
        "released-too-early",
        f"{STREAMS}/reliable/commit.py",
        "            await self._carry_out(lane, prepared)\n",
        "            self._release(lane, part)\n"
        "            await self._carry_out(lane, prepared)\n",
        "a crash in between loses what was read",
    ),
    Bug(
        "progress-not-written",
        f"{STREAMS}/reliable/commit.py",
        "            changes = [*unit.changes.items(), (PROGRESS_KEY, encode_progress(progress))]\n",
        "            changes = [*unit.changes.items(), (PROGRESS_KEY, encode_progress({}))]\n",
        "old evidence is handled again after what came later",
    ),
    Bug(
        "outputs-not-sent",
        f"{STREAMS}/reliable/commit.py",
        "            await self._outbox.deliver(prepared.outputs)\n",
        "            await self._outbox.deliver(prepared.outputs[:1])\n",
        "the changelog says that it was told, and nobody was",
    ),
    Bug(
        "zombies-may-write",
        f"{STREAMS}/reliable/commit.py",
        "        if group.is_leased and lane.generation == group.generation:\n",
        "        if group.generation:\n",
        "a worker that was frozen tells old news after new ones",
    ),
    Bug(
        "no-epoch-check-at-union",
        f"{GRAPH}/weave.py",
        "    if not is_current(draft, message.business, seen.id, seen.epoch):\n",
        "    if seen.epoch < 0:\n",
        "people of an earlier owner are taken for those of the present one",
    ),
    Bug(
        "no-business-check-on-answers",
        f"{GRAPH}/boundary.py",
        "        elif ownership.business != business:\n",
        '        elif ownership.business != business and business == "":\n',
        "what the platform lets slip links people across businesses",
    ),
    Bug(
        "no-business-check-before-calls",
        f"{GRAPH}/boundary.py",
        "    if maker is None or maker.business != business:\n",
        "    if maker is None:\n",
        "a service provider's token learns of people of its customers",
    ),
    Bug(
        "generation-not-raised-on-split",
        f"{GRAPH}/transition.py",
        "    return highest if kind is None else max(highest, newest) + 1\n",
        "    return highest if kind in (None, EventType.SPLIT) else max(highest, newest) + 1\n",
        "a consumer keeps people together who are not",
    ),
    Bug(
        "contradictions-are-joined",
        f"{GRAPH}/derive.py",
        "        if one.isdisjoint(two):\n",
        "        if one or two:\n",
        "two people become one, whom somebody has mixed up",
    ),
    Bug(
        "erasure-leaves-proofs",
        f"{GRAPH}/forgetting.py",
        "        if {proof.a, proof.b} & leaving\n",
        "        if {proof.a, proof.b} <= leaving\n",
        "the erased id stays, because its token still names it",
    ),
    Bug(
        "sweep-skips-its-continuation",
        f"{GRAPH}/withdraw.py",
        "    if not is_last:\n",
        "    if not is_last and not some:\n",
        "people of an earlier owner stay in the graph",
    ),
    Bug(
        "ban-not-found-from-one-end",
        f"{GRAPH}/banlist.py",
        "    for end in told.pair:\n",
        "    for end in told.pair[:1]:\n",
        "two who are banned become one person through the other end",
    ),
    Bug(
        "lookups-not-parked-on-hold",
        f"{STREAMS}/calls/caller.py",
        "        now_ms >= hold.probe_ms\n",
        "        now_ms > 0\n",
        "a business under review is asked about all the time",
    ),
    Bug(
        "alias-tombstone-missing",
        f"{STREAMS}/agents/weave.py",
        "            return [alias_tombstone(names, business, scoped)]\n",
        "            return []\n",
        "who joins by the aliases still finds the erased id",
    ),
    Bug(
        "asked-while-being-asked",
        f"{STREAMS}/calls/board.py",
        "            if scoped in self._asked:\n",
        "            if scoped in self._asked and limit < 0:\n",
        "each lookup costs several calls",
    ),
    Bug(
        "unreadable-commands-dropped",
        f"{STREAMS}/agents/ingest.py",
        "            self._give_up(unit, record, error.problem.code)\n",
        "            error.problem.code.strip()\n",
        "a request to be forgotten is lost without a trace",
    ),
)
