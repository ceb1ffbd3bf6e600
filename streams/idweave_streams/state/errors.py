"""What can be wrong with a copy of the state, split by what the operator can do.

::

    StateError
    ├── ChangelogDamaged    restore the changelog, or rebuild the table
    ├── LogIncomplete       compare with something else than a replay
    ├── KeyMissing          state the key that the workers have
    ├── SnapshotDamaged     take another snapshot
    ├── StoreUnreadable     name another folder, or delete the store
    ├── ModelUnreadable     name another folder, or let it be filled anew
    ├── BusinessUnknown     name another business
    └── CannotWrite         name another folder
"""

# The names say what is wrong, which the suffix "Error" would only blur.
# ruff: noqa: N818


class StateError(Exception):
    """The state can't be copied. The text says what to do, and holds no id."""


class ChangelogDamaged(StateError):
    """A changelog holds what no worker has written."""


class LogIncomplete(StateError):
    """The evidence log does not reach back far enough."""


class KeyMissing(StateError):
    """The key of the memory of erasures is needed."""


class SnapshotDamaged(StateError):
    """The folder is no whole snapshot."""


class StoreUnreadable(StateError):
    """A worker's local files can't be read."""


class ModelUnreadable(StateError):
    """A read model's files can't be read."""


class BusinessUnknown(StateError):
    """A business that was named has nobody in it."""


class CannotWrite(StateError):
    """The folder can't be written."""
