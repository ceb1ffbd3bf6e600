"""What a test can see of its workers from outside: through the broker and their notes."""

from aiokafka.errors import GroupCoordinatorNotAvailableError, TopicAlreadyExistsError
from tests.streams.reliable.workers import Setting
from tests.support.kafka import (
    Record,
    admin,
    committed_offsets,
    create_topics,
    end_offsets,
    produce,
    read_topic,
)
from tests.support.waiting import until

TIMEOUT_S = 60.0


async def fill(setting: Setting, keys: list[bytes], partitions: int = 1) -> None:
    """The topics are there and the source holds one record for each key."""
    await create_topics(
        setting.bootstrap, {setting.source: partitions, setting.target: partitions}
    )
    await produce(setting.bootstrap, setting.source, [Record(b"v", k) for k in keys])


async def committed(setting: Setting) -> dict[int, int]:
    """What the group has committed on the source, by partition."""
    try:
        found = await committed_offsets(setting.bootstrap, setting.app_id)
    except GroupCoordinatorNotAvailableError:  # the broker is still making its topic
        return {}
    return {p: o for (topic, p), o in found.items() if topic == setting.source}


async def until_committed(
    setting: Setting,
    offset: int | None = None,
    timeout_s: float = TIMEOUT_S,
    *,
    partition: int = 0,
) -> None:
    """The group stands at ``offset`` of a partition, or at the end of all partitions."""

    async def is_there() -> bool:
        now = await committed(setting)
        if offset is not None:
            return now.get(partition, 0) >= offset
        ends = await end_offsets(setting.bootstrap, setting.source)
        return all(now.get(p, 0) >= end for p, end in ends.items())

    await until(is_there, timeout_s)


async def until_noted(setting: Setting, count: int, name: str = "w") -> None:
    """A worker has noted at least so many lines."""

    async def is_there() -> bool:
        return len(setting.notes(name)) >= count

    await until(is_there, TIMEOUT_S)


async def stored(setting: Setting) -> set[bytes]:
    """The keys in the changelog, those of the machinery left out."""
    records = await read_topic(setting.bootstrap, setting.changelog)
    return {r.key for r in records if r.key and not r.key.startswith(b"__")}


async def announced(setting: Setting) -> list[bytes]:
    """The keys of all outputs, in order per partition."""
    records = await read_topic(setting.bootstrap, setting.target)
    return [r.key for r in records if r.key is not None]


async def counts(setting: Setting) -> dict[bytes, int]:
    """The table as the changelog tells it; 1 for what is no number."""
    table: dict[bytes, int] = {}
    for record in await read_topic(setting.bootstrap, setting.changelog):
        if record.key and not record.key.startswith(b"__") and record.value:
            is_number = record.value.isdigit()
            table[record.key] = int(record.value) if is_number else 1
    return table


async def recreate(setting: Setting, topic: str) -> None:
    """The topic is there, and empty."""
    async with admin(setting.bootstrap) as client:
        await client.delete_topics([topic])

    async def is_new() -> bool:
        try:
            await create_topics(setting.bootstrap, {topic: 1})
        except TopicAlreadyExistsError:
            return False
        return True

    await until(is_new, TIMEOUT_S)
