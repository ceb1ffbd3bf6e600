"""Whatever is damaged is found, and named, and nothing is found where nothing is."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import orjson
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from tests.streams.verifying.conftest import HOME, OTHER, Deployed
from tests.support.kafka import admin, end_offsets
from tests.support.strategies import BUSINESS

from idweave_graph.documents import alias_document, alias_key, person_document
from idweave_graph.ids import ScopedId, member
from idweave_graph.person import PersonId
from idweave_streams.codecs import encode_person, encode_person_id
from idweave_streams.verifying.difference import (
    ALIASES,
    ALTERED,
    EXTRA,
    MISSING,
    PERSONS,
    REPLAY,
    TABLES,
    Difference,
)

Found = set[tuple[str, str, str, str | None]]
"""Source, kind, what, person."""
Damage = Callable[[Deployed], Awaitable[Found]]

STRANGER = PersonId("p_" + "0" * 32)


def of(differences: list[Difference]) -> Found:
    assert all(each.business == BUSINESS for each in differences)
    return {(d.source, d.kind, d.what, d.person) for d in differences}


async def test_nothing_is_found_where_nothing_is_wrong(deployed: Deployed) -> None:
    """In tables, topics and a replay; and their digests are the same."""
    found = await deployed.verified(replay=True)

    assert found.findings.all() == []
    assert {line.source for line in found.lines} == {TABLES, PERSONS, ALIASES, REPLAY}
    members = {line.digest for line in found.lines if line.persons is not None}
    assert len(members) == 1
    assert {line.ids for line in found.lines} == {18}


async def altered_person(at: Deployed) -> Found:
    """A person of the changelog has another generation."""
    person = at.persons()[0]
    wrong = replace(person, generation=person.generation + 1)
    await at.log_changes({f"p|{BUSINESS}|{person.id}".encode(): encode_person(wrong)})
    return {
        (PERSONS, "person", ALTERED, person.id),
        (REPLAY, "person", ALTERED, person.id),
    }


async def altered_topic(at: Deployed) -> Found:
    """A person of the topic has lost a member."""
    person = at.persons()[0]
    document = person_document(person)
    document["members"].pop()
    await at.write(at.settings.topics.persons, person.id, orjson.dumps(document))
    return {(PERSONS, "person", ALTERED, person.id)}


async def unreadable_topic(at: Deployed) -> Found:
    """A person of the topic is no document."""
    person = at.persons()[0]
    await at.write(at.settings.topics.persons, person.id, b"\xff")
    return {(PERSONS, "person", ALTERED, person.id)}


async def dropped_alias(at: Deployed) -> Found:
    """An alias has gone from its topic."""
    person = at.persons()[0]
    who = scoped(at)
    await at.write(at.settings.topics.aliases, alias_key(BUSINESS, who), None)
    return {(ALIASES, "alias", MISSING, person.id)}


async def emptied_topic(at: Deployed) -> Found:
    """The aliases topic has lost everything that was on it."""
    topic = at.settings.topics.aliases
    ends = await end_offsets(at.bootstrap, topic)
    async with admin(at.bootstrap) as client:
        await client.delete_records(
            {
                TopicPartition(topic, partition): RecordsToDelete(before_offset=end)
                for partition, end in ends.items()
            }
        )
    return {(ALIASES, "alias", MISSING, person.id) for person in at.persons()}


async def moved_alias(at: Deployed) -> Found:
    """An alias names another person than the table."""
    one, other = at.persons()[:2]
    value = alias_document(BUSINESS, scoped(at), other.id, 1)
    key = alias_key(BUSINESS, scoped(at))
    await at.write(at.settings.topics.aliases, key, orjson.dumps(value))
    return {(ALIASES, "alias", ALTERED, one.id)}


async def invented_alias(at: Deployed) -> Found:
    """Somebody has an alias whom the table does not know."""
    who = member("app:9:nobody")
    assert isinstance(who, ScopedId)
    value = orjson.dumps(alias_document(BUSINESS, who, STRANGER, 1))
    await at.write(at.settings.topics.aliases, alias_key(BUSINESS, who), value)
    return {(ALIASES, "alias", EXTRA, None)}


async def missing_person(at: Deployed) -> Found:
    """A person has gone from the topic."""
    person = at.persons()[0]
    await at.write(at.settings.topics.persons, person.id, None)
    return {(PERSONS, "person", MISSING, person.id)}


async def invented_person(at: Deployed) -> Found:
    """The topic has a person whom the table does not know."""
    value = person_document(replace(at.persons()[0], id=STRANGER))
    await at.write(at.settings.topics.persons, STRANGER, orjson.dumps(value))
    return {(PERSONS, "person", EXTRA, STRANGER)}


async def moved_member(at: Deployed) -> Found:
    """The index of the changelog gives a member to somebody else."""
    one, other = at.persons()[:2]
    key = f"m|{BUSINESS}|{scoped(at)}".encode()
    await at.log_changes({key: encode_person_id(other.id)})
    return {
        (TABLES, "rule indexed", "is broken", one.id),
        (TABLES, "rule indexed", "is broken", other.id),
        (ALIASES, "alias", ALTERED, other.id),
        (REPLAY, "member", ALTERED, other.id),
    }


async def lost_record(at: Deployed) -> Found:
    """The changelog has lost a person."""
    person = at.persons()[0]
    await at.log_changes({f"p|{BUSINESS}|{person.id}".encode(): None})
    return {
        (TABLES, "rule indexed", "is broken", person.id),
        (PERSONS, "person", EXTRA, person.id),
        (ALIASES, "alias", ALTERED, person.id),
        (REPLAY, "person", EXTRA, person.id),
    }


async def lost_ban(at: Deployed) -> Found:
    """The changelog has lost bans, which no topic tells of by key."""
    key, _ = next(iter(at.table.scan(b"b|")))
    await at.log_changes({key: None})
    return {(REPLAY, "ban", EXTRA, None)}


async def unreadable_record(at: Deployed) -> Found:
    """The changelog holds what is no person: nothing else can be compared then."""
    person = at.persons()[0]
    await at.log_changes({f"p|{BUSINESS}|{person.id}".encode(): b"\x01[]"})
    return {(TABLES, "person", "can't be read", person.id)}


async def misplaced_record(at: Deployed) -> Found:
    """A person is in the changelog of another partition."""
    person = at.persons()[0]
    key = f"p|{BUSINESS}|{person.id}".encode()
    await at.log_changes({key: encode_person(person)}, partition=OTHER)
    return {(TABLES, "person", "is in a wrong partition", person.id)}


def scoped(at: Deployed) -> ScopedId:
    """A scoped id of the first person."""
    ids = (m for m in at.persons()[0].members if isinstance(m, ScopedId))
    return next(ids)


@pytest.mark.parametrize(
    "damage",
    [
        altered_person,
        altered_topic,
        unreadable_topic,
        dropped_alias,
        emptied_topic,
        moved_alias,
        invented_alias,
        missing_person,
        invented_person,
        moved_member,
        lost_record,
        lost_ban,
        unreadable_record,
        misplaced_record,
    ],
)
async def test_each_damage_is_found_and_named(
    deployed: Deployed, damage: Damage
) -> None:
    """Copy, kind, and person; and what is not damaged is not named."""
    expected = await damage(deployed)

    found = (await deployed.verified(replay=True)).findings.all()

    others = {each for each in of(found) - expected if each[0] != TABLES}
    assert expected <= of(found)
    assert others == set()
    assert HOME != OTHER
