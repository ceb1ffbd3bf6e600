"""Whoever was to be forgotten is gone, and stays away until they are seen again."""

from collections.abc import Iterable, Iterator

from tests.simulation.after import After, named

from idweave_graph.evidence import Evidence
from idweave_graph.ids import Asset, BusinessId, Member, ScopedId
from idweave_graph.messages import Erase, EraseAsset, Forgotten, Sighted


def who_is_there_was_named(after: After) -> Iterator[str]:
    """Since the last time that they were to be forgotten, evidence has named them."""
    spoken: dict[tuple[BusinessId, Member], int] = {}
    for message in after.log:
        if isinstance(message, Erase):
            place: tuple[BusinessId, Member] = (message.business, message.subject)
            if spoken.get(place, 0) <= message.at_ms:
                spoken.pop(place, None)
        for who, at_ms in named(message).items():
            place = (message.business, who)
            spoken[place] = max(at_ms, spoken.get(place, at_ms))
    for place in after.graph.index.keys() - spoken.keys():
        yield f"{place[1]} is there, though it was to be forgotten"


def who_is_erased_stays_away(after: After) -> Iterator[str]:
    """Until an event of their own is later, as long as erasures are remembered."""
    erased = _erased_ms(after)
    sighted: dict[tuple[BusinessId, Member], int] = {}
    for message in after.log:
        if isinstance(message, Sighted):
            place = (message.business, message.seen.id)
            sighted[place] = max(message.at_ms, sighted.get(place, 0))
    for business, member in after.graph.index:
        at_ms = erased.get((business, member), -1)
        if isinstance(member, ScopedId):
            at_ms = max(at_ms, erased.get((business, member.asset), -1))
        if sighted.get((business, member), 0) <= at_ms:
            yield f"{member} is back in {business} without having been seen again"


def _erased_ms(after: After) -> dict[tuple[BusinessId, Member | Asset], int]:
    """Return when each id, or all of an asset, was last erased and remembered so."""
    found: dict[tuple[BusinessId, Member | Asset], int] = {}
    for message in (*after.log, *after.said):
        match message:
            case Erase(subject=who) | Forgotten(id=who) | EraseAsset(asset=who):
                if message.until_ms:
                    place = (message.business, who)
                    found[place] = max(message.at_ms, found.get(place, 0))
            case _:
                pass
    return found


def nothing_names_the_erased(after: After) -> Iterator[str]:
    """No proof, no ban and no decision of before does, once they are gone."""
    erased = _erased_ms(after)
    for business, who, at_ms, what in _words(after):
        place = (business, who)
        if place not in after.graph.index and at_ms <= erased.get(place, -1):
            yield f"{what} names {who} of {business}, who was erased"


Word = tuple[BusinessId, Member, int, str]
"""Who is named, when that was said, and by what."""


def _words(after: After) -> Iterator[Word]:
    """Yield whom proofs, bans and decisions name."""
    graph = after.graph
    for (business, _), person in graph.persons.items():
        proofs = (*person.evidence, *person.quarantined)
        yield from _ends(business, proofs, "a proof")
    for (business, _), bans in graph.bans.items():
        for ban in bans:
            yield from ((business, end, ban.at_ms, "a ban") for end in ban.pair)
    for (business, _), decisions in graph.decisions.items():
        for told in decisions:
            yield from ((business, end, told.at_ms, "a decision") for end in told.pair)
            yield from _ends(business, told.kept, "a proof that is kept")


def _ends(
    business: BusinessId, proofs: Iterable[Evidence], what: str
) -> Iterator[Word]:
    for proof in proofs:
        yield business, proof.a, proof.at_ms, what
        yield business, proof.b, proof.at_ms, what


CHECKS = (who_is_there_was_named, who_is_erased_stays_away, nothing_names_the_erased)
