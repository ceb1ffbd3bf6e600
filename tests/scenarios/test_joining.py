"""How ids become one person."""

from tests.scenarios.places import ACME
from tests.scenarios.story import Story
from tests.scenarios.then import Then


def test_a_chain_of_proofs_is_one_person(story: Story, then: Then) -> None:
    """Ann is known to four assets, and each proof is about two of them.

    Whoever hangs together by any number of steps is one person.
    """
    story.sees("app:shop:ann")
    story.proves("app:shop:ann", "app:game:ann")
    story.proves("app:game:ann", "page:fan:ann", by="ids_for_pages")
    story.proves("page:fan:ann", "page:help:ann", by="ids_for_pages")

    then.one_person("app:shop:ann", "app:game:ann", "page:fan:ann", "page:help:ann")
    then.events("created", "linked", "linked", "linked")


def test_one_answer_may_name_many(story: Story, then: Then) -> None:
    """One lookup answers all ids that Ann has at the business.

    It is one change of one person, told once.
    """
    story.sees("app:shop:ann")
    story.answers("app:shop:ann", "app:game:ann", "page:fan:ann", "page:help:ann")

    then.one_person("app:shop:ann", "app:game:ann", "page:fan:ann", "page:help:ann")
    then.events("created", "linked:ids_for_apps")


def test_two_ways_hold_better_than_one(story: Story, then: Then) -> None:
    """The shop and the help Page are joined over the game and over the fan Page.

    The game's id is erased; the other way still holds, so nobody falls apart.
    """
    story.sees("app:shop:ann")
    story.proves("app:shop:ann", "app:game:ann")
    story.proves("app:shop:ann", "page:fan:ann")
    story.proves("app:game:ann", "page:help:ann")
    story.proves("page:fan:ann", "page:help:ann")
    then.one_person("app:shop:ann", "app:game:ann", "page:fan:ann", "page:help:ann")

    story.erases("app:game:ann")

    then.one_person("app:shop:ann", "page:fan:ann", "page:help:ann")


def test_two_grown_persons_meet_late(story: Story, then: Then) -> None:
    """Ann is two persons for a long time, one from the apps and one from the Pages.

    When they meet the older one stays, and the younger id stands for them.
    """
    story.sees("app:shop:ann")
    story.proves("app:shop:ann", "app:game:ann")
    story.sees("page:fan:ann")
    story.proves("page:fan:ann", "page:help:ann", by="ids_for_pages")
    older, younger = then.person_of("app:game:ann"), then.person_of("page:help:ann")
    then.events("created", "linked", "created", "linked")

    story.proves("app:game:ann", "page:help:ann")

    then.one_person("app:shop:ann", "app:game:ann", "page:fan:ann", "page:help:ann")
    then.is_called("page:fan:ann", older)
    then.stands_for("page:fan:ann", younger)
    then.events("merged")


def test_three_persons_merge_at_once(story: Story, then: Then) -> None:
    """Ann was seen by three assets before any of them was asked about.

    One answer joins all three: one event, and two ids end at once.
    """
    story.sees("app:shop:ann")
    story.sees("app:game:ann")
    story.sees("page:fan:ann")
    then.apart("app:shop:ann", "app:game:ann", "page:fan:ann")
    first, *others = map(
        then.person_of, ("app:shop:ann", "app:game:ann", "page:fan:ann")
    )
    then.events("created", "created", "created")

    story.answers("page:fan:ann", "app:shop:ann", "app:game:ann")

    then.one_person("app:shop:ann", "app:game:ann", "page:fan:ann")
    then.is_called("page:fan:ann", first)
    then.stands_for("page:fan:ann", *others)
    then.events("merged:ids_for_apps")


def test_a_business_token_joins_the_ids_that_carry_it(story: Story, then: Then) -> None:
    """Two apps of one business see the same token for two ids.

    That is proof without any call.
    """
    story.sees("app:shop:ann", token="t")
    story.sees("app:game:ann", token="t")

    then.one_person("app:shop:ann", "app:game:ann")
    then.carries("app:shop:ann", "token:t")
    then.events("created", "linked", "created", "merged:token_for_business")


def test_one_token_in_two_businesses_joins_nobody(story: Story, then: Then) -> None:
    """The shop and the rival's app see the same token text.

    A token means something inside one business only, so these are two persons.
    """
    story.sees("app:shop:ann", token="t")
    story.sees("app:rival:ann", token="t")

    then.one_person("app:shop:ann")
    then.one_person("app:rival:ann")
    then.carries("app:rival:ann", "token:t")


def test_account_linking_joins_who_went_through_it(story: Story, then: Then) -> None:
    """The shop's own login tells Messenger and the app the same authorization code.

    Whoever shows that code is the one who went through that linking.
    """
    story.sees("page:fan:ann", code="visit 1")
    story.sees("app:shop:ann", code="visit 1")
    story.sees("app:shop:bob", code="visit 2")

    then.one_person("page:fan:ann", "app:shop:ann")
    then.one_person("app:shop:bob")


def test_a_hundred_siblings_are_one_person(story: Story, then: Then) -> None:
    """A business has a hundred Pages, and Ann wrote to each of them.

    One answer brings them together; when the others are seen later that is no news.
    """
    pages = [f"page:{number}" for number in range(99)]
    story.owns(ACME, *pages)
    siblings = [f"{page}:ann" for page in pages]
    story.sees("app:shop:ann", at=1)
    story.answers("app:shop:ann", *siblings, at=2)
    then.one_person("app:shop:ann", *siblings)
    then.events("created", "linked")

    for who in siblings[::9]:
        story.sees(who)

    then.one_person("app:shop:ann", *siblings)
    then.events()


def test_of_two_founders_at_the_same_time_one_stays(story: Story, then: Then) -> None:
    """Both ids were first seen in the same millisecond.

    The smaller person id stays: it is a hash, so no asset always wins.
    """
    story.sees("app:shop:ann", at=7)
    story.sees("app:game:ann", at=7)
    founders = [then.person_of("app:shop:ann"), then.person_of("app:game:ann")]

    story.proves("app:shop:ann", "app:game:ann")

    then.is_called("app:game:ann", min(founders))
    then.stands_for("app:game:ann", max(founders))


def test_the_older_id_names_the_person_whenever_it_is_told(
    story: Story, then: Then
) -> None:
    """The game saw Ann first, so her person goes by the game's id.

    An even older event of the shop comes late: now it is the shop's that stays.
    """
    story.sees("app:shop:ann", at=50)
    story.sees("app:game:ann", at=40)
    by_shop, by_game = then.person_of("app:shop:ann"), then.person_of("app:game:ann")
    story.proves("app:shop:ann", "app:game:ann", at=60)
    then.is_called("app:shop:ann", by_game)

    story.sees("app:shop:ann", at=20)

    then.is_called("app:game:ann", by_shop)
    then.stands_for("app:game:ann", by_game)


def test_more_proof_of_the_same_is_no_news(story: Story, then: Then) -> None:
    """The same two ids are proved one by three sources.

    Who is who is as before, so subscribers are told once.
    """
    story.proves("app:shop:ann", "app:game:ann", by="ids_for_apps")
    then.events("created")

    story.proves("app:shop:ann", "app:game:ann", by="ids_for_business")
    story.proves("app:shop:ann", "app:game:ann", by="manual")

    then.one_person("app:shop:ann", "app:game:ann")
    then.events()


def test_who_was_named_before_being_seen_is_no_news(story: Story, then: Then) -> None:
    """The shop's lookup named Ann's id in the game before she ever played.

    When she plays, she is who she was already.
    """
    story.sees("app:shop:ann")
    story.answers("app:shop:ann", "app:game:ann")
    then.events("created", "linked")

    story.sees("app:game:ann")

    then.one_person("app:shop:ann", "app:game:ann")
    then.events()


def test_two_lookups_that_say_the_same_join_once(story: Story, then: Then) -> None:
    """Ann's ids were both asked about, and each answer names the other.

    The second answer is more evidence, and no event.
    """
    story.sees("app:shop:ann")
    story.sees("app:game:ann")
    story.answers("app:shop:ann", "app:game:ann")
    story.answers("app:game:ann", "app:shop:ann")

    then.one_person("app:shop:ann", "app:game:ann")
    then.events("created", "created", "merged")
