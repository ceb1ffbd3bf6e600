"""What keeps the forgotten from coming back through old news."""

import pytest
from tests.scenarios.story import Story
from tests.scenarios.then import Then

from idweave_graph import withdraw

DAY_MS = 86_400_000


def test_an_old_event_that_comes_late_brings_nobody_back(
    story: Story, then: Then
) -> None:
    """Ann is erased, and after that an event arrives which is older than the request.

    It is about somebody who was to be forgotten, so it is dropped.
    """
    story.sees("app:shop:ann", at=10)
    story.erases("app:shop:ann", at=100, memory=DAY_MS)
    then.nobody("app:shop:ann")

    story.sees("app:shop:ann", at=50)

    then.nobody("app:shop:ann")
    then.not_looked_up("app:shop:ann")


def test_an_erasure_may_overtake_what_it_is_about(story: Story, then: Then) -> None:
    """The request is handled before some of the messages that it is about.

    In whatever order they come, nothing of Ann is left in the end.
    """
    story.sees("app:game:ann", at=5)
    then.one_person("app:game:ann")
    story.sees("app:shop:ann", at=10)
    story.proves("app:shop:ann", "app:game:ann", at=20)
    story.bans("app:shop:ann", "page:fan:bob", at=40)
    story.erases("app:shop:ann", at=100, memory=DAY_MS)

    then.nobody("app:shop:ann")
    then.one_person("app:game:ann")


def test_an_event_of_one_s_own_brings_somebody_new(story: Story, then: Then) -> None:
    """Ann is erased and logs in again, while her erasure is still remembered.

    She is seen and looked up as anybody else, under a new person id.
    """
    story.sees("app:shop:ann", at=10)
    name = then.person_of("app:shop:ann")
    story.erases("app:shop:ann", at=100, memory=DAY_MS)
    then.nobody("app:shop:ann")

    story.sees("app:shop:ann", at=200)
    then.one_person("app:shop:ann")
    story.answers("app:shop:ann", "app:game:ann", at=300)

    then.one_person("app:shop:ann", "app:game:ann")
    then.is_somebody_new("app:shop:ann", name)


def test_a_sibling_s_lookup_does_not_bring_back_the_forgotten(
    story: Story, then: Then
) -> None:
    """Only the shop's id of Ann was erased; the game's lookup still names it.

    Meta's word about it does not count as long as the erasure is remembered.
    """
    story.sees("app:shop:ann", at=10)
    story.sees("app:game:ann", at=20)
    then.apart("app:shop:ann", "app:game:ann")
    story.erases("app:shop:ann", at=100, memory=DAY_MS)

    story.answers("app:game:ann", "app:shop:ann", "page:fan:ann", at=200)

    then.one_person("app:game:ann", "page:fan:ann")
    then.nobody("app:shop:ann")


def test_who_is_back_may_be_named_by_others_again(story: Story, then: Then) -> None:
    """Ann was erased and has logged in since; then the game's lookup names her.

    She is a member by her own event, so the proof counts.
    """
    story.sees("app:shop:ann", at=10)
    story.sees("app:game:ann", at=20)
    then.apart("app:shop:ann", "app:game:ann")
    story.erases("app:shop:ann", at=100, memory=DAY_MS)
    then.nobody("app:shop:ann")
    story.sees("app:shop:ann", at=200)
    then.apart("app:shop:ann", "app:game:ann")

    story.answers("app:game:ann", "app:shop:ann", at=300)

    then.one_person("app:shop:ann", "app:game:ann")


def test_the_memory_of_an_erasure_ends(story: Story, then: Then) -> None:
    """A day after the erasure its memory is over, and the game's lookup names Ann.

    What is learned then is new, so she is known by it.
    """
    story.sees("app:shop:ann", at=10)
    story.sees("app:game:ann", at=20)
    then.apart("app:shop:ann", "app:game:ann")
    story.erases("app:shop:ann", at=100, memory=DAY_MS)
    then.nobody("app:shop:ann")

    story.answers("app:game:ann", "app:shop:ann", at=200 + DAY_MS)

    then.one_person("app:game:ann", "app:shop:ann")


def test_a_replay_of_the_whole_log_brings_nobody_back(story: Story, then: Then) -> None:
    """A person of three ids is erased, and somebody replays all old messages.

    None of the three is known afterwards, and the others are as they were.
    """
    story.sees("app:shop:ann", at=10)
    story.sees("app:shop:bob", at=15)
    story.proves("app:shop:ann", "app:game:ann", at=20)
    story.proves("app:game:ann", "page:fan:ann", at=30)
    then.one_person("app:shop:ann", "app:game:ann", "page:fan:ann")
    story.erases_person("page:fan:ann", at=100, memory=DAY_MS)
    then.nobody("app:shop:ann", "app:game:ann", "page:fan:ann")
    bob = then.person_of("app:shop:bob")

    story.replays_the_log()

    then.nobody("app:shop:ann", "app:game:ann", "page:fan:ann")
    then.one_person("app:shop:bob")
    then.is_called("app:shop:bob", bob)


def test_a_ban_of_the_forgotten_that_comes_late_is_dropped(
    story: Story, then: Then
) -> None:
    """A ban that names Ann was said before her erasure and comes after it.

    Nothing that names her may be kept, and who comes back is free of it.
    """
    story.sees("app:shop:ann", at=10)
    story.sees("page:fan:ann", at=20)
    then.apart("app:shop:ann", "page:fan:ann")
    story.erases("app:shop:ann", at=100, memory=DAY_MS)
    story.bans("app:shop:ann", "page:fan:ann", at=50)
    then.nobody("app:shop:ann")

    story.sees("app:shop:ann", at=200)
    then.apart("app:shop:ann", "page:fan:ann")
    story.answers("app:shop:ann", "page:fan:ann", at=300)

    then.one_person("app:shop:ann", "page:fan:ann")


@pytest.mark.parametrize("step", [1, 4, 200])
def test_all_ids_of_an_app_are_erased(
    story: Story, then: Then, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop is closed, and all of its ids are to be forgotten, bit by bit.

    Who has other ids is still known by those; the receipt counts the forgotten.
    """
    monkeypatch.setattr(withdraw, "SWEEP_STEP", step)
    users = [f"app:shop:{number}" for number in range(9)]
    for at, user in enumerate(users, start=1):
        story.sees(user, at=at)
    story.sees("page:fan:0", at=20)
    story.proves("app:shop:0", "page:fan:0", at=30)
    then.one_person("app:shop:0", "page:fan:0")
    name = then.person_of("page:fan:0")

    story.erases_asset("app:shop", at=100, receipt="R5", memory=DAY_MS)

    then.nobody(*users)
    then.one_person("page:fan:0")
    then.is_called("page:fan:0", name)
    then.receipt("R5", ids=9)


def test_an_erased_app_begins_anew(story: Story, then: Then) -> None:
    """All ids of the shop were erased; old events come late, and one later one.

    Only the later one counts.
    """
    story.sees("app:shop:ann", at=10)
    story.sees("app:shop:bob", at=20)
    then.apart("app:shop:ann", "app:shop:bob")
    story.erases_asset("app:shop", at=100, memory=DAY_MS)
    then.nobody("app:shop:ann", "app:shop:bob")

    story.sees("app:shop:ann", at=60)
    story.sees("app:shop:cleo", at=70)
    story.sees("app:shop:bob", at=200)

    then.one_person("app:shop:bob")
    then.nobody("app:shop:ann", "app:shop:cleo")
