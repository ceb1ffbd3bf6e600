"""The answer: what each change would tell, and who would be who."""

from typing import Any, Final

from idweave_adapters.api.asked import Asked
from idweave_adapters.api.problems import NOT_FOUND, TOO_MUCH, Problem
from idweave_adapters.api.what_if.certainty import Doubts
from idweave_adapters.api.what_if.changes import Action, Change, read_changes
from idweave_adapters.api.what_if.command import command_of
from idweave_adapters.api.what_if.past import Past
from idweave_adapters.api.what_if.state import ReadState
from idweave_adapters.read_model import ReadModel
from idweave_graph.documents import event_document, person_document
from idweave_graph.draft import Draft
from idweave_graph.evidence import Cause
from idweave_graph.ids import BusinessId, Member, ScopedId, business_id
from idweave_graph.messages import Banned, Decided
from idweave_graph.ownership import OwnedId
from idweave_graph.supposing import Supposed, Supposing

FIRST_OFFSET: Final = 9_000_000_000_000_000
"""Of the record that each change is supposed to come in: no topic gets that far, and
it is below 2^53, so that every reader of JSON has it exactly."""
MAX_WEIGHED: Final = 2_000
"""Ids of the persons that the changes are about, each change counted by itself: it is
handled as a worker would, and nobody else is answered meanwhile."""
TOPIC: Final = "supposed"
_TOO_MUCH: Final = (
    f"the changes would weigh more than {MAX_WEIGHED} ids, each change those of its "
    "persons: suppose fewer at once"
)
_WHO: Final = "nobody"
_WHY: Final = "supposed"

Document = dict[str, Any]


def what_if(model: ReadModel, business: str, asked: Asked) -> Document:
    """Return what would come of the changes of a request, one after the other.

    Raises:
        Problem: the request can't be read, an id is nobody's in this business, or more
            would be weighed than may be.
    """
    at_ms, changes = read_changes(asked.body)
    for who in {end for change in changes for end in (change.one, change.two)}:
        if model.owner(business, str(who)) is None:
            raise Problem(NOT_FOUND)
    owner = business_id(business)
    state = ReadState(model, owner, Past(model, business))
    supposing, doubts = Supposing(state, owner), Doubts(model, owner, state)
    weighed = 0
    for number, change in enumerate(changes):
        if change.refusal is None:
            weighed += _weight(supposing.draft, owner, change)
            if weighed > MAX_WEIGHED:
                raise Problem(TOO_MUCH, _TOO_MUCH)
            message = _message(supposing.draft, owner, change, (at_ms, number))
            doubts.before(supposing.draft, message)
            supposing.handle(message, (change.one, change.two))
    supposed = supposing.supposed()
    doubts.after(supposed)
    return _document(business, changes, supposed, list(doubts.found))


def _weight(draft: Draft, business: BusinessId, change: Change) -> int:
    names = {draft.person_of(business, end) for end in (change.one, change.two)}
    persons = (draft.person(business, name) for name in names if name is not None)
    return sum(len(person.members) for person in persons if person is not None)


def _message(
    draft: Draft, business: BusinessId, change: Change, said: tuple[int, int]
) -> Banned | Decided:
    """Return what the command would put on the evidence log; a later one counts more."""
    at_ms, number = said
    one, two = sorted((change.one, change.two), key=str)
    epochs = [_epoch(draft, business, end) for end in (one, two)]
    cause = Cause(TOPIC, 0, FIRST_OFFSET + number)
    verdict = change.action.verdict
    if verdict is not None:
        told = (verdict, _WHO, _WHY, at_ms + number, cause)
        return Decided(business, one, two, epochs[0], epochs[1], *told)
    if not (isinstance(one, ScopedId) and isinstance(two, ScopedId)):
        msg = "a ban is about two scoped ids; ask for `refusal` before"
        raise TypeError(msg)
    ends = (OwnedId(one, epochs[0]), OwnedId(two, epochs[1]))
    is_lifted = change.action is Action.UNBAN
    return Banned(business, *ends, is_lifted, _WHO, _WHY, at_ms + number, cause)


def _epoch(draft: Draft, business: BusinessId, who: Member) -> int:
    name = draft.person_of(business, who)
    person = None if name is None else draft.person(business, name)
    if person is None or who not in person.members:
        return 1 if isinstance(who, ScopedId) else 0
    return person.presence_of(who).epoch


def _document(
    business: str, changes: list[Change], supposed: Supposed, doubts: list[str]
) -> Document:
    told = iter(supposed.told)
    before, after = supposed.before, supposed.after
    return {
        "business": business,
        "is_exact": not doubts,
        "doubts": doubts,
        "changes": [
            {
                "action": change.action,
                "one": str(change.one),
                "two": str(change.two),
                "refused": change.refusal,
                "events": []
                if change.refusal
                else [event_document(event) for event in next(told)],
                "command": None if change.refusal else command_of(change),
            }
            for change in changes
        ],
        "before": [person_document(before[name]) for name in sorted(before)],
        "after": [person_document(after[name]) for name in sorted(after)],
        "kept": sorted(before.keys() & after.keys()),
        "ended": sorted(before.keys() - after.keys()),
        "given": sorted(after.keys() - before.keys()),
    }
