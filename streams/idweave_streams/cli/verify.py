"""`idweave verify`: whether all copies of the state say the same."""

import asyncio
from pathlib import Path
from typing import Any

import click
import orjson

from idweave_graph.ids import BusinessId, InvalidIdError, business_id
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.options import settings_of
from idweave_streams.cli.seconds import Seconds
from idweave_streams.cli.state_errors import told_as_failure
from idweave_streams.explaining.text import aligned
from idweave_streams.state.manifest import cut_document
from idweave_streams.verifying.advice import advice
from idweave_streams.verifying.difference import Difference
from idweave_streams.verifying.run import Choice, Report, verify

_HEAD = ("business", "source", "ids", "persons", "digest", "")


@click.command("verify")
@click.option(
    "--snapshot",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Compare with what `idweave export` wrote to this folder, too.",
)
@click.option(
    "--replay", is_flag=True, help="Handle the whole evidence log anew and compare."
)
@click.option(
    "--tables",
    metavar="DIRECTORY",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Compare a worker's data directory on this machine with the changelogs.",
)
@click.option(
    "--read-model",
    metavar="DIRECTORY",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Compare with what an `idweave api` on this machine keeps there, too.",
)
@click.option("--business", metavar="BUSINESS", help="Look at this one only.")
@click.option(
    "--patience",
    metavar="SECONDS",
    default=60.0,
    show_default=True,
    type=Seconds(min=0, max=86_400),
    help="How long the topics may be ahead of the tables of workers at work.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(ctx: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Compare all copies of who is whom, and check the graph's own rules.

    The tables (their changelogs) are held against the compacted topics, and against
    what else is named. Workers may go on working. Nothing is written. If something
    differs, the first difference is told, with what to do, and the exit code is 3.

    \b
    Examples:
      idweave --set kafka=broker:9092 verify
      idweave verify --replay --snapshot monday
      idweave verify --read-model /var/lib/idweave
      idweave verify --business 5001 --json | jq '.differences.total'
    """  # noqa: D301  (\b keeps click from joining lines)
    settings = settings_of(ctx)
    choice = Choice(
        business=_business(ctx, chosen["business"]),
        snapshot=chosen["snapshot"],
        replay=chosen["replay"],
        tables=chosen["tables"],
        read_model=chosen["read_model"],
        patience_s=chosen["patience"],
    )
    with told_as_failure():
        report = asyncio.run(verify(settings, choice))
    _refuse_unknown(choice.business, report)
    click.echo(_as_json(report) if as_json else _as_text(report))
    total = report.findings.total
    if total:
        click.echo(f"the copies differ in {total} places", err=True)
        ctx.exit(Exit.DIFFERENT)
    click.echo("all copies agree, and the graph is sound", err=True)


def _refuse_unknown(business: BusinessId | None, report: Report) -> None:
    """End with code 65 where no copy holds an id of it: nothing was compared."""
    is_empty = not any(line.ids for line in report.lines)
    if business is not None and is_empty and not report.findings.total:
        text = f"no copy holds an id of business {business}; `idweave verify` lists all"
        raise CommandFailed(Exit.BAD_DATA, text)


def _business(ctx: click.Context, text: str | None) -> BusinessId | None:
    try:
        return None if text is None else business_id(text)
    except InvalidIdError:
        raise click.UsageError("--business takes the id of a business", ctx) from None


def _as_text(report: Report) -> str:
    rows = [_HEAD]
    for line in report.lines:
        persons = "-" if line.persons is None else str(line.persons)
        verdict = "" if report.agrees(line) else "differs"
        rows.append(
            (line.business, line.source, str(line.ids), persons, line.digest, verdict)
        )
    return "\n".join([*aligned(rows), *_differences(report)])


def _differences(report: Report) -> list[str]:
    found = report.findings.all()
    if not found:
        return []
    counts = ", ".join(
        f"{source} {count}" for source, count in report.findings.counts.items()
    )
    first = found[0]
    return [
        "",
        f"first difference: {first}",
        f"next: {advice(first)}",
        f"differences: {counts}",
    ]


def _as_json(report: Report) -> bytes:
    businesses: dict[str, dict[str, Any]] = {}
    for line in report.lines:
        businesses.setdefault(line.business, {})[line.source] = {
            "ids": line.ids,
            "persons": line.persons,
            "digest": line.digest,
            "agrees": report.agrees(line),
        }
    found = report.findings
    return orjson.dumps(
        {
            "cut": cut_document(report.cut),
            "businesses": businesses,
            "differences": {
                "total": found.total,
                "by_source": dict(found.counts),
                "told": [_document(each) for each in found.all()],
            },
        }
    )


def _document(found: Difference) -> dict[str, Any]:
    return {
        "source": found.source,
        "business": found.business,
        "kind": found.kind,
        "what": found.what,
        "person": found.person,
        "place": found.place or None,
        "next": advice(found),
    }
