"""How an analyst keeps two ids apart, and lets them be one again."""

from tests.scenarios.places import ACME
from tests.scenarios.story import Story
from tests.scenarios.then import Then


def test_a_ban_comes_first_and_nobody_is_joined(story: Story, then: Then) -> None:
    """An analyst keeps two ids apart before there is any proof between them.

    When the proof comes it waits.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:bob")
    story.bans("app:shop:ann", "page:fan:bob")
    then.events("created", "created", "banned")

    story.proves("app:shop:ann", "page:fan:bob")

    then.apart("app:shop:ann", "page:fan:bob")
    then.quarantined("app:shop:ann", "page:fan:bob")
    then.events("quarantined")


def test_a_ban_may_come_before_anybody_is_seen(story: Story, then: Then) -> None:
    """The two ids are banned although no event has named them yet.

    The ban waits for them, and for whatever they come with.
    """
    story.bans("app:shop:ann", "page:fan:bob")
    then.events("banned")

    story.sees("app:game:ann")
    story.answers("app:game:ann", "app:shop:ann", "page:fan:bob")

    then.apart("app:shop:ann", "page:fan:bob")


def test_a_ban_parts_who_is_one_person(story: Story, then: Then) -> None:
    """Three ids hang together in a chain, and its two ends are banned.

    The youngest proof between them gives way; the rest stays together.
    """
    story.sees("app:shop:ann")
    story.proves("app:shop:ann", "app:game:ann")
    story.proves("app:game:ann", "page:fan:bob")
    then.one_person("app:shop:ann", "app:game:ann", "page:fan:bob")
    then.events("created", "linked", "linked")

    story.bans("app:shop:ann", "page:fan:bob")

    then.one_person("app:shop:ann", "app:game:ann")
    then.one_person("page:fan:bob")
    then.quarantined("app:game:ann", "page:fan:bob")
    then.events("split:ban", "split:ban", "quarantined:ids_for_apps", "banned:ban")


def test_a_ban_is_inherited_by_a_merge(story: Story, then: Then) -> None:
    """Ann and Bob are banned, and each of them gains another id.

    A proof between those other ids would join the banned ones, so it waits as well.
    """
    story.bans("app:shop:ann", "page:fan:bob")
    story.proves("app:shop:ann", "app:game:ann")
    story.proves("page:fan:bob", "page:help:bob", by="ids_for_pages")
    story.proves("app:game:ann", "page:help:bob")

    then.one_person("app:shop:ann", "app:game:ann")
    then.one_person("page:fan:bob", "page:help:bob")
    then.quarantined("app:game:ann", "page:help:bob")


def test_a_lifted_ban_lets_come_together_what_was_proved(
    story: Story, then: Then
) -> None:
    """The analyst was wrong, and lifts the ban.

    The proof that has waited joins the two, under the older one's name.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:ann")
    older, younger = then.person_of("app:shop:ann"), then.person_of("page:fan:ann")
    story.bans("app:shop:ann", "page:fan:ann")
    story.proves("app:shop:ann", "page:fan:ann")
    then.apart("app:shop:ann", "page:fan:ann")
    then.events("created", "created", "banned", "quarantined")

    story.lifts_ban("app:shop:ann", "page:fan:ann")

    then.one_person("app:shop:ann", "page:fan:ann")
    then.is_called("page:fan:ann", older)
    then.stands_for("page:fan:ann", younger)
    then.nothing_is_quarantined()
    then.events("merged:lift-ban", "unbanned")


def test_of_what_analysts_said_the_last_counts(story: Story, then: Then) -> None:
    """A ban of noon is known; that of the morning was lifted at ten, which comes late.

    What was said at noon counts, until somebody says otherwise in the evening.
    """
    story.proves("app:shop:ann", "page:fan:ann")
    story.bans("app:shop:ann", "page:fan:ann", at=1200)
    then.apart("app:shop:ann", "page:fan:ann")

    story.lifts_ban("app:shop:ann", "page:fan:ann", at=1000)
    then.apart("app:shop:ann", "page:fan:ann")

    story.lifts_ban("app:shop:ann", "page:fan:ann", at=1800)
    then.one_person("app:shop:ann", "page:fan:ann")


def test_a_ban_is_stronger_than_any_proof(story: Story, then: Then) -> None:
    """The ban is newer than all proofs, and they are many.

    None of them gets past it, the operator's own statement neither.
    """
    story.sees("app:shop:ann", token="t")
    story.sees("app:game:bob", token="t")
    story.proves("app:shop:ann", "app:game:bob")
    story.proves("app:shop:ann", "app:game:bob", by="manual")
    then.one_person("app:shop:ann", "app:game:bob")

    story.bans("app:shop:ann", "app:game:bob")

    then.apart("app:shop:ann", "app:game:bob")
    then.carries("app:shop:ann", "token:t")
    then.carries("app:game:bob")


def test_an_erased_id_is_banned_from_nothing(story: Story, then: Then) -> None:
    """Ann's id is banned from Bob's, and then erased.

    Nothing that names her is left, so whoever comes back is free of it.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:bob")
    story.bans("app:shop:ann", "page:fan:bob")
    then.apart("app:shop:ann", "page:fan:bob")
    story.erases("app:shop:ann")
    then.nobody("app:shop:ann")

    story.sees("app:shop:ann")
    story.proves("app:shop:ann", "page:fan:bob")

    then.one_person("app:shop:ann", "page:fan:bob")


def test_a_ban_ends_with_the_ownership_it_was_said_under(
    story: Story, then: Then
) -> None:
    """The fan Page leaves the business and is bought back later.

    Its ids are known anew, and what was said about the old ones does not hold.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:x")
    story.bans("app:shop:ann", "page:fan:x")
    then.apart("app:shop:ann", "page:fan:x")
    story.transfers("page:fan", None)
    then.nobody("page:fan:x")
    story.transfers("page:fan", ACME)
    story.sees("page:fan:x")
    story.proves("app:shop:ann", "page:fan:x")

    then.one_person("app:shop:ann", "page:fan:x")


def test_ban_and_lift_many_times(story: Story, then: Then) -> None:
    """Two analysts do not agree, and change their minds five times.

    Each time the parts and the whole have the names they had before.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:ann")
    older, younger = then.person_of("app:shop:ann"), then.person_of("page:fan:ann")
    story.proves("app:shop:ann", "page:fan:ann")
    for _ in range(5):
        story.bans("app:shop:ann", "page:fan:ann")
        then.is_called("app:shop:ann", older)
        then.is_called("page:fan:ann", younger)

        story.lifts_ban("app:shop:ann", "page:fan:ann")
        then.one_person("app:shop:ann", "page:fan:ann")
        then.is_called("page:fan:ann", older)
