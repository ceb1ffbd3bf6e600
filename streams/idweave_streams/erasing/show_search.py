"""What a search has found, for people and for programs. Neither holds the id."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from idweave_streams.erasing.places import Finding, Kind
from idweave_streams.erasing.search import Report

_WHAT_TO_DO = {
    Kind.TABLE: "run `idweave erase` for it; if you just have, wait until the workers"
    " are done, and look for its command in `idweave dlq list`",
    Kind.COMPACTED: "if the tables are clean, wait a moment; if it stays, the topic is"
    " not what the tables say: run `idweave verify`",
    Kind.LOG: "",
    Kind.SNAPSHOT: "remove the snapshot, and export another one",
    Kind.DATA_DIR: "start the worker of this directory, which learns of it; or remove"
    " the directory, and let a worker build it anew",
    Kind.READ_MODEL: "see that its `idweave api` runs, which learns of it from the"
    " topics; or remove the directory, and let it be filled anew",
    Kind.JOURNAL: "take the id out of the input of `migrate-asids`, and remove its"
    " journal once it is done",
}


def report_document(report: Report) -> dict[str, Any]:
    """Return the report as one JSON object."""
    return {
        "forgotten": report.is_forgotten,
        "places": [
            {
                "kind": each.kind,
                "place": each.place,
                "stands": each.stands,
                "until_compaction": each.until_compaction,
                "until_retention": each.until_retention,
                "until_rewriting": each.until_rewriting,
                "rewritten_ms": each.rewritten_ms,
            }
            for each in report.findings
        ],
        "todo": list(to_do(report)),
    }


def report_text(report: Report) -> str:
    """Return one line for each place."""
    width = max((len(each.place) for each in report.findings), default=0)
    lines = [f"{each.place:<{width}}  {_told(each)}" for each in report.findings]
    return "\n".join(lines)


def _told(finding: Finding) -> str:
    counts = (
        (finding.stands, "stand until something is done"),
        (finding.until_compaction, "kept until compaction"),
        (finding.until_retention, _RETAINED[finding.kind is Kind.SNAPSHOT]),
        (finding.until_rewriting, _rewritten(finding)),
    )
    return ", ".join(f"{count} {told}" for count, told in counts if count) or "nothing"


def _rewritten(finding: Finding) -> str:
    if finding.rewritten_ms is None:
        return "kept until `idweave api` forgets them and rewrites its files"
    by = datetime.fromtimestamp(finding.rewritten_ms / 1000, UTC)
    when = by.isoformat(sep=" ", timespec="minutes")
    return f"kept until `idweave api` rewrites its files, due {when}"


_RETAINED = ("kept until retention", "copied from a log, kept with the snapshot")


def verdict(report: Report) -> str:
    """Say in a few lines whether it is forgotten, and what to do if not."""
    if report.is_forgotten:
        rest = any(f.until_compaction or f.until_retention for f in report.findings)
        files = any(f.until_rewriting for f in report.findings)
        more = "; the broker removes the rest in time" if rest else ""
        more += "; `idweave api` removes what is left in its files" if files else ""
        return f"forgotten: no table, topic or file goes by it{more}"
    return "\n".join(["not forgotten:", *(f"  {each}" for each in to_do(report))])


def to_do(report: Report) -> Iterator[str]:
    """Yield what is to be done next, each kind of place once."""
    left = {finding.kind for finding in report.findings if finding.stands}
    for kind in Kind:
        if kind in left:
            yield _WHAT_TO_DO[kind]
