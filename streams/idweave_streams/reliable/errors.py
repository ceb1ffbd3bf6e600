"""What can go wrong, split by who must act.

::

    ReliableError
    ├── StartRefused            a partition may not be worked on; an operator must look
    │   ├── SourceWentBack      the source topic ends before what is already in effect
    │   ├── SourceTruncated     records were deleted before they were handled
    │   ├── StateLost           the group has committed, but the changelog knows nothing
    │   ├── ProgressUnreadable  written by a newer version
    │   ├── ForeignChangelog    somebody else's records are in the changelog
    │   └── PartitionsDiffer    topics of one stage have different partition counts
    ├── UnitFailed              the process must exit; what was not acked is handled again
    │   ├── HandlerFailed       a bug in the handler
    │   ├── RecordTooLarge      one record makes more than one record batch can hold
    │   ├── DeliveryFailed      the broker did not acknowledge in time
    │   ├── StoreFailed         the local files can't be written: a full or broken disk
    │   ├── Overtaken           the group went on without this process in mid-write
    │   ├── ChangelogShared     somebody else writes to the changelog
    │   └── RecordsSkipped      the consumer moved on without handing records over
    └── WrongUse                a bug in the code that uses this package

No text here carries a key or a value: both may hold what must not be logged.
"""

# ruff: noqa: N818 - named for what happened, as the operator reads them


class ReliableError(RuntimeError):
    """The reliable layer stopped rather than lose or repeat an effect."""


class StartRefused(ReliableError):
    """A partition was assigned that may not be worked on."""


class SourceWentBack(StartRefused):
    """The source topic ends before what is already in effect."""

    def __init__(self, topic: str, partition: int, ends: int, progress: int) -> None:
        super().__init__(
            f"{topic}[{partition}] ends at offset {ends}, but the table says that "
            f"everything before {progress} is done. The topic was recreated or cut. "
            "Start again under a new app id, or restore the topic."
        )


class SourceTruncated(StartRefused):
    """Records were deleted before they were handled."""

    def __init__(self, topic: str, partition: int, start: int, committed: int) -> None:
        super().__init__(
            f"{topic}[{partition}] starts at offset {start}, but the group stands at "
            f"{committed}: the records between were deleted unread. To go on without "
            f"them, set the group's offset of this partition to {start}; and give the "
            "topic a longer retention."
        )


class StateLost(StartRefused):
    """The group has committed, but the changelog knows nothing."""

    def __init__(self, topic: str, partition: int, committed: int, table: str) -> None:
        super().__init__(
            f"the group stands at offset {committed} of {topic}[{partition}], but the "
            f"changelog of table {table} is empty there. Restore the changelog topic, "
            "or delete the group's offsets to build the table again from the source."
        )


class ProgressUnreadable(StartRefused):
    """The progress record has a format that this version does not know."""

    def __init__(self, table: str, partition: int) -> None:
        super().__init__(
            f"the progress record of table {table}, partition {partition}, is not in a "
            "format of this version. Run the newer version that wrote it."
        )


class ForeignChangelog(StartRefused):
    """The changelog holds what this package never writes."""

    def __init__(self, topic: str, partition: int, offset: int) -> None:
        super().__init__(
            f"{topic}[{partition}] holds a record without a key at offset {offset}, "
            "which no table wrote. Find out who writes there; a table needs a compacted "
            "topic of its own."
        )


class PartitionsDiffer(StartRefused):
    """Topics that are handled together have different partition counts."""

    def __init__(self, stage: str, counts: dict[str, int]) -> None:
        listed = ", ".join(f"{topic}: {n}" for topic, n in sorted(counts.items()))
        super().__init__(
            f"the topics of stage {stage} and its changelog need the same number of "
            f"partitions, but have {listed}. Create them again with one number."
        )


class UnitFailed(ReliableError):
    """A unit of work failed: the process must exit, nothing of it is acked."""


class HandlerFailed(UnitFailed):
    """The handler raised: a bug. The record named here is handled again at start."""


class RecordTooLarge(UnitFailed):
    """One record makes more state or output than one record batch can hold."""

    def __init__(self, where: str, limit_bytes: int) -> None:
        super().__init__(
            f"the record at {where} makes more than {limit_bytes} bytes of state, or "
            "an output too large to be sent. The handler must do less for one record "
            "and go on in a later one."
        )


class DeliveryFailed(UnitFailed):
    """The broker did not acknowledge in time, or refused. Check broker and topics."""


class StoreFailed(UnitFailed):
    """The local files of a table can't be opened or written."""

    def __init__(self, table: str, partition: int, path: object, reason: str) -> None:
        super().__init__(
            f"table {table}, partition {partition}: the local files can't be used "
            f"({reason}). Free space on the disk of {path}, or see what else is wrong "
            "with it, and start again. Nothing is lost: the changelog has everything, "
            "and an empty directory is filled from there."
        )


class Overtaken(UnitFailed):
    """The group went on without this process while a write was on its way."""

    def __init__(self) -> None:
        super().__init__(
            "the group went on without this process while it was writing, so nothing "
            "of that was sent. Others do its work; start it again. If this comes back, "
            "see what makes the process or the broker stand still for so long."
        )


class ChangelogShared(UnitFailed):
    """Somebody else writes to the changelog of a partition that this process owns."""

    def __init__(self, topic: str, partition: int, expected: int, got: int) -> None:
        super().__init__(
            f"{topic}[{partition}]: the batch went to offset {got}, expected {expected}. "
            "Another process wrote in between; the local table is not up to date. "
            "Restart; if it comes back, look for a second app with this id."
        )


class RecordsSkipped(UnitFailed):
    """The consumer's position moved without the records being handed over."""

    def __init__(self, topic: str, partition: int, expected: int, got: int) -> None:
        super().__init__(
            f"{topic}[{partition}]: read from offset {got}, expected {expected}. "
            "Restart to resume at what is committed; if the topic's retention deleted "
            "the records between, the start says so."
        )


class WrongUse(ReliableError):
    """The code that uses this package breaks one of its rules."""


class Abandoned(Exception):
    """The partition moved away: the unit is dropped and its records stay unacked."""
