"""From the public form of a person back to what the core keeps, as far as it is told.

The public form leaves out on what ground a member is here, and who bears an inherited
name. Most of it follows from what is told; where something is guessed, `Restored` says
so, and nobody writes it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from idweave_graph.evidence import Evidence
from idweave_graph.ids import Asset, Member, ScopedId
from idweave_graph.person import Person, PersonId, Presence, Title, person_id

MAX_LIVES: Final = 64
"""Lives of a member that are tried for its name; a business takes back that often
before a name is not recognised, and a guess is told as one."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A person with grounds and titles."""

    person: Person
    strange: frozenset[PersonId]
    """Names of theirs that none of their members has given: who bears them is guessed."""
    nameless: frozenset[Member]
    """Members that have given no name: in which life they are is guessed."""


def restored(told: Person, epoch_of: Callable[[Asset], int]) -> Restored:
    """Return *told* as the core may have it.

    Args:
        told: as read from the public form.
        epoch_of: the ownership epoch that counts for members without a proof.
    """
    lives = lives_of(told)
    presence = {
        who: Presence(
            _epoch(told, who, epoch_of), lives.get(who, 0), _seen_ms(told, who)
        )
        for who in told.members
    }
    given = {person_id(told.business, who, life) for who, life in lives.items()}
    strange = frozenset({told.id, *told.absorbed} - given)
    person = replace(told, presence=presence, titles=_titles(told, strange))
    return Restored(person, strange, frozenset(told.members.keys() - lives.keys()))


def lives_of(told: Person) -> Mapping[Member, int]:
    """Return the life of each member that has given one of the names of *told*."""
    names = {told.id, *told.absorbed}
    found: dict[Member, int] = {}
    for life in range(MAX_LIVES):
        if not names:
            break
        for who in told.members.keys() - found.keys():
            name = person_id(told.business, who, life)
            if name in names:
                names.discard(name)
                found[who] = life
    return found


def proofs_of(person: Person, who: Member) -> list[Evidence]:
    """Return the proofs that *person* keeps about *who*, those in quarantine included."""
    proofs = (*person.evidence, *person.quarantined)
    return [proof for proof in proofs if who in (proof.a, proof.b)]


def _epoch(told: Person, who: Member, epoch_of: Callable[[Asset], int]) -> int:
    if not isinstance(who, ScopedId):
        return 0
    epochs = [proof.epoch_of(who) for proof in proofs_of(told, who)]
    return max(epochs) if epochs else epoch_of(who.asset)


def _seen_ms(told: Person, who: Member) -> int | None:
    """Return when *who* was seen: a token or a code only ever is in proofs."""
    is_only_proved = not isinstance(who, ScopedId) and proofs_of(told, who)
    return None if is_only_proved else told.members[who]


def _titles(told: Person, strange: frozenset[PersonId]) -> tuple[Title, ...]:
    """Let the oldest id bear what nobody gave, so that the person keeps their name."""
    if not strange:
        return ()
    bearer = min(told.members, key=lambda who: _age(told, who))
    first_ms, is_ids = told.members[bearer], isinstance(bearer, ScopedId)
    youngest_ms = max(told.members.values())
    return tuple(
        Title(name, bearer, is_ids, first_ms - 1 if name == told.id else youngest_ms)
        for name in sorted(strange)
    )


def _age(told: Person, who: Member) -> tuple[bool, int, str]:
    return (not isinstance(who, ScopedId), told.members[who], str(who))


def is_surely_seen(person: Person, who: Member) -> bool:
    """Say whether *who* was seen itself when it was first seen, by the person alone.

    Nothing that is proved about it is as old.
    """
    first_ms = person.members[who]
    return all(proof.at_ms > first_ms for proof in proofs_of(person, who))
