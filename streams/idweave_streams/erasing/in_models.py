"""What the read models of `idweave api` have of an id: in answers, and in files."""

from collections.abc import Iterator
from pathlib import Path

from idweave_adapters.read_model import ModelCopy, ReadModelError, raw_pairs
from idweave_graph.ids import ScopedId
from idweave_streams.erasing.needle import Needle
from idweave_streams.erasing.places import Finding, Kind
from idweave_streams.state.errors import ModelUnreadable
from idweave_streams.state.read_models import models_below, opened_model


def in_models(
    folder: Path, ids: frozenset[ScopedId], needle: Needle, scrub_ms: int
) -> Iterator[Finding]:
    """Yield what each model below *folder* has; nothing is written.

    All that lies in its files is looked into, also what was deleted or replaced since.

    Raises:
        ModelUnreadable: there is none, or a file can't be read.
    """
    for path in models_below(folder):
        yield in_model(path, ids, needle, scrub_ms)


def in_model(
    path: Path, ids: frozenset[ScopedId], needle: Needle, scrub_ms: int
) -> Finding:
    """Say what the model at *path* has.

    Raises:
        ModelUnreadable: a file can't be read.
    """
    try:
        count = sum(needle.is_in_record(*pair) for pair in raw_pairs(path))
    except ReadModelError as error:
        raise ModelUnreadable(str(error)) from None
    with opened_model(path) as model:
        is_told = _is_told(model, ids)
        since_ms = model.unclean_ms()
    if is_told:
        return Finding(Kind.READ_MODEL, str(path), stands=count)
    by_ms = None if since_ms is None else since_ms + scrub_ms
    return Finding(
        Kind.READ_MODEL, str(path), until_rewriting=count, rewritten_ms=by_ms
    )


def _is_told(model: ModelCopy, ids: frozenset[ScopedId]) -> bool:
    """Say whether it is somebody's: what is nobody's is in no answer."""
    names = {str(each) for each in ids}
    return any(member in names for _, member, _ in model.members())
