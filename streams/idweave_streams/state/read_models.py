"""The read models of `idweave api` on this machine, read without leaving a trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from idweave_adapters.read_model import ModelCopy, OpenedFiles
from idweave_streams.state.errors import ModelUnreadable, StoreUnreadable
from idweave_streams.state.files import opened_files, paths_below


def models_below(folder: Path) -> list[Path]:
    """List the read models in *folder* and below it.

    Raises:
        ModelUnreadable: there is none, or a folder can't be read.
    """
    try:
        below = paths_below(folder)
    except OSError as error:
        text = f"can't read {error.filename}: {error.strerror}; see who may read it"
        raise ModelUnreadable(text) from None
    found = [path.parent for path in below if path.name == "CURRENT"]
    try:
        models = [path for path in found if is_model(path)]
    except StoreUnreadable as error:
        raise ModelUnreadable(str(error)) from None
    if not models:
        text = f"no read model lies below {folder}: name the data_dir of `idweave api`"
        raise ModelUnreadable(text)
    return models


def is_model(path: Path) -> bool:
    """Say whether the RocksDB at *path* is a read model.

    Raises:
        StoreUnreadable: it can't be opened.
    """
    with opened_files(path) as db:
        return ModelCopy(OpenedFiles(db)).is_model()


@contextmanager
def opened_model(path: Path) -> Iterator[ModelCopy]:
    """Open the model at *path* for reading, also while `idweave api` has it open.

    Raises:
        ModelUnreadable: it can't be opened.
    """
    try:
        with opened_files(path) as db:
            yield ModelCopy(OpenedFiles(db))
    except StoreUnreadable:
        text = f"{path} can't be read: stop its `idweave api`, empty it and start again"
        raise ModelUnreadable(text) from None
