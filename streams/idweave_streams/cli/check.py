"""`idweave check`: what keeps idweave from running, and what to do about it."""

import asyncio
import os
import time
from collections.abc import Sequence

import click
import orjson

from idweave_streams.cli.exits import Exit
from idweave_streams.cli.options import given
from idweave_streams.doctor.diagnosis import Scope, diagnose
from idweave_streams.doctor.findings import Blame, Finding, Status, counted, wrong
from idweave_streams.settings import SettingsError

unix_time_s = time.time  # noqa: TID251 - the edge: timed proofs are about wall time

_MARKS = {
    Status.OK: ("ok", "green"),
    Status.WARNING: ("warn", "yellow"),
    Status.FAILED: ("FAIL", "red"),
    Status.SKIPPED: ("skip", "cyan"),
}
_CODES = {
    Blame.CONFIGURATION: Exit.CONFIGURATION,
    Blame.UNAVAILABLE: Exit.UNAVAILABLE,
}


@click.command("check")
@click.option("--offline", is_flag=True, help="Ask neither broker nor Graph API.")
@click.option(
    "--every-asset",
    is_flag=True,
    help="Try every app and Page; without it, one of each business.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(
    ctx: click.Context, *, offline: bool, every_asset: bool, as_json: bool
) -> None:
    """Check settings, machine, credentials, broker, topics and Graph API.

    One line per check: mark, name, result, and what to do where it failed. Nothing is
    changed, and nobody is looked up: of each business, one app reads its own id.

    The exit code is 0 if nothing failed, 78 if settings, credentials or topics have to
    be put right, and 69 if all that failed is that something does not answer.

    \b
    Examples:
      idweave check
      idweave --config idweave.toml check --offline
      idweave check --json | jq -r '.checks[] | select(.status == "failed") | .hint'
    """  # noqa: D301  (\b keeps click from joining lines)
    findings = _findings(ctx, Scope(offline=offline, every_asset=every_asset))
    code = exit_of(findings)
    click.echo(_as_json(findings, code) if as_json else _as_text(findings))
    ctx.exit(code)


def exit_of(findings: Sequence[Finding]) -> Exit:
    """Return the code that tells most: what has to be put right goes first."""
    blames = {finding.blame for finding in findings}
    for blame, code in _CODES.items():
        if blame in blames:
            return code
    return Exit.OK


def _findings(ctx: click.Context, scope: Scope) -> list[Finding]:
    try:
        loaded = given(ctx).load()
    except SettingsError as error:
        faults = str(error).splitlines()
        return [wrong("settings", counted(len(faults), "fault"), "; ".join(faults))]
    return asyncio.run(
        diagnose(loaded, scope, environment=os.environ, clock=unix_time_s)
    )


def _as_text(findings: Sequence[Finding]) -> str:
    width = max(len(finding.name) for finding in findings)
    return "\n".join(_line(finding, width) for finding in findings)


def _line(finding: Finding, width: int) -> str:
    mark, colour = _MARKS[finding.status]
    hint = f": {finding.hint}" if finding.hint else ""
    padded = click.style(f"{mark:<4}", fg=colour)
    return f"{padded}  {finding.name:<{width}}  {finding.result}{hint}"


def _as_json(findings: Sequence[Finding], code: Exit) -> bytes:
    checks = [
        {
            "name": finding.name,
            "status": finding.status.value,
            "result": finding.result,
            "hint": finding.hint or None,
            "blame": finding.blame,
        }
        for finding in findings
    ]
    found = {"exit_code": int(code), "checks": checks}
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)
