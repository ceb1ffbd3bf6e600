"""The persons are the people: nobody torn apart or mixed up without reason."""

from collections import defaultdict
from collections.abc import Iterator

from tests.simulation import scenario as s
from tests.simulation.after import After
from tests.simulation.ground import owner_of_token, person_of
from tests.simulation.scenario import of_kind

from idweave_graph.ids import (
    Asset,
    BusinessId,
    BusinessToken,
    LinkingCode,
    Member,
    ScopedId,
)
from idweave_graph.lookups import LookupPhase
from idweave_graph.messages import (
    Command,
    Erase,
    EraseAsset,
    Forgotten,
    Refused,
    Sighting,
)
from idweave_graph.person import Person


def nobody_is_mixed_up(after: After) -> Iterator[str]:
    """All ids and tokens of a person are one human's, unless somebody lied."""
    if _is_lied_in(after):
        return
    for person in after.graph.persons.values():
        humans = {human for m in person.members if (human := _human(m)) is not None}
        if len(humans) > 1:
            yield f"person {person.id} is {len(humans)} people"


def _is_lied_in(after: After) -> bool:
    """Say whether two people were linked: by a decision, or one account linking."""
    if any(d.person != d.other for d in of_kind(after.run.scenario, s.Decide)):
        return True
    people = defaultdict(set)
    for step in of_kind(after.run.scenario, s.See):
        people[step.code].add(step.person)
    people.pop(0, None)
    return any(len(each) > 1 for each in people.values())


def _human(member: Member) -> int | None:
    match member:
        case ScopedId():
            return person_of(member)
        case BusinessToken():
            return owner_of_token(member)[1]
        case _:
            return None


def each_asset_knows_a_person_once(after: After) -> Iterator[str]:
    """A person has one id of an app or Page, and one token, whatever was proved."""
    for person in after.graph.persons.values():
        places = [
            member.asset if isinstance(member, ScopedId) else BusinessToken
            for member in person.members
            if not isinstance(member, LinkingCode)
        ]
        if len(places) != len(set(places)):
            yield f"person {person.id} has two ids of one asset, or two tokens"


def nobody_crosses_a_boundary(after: After) -> Iterator[str]:
    """Members are of what their business owns now."""
    owners = after.run.platform.owners
    for person in after.graph.persons.values():
        for member in person.members:
            if isinstance(member, ScopedId):
                owner, epoch = owners[member.asset], person.presence_of(member).epoch
                if (owner.business, owner.epoch) != (person.business, epoch):
                    yield f"{member} is with {person.business}, which has lost it"
            elif isinstance(member, BusinessToken):
                yield from _foreign_token(after, person, member)


def nobody_was_told_of_others(after: After) -> Iterator[str]:
    """No event names an id of an asset that its business has never owned."""
    history = after.run.platform.history
    for event in after.events:
        for member in event.person.members if event.person else ():
            if not isinstance(member, ScopedId):
                continue
            if event.business not in history[member.asset]:
                yield f"{event.business} was told of {member}, which it never owned"


def _foreign_token(after: After, person: Person, token: BusinessToken) -> Iterator[str]:
    """An event may be older than the owner it is handled under, an answer may not."""
    business, _ = owner_of_token(token)
    has_moved = any(of_kind(after.run.scenario, s.Transfer))
    if business != person.business and not has_moved:
        yield f"a token of {business} is with {person.business}"


def calls_stay_inside(after: After) -> Iterator[str]:
    """Nobody is asked about with the token of somebody else's app."""
    history = after.run.platform.history
    for asked, (business, made_by), _ in after.run.platform.answered:
        if business not in history[made_by] & history[asked.asset]:
            yield f"{asked} was asked about by {business} with a token of {made_by}"


def who_was_seen_is_there(after: After) -> Iterator[str]:
    """Under the present owner, and after the last erasure about that human."""
    erased_ms: dict[int | Asset | None, int] = defaultdict(int)
    for message in after.log:
        if isinstance(message, Erase):
            human = _who(after, message.subject)
            erased_ms[human] = max(message.at_ms, erased_ms[human])
        elif isinstance(message, EraseAsset):
            asset = message.asset
            erased_ms[asset] = max(message.at_ms, erased_ms[asset])
    owners = after.run.platform.owners
    for seen in _seen(after).values():
        scoped, owner = seen.seen.id, owners[seen.seen.id.asset]
        last_ms = max(erased_ms[_who(after, scoped)], erased_ms[scoped.asset])
        is_over = (owner.business, owner.epoch) != (seen.business, seen.seen.epoch)
        if is_over or seen.at_ms <= last_ms:
            continue
        if (seen.business, scoped) not in after.graph.index:
            yield f"{scoped} was seen and is nobody"


def _who(after: After, member: Member) -> int | None:
    """Say who somebody is; where people were mixed up, all are one."""
    return None if _is_lied_in(after) else _human(member)


def _seen(after: After) -> dict[ScopedId, Sighting]:
    """Return the last sighting of each id, if it was not told of an erasure since.

    Commands and events come on topics of their own. Who was seen after a request, but
    is told of before it, is forgotten until they are seen again.
    """
    seen: dict[ScopedId, Sighting] = {}
    for message in after.said:
        match message:
            case Sighting():
                before = seen.get(message.seen.id, message)
                seen[message.seen.id] = max(before, message, key=_when)
            case Command(seen=about):
                seen.pop(about.id, None)
            case Forgotten(id=scoped):
                seen.pop(scoped, None)
            case _:
                pass
    return seen


def _when(sighting: Sighting) -> tuple[int, int]:
    return sighting.seen.epoch, sighting.at_ms


def the_answered_are_together(after: After) -> Iterator[str]:
    """Two ids of one human whose lookups are answered in full are one person."""
    refused = {
        (refusal.subject, refusal.other)
        for message in after.log
        if isinstance(message, Refused)
        for refusal in message.refusals
    }
    groups: dict[tuple[BusinessId, int], list[ScopedId]] = defaultdict(list)
    for scoped, lookup in after.lookups.items():
        place = (lookup.business, scoped)
        is_whole = lookup.phase is LookupPhase.RESOLVED and lookup.is_final
        if is_whole and place in after.graph.index and _is_plain(after, *place):
            groups[lookup.business, person_of(scoped)].append(scoped)
    for (business, _), ids in groups.items():
        names = {after.graph.index[business, scoped] for scoped in ids}
        has_refusal = any((a, b.asset) in refused for a in ids for b in ids)
        if len(names) > 1 and not has_refusal:
            yield f"{', '.join(map(str, sorted(ids)))} of {business} are one human"


def _is_plain(after: After, business: BusinessId, scoped: ScopedId) -> bool:
    """Say whether no ban, decision or contradiction may keep an id apart."""
    graph = after.graph
    person = graph.persons[business, graph.index[business, scoped]]
    return not (
        person.quarantined
        or graph.bans_of(business, scoped)
        or any(graph.decisions_of(business, who) for who in person.members)
    )


def owners_are_known(after: After) -> Iterator[str]:
    """Each graph knows the last epoch of what its business owns."""
    for asset, owner in after.run.platform.owners.items():
        if owner.business is None:
            continue
        known = after.graph.assets.get((owner.business, asset))
        if known is None or (known.epoch, known.owned) != (owner.epoch, True):
            yield f"{owner.business} does not know that it owns {asset}"


CHECKS = (
    nobody_is_mixed_up,
    each_asset_knows_a_person_once,
    nobody_crosses_a_boundary,
    nobody_was_told_of_others,
    calls_stay_inside,
    who_was_seen_is_there,
    the_answered_are_together,
    owners_are_known,
)
