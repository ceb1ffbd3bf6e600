"""How an operator settles a contradiction, and withdraws or adds a single link."""

from tests.scenarios.places import ACME
from tests.scenarios.story import Story
from tests.scenarios.then import Then


def two_claims(story: Story, then: Then) -> None:
    """Ann and Bob of the shop both claim an id of the fan Page; Ann came first."""
    story.sees("app:shop:ann")
    story.sees("app:shop:bob")
    story.sees("page:fan:x")
    story.proves("app:shop:ann", "page:fan:x")
    story.proves("app:shop:bob", "page:fan:x")
    then.one_person("app:shop:ann", "page:fan:x")
    then.quarantined("app:shop:bob", "page:fan:x")
    then.events("created", "created", "created", "merged", "quarantined")


def test_what_is_accepted_comes_before_older_proof(story: Story, then: Then) -> None:
    """Bob's proof for the Page waits, because Ann's is older.

    An operator finds that Bob is right: he gets the Page, and Ann's proof waits.
    """
    two_claims(story, then)

    story.accepts("app:shop:bob", "page:fan:x")

    then.one_person("app:shop:bob", "page:fan:x")
    then.one_person("app:shop:ann")
    then.quarantined("app:shop:ann", "page:fan:x")
    then.events("split:accept", "split:accept", "quarantined", "decided:accept")


def test_what_is_rejected_waits_no_longer(story: Story, then: Then) -> None:
    """An operator finds that Bob's proof is wrong.

    It leaves the quarantine, and nobody moves.
    """
    two_claims(story, then)

    story.rejects("app:shop:bob", "page:fan:x")

    then.one_person("app:shop:ann", "page:fan:x")
    then.one_person("app:shop:bob")
    then.nothing_is_quarantined()
    then.events("decided:reject")


def test_what_is_rejected_and_reopened_is_weighed_again(
    story: Story, then: Then
) -> None:
    """Ann's proof is rejected, so Bob gets the Page; then it is looked into again.

    Her proof was kept: by its age it wins, and Bob's waits as before.
    """
    two_claims(story, then)
    story.rejects("app:shop:ann", "page:fan:x")
    then.one_person("app:shop:bob", "page:fan:x")
    then.nothing_is_quarantined()

    story.reopens("app:shop:ann", "page:fan:x")

    then.one_person("app:shop:ann", "page:fan:x")
    then.quarantined("app:shop:bob", "page:fan:x")


def test_what_is_accepted_and_reopened_is_as_it_was(story: Story, then: Then) -> None:
    """An operator accepts Bob's proof, and takes that back.

    Everybody is who they were, under the names they had.
    """
    two_claims(story, then)
    ann, bob = then.person_of("app:shop:ann"), then.person_of("app:shop:bob")
    story.accepts("app:shop:bob", "page:fan:x")
    then.is_called("page:fan:x", bob)

    story.reopens("app:shop:bob", "page:fan:x")

    then.is_called("page:fan:x", ann)
    then.is_called("app:shop:bob", bob)
    then.quarantined("app:shop:bob", "page:fan:x")


def test_an_unlinked_pair_stays_apart_whatever_is_learned(
    story: Story, then: Then
) -> None:
    """An operator withdraws the link between two ids, which Meta states again later.

    The person falls apart, nothing waits, and what is learned again does not count.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:bob")
    story.proves("app:shop:ann", "page:fan:bob")
    then.one_person("app:shop:ann", "page:fan:bob")
    then.events("created", "created", "merged")
    story.rejects("app:shop:ann", "page:fan:bob")
    then.apart("app:shop:ann", "page:fan:bob")
    then.events("split:reject", "split:reject", "decided:reject")

    story.answers("app:shop:ann", "page:fan:bob")
    story.proves("app:shop:ann", "page:fan:bob", by="ids_for_pages")

    then.apart("app:shop:ann", "page:fan:bob")
    then.nothing_is_quarantined()
    then.events()


def test_a_rejected_link_does_not_forbid_another_way(story: Story, then: Then) -> None:
    """The link between two ids is withdrawn, but both are joined with a third one.

    Only the proofs between the two do not count; that is not a ban.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:ann")
    story.proves("app:shop:ann", "page:fan:ann")
    story.rejects("app:shop:ann", "page:fan:ann")
    then.apart("app:shop:ann", "page:fan:ann")

    story.proves("app:shop:ann", "app:game:ann")
    story.proves("app:game:ann", "page:fan:ann")

    then.one_person("app:shop:ann", "app:game:ann", "page:fan:ann")


def test_an_operator_links_two_ids(story: Story, then: Then) -> None:
    """Nothing has proved that the shop's Ann is the one on the fan Page.

    The operator knows her, and that is evidence of its own kind.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:ann")
    then.events("created", "created")

    story.links("app:shop:ann", "page:fan:ann")

    then.one_person("app:shop:ann", "page:fan:ann")
    then.events("merged:link", "decided:link")


def test_a_link_does_not_get_past_a_ban(story: Story, then: Then) -> None:
    """An analyst keeps two ids apart, and an operator links them.

    The ban is lifted by lifting it and by nothing else.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:bob")
    story.bans("app:shop:ann", "page:fan:bob")
    story.links("app:shop:ann", "page:fan:bob")
    then.apart("app:shop:ann", "page:fan:bob")
    then.quarantined("app:shop:ann", "page:fan:bob")

    story.lifts_ban("app:shop:ann", "page:fan:bob")

    then.one_person("app:shop:ann", "page:fan:bob")


def test_unlink_and_link_many_times(story: Story, then: Then) -> None:
    """Two operators can't agree, and undo each other's work six times.

    The parts and the whole have the same names each time.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:ann")
    older, younger = then.person_of("app:shop:ann"), then.person_of("page:fan:ann")
    story.proves("app:shop:ann", "page:fan:ann")
    for _ in range(6):
        story.rejects("app:shop:ann", "page:fan:ann")
        then.is_called("app:shop:ann", older)
        then.is_called("page:fan:ann", younger)

        story.links("app:shop:ann", "page:fan:ann")
        then.one_person("app:shop:ann", "page:fan:ann")
        then.is_called("page:fan:ann", older)


def test_of_what_operators_decided_the_last_counts(story: Story, then: Then) -> None:
    """A rejection of noon is known; an acceptance of the morning comes late.

    What was decided at noon counts, until it is reopened in the evening.
    """
    story.proves("app:shop:ann", "page:fan:ann")
    story.rejects("app:shop:ann", "page:fan:ann", at=1200)
    story.sees("app:shop:ann")
    story.sees("page:fan:ann")
    then.apart("app:shop:ann", "page:fan:ann")
    story.accepts("app:shop:ann", "page:fan:ann", at=900)
    then.apart("app:shop:ann", "page:fan:ann")

    story.reopens("app:shop:ann", "page:fan:ann", at=1800)

    then.one_person("app:shop:ann", "page:fan:ann")


def test_a_decision_holds_for_who_has_grown(story: Story, then: Then) -> None:
    """Bob's proof is accepted; then Ann and Bob are joined with more ids.

    The Page stays Bob's, however large the two become.
    """
    two_claims(story, then)
    story.accepts("app:shop:bob", "page:fan:x")
    story.proves("app:shop:ann", "app:game:ann")
    story.proves("app:shop:bob", "page:help:bob")

    then.one_person("app:shop:bob", "page:fan:x", "page:help:bob")
    then.one_person("app:shop:ann", "app:game:ann")
    then.quarantined("app:shop:ann", "page:fan:x")


def test_a_rejected_claim_to_a_token_frees_it(story: Story, then: Then) -> None:
    """The shop's old id carries a token that is really that of a new id of the shop.

    The operator rejects the old claim, and the new one is let in.
    """
    story.sees("app:shop:old", token="t")
    story.sees("app:shop:new", token="t")
    then.carries("app:shop:old", "token:t")

    story.rejects("app:shop:old", "token:t")

    then.carries("app:shop:new", "token:t")
    then.carries("app:shop:old")
    then.nothing_is_quarantined()


def test_nothing_is_decided_about_who_was_erased(story: Story, then: Then) -> None:
    """The link between two ids is withdrawn, and one of them is erased and comes back.

    She is somebody new: what was decided about the old one does not hold.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:ann")
    story.proves("app:shop:ann", "page:fan:ann")
    story.rejects("app:shop:ann", "page:fan:ann")
    then.apart("app:shop:ann", "page:fan:ann")
    story.erases("app:shop:ann")
    then.nobody("app:shop:ann")

    story.sees("app:shop:ann")
    story.proves("app:shop:ann", "page:fan:ann")

    then.one_person("app:shop:ann", "page:fan:ann")


def test_a_decision_ends_with_the_ownership_it_was_made_under(
    story: Story, then: Then
) -> None:
    """The fan Page is lost and bought back after a link with it was withdrawn.

    Its ids are known anew, and so is what is proved about them.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:ann")
    story.proves("app:shop:ann", "page:fan:ann")
    story.rejects("app:shop:ann", "page:fan:ann")
    then.apart("app:shop:ann", "page:fan:ann")
    story.transfers("page:fan", None)
    then.nobody("page:fan:ann")
    story.transfers("page:fan", ACME)
    story.sees("page:fan:ann")
    story.proves("app:shop:ann", "page:fan:ann")

    then.one_person("app:shop:ann", "page:fan:ann")
