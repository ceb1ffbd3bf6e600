"""The quarantine for programs: plain dictionaries."""

from idweave_graph.documents import (
    Document,
    ban_document,
    decision_document,
    evidence_document,
    person_document,
)
from idweave_graph.ids import Member
from idweave_streams.explaining.as_json import step_document
from idweave_streams.explaining.quarantine import Shown, Waiting


def waiting_document(each: Waiting) -> Document:
    """One pair between which proofs are in quarantine."""
    return {
        "business": each.business,
        "ids": _texts(each.pair),
        "persons": [each.one.id, each.two.id],
        "proofs": [evidence_document(proof) for proof in each.proofs],
        "rivals": [_texts(pair) for pair in each.rivals],
    }


def shown_document(shown: Shown) -> Document:
    """All that is known of the proofs between two members."""
    return {
        "business": shown.business,
        "ids": _texts(shown.pair),
        "persons": [
            None if person is None else person_document(person)
            for person in (shown.one, shown.two)
        ],
        "quarantined": [evidence_document(proof) for proof in shown.waiting],
        "holding": [evidence_document(proof) for proof in shown.holding],
        "rejected": [evidence_document(proof) for proof in shown.rejected],
        "rivals": [
            {
                "ids": _texts(rival.pair),
                "chains": [[step_document(s) for s in chain] for chain in rival.chains],
            }
            for rival in shown.rivals
        ],
        "bans": [ban_document(ban) for ban in shown.bans],
        "decisions": [decision_document(told) for told in shown.decisions],
        "nearby": [_texts(pair) for pair in shown.nearby],
    }


def _texts(pair: tuple[Member, Member]) -> list[str]:
    return [str(end) for end in pair]
