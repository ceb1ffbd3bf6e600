"""What can be done with the graph that the demo leaves behind."""

from collections.abc import Iterator
from pathlib import Path
from shlex import join

from idweave_streams.demo.sights import Sights


def worth(sights: Sights) -> Iterator[str]:
    """Yield lines with ids to search for on the page."""
    yield f"ids to search for, of business {sights.business}"
    for sight in sights.seen:
        yield f"  {sight.members[0]:40}  {sight.what}"


def steps(export: Path, sights: Sights | None) -> Iterator[str]:
    """Yield commands to try next, each with what it does."""
    pair = () if sights is None else sights.pair
    yield "what to try next"
    yield from _step("look at it in a browser", "explore", str(export))
    if pair:
        what = "why these two ids are one person"
        yield from _step(what, "why", "--from", str(export), *pair)
    yield from _step(
        "the same as Parquet for SQL, and as a graph for networkx",
        *("export", "tables", "--from", str(export)),
        *("--format", "parquet", "--format", "graphml"),
    )
    yield from _step("your own events from files, without Kafka", "local", "--help")
    yield from _step("topics, on a broker of your own", "topics", "plan")


def _step(what: str, *words: str) -> Iterator[str]:
    yield f"  # {what}"
    yield f"  {join(('idweave', *words))}"
