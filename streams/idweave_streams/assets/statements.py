"""Ownership as an operator states it in a file: one JSON object a line.

Either all of it can follow what is known, or none of it is taken over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from idweave_graph.ids import Asset
from idweave_graph.ownership import Ownership
from idweave_graph.succession import Objection, succeed
from idweave_streams.assets.topic import assets_writer, read_assets
from idweave_streams.codecs import UnreadableRecordError, decode_ownership
from idweave_streams.settings import Settings


class StatementsError(ValueError):
    """The file can't be taken over. Names every line to correct."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of the file."""

    line: int
    ownership: Ownership


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has changed, or would change if it was dry."""

    is_dry: bool
    lines: int
    changes: tuple[tuple[Ownership | None, Ownership], ...]
    """What was known, and the record that follows it, in the order of the file."""


async def import_statements(
    settings: Settings, statements: Iterable[Statement], *, is_dry: bool = False
) -> Imported:
    """Write what *statements* change to the assets topic.

    Raises:
        StatementsError: a line can't follow what is known; nothing was written.
        BrokerError: the topic can't be read or written; nothing was written.
    """
    stated = list(statements)
    if is_dry:
        changes = follow(await _known(settings), stated)
    else:
        async with assets_writer(settings) as writer:
            changes = follow(await _known(settings), stated)
            await writer.write([record for _, record in changes])
    return Imported(is_dry, len(stated), tuple(changes))


async def _known(settings: Settings) -> dict[Asset, Ownership]:
    book = await read_assets(settings)
    return {each.asset: each for each in book.all()}


def parse(lines: Iterable[bytes]) -> tuple[list[Statement], list[str]]:
    """Return the statements, and a fault for each line that is none.

    Empty lines are passed over.
    """
    statements, faults = [], []
    for number, raw in enumerate(lines, start=1):
        if not (text := raw.strip()):
            continue
        try:
            statements.append(Statement(number, decode_ownership(text)))
        except UnreadableRecordError as error:
            faults.append(f"line {number}: {error}")
    return statements, faults


def follow(
    known: Mapping[Asset, Ownership], statements: Iterable[Statement]
) -> list[tuple[Ownership | None, Ownership]]:
    """Return the changes, each with what it follows.

    An asset may be stated more than once; each line follows those before it.

    Raises:
        StatementsError: with the fault of every line that has one.
    """
    now, stated = dict(known), list(statements)
    changes: list[tuple[Ownership | None, Ownership]] = []
    faults: list[tuple[int, str]] = []
    for each in stated:
        asset = each.ownership.asset
        before = now.get(asset)
        found = succeed(before, each.ownership)
        if isinstance(found, Objection):
            faults.append((each.line, f"{asset}: {found}{_so_far(before)}"))
        elif found is not None:
            changes.append((before, found))
            now[asset] = found
    faults += _orphans(now, stated)
    if faults:
        raise StatementsError(f"line {line}: {text}" for line, text in sorted(faults))
    return changes


def _so_far(known: Ownership | None) -> str:
    if known is None:
        return ""
    owner = known.business or f"nobody, before that {known.previous or 'nobody'}"
    return f" (known: epoch {known.epoch}, owned by {owner})"


def _orphans(
    now: Mapping[Asset, Ownership], statements: Iterable[Statement]
) -> list[tuple[int, str]]:
    """Find the test apps whose parent can't scope their ids, after the whole file."""
    last = {each.ownership.asset: each for each in statements}
    faults = []
    for asset, each in last.items():
        parent = each.ownership.parent
        if parent is None:
            continue
        shared = now.get(parent)
        if shared is None or shared.parent is not None or parent == asset:
            text = "`parent` must be an app that is known and is no test app itself"
        elif shared.business != now.get(asset, each.ownership).business:
            text = f"`parent` must have the same owner ({shared.business or 'nobody'})"
        else:
            continue
        faults.append((each.line, f"{asset}: {text}"))
    return faults
