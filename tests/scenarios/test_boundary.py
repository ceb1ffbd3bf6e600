"""Nobody is linked across a business, whatever an answer or a credential says."""

from tests.scenarios.places import ACME, RIVAL
from tests.scenarios.story import Story
from tests.scenarios.then import Then


def test_an_answer_that_names_another_business_is_refused(
    story: Story, then: Then
) -> None:
    """Ann's lookup names her id in the game, and one of the rival's app.

    The first is linked. The second is refused, and only its app is put on record.
    """
    story.sees("app:shop:ann")
    story.answers("app:shop:ann", "app:game:ann", "app:rival:ann")

    then.one_person("app:shop:ann", "app:game:ann")
    then.nobody("app:rival:ann")
    then.refused("app:shop:ann", "app:rival", "foreign-asset")
    then.events("created", "linked", "refused")


def test_an_asset_that_nobody_told_of_is_not_guessed(story: Story, then: Then) -> None:
    """An answer names an app that is in no list of anybody's assets.

    It may be anybody's, so it is refused until somebody tells whose it is.
    """
    story.sees("app:shop:ann")
    story.answers("app:shop:ann", "app:unheard-of:ann", "page:fan:ann")

    then.one_person("app:shop:ann", "page:fan:ann")
    then.nobody("app:unheard-of:ann")
    then.refused("app:shop:ann", "app:unheard-of", "unknown-asset")


def test_an_asset_between_two_owners_is_linked_with_nobody(
    story: Story, then: Then
) -> None:
    """An answer names an app that has lost its owner and has no new one yet.

    Meta still answers as if it were the business's; it is refused all the same.
    """
    story.sees("app:shop:ann")
    story.answers("app:shop:ann", "app:orphan:ann")

    then.one_person("app:shop:ann")
    then.nobody("app:orphan:ann")
    then.refused("app:shop:ann", "app:orphan", "unowned-asset")


def test_one_human_at_two_businesses_is_two_persons(story: Story, then: Then) -> None:
    """Ann is a customer of both, and each of their lookups names all of her ids.

    Each business gets its own, and neither learns of the other's.
    """
    everywhere = ["app:shop:ann", "page:fan:ann", "app:rival:ann", "page:rival:ann"]
    story.sees("app:shop:ann")
    story.sees("app:rival:ann")
    story.answers("app:shop:ann", *everywhere)
    story.answers("app:rival:ann", *everywhere)

    then.one_person("app:shop:ann", "page:fan:ann")
    then.one_person("app:rival:ann", "page:rival:ann")
    then.nobody_at(RIVAL, "app:shop:ann")
    then.nobody_at(ACME, "page:rival:ann")


def test_a_service_provider_gets_no_lookup_through_its_customers(
    story: Story, then: Then
) -> None:
    """An agency's app made the tokens of a Page of each of two businesses.

    With such a token nothing may be asked, so the two Pages are never joined.
    """
    story.sees("page:fan:ann")
    story.sees("page:rival:ann")
    for page, other in (("page:fan", "page:rival"), ("page:rival", "page:fan")):
        story.answers(f"{page}:ann", f"{other}:ann", made_by="app:agency")

    then.apart("page:fan:ann", "page:rival:ann")
    for page in ("page:fan", "page:rival"):
        then.refused(f"{page}:ann", "app:agency", "foreign-credential")
        then.lookup(f"{page}:ann", "failed")


def test_a_test_app_shares_the_ids_of_its_parent(story: Story, then: Then) -> None:
    """Ann tries the shop's test app, and uses the shop itself.

    Both show the same id, so it is the same scoped id: one member, no contradiction.
    """
    story.sees("app:shop-test:ann")
    story.sees("app:shop:ann")
    story.proves("app:shop-test:ann", "page:fan:ann")

    then.one_person("app:shop:ann", "page:fan:ann")
    then.persons(1)
    then.nothing_is_quarantined()


def test_an_answer_with_a_test_app_s_id_names_the_parent_s(
    story: Story, then: Then
) -> None:
    """The fan Page's lookup answers Ann's id in the shop and in its test app.

    That is one id, not two of one person.
    """
    story.sees("page:fan:ann")
    story.answers("page:fan:ann", "app:shop-test:ann", "app:shop:ann")

    then.one_person("page:fan:ann", "app:shop:ann")
    then.nothing_is_quarantined()


def test_a_claimed_parent_leads_into_nobody_s_graph(story: Story, then: Then) -> None:
    """The rival says that an app of its own is a test app of the shop.

    The two are not of one business, so what that app sees is nobody's.
    """
    story.sees("app:shop:ann")
    story.sees("app:claimed:ann")
    story.sees("app:claimed:bob")

    then.one_person("app:shop:ann")
    then.nobody("app:shop:bob", "app:claimed:bob")
    then.persons(1)


def test_a_refusal_is_told_once(story: Story, then: Then) -> None:
    """Ann's lookup is asked again after a day, and again names the rival's app.

    The operator knows already.
    """
    story.sees("app:shop:ann")
    story.answers("app:shop:ann", "app:rival:ann")
    then.events("created", "refused")
    story.waits(86_400_000)
    story.sees("app:shop:ann")
    story.answers("app:shop:ann", "app:rival:ann", "app:game:ann")

    then.one_person("app:shop:ann", "app:game:ann")
    then.refused("app:shop:ann", "app:rival", "foreign-asset")
    then.events("linked")
