"""How one person becomes several, and one again."""

from tests.scenarios.story import Story
from tests.scenarios.then import Then


def test_merge_then_split_then_merge(story: Story, then: Then) -> None:
    """Ann links her account, ends that, and links it once more.

    Each part has the name it had before, and the whole the name of the older one.
    """
    story.sees("page:fan:ann")
    story.sees("app:shop:ann")
    older, younger = then.person_of("page:fan:ann"), then.person_of("app:shop:ann")
    story.sees("page:fan:ann", code="visit 1")
    story.sees("app:shop:ann", code="visit 1")
    then.one_person("page:fan:ann", "app:shop:ann")

    story.unlinks("page:fan:ann")
    then.apart("page:fan:ann", "app:shop:ann")
    then.is_called("page:fan:ann", older)
    then.is_called("app:shop:ann", younger)

    story.sees("page:fan:ann", code="visit 2")
    story.sees("app:shop:ann", code="visit 2")
    then.one_person("page:fan:ann", "app:shop:ann")
    then.is_called("app:shop:ann", older)
    then.stands_for("app:shop:ann", younger)


def test_linking_and_unlinking_many_times(story: Story, then: Then) -> None:
    """Ann can't make up her mind: eight times she links her account and ends it.

    It is always the same two persons or the same one.
    """
    story.sees("page:fan:ann")
    story.sees("app:shop:ann")
    older, younger = then.person_of("page:fan:ann"), then.person_of("app:shop:ann")
    for visit in range(8):
        story.sees("page:fan:ann", code=f"visit {visit}")
        story.sees("app:shop:ann", code=f"visit {visit}")
        then.one_person("page:fan:ann", "app:shop:ann")
        then.is_called("app:shop:ann", older)

        story.unlinks("page:fan:ann")
        then.is_called("page:fan:ann", older)
        then.is_called("app:shop:ann", younger)


def test_unlinking_leaves_what_meta_proves(story: Story, then: Then) -> None:
    """Ann linked her account, and Meta's answer says the same.

    She ends the linking: the business's word is taken back, Meta's still holds.
    """
    story.sees("page:fan:ann", code="visit 1")
    story.sees("app:shop:ann", code="visit 1")
    story.answers("page:fan:ann", "app:shop:ann")
    then.one_person("page:fan:ann", "app:shop:ann")

    story.unlinks("page:fan:ann")

    then.one_person("page:fan:ann", "app:shop:ann")
    then.no_event("split")


def test_an_end_of_linking_that_comes_early_counts(story: Story, then: Then) -> None:
    """The webhook of the end arrives before the one of the linking.

    The linking was over when it was told of, so nobody is joined.
    """
    story.sees("page:fan:ann", at=1)
    story.sees("app:shop:ann", at=40, code="visit 1")
    story.unlinks("page:fan:ann", at=50)
    story.sees("page:fan:ann", at=41, code="visit 1")

    then.apart("page:fan:ann", "app:shop:ann")
    then.no_event("merged")


def test_an_id_that_changes_its_token_keeps_the_first(story: Story, then: Then) -> None:
    """The shop's id carries one token, and another one later.

    A person has one token in a business: the second waits, and its other ids are apart.
    """
    story.sees("app:shop:ann", token="old")
    story.sees("app:shop:ann", token="new")
    story.sees("app:game:ann", token="new")

    then.apart("app:shop:ann", "app:game:ann")
    then.carries("app:shop:ann", "token:old")
    then.carries("app:game:ann", "token:new")
    then.quarantined("app:shop:ann", "token:new")


def test_what_falls_apart_comes_to_all_who_hung_on_it(story: Story, then: Then) -> None:
    """A linking holds two grown persons together.

    When it ends, each side keeps all that is proved for it otherwise.
    """
    story.sees("page:fan:ann", code="visit 1")
    story.sees("app:shop:ann", code="visit 1")
    story.proves("app:shop:ann", "app:game:ann")
    story.proves("page:fan:ann", "page:help:ann", by="ids_for_pages")
    then.one_person("app:shop:ann", "app:game:ann", "page:fan:ann", "page:help:ann")
    story.unlinks("page:fan:ann")

    then.one_person("app:shop:ann", "app:game:ann")
    then.one_person("page:fan:ann", "page:help:ann")
