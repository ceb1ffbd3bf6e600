"""What happens when evidence says that one person has two ids of one asset."""

from tests.scenarios.story import Story
from tests.scenarios.then import Then


def test_of_two_proofs_that_contradict_the_older_wins(story: Story, then: Then) -> None:
    """The fan Page's Ann is said to be Ann in the shop, and later to be Bob there.

    The shop knows each human by one id, so the later proof waits in quarantine.
    """
    story.sees("app:shop:ann")
    story.sees("app:shop:bob")
    story.sees("page:fan:ann")
    story.proves("app:shop:ann", "page:fan:ann")
    story.proves("app:shop:bob", "page:fan:ann")

    then.one_person("app:shop:ann", "page:fan:ann")
    then.one_person("app:shop:bob")
    then.quarantined("app:shop:bob", "page:fan:ann")
    then.events("created", "created", "created", "merged", "quarantined")


def test_older_evidence_that_comes_late_takes_over(story: Story, then: Then) -> None:
    """The younger proof was there first and has joined the Page with Bob.

    When the older one arrives, Bob goes and his proof waits, as if it had come first.
    """
    story.sees("app:shop:ann", at=1)
    story.sees("app:shop:bob", at=2)
    story.sees("page:fan:ann", at=3)
    story.proves("app:shop:bob", "page:fan:ann", at=50)
    then.one_person("app:shop:bob", "page:fan:ann")
    then.events("created", "created", "created", "merged")

    story.proves("app:shop:ann", "page:fan:ann", at=20)

    then.one_person("app:shop:ann", "page:fan:ann")
    then.one_person("app:shop:bob")
    then.quarantined("app:shop:bob", "page:fan:ann")
    then.events("split", "split", "quarantined")


def test_what_waits_is_let_in_when_its_rival_is_erased(
    story: Story, then: Then
) -> None:
    """Bob's proof waits because the Page belongs to Ann.

    Ann's id is erased; nothing speaks against Bob any more, so he gets the Page.
    """
    story.sees("page:fan:x")
    story.sees("app:shop:ann")
    story.sees("app:shop:bob")
    story.proves("app:shop:ann", "page:fan:x")
    story.proves("app:shop:bob", "page:fan:x")
    then.quarantined("app:shop:bob", "page:fan:x")

    story.erases("app:shop:ann")

    then.one_person("app:shop:bob", "page:fan:x")
    then.nothing_is_quarantined()


def test_what_waits_is_let_in_when_its_rival_is_taken_back(
    story: Story, then: Then
) -> None:
    """Somebody linked Ann's shop account on a Page that is Bob's.

    Meta says it is Bob's; as soon as the linking ends, that is believed.
    """
    story.sees("page:fan:x", code="visit 1")
    story.sees("app:shop:ann", code="visit 1")
    story.sees("app:shop:bob")
    story.proves("app:shop:bob", "page:fan:x")
    then.quarantined("app:shop:bob", "page:fan:x")

    story.unlinks("page:fan:x")

    then.one_person("app:shop:bob", "page:fan:x")
    then.one_person("app:shop:ann")
    then.nothing_is_quarantined()


def test_a_queue_of_rivals_moves_up(story: Story, then: Then) -> None:
    """Three people of the shop are said to be one and the same on the fan Page.

    The first has it; whenever the one who has it is erased, the next gets it.
    """
    story.sees("page:fan:x")
    for who in ("ann", "bob", "cleo"):
        story.sees(f"app:shop:{who}")
        story.proves(f"app:shop:{who}", "page:fan:x")
    then.one_person("app:shop:ann", "page:fan:x")
    then.apart("app:shop:ann", "app:shop:bob", "app:shop:cleo")

    story.erases("app:shop:ann")
    then.one_person("app:shop:bob", "page:fan:x")
    then.quarantined("app:shop:cleo", "page:fan:x")

    story.erases("app:shop:bob")
    then.one_person("app:shop:cleo", "page:fan:x")
    then.nothing_is_quarantined()


def test_a_contradiction_is_told_once(story: Story, then: Then) -> None:
    """The same wrong proof is learned three times.

    An operator reads of it once.
    """
    story.proves("app:shop:ann", "page:fan:ann")
    story.proves("app:shop:bob", "page:fan:ann")
    then.events("created", "created", "quarantined")

    story.proves("app:shop:bob", "page:fan:ann")
    story.proves("app:shop:bob", "page:fan:ann")

    then.quarantined("app:shop:bob", "page:fan:ann")
    then.events()


def test_a_bridge_that_contradicts_moves_nobody(story: Story, then: Then) -> None:
    """Ann and Bob are grown persons, and both have an id of the shop.

    A proof between their other ids would join them: it waits, and nobody loses an id.
    """
    story.proves("app:shop:ann", "app:game:ann")
    story.proves("app:shop:bob", "page:fan:bob")
    then.events("created", "created")

    story.proves("app:game:ann", "page:fan:bob")

    then.one_person("app:shop:ann", "app:game:ann")
    then.one_person("app:shop:bob", "page:fan:bob")
    then.quarantined("app:game:ann", "page:fan:bob")
    then.events("quarantined")


def test_what_waits_goes_along_with_who_grows(story: Story, then: Then) -> None:
    """Bob waits for a Page that is Ann's, and both are joined with more ids meanwhile.

    The proof still waits, at the persons that they have become.
    """
    story.proves("app:shop:ann", "page:fan:ann")
    story.proves("app:shop:bob", "page:fan:ann")
    then.quarantined("app:shop:bob", "page:fan:ann")

    story.proves("app:shop:ann", "app:game:ann")
    story.proves("app:shop:bob", "page:help:bob")

    then.one_person("app:shop:ann", "app:game:ann", "page:fan:ann")
    then.one_person("app:shop:bob", "page:help:bob")
    then.quarantined("app:shop:bob", "page:fan:ann")


def test_a_token_of_two_ids_of_one_asset_is_the_first_ones(
    story: Story, then: Then
) -> None:
    """The shop reports the same token for Ann and for Bob, which can't be.

    Who showed it first has it, and the other one is still known.
    """
    story.sees("app:shop:ann", token="t")
    story.sees("app:shop:bob", token="t")

    then.apart("app:shop:ann", "app:shop:bob")
    then.carries("app:shop:ann", "token:t")
    then.carries("app:shop:bob")
    then.quarantined("app:shop:bob", "token:t")


def test_two_ids_of_one_asset_are_never_one_person(story: Story, then: Then) -> None:
    """An operator's own statement says that Ann and Bob of the shop are one.

    Not even that joins them.
    """
    story.sees("app:shop:ann")
    story.sees("app:shop:bob")
    story.proves("app:shop:ann", "app:shop:bob", by="manual")

    then.apart("app:shop:ann", "app:shop:bob")
    then.quarantined("app:shop:ann", "app:shop:bob")


def test_a_person_with_an_id_of_every_asset_is_full(story: Story, then: Then) -> None:
    """Ann has an id at each app and Page of the business.

    Whatever else is said to be hers is another id of one of them, so it stays apart.
    """
    whole = ["app:shop:ann", "app:game:ann", "page:fan:ann", "page:help:ann"]
    story.sees("app:shop:ann", token="t")
    story.answers("app:shop:ann", *whole[1:])
    story.proves("page:help:ann", "app:game:eve")
    story.proves("app:shop:ann", "page:fan:eve")
    story.proves("app:shop:ann", "token:u", by="token_for_business")

    then.one_person(*whole)
    then.carries("app:shop:ann", "token:t")
    then.apart("app:shop:ann", "app:game:eve", "page:fan:eve")


def test_two_answers_that_disagree(story: Story, then: Then) -> None:
    """Meta says that the shop's Ann is on the fan Page; asked there, it says Bob.

    The first answer stands, and the second can be looked into.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:x")
    story.answers("app:shop:ann", "page:fan:x")
    story.answers("page:fan:x", "app:shop:bob")

    then.one_person("app:shop:ann", "page:fan:x")
    then.one_person("app:shop:bob")
    then.quarantined("app:shop:bob", "page:fan:x")
