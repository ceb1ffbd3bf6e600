"""Writes the cases for readers of identity events, from what the real core tells.

    python -m tests.support.consumer_cases

What is expected comes from the graph and not from any reader: every case hands over
what is needed to know the graph.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.support.consumer_deliveries import (
    Delivery,
    Json,
    all_again,
    each_twice,
    first_again,
    in_order,
    last_first,
    last_only,
    last_only_reversed,
    late,
    reversed_,
    shuffled,
    survivor_last,
    with_news,
    without,
)
from tests.support.consumer_stories import STORIES, Story
from tests.support.graph import DictGraph, weave

from idweave_graph.documents import event_document
from idweave_graph.evidence import Cause
from idweave_streams import contracts
from idweave_streams.contracts.cases import FILE_NAME

FILE = Path(contracts.__file__).parent / FILE_NAME


@dataclass(frozen=True)
class Plan:
    """One case to be made."""

    name: str
    rule: str
    story: str
    deliver: Delivery


PLANS = [
    Plan("nothing", "No events make an empty map.", "nobody", in_order),
    Plan("created", "A person has the id they were seen with.", "one", in_order),
    Plan("linked", "What a person gains is theirs too.", "linked", in_order),
    Plan(
        "linked-late",
        "An event with a smaller generation than the known one changes nothing.",
        "linked",
        reversed_,
    ),
    Plan("merged", "An absorbed id stands for the survivor.", "merged", in_order),
    Plan(
        "merged-before-its-parts",
        "Who has ended does not begin when their first event comes late.",
        "merged",
        reversed_,
    ),
    Plan(
        "merged-alone",
        "One event tells the whole person, and which ids have ended.",
        "merged",
        without("created"),
    ),
    Plan(
        "merged-twice-told", "Each event may come twice in a row.", "merged", each_twice
    ),
    Plan(
        "merged-told-again",
        "All events may come again, as after a replay.",
        "merged",
        all_again,
    ),
    Plan(
        "merged-with-a-late-founder",
        "The survivor is who the event says, not who was heard of first.",
        "late-founder",
        in_order,
    ),
    Plan("chain", "Every id that was ever absorbed stands.", "chain", in_order),
    Plan("chain-reversed", "In the opposite order as well.", "chain", reversed_),
    Plan(
        "chain-lost-middle",
        "`absorbed` is cumulative, so merges in between may be lost.",
        "chain",
        lambda events: [*events[:4], events[-1]],
    ),
    Plan("chain-last-only", "One event may be enough.", "chain", last_only),
    Plan(
        "merge-of-merges",
        "Ids absorbed by who is absorbed stand for the last survivor.",
        "merge-of-merges",
        in_order,
    ),
    Plan(
        "merge-of-merges-last-first",
        "An older merge that comes late gives no id back to who has ended.",
        "merge-of-merges",
        last_first,
    ),
    Plan(
        "split-after-merge",
        "Who was absorbed and has members again is alive.",
        "split",
        in_order,
    ),
    Plan(
        "split-before-merge",
        "A merge that comes late does not end who is alive since.",
        "split",
        late("merged"),
    ),
    Plan("split-reversed", "In the opposite order as well.", "split", reversed_),
    Plan("split-last-only", "The parts alone say it all.", "split", last_only),
    Plan(
        "split-parts-exchanged",
        "Either part of a split may come first.",
        "split",
        last_only_reversed,
    ),
    Plan(
        "split-survivor-last",
        "An older event of another person takes no member back and ends nobody.",
        "split",
        survivor_last,
    ),
    Plan(
        "split-shuffled",
        "Some events twice, in an order of their own.",
        "split",
        shuffled(5),
    ),
    Plan(
        "quarantine-ignored",
        "A quarantine joins nobody: both persons stay.",
        "quarantine",
        in_order,
    ),
    Plan(
        "quarantine-late",
        "A quarantine of an old generation changes nothing.",
        "quarantine-then-linked",
        late("quarantined"),
    ),
    Plan("refused-ignored", "A refusal changes nobody.", "refused", in_order),
    Plan(
        "erase-id", "An id that is not listed any more is nobody's.", "erased", in_order
    ),
    Plan(
        "erase-id-reversed",
        "What is forgotten does not come back with a late event.",
        "erased",
        reversed_,
    ),
    Plan(
        "erase-founder",
        "A person outlives the id that they are named after.",
        "founder-erased",
        in_order,
    ),
    Plan(
        "erase-founder-late",
        "Also when what came before comes last.",
        "founder-erased",
        last_first,
    ),
    Plan(
        "erase-person",
        "Without members a person has ended; they and all they absorbed are nobody.",
        "person-erased",
        in_order,
    ),
    Plan(
        "erase-person-reversed",
        "Who is erased stays so, whatever comes late.",
        "person-erased",
        reversed_,
    ),
    Plan(
        "erase-person-told-first-again",
        "Old news of the erased brings nobody back.",
        "person-erased",
        first_again,
    ),
    Plan(
        "erase-lost-before-merge",
        "With an absorbed id go those of its members that the survivor does not list.",
        "erased-then-merged",
        without("erased"),
    ),
    Plan(
        "return-after-erasure",
        "An id that comes back belongs to a new person.",
        "returned",
        in_order,
    ),
    Plan(
        "return-before-erasure",
        "Also when the erasure is heard of last.",
        "returned",
        late("erased"),
    ),
    Plan("return-reversed", "In the opposite order as well.", "returned", reversed_),
    Plan(
        "unlinked",
        "Ids that only an ended account linking joined are two persons again.",
        "unlinked",
        in_order,
    ),
    Plan("unlinked-reversed", "In the opposite order as well.", "unlinked", reversed_),
    Plan("banned", "A ban takes a person apart.", "banned", in_order),
    Plan(
        "banned-before-merge",
        "The merge that it undoes may come later.",
        "banned",
        late("merged"),
    ),
    Plan(
        "ban-lifted",
        "Who was absorbed, alive and absorbed again stands for the survivor.",
        "ban-lifted",
        in_order,
    ),
    Plan(
        "ban-lifted-lost-middle",
        "Also when nothing is heard of the ban.",
        "ban-lifted",
        without("split", "banned", "quarantined"),
    ),
    Plan(
        "ban-lifted-reversed", "In the opposite order as well.", "ban-lifted", reversed_
    ),
    Plan(
        "accepted",
        "An accepted proof moves an id to another person; `decided` itself moves none.",
        "accepted",
        in_order,
    ),
    Plan("accepted-reversed", "In the opposite order as well.", "accepted", reversed_),
    Plan(
        "accepted-reopened",
        "An id that moved back is where it was, under a greater generation.",
        "reopened",
        in_order,
    ),
    Plan(
        "accepted-reopened-reversed",
        "In the opposite order as well.",
        "reopened",
        reversed_,
    ),
    Plan("rejected", "A rejected proof joins nobody any more.", "rejected", in_order),
    Plan(
        "rejected-before-merge",
        "The merge that it undoes may come later.",
        "rejected",
        late("merged"),
    ),
    Plan(
        "rejected-unseen",
        "Whom only a rejected proof spoke for is nobody's.",
        "rejected-unseen",
        in_order,
    ),
    Plan(
        "rejected-unseen-reversed",
        "In the opposite order as well.",
        "rejected-unseen",
        reversed_,
    ),
    Plan(
        "linked-by-hand",
        "Linked anew, the ids are one person, and no ended id comes alive.",
        "linked-by-hand",
        in_order,
    ),
    Plan(
        "linked-by-hand-lost-middle",
        "Also when nothing is heard of what was decided.",
        "linked-by-hand",
        without("split", "decided"),
    ),
    Plan("asset-lost", "The ids of a lost Page are nobody's.", "lost", in_order),
    Plan("asset-lost-reversed", "In the opposite order as well.", "lost", reversed_),
    Plan(
        "transfer",
        "An id of a Page that changed hands is another person's in the other business.",
        "transferred",
        in_order,
    ),
    Plan(
        "transfer-there-and-back",
        "Each business has its own map, whatever the other one tells.",
        "back-again",
        in_order,
    ),
    Plan(
        "transfer-there-and-back-mixed",
        "Events of two businesses have no order between them.",
        "back-again",
        shuffled(11),
    ),
    Plan(
        "later-release",
        "Fields and types that are not known are passed over.",
        "split",
        with_news,
    ),
    *(
        Plan(
            f"tangle-{seed}",
            "Any history, with losses, repetitions and a changed order.",
            f"tangle-{seed}",
            shuffled(seed, kept=0.6),
        )
        for seed in (1, 2, 3, 4)
    ),
]


def made(plan: Plan) -> Json:
    """Return the case, as it stands in the file.

    Raises:
        ValueError: not all that is needed comes, so no reader could know.
    """
    events, graph = told(STORIES[plan.story])
    delivered = plan.deliver(events)
    if not {e["id"] for e in last_only(events)} <= {e["id"] for e in delivered}:
        msg = f"{plan.name} keeps back what is needed"
        raise ValueError(msg)
    expected = {"members": _members(graph), "survivors": _survivors(graph, delivered)}
    return {
        "name": plan.name,
        "rule": plan.rule,
        "events": delivered,
        "expected": expected,
    }


def told(story: Story) -> tuple[list[Json], DictGraph]:
    """Return what the core tells of *story*, and the graph at its end."""
    graph = DictGraph()
    log = [
        replace(message, cause=Cause("facebook.logins.v1", 0, offset))
        for offset, message in enumerate(story)
    ]
    documents = [event_document(event) for event in weave(log, graph)]
    return json.loads(json.dumps(documents)), graph


def _members(graph: DictGraph) -> dict[str, str]:
    index = graph.index.items()
    return {
        f"{business}/{who}": name for (business, who), name in sorted(index, key=str)
    }


def _survivors(graph: DictGraph, delivered: Sequence[Json]) -> dict[str, str | None]:
    heirs = {
        (business, old): name
        for (business, name), person in graph.persons.items()
        for old in person.absorbed
    }
    return {
        f"{business}/{name}": heirs.get((business, name))
        for business, name in sorted(set(_named(delivered)))
        if (business, name) not in graph.persons
    }


def _named(delivered: Sequence[Json]) -> Iterator[tuple[Any, Any]]:
    for person in (event["person"] for event in delivered if "person" in event):
        for name in (person["id"], *person["absorbed"]):
            yield person["business"], name


def text() -> str:
    """Return the whole file."""
    lines = (json.dumps(made(plan), separators=(",", ":")) for plan in PLANS)
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
