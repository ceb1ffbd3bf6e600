"""The one question that an id costs, and what becomes of it."""

from tests.scenarios.places import ACME
from tests.scenarios.story import Story
from tests.scenarios.then import Then

from idweave_graph.messages import Outcome

MINUTE_MS = 60_000
DAY_MS = 86_400_000


def test_an_id_is_asked_about_once(story: Story, then: Then) -> None:
    """Ann comes again and again, before and after her lookup was answered.

    It has found her other id, which is believed for good.
    """
    story.sees("app:shop:ann")
    story.sees("app:shop:ann")
    then.lookup("app:shop:ann", "pending")
    story.answers("app:shop:ann", "app:game:ann")
    then.lookup("app:shop:ann", "resolved")

    story.waits(30 * DAY_MS)
    story.sees("app:shop:ann")

    then.lookup("app:shop:ann", "resolved")
    then.one_person("app:shop:ann", "app:game:ann")


def test_an_empty_answer_is_not_believed_for_long(story: Story, then: Then) -> None:
    """The API knows no other id of Ann today.

    An hour later that is still so; after a day her next visit asks again.
    """
    story.sees("app:shop:ann")
    story.answers("app:shop:ann")
    story.waits(60 * MINUTE_MS)
    story.sees("app:shop:ann")
    then.lookup("app:shop:ann", "resolved")

    story.waits(DAY_MS)
    story.sees("app:shop:ann")
    then.lookup("app:shop:ann", "pending")
    story.answers("app:shop:ann", "app:game:ann")

    then.one_person("app:shop:ann", "app:game:ann")


def test_a_throttled_lookup_waits_as_long_as_it_is_told(
    story: Story, then: Then
) -> None:
    """The API says that its limit is reached for five more minutes.

    That is no answer: the lookup stays open, is not due before, and asks again.
    """
    story.sees("app:shop:ann")
    story.fails("app:shop:ann", Outcome.RETRY, wait=5 * MINUTE_MS)
    then.lookup("app:shop:ann", "pending")
    then.due("app:shop:ann", after=5 * MINUTE_MS)
    then.one_person("app:shop:ann")

    story.waits(5 * MINUTE_MS)
    story.answers("app:shop:ann", "app:game:ann")

    then.one_person("app:shop:ann", "app:game:ann")
    then.lookup("app:shop:ann", "resolved")


def test_an_answer_from_before_the_wait_is_late(story: Story, then: Then) -> None:
    """A call that was throttled is answered twice, and the second answer is older.

    What was asked before the wait does not end it.
    """
    story.sees("app:shop:ann")
    story.fails("app:shop:ann", Outcome.RETRY, wait=5 * MINUTE_MS)
    story.answers("app:shop:ann", "app:game:ann")

    then.one_person("app:shop:ann")
    then.lookup("app:shop:ann", "pending")
    then.nobody("app:game:ann")


def test_a_gone_user_is_not_asked_about_every_time(story: Story, then: Then) -> None:
    """The API has no such user: Ann has closed her account.

    She is still known by her id, and her lookup rests for a day.
    """
    story.sees("app:shop:ann")
    story.fails("app:shop:ann", Outcome.GONE)
    story.sees("app:shop:ann")
    then.lookup("app:shop:ann", "failed")
    then.one_person("app:shop:ann")

    story.waits(DAY_MS)
    story.sees("app:shop:ann")

    then.lookup("app:shop:ann", "pending")


def test_a_refused_credential_stops_its_asset_until_it_is_replaced(
    story: Story, then: Then
) -> None:
    """The shop's token is refused; the fan Page has one of its own.

    Nothing is lost: with the new token the shop's lookup is answered as any other.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:bob")
    story.fails("app:shop:ann", Outcome.CREDENTIAL)
    then.lookup("app:shop:ann", "held")
    then.held("acme/app:shop")
    then.lookup("page:fan:bob", "pending")

    story.answers("app:shop:ann", "app:game:ann")

    then.free("acme/app:shop")
    then.one_person("app:shop:ann", "app:game:ann")


def test_a_held_business_loses_no_lookup(story: Story, then: Then) -> None:
    """Meta reviews the business and answers nothing for now.

    Its lookups are parked. A probe is answered at last, and then all others are.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:bob")
    story.fails("app:shop:ann", Outcome.HOLD)
    then.held("acme")
    story.waits(DAY_MS)
    story.fails("app:shop:ann", Outcome.HOLD)
    then.held("acme")
    then.lookup("app:shop:ann", "held")

    story.answers("app:shop:ann", "app:game:ann")
    then.free("acme")
    story.answers("page:fan:bob", "page:help:bob")

    then.one_person("app:shop:ann", "app:game:ann")
    then.one_person("page:fan:bob", "page:help:bob")


def test_a_held_business_still_learns_from_its_events(story: Story, then: Then) -> None:
    """No call is answered while the review lasts.

    Two events carry the same token, which costs no call, so Ann is one person.
    """
    story.sees("app:rival:eve")
    story.sees("app:shop:ann", token="t")
    story.fails("app:shop:ann", Outcome.HOLD)
    story.sees("app:game:ann", token="t")

    then.one_person("app:shop:ann", "app:game:ann")
    then.held("acme")
    then.lookup("app:rival:eve", "pending")


def test_a_token_in_an_answer_is_proof_too(story: Story, then: Then) -> None:
    """The API names no ids, but the business token of each of Ann's.

    That joins them as if it had come with the events.
    """
    story.sees("app:shop:ann")
    story.sees("app:game:ann")
    story.answers("app:shop:ann", token="t")
    story.answers("app:game:ann", token="t")

    then.one_person("app:shop:ann", "app:game:ann")
    then.carries("app:game:ann", "token:t")


def test_who_gives_an_app_away_and_gets_it_back_is_asked_anew(
    story: Story, then: Then
) -> None:
    """Ann's id was looked up; then the shop lost its owner and came back.

    What was answered under the epoch before says nothing, so she is asked about again.
    """
    story.sees("app:shop:ann")
    story.answers("app:shop:ann", "app:game:ann")
    then.lookup("app:shop:ann", "resolved")
    story.transfers("app:shop", None)
    story.transfers("app:shop", ACME)

    story.sees("app:shop:ann")

    then.lookup("app:shop:ann", "pending")
    then.one_person("app:shop:ann")
