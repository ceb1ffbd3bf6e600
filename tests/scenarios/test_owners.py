"""What happens when an app or a Page changes hands."""

import pytest
from tests.scenarios.places import ACME, RIVAL
from tests.scenarios.story import Story
from tests.scenarios.then import Then

from idweave_graph import withdraw


def test_an_app_that_is_sold_leaves_nothing_behind(story: Story, then: Then) -> None:
    """The shop knows Ann, and is sold to the rival.

    Its id leaves her person, who keeps their name; the rival does not know her.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:ann")
    story.proves("app:shop:ann", "page:fan:ann")
    name = then.person_of("app:shop:ann")
    then.events("created", "created", "merged")

    story.transfers("app:shop", RIVAL)

    then.nobody("app:shop:ann")
    then.one_person("page:fan:ann")
    then.is_called("page:fan:ann", name)
    then.events("epoch-changed:lost", "epoch-changed:gained", "erased:lost")


def test_an_app_that_was_sold_and_bought_back_begins_anew(
    story: Story, then: Then
) -> None:
    """The shop goes to the rival and comes back.

    Its id of Ann is somebody new, until it is proved again that she is the same.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:ann")
    story.proves("app:shop:ann", "page:fan:ann")
    name = then.person_of("app:shop:ann")
    story.transfers("app:shop", RIVAL)
    story.transfers("app:shop", ACME)
    then.nobody("app:shop:ann")

    story.sees("app:shop:ann")
    then.apart("app:shop:ann", "page:fan:ann")
    then.is_somebody_new("app:shop:ann", name)

    story.proves("app:shop:ann", "page:fan:ann")
    then.one_person("app:shop:ann", "page:fan:ann")
    then.is_called("app:shop:ann", name)


def test_the_new_owner_knows_its_people_itself(story: Story, then: Then) -> None:
    """After the sale the shop's Ann is seen again, and is the rival's person now.

    In the graph of the business before she is nobody.
    """
    story.sees("app:shop:ann")
    before = then.person_of("app:shop:ann")
    story.transfers("app:shop", RIVAL)
    story.sees("app:shop:ann")
    story.answers("app:shop:ann", "app:rival:ann")

    then.one_person("app:shop:ann", "app:rival:ann")
    then.nobody_at(ACME, "app:shop:ann")
    then.is_somebody_new("app:shop:ann", before)


def test_between_two_owners_nobody_is_seen(story: Story, then: Then) -> None:
    """The shop has left its business and is not the rival's yet.

    What happens in between is nobody's to know; then the rival begins.
    """
    story.sees("app:shop:ann")
    story.transfers("app:shop", None)
    story.sees("app:shop:ann")
    story.sees("app:shop:bob")
    then.nobody("app:shop:ann", "app:shop:bob")

    story.transfers("app:shop", RIVAL)
    then.persons(0)
    story.sees("app:shop:bob")

    then.one_person("app:shop:bob")
    then.nobody_at(ACME, "app:shop:bob")


def test_evidence_may_be_ahead_of_the_news_of_the_owner(
    story: Story, then: Then
) -> None:
    """The shop was sold and bought back, which the log is not told of yet.

    An event of the new epoch is: it alone makes the old epoch's ids go.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:ann")
    story.proves("app:shop:ann", "page:fan:ann")
    then.one_person("app:shop:ann", "page:fan:ann")
    with story.held_back() as news:
        story.transfers("app:shop", None)
        story.transfers("app:shop", ACME)
    story.sees("app:shop:bob")
    then.nobody("app:shop:ann")
    then.apart("app:shop:bob", "page:fan:ann")

    story.comes_late(news)

    then.apart("app:shop:bob", "page:fan:ann")
    then.nobody("app:shop:ann")


def test_both_sides_of_a_sale_may_hear_of_it_late(story: Story, then: Then) -> None:
    """The rival's worker knows that it owns the shop before any graph was told.

    Ann is seen there at once, while the old graph still has her; that ends when it
    hears of the sale.
    """
    story.sees("app:shop:ann")
    before = then.person_of("app:shop:ann")
    with story.held_back() as news:
        story.transfers("app:shop", RIVAL)
    story.sees("app:shop:ann")
    then.one_person("app:shop:ann")
    then.is_somebody_new("app:shop:ann", before)

    story.comes_late(news)

    then.nobody_at(ACME, "app:shop:ann")
    then.one_person("app:shop:ann")
    then.persons(1)


def test_an_answer_to_the_last_owner_is_refused(story: Story, then: Then) -> None:
    """Ann's lookup is under way when the shop is sold.

    The call may not be made any more, and what it would have told is refused.
    """
    story.sees("app:shop:ann")
    story.sees("app:game:ann")
    asked = story.lookup("app:shop:ann")
    story.transfers("app:shop", RIVAL)
    story.answers("app:shop:ann", "app:game:ann", to=asked)

    then.one_person("app:game:ann")
    then.nobody("app:shop:ann")
    then.refused("app:shop:ann", "app:shop", "stale-epoch")


def test_evidence_of_an_ownership_that_is_over_is_refused(
    story: Story, then: Then
) -> None:
    """A proof was written to the log before the shop was sold, and comes after that.

    It is refused at the union itself, and told once.
    """
    story.sees("page:fan:ann")
    with story.held_back() as proof:
        story.proves("app:shop:ann", "page:fan:ann")
    story.transfers("app:shop", RIVAL)
    then.one_person("page:fan:ann")
    then.events("created", "epoch-changed", "epoch-changed")

    story.comes_late(proof)

    then.one_person("page:fan:ann")
    then.nobody("app:shop:ann")
    then.refused("page:fan:ann", "app:shop", "stale-epoch")
    then.events("refused:stale-epoch")


@pytest.mark.parametrize("step", [1, 3, 10, 200])
def test_an_asset_of_many_people_leaves_bit_by_bit(
    story: Story, then: Then, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fan Page is lost with ten people, and a message takes out only some of them.

    What happens meanwhile is as if all had gone at once.
    """
    monkeypatch.setattr(withdraw, "SWEEP_STEP", step)
    fans = [f"page:fan:{number}" for number in range(10)]
    for fan in fans:
        story.sees(fan)
    story.proves("app:shop:9", "page:fan:9")
    then.one_person("app:shop:9", "page:fan:9")

    story.transfers("page:fan", None)
    story.sees("app:game:9")
    story.proves("app:shop:9", "app:game:9")

    then.nobody(*fans)
    then.persons(1)


def test_a_sold_page_ends_the_quarantine_it_caused(story: Story, then: Then) -> None:
    """Ann and Bob of the shop both claim an id of the fan Page.

    The Page is sold: there is nothing left to contradict each other about.
    """
    story.sees("app:shop:ann")
    story.sees("app:shop:bob")
    story.proves("app:shop:ann", "page:fan:x")
    story.proves("app:shop:bob", "page:fan:x")
    then.quarantined("app:shop:bob", "page:fan:x")

    story.transfers("page:fan", RIVAL)

    then.apart("app:shop:ann", "app:shop:bob")
    then.nobody("page:fan:x")
    then.nothing_is_quarantined()
