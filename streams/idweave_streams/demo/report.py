"""What the demo found, in a screenful."""

from collections.abc import Iterator

import orjson

from idweave_streams.demo.run import Played

PRINTED_EVENTS = 2


def report(played: Played) -> Iterator[str]:
    """Yield the lines of the summary."""
    yield from _verdict(played)
    yield ""
    yield from _cost(played)
    yield ""
    yield from _refusals(played)
    yield ""
    yield from _examples(played)


def _verdict(played: Played) -> Iterator[str]:
    verdict, events = played.verdict, played.traffic.report
    yield (
        f"{sum(events.events.values()):,} events, {events.duplicates:,} of them repeated,"
        f" {events.out_of_order:,} out of order"
    )
    yield (
        f"{verdict.ids:,} ids are {verdict.persons:,} persons;"
        f" {verdict.several:,} of them have several ids"
    )
    yield (
        f"wrong ids: {verdict.wrong} (joined {verdict.wrongly_joined},"
        f" parted {verdict.wrongly_parted}, missing {verdict.missing},"
        f" not erased {verdict.not_erased})"
    )


def _cost(played: Played) -> Iterator[str]:
    progress = played.progress
    ids = max(1, len(progress.tally.sighted))
    answered = progress.tally.answered
    yield (
        f"{progress.requests:,} requests to the Graph API,"
        f" {1000 * progress.requests / ids:.1f} per 1,000 distinct ids"
    )
    yield f"{answered.total() / max(1, len(answered)):.3f} answered lookups per distinct id"


def _refusals(played: Played) -> Iterator[str]:
    tally = played.progress.tally
    yield "links refused, by reason"
    for reason, count in sorted(tally.refusals.items()):
        yield f"  {reason:20} {count:,}"
    yield "dead letters, by code"
    for code, count in sorted(tally.dead_letters.items()):
        yield f"  {code:20} {count:,}"


def _examples(played: Played) -> Iterator[str]:
    merged = [
        event
        for event in played.progress.tally.events.values()
        if event["type"] == "merged"
    ]
    merged.sort(key=lambda event: len(event["person"]["members"]))
    yield f"{PRINTED_EVENTS} of {len(merged):,} merges, as the subscribers see them"
    for event in merged[-PRINTED_EVENTS:]:
        yield orjson.dumps(event, option=orjson.OPT_INDENT_2).decode()
