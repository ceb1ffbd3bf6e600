"""Every code of a dead letter, with its meaning and what to do about it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from idweave_adapters.reasons import DeadLetterCode
from idweave_streams.agents.assets import UNREADABLE_ASSET
from idweave_streams.agents.resolve import UNREADABLE

FOREIGN: Final = "no-dead-letter"
"""Stands where a record of the topic has not the headers of a dead letter."""

MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{code.value: code.meaning for code in DeadLetterCode},
        UNREADABLE_ASSET: (
            "A record of the assets topic is not as its schema says, or its key is not "
            "its asset. Correct it and write it again."
        ),
        UNREADABLE: (
            "A record of an internal topic was not written by idweave, or by a newer "
            "one. Find who else writes there, and run one release only. It is not "
            "replayed."
        ),
    }
)


def meaning(code: str) -> str:
    """Say what *code* means and what to do about it."""
    if code == FOREIGN:
        return (
            "The record was not written by idweave, or by a newer one: headers are "
            "missing. Find who else writes to the topic of dead letters."
        )
    unknown = "This release does not know the code: look in that of the workers."
    return MEANINGS.get(code, unknown)
