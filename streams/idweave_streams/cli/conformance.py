"""`idweave conformance`: does a reader of identity events come to the right map?"""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click
import orjson

from idweave_streams.cli.exits import Exit
from idweave_streams.contracts.cases import Case, cases, differences


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one case."""

    case: Case
    faults: tuple[str, ...]
    """Empty: the reader is right."""


@click.command(
    "conformance",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option(
    "--case",
    "names",
    multiple=True,
    metavar="NAME",
    help="Try this case only; may be repeated.",
)
@click.option(
    "--patience",
    default=60,
    show_default=True,
    type=click.IntRange(min=1),
    help="Seconds that the program may take for one case.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.argument("argv", metavar="COMMAND...", nargs=-1, required=True)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    names: tuple[str, ...],
    patience: int,
    as_json: bool,
    argv: tuple[str, ...],
) -> None:
    """Run COMMAND once for each case, and compare the map it prints.

    It gets identity events on stdin, one JSON object a line, up to the end of input,
    and prints one JSON object: `members`, from <business>/<member> to person id, and
    `survivors`, from <business>/<person id> to the id that an id not in use any more
    stands for, null for nobody. The cases lose, repeat and reorder events as Kafka may.

    The exit code is 0 if every map is right, and 1 if not.

    \b
    Examples:
      idweave conformance python reader.py
      idweave conformance --case split-reversed java -jar reader.jar --map
      idweave conformance --json ./reader | jq -r '.cases[] | select(.faults != [])'
    """  # noqa: D301  (\b keeps click from joining lines)
    verdicts = []
    for verdict in _tried(argv, _chosen(names), patience):
        verdicts.append(verdict)
        if not as_json:
            click.echo(_line(verdict))
    failed = sum(bool(verdict.faults) for verdict in verdicts)
    code = Exit.FAILURE if failed else Exit.OK
    if as_json:
        click.echo(_as_json(verdicts, code))
    else:
        click.echo(f"{len(verdicts)} cases, {failed} wrong", err=True)
    ctx.exit(code)


def _chosen(names: Sequence[str]) -> list[Case]:
    known = {case.name: case for case in cases()}
    unknown = [name for name in names if name not in known]
    if unknown:
        text = f"there is no case {unknown[0]!r}; there are {', '.join(known)}"
        raise click.BadParameter(text, param_hint="--case")
    return [known[name] for name in names] or list(known.values())


def _tried(
    argv: Sequence[str], chosen: Sequence[Case], patience_s: float
) -> Iterator[Verdict]:
    for case in chosen:
        yield Verdict(case, tuple(_faults(argv, case, patience_s)))


def _faults(argv: Sequence[str], case: Case, patience_s: float) -> list[str]:
    """Run the program on *case*; what it writes to stderr goes to ours."""
    try:
        done = subprocess.run(  # noqa: S603 - it is what the user asks for
            argv,
            input=case.lines,
            stdout=subprocess.PIPE,
            timeout=patience_s,
            check=False,
        )
    except OSError as error:
        text = f"can't start {argv[0]}: {error.strerror}"
        raise click.BadParameter(text, param_hint="COMMAND") from None
    except subprocess.TimeoutExpired:
        return [f"no answer within {patience_s} seconds"]
    if done.returncode:
        return [f"ended with code {done.returncode}"]
    try:
        return differences(case, orjson.loads(done.stdout))
    except orjson.JSONDecodeError:
        return ["the answer on stdout is no JSON"]


def _line(verdict: Verdict) -> str:
    if not verdict.faults:
        return f"{click.style('ok   ', fg='green')} {verdict.case.name}"
    head = f"{click.style('WRONG', fg='red')} {verdict.case.name}: {verdict.case.rule}"
    return "\n".join([head, *(f"        {fault}" for fault in verdict.faults)])


def _as_json(verdicts: Sequence[Verdict], code: Exit) -> bytes:
    tried = [
        {"name": each.case.name, "rule": each.case.rule, "faults": each.faults}
        for each in verdicts
    ]
    told = {"exit_code": int(code), "cases": tried}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)
