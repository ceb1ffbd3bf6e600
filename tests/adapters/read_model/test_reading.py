"""What can be asked, on whatever store."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.read_model.conftest import MakeStore
from tests.adapters.read_model.test_folding import filled
from tests.support.consumer_stories import ASID, OTHER_PSID, PSID, STORIES
from tests.support.published import Workers, in_turn

from idweave_adapters.read_model import (
    MemoryStore,
    Page,
    ReadModel,
    Store,
    StoredReadModel,
)

Document = dict[str, Any]
Ask = Callable[[ReadModel, str, int], Page]

LISTS: dict[str, Ask] = {
    "persons": lambda m, after, n: m.persons("900", after, n),
    "quarantined": lambda m, after, n: m.quarantined("900", after, n),
    "said": lambda m, after, n: m.said("900", after, n),
    "erasures": lambda m, after, n: m.erasures("900", after, n),
    "members": lambda m, after, n: m.search("900", "page:", after, n),
    "values": lambda m, after, n: m.search("900", "a", after, n),
    "person ids": lambda m, after, n: m.search("900", "p_", after, n),
}


def model_of(store: Store, *stories: str) -> tuple[StoredReadModel, Workers]:
    workers = Workers()
    for story in stories:
        workers.handle(STORIES[story])
    return filled(store, in_turn(workers.places())), workers


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_of_any_size_are_the_whole_list(
    name: str, size: int, make: MakeStore
) -> None:
    """Each item once, in one order."""
    model, _ = model_of(make(), "tangle-1", "tangle-3", "banned", "erased")
    ask = LISTS[name]
    whole = ask(model, "", 1_000)
    assert whole.following is None

    items: list[Document] = []
    after = ""
    while True:
        page = ask(model, after, size)
        assert len(page.items) <= size
        items += page.items
        if page.following is None:
            break
        after = page.following

    assert items == list(whole.items)


def test_a_proof_in_quarantine_is_listed_once_with_both_persons(store: Store) -> None:
    """Both of them hold it."""
    model, workers = model_of(store, "quarantine")

    [item] = model.quarantined("900", "", 10).items

    assert {p.id for p in workers.persons()} == set(item["persons"])
    [*held] = [proof for p in workers.persons() for proof in p.quarantined]
    assert len(held) == 2


def test_a_business_whose_name_begins_like_another_is_another(store: Store) -> None:
    """Nothing is found under a beginning of a name, or a longer one."""
    model, workers = model_of(store, "chain")
    name = workers.persons()[0].id

    for business in ("9", "90", "9000", "901", "", "900\0", "900\0p_"):
        assert model.person(business, name) is None
        assert model.owner(business, str(PSID)) is None
        assert model.survivor(business, name) is None
        assert model.search(business, "p", "", 10).items == ()
        assert model.search(business, "3", "", 10).items == ()
        assert model.persons(business, "", 10).items == ()
        assert model.changes(business, 0, 10) == []
        assert model.overview(business) is None


def test_events_that_name_an_id_are_those_of_decisions_alone(store: Store) -> None:
    """Refusals, bans and decisions; not every event of its person."""
    model, _ = model_of(store, "banned")

    found = model.events_naming("900", [str(ASID)])

    assert [event["type"] for event in found if event["type"] == "banned"] == ["banned"]
    assert all(any(map(event.get, ("bans", "decisions", "refusal"))) for event in found)
    assert model.events_naming("900", [str(OTHER_PSID)]) == []


@given(
    pairs=st.dictionaries(
        st.binary(min_size=1, max_size=4), st.binary(max_size=2), max_size=12
    ),
    prefix=st.binary(max_size=2),
    start=st.binary(max_size=4),
)
def test_a_scan_is_what_it_says(
    pairs: dict[bytes, bytes], prefix: bytes, start: bytes
) -> None:
    """All with the prefix that do not stand before the start, in the order of keys."""
    store = MemoryStore()
    store.write(pairs)

    found = list(store.scan(prefix, start))

    assert found == sorted(
        (k, v) for k, v in pairs.items() if k.startswith(prefix) and k >= start
    )


def test_both_stores_scan_alike(make: MakeStore) -> None:
    """Bounds, prefixes of the largest byte, starts before and behind the prefix."""
    store, fake = make(), MemoryStore()
    keys = [bytes([a, b]) for a in (0, 1, 254, 255) for b in (0, 1, 255)]
    for each in (store, fake):
        each.write(dict.fromkeys(keys, b"x"))
        each.write({keys[0]: None, keys[1]: b"y"})

    for prefix in (b"", b"\0", b"\x01", b"\xfe", b"\xff", b"\xff\xff", b"\x02"):
        for start in (b"", b"\0\1", b"\x01\x01", b"\xff", b"\xff\xff\xff"):
            assert list(store.scan(prefix, start)) == list(fake.scan(prefix, start))
