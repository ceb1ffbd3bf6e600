"""`idweave topics`: what the broker has, what it should have, and making it so."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

import click
import orjson

from idweave_streams.broker_errors import (
    BrokerError,
    BrokerUnavailable,
    NotDone,
    NotPermitted,
    Refused,
)
from idweave_streams.broker_topics import BrokerTopics, broker_topics
from idweave_streams.cli.exits import CommandFailed, Exit
from idweave_streams.cli.options import settings_of
from idweave_streams.settings import Settings
from idweave_streams.topic_plan import Need, Plan, TopicPlan, topics_of

_CODES: dict[type[BrokerError], Exit] = {
    BrokerUnavailable: Exit.UNAVAILABLE,
    NotPermitted: Exit.NO_PERMISSION,
    NotDone: Exit.TRY_AGAIN,
    Refused: Exit.CONFIGURATION,
}

_NEEDS = {need: need.value for need in Need}
_DEEDS = {Need.CREATE: "created", Need.DIFFERS: "altered", Need.OK: "ok"}

T = TypeVar("T")
Work = Coroutine[Any, Any, T]

_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object."
)


@click.group("topics")
def command() -> None:
    """Show or make the topics on the broker.

    The number of partitions of a topic can't change later: the tables share their
    numbering, and a key would no longer find its state.
    """


@command.command("plan")
@_json_option
@click.pass_context
def plan_command(ctx: click.Context, *, as_json: bool) -> None:
    """Print what each topic needs: create, ok, or differs. Changes nothing.

    Exit code 0 says that all are as they should be, 1 that something is to be done.

    \b
    Examples:
      idweave --set kafka=broker:9092 topics plan
      idweave topics plan --json | jq -r '.topics[] | select(.need != "ok") | .name'
    """  # noqa: D301  (\b keeps click from joining lines)
    plan = _run(settings_of(ctx), _plan)
    click.echo(_as_json(plan) if as_json else _as_text(plan, _NEEDS))
    _warn([*plan.obstacles, *plan.notes])
    ctx.exit(Exit.OK if plan.is_done else Exit.FAILURE)


@command.command("apply")
@_json_option
@click.pass_context
def apply_command(ctx: click.Context, *, as_json: bool) -> None:
    """Make the topics that are missing, and set the configs that differ.

    Nothing is ever deleted, and configs that idweave has no wish about stay as they
    are. Where a number of partitions differs, or brokers are too few, nothing at all is
    changed, and the exit code is 78. Doing it twice does no harm.

    \b
    Example:
      idweave --set kafka=broker:9092 --set replication=1 topics apply
    """  # noqa: D301  (\b keeps click from joining lines)
    before, after = _run(settings_of(ctx), _apply)
    click.echo(_as_json(after) if as_json else _as_text(before, _DEEDS))
    _warn(after.notes)


async def _plan(topics: BrokerTopics, settings: Settings) -> Plan:
    return await topics.plan(topics_of(settings), replication=settings.replication)


async def _apply(topics: BrokerTopics, settings: Settings) -> tuple[Plan, Plan]:
    plan = await _plan(topics, settings)
    return plan, await topics.apply(plan)


def _run(settings: Settings, work: Callable[[BrokerTopics, Settings], Work[T]]) -> T:
    """Do *work* on the broker; a failure ends the command with its code."""

    async def connected() -> T:
        async with broker_topics(settings.kafka) as topics:
            return await work(topics, settings)

    try:
        return asyncio.run(connected())
    except BrokerError as error:
        raise CommandFailed(exit_of(error), str(error)) from error


def exit_of(error: BrokerError) -> Exit:
    """Return the code that goes with *error*."""
    return _CODES[type(error)]


def _as_text(plan: Plan, words: Mapping[Need, str]) -> str:
    width = max(len(topic.wanted.name) for topic in plan.topics)
    return "\n".join(
        f"{words[topic.need]:<8} {topic.wanted.name:<{width}}  {_detail(topic)}"
        for topic in plan.topics
    )


def _detail(topic: TopicPlan) -> str:
    if topic.need is Need.DIFFERS:
        return ", ".join(map(str, topic.differences))
    count = topic.wanted.partitions
    config = " ".join(f"{n}={value}" for n, value in topic.wanted.config.items())
    return f"{count} partition{'s' if count > 1 else ''}, {config}"


def _as_json(plan: Plan) -> bytes:
    topics = [
        {
            "name": topic.wanted.name,
            "need": topic.need.value,
            "partitions": topic.wanted.partitions,
            "config": dict(topic.wanted.config),
            "differences": {
                each.name: {"found": each.found, "wanted": each.wanted}
                for each in topic.differences
            },
        }
        for topic in plan.topics
    ]
    found = {
        "done": plan.is_done,
        "brokers": plan.brokers,
        "replication": plan.replication,
        "obstacles": plan.obstacles,
        "notes": plan.notes,
        "topics": topics,
    }
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def _warn(lines: list[str]) -> None:
    for line in lines:
        click.echo(line, err=True)
