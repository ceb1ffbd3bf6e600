"""What a sync or an import has found, as lines and as JSON."""

from collections.abc import Iterator
from typing import Any

from idweave_adapters.graph_api import GraphApiError
from idweave_graph.ownership import Ownership
from idweave_graph.reconcile import Change, ChangeKind, Dispute, DisputeKind, Provider
from idweave_streams.assets.statements import Imported
from idweave_streams.assets.sync import Reading, Synced
from idweave_streams.doctor.findings import counted

NO_TOKEN = (
    "has no token, so it was not asked; add businesses.<id>.token to the credentials"  # noqa: S105 - a text
)

_DISPUTES = {
    DisputeKind.CONTESTED: (
        "several businesses list it as their own, so nobody may use it; let all but"
        " one remove it in Meta Business Manager"
    ),
    DisputeKind.DOUBTED: (
        "its last owner could not be read, so nobody may use it; make that business"
        " readable and sync again"
    ),
}


def change_lines(changes: list[tuple[Ownership | None, Ownership]]) -> list[str]:
    """One line per change: the asset, what happened, the business, the epoch."""
    width = max((len(str(record.asset)) for _, record in changes), default=0)
    return [
        f"{record.asset!s:<{width}}  {_deed(before, record)}"
        for before, record in changes
    ]


def pairs(changes: tuple[Change, ...]) -> list[tuple[Ownership | None, Ownership]]:
    """The records of *changes*, each with what it follows."""
    return [(change.before, change.record) for change in changes]


def kind_of(before: Ownership | None, record: Ownership) -> str:
    """What happened, in one word."""
    old = before.business if before else None
    if record.business is None:
        return ChangeKind.LOST.value if old else "known"
    if old is None:
        return ChangeKind.GAINED.value
    is_same = before is not None and record.epoch == before.epoch
    return "restated" if is_same else ChangeKind.MOVED.value


def _deed(before: Ownership | None, record: Ownership) -> str:
    kind, old = kind_of(before, record), before.business if before else None
    whose = {
        ChangeKind.LOST.value: f"business {old}",
        ChangeKind.MOVED.value: f"business {old} to {record.business}",
        "known": "no business",
    }.get(kind, f"business {record.business}")
    return f"{kind:<8}  {whose}, epoch {record.epoch}"


def sync_notes(synced: Synced) -> Iterator[str]:
    """What an operator should know besides the changes."""
    for reading in synced.readings:
        yield from _reading_notes(reading)
    for dispute in synced.reconciliation.disputes:
        claimants = ", ".join(dispute.claimants)
        yield f"{dispute.asset}: claimed by {claimants}: {_DISPUTES[dispute.kind]}"
    for provider in synced.reconciliation.providers:
        yield _provider_note(provider)
    yield _summary(synced)


def _reading_notes(reading: Reading) -> Iterator[str]:
    name = f"business {reading.business}"
    if reading.error is not None:
        yield f"{name}: could not be read, its assets stay: {reading.error}"
    elif reading.lists is None:
        yield f"{name}: {NO_TOKEN}"
    elif reading.lists.is_verified is False:
        yield f"{name}: Meta has not verified it, so mapping its ids may be refused"


def _provider_note(provider: Provider) -> str:
    owner = f"business {provider.owner}" if provider.owner else "no known business"
    return (
        f"{provider.app}: a service provider's app, owned by {owner}, that works for"
        f" {', '.join(provider.customers)}: no lookup is made with its tokens"
    )


def _summary(synced: Synced) -> str:
    read = sum(each.lists is not None for each in synced.readings)
    failed = len(synced.readings) - read
    changes = len(synced.reconciliation.changes)
    return (
        f"{counted(read, 'business')} read, {failed} not; {synced.known} assets known;"
        f" {counted(changes, 'change')} {'to write' if synced.is_dry else 'written'}"
    )


def import_summary(imported: Imported) -> str:
    """How much of the file was news."""
    changes = len(imported.changes)
    deed = "to write" if imported.is_dry else "written"
    return (
        f"{counted(imported.lines, 'line')} read, {counted(changes, 'change')} {deed}"
    )


def sync_document(synced: Synced, exit_code: int) -> dict[str, Any]:
    """Everything, for programs."""
    found = synced.reconciliation
    return {
        "exit_code": exit_code,
        "dry_run": synced.is_dry,
        "businesses": [_business(each) for each in synced.readings],
        "changes": [_change(*pair) for pair in pairs(found.changes)],
        "disputes": [_dispute(each) for each in found.disputes],
        "providers": [
            {
                "app": str(each.app),
                "owner": each.owner,
                "customers": list(each.customers),
            }
            for each in found.providers
        ],
    }


def import_document(imported: Imported) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "dry_run": imported.is_dry,
        "lines": imported.lines,
        "changes": [_change(*pair) for pair in imported.changes],
    }


def _change(before: Ownership | None, record: Ownership) -> dict[str, Any]:
    return {
        "asset": str(record.asset),
        "kind": kind_of(before, record),
        "business": record.business,
        "epoch": record.epoch,
        "previous": record.previous,
        "parent": None if record.parent is None else str(record.parent),
    }


def _dispute(dispute: Dispute) -> dict[str, Any]:
    return {
        "asset": str(dispute.asset),
        "kind": dispute.kind.value,
        "claimants": list(dispute.claimants),
        "owner": dispute.owner,
        "hint": _DISPUTES[dispute.kind],
    }


def _business(reading: Reading) -> dict[str, Any]:
    row: dict[str, Any] = {"business": reading.business, "status": _status(reading)}
    if reading.lists is not None:
        holdings = reading.lists.holdings
        row |= {
            "verified": reading.lists.is_verified,
            "owned": len(holdings.owned),
            "shared": len(holdings.shared),
            "pending": len(holdings.pending),
        }
    if reading.error is not None:
        row |= {"error": _error(reading.error)}
    return row


def _status(reading: Reading) -> str:
    if reading.error is not None:
        return "failed"
    return "no-token" if reading.lists is None else "read"


def _error(error: GraphApiError) -> dict[str, Any]:
    return {"outcome": error.outcome, "code": error.facts.code, "hint": error.hint}
