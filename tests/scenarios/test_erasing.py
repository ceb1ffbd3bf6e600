"""What is left when somebody is forgotten, and who comes back."""

from tests.scenarios.story import Story
from tests.scenarios.then import Then


def test_who_loses_their_founder_keeps_their_name(story: Story, then: Then) -> None:
    """The id that Ann's person is named after is erased.

    Her other ids go by the same person id, so nobody has to learn a new one.
    """
    story.sees("app:shop:ann")
    story.proves("app:shop:ann", "app:game:ann")
    story.proves("app:game:ann", "page:fan:ann")
    name = then.person_of("app:shop:ann")
    then.events("created", "linked", "linked")

    story.erases("app:shop:ann")

    then.one_person("app:game:ann", "page:fan:ann")
    then.is_called("page:fan:ann", name)
    then.nobody("app:shop:ann")
    then.receipt("R1", ids=1)
    then.events("erased:requested")


def test_who_loses_their_middle_falls_apart(story: Story, then: Then) -> None:
    """The game's id holds the shop's and the Page's together, and is erased.

    The older part keeps the name; the other one has again the name it once had.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:ann")
    older, younger = then.person_of("app:shop:ann"), then.person_of("page:fan:ann")
    story.proves("app:shop:ann", "app:game:ann")
    story.proves("app:game:ann", "page:fan:ann")
    then.one_person("app:shop:ann", "app:game:ann", "page:fan:ann")
    then.events("created", "created", "linked", "merged")

    story.erases("app:game:ann")

    then.apart("app:shop:ann", "page:fan:ann")
    then.is_called("app:shop:ann", older)
    then.is_called("page:fan:ann", younger)
    then.events("split:requested", "split:requested")


def test_who_was_erased_and_comes_back_is_somebody_new(
    story: Story, then: Then
) -> None:
    """Ann wants to be forgotten, everywhere at this business; a year later she is back.

    Nothing leads from the old person to the new one.
    """
    story.sees("app:shop:ann")
    story.answers("app:shop:ann", "app:game:ann", "page:fan:ann")
    name = then.person_of("app:shop:ann")
    story.erases_person("page:fan:ann")
    then.nobody("app:shop:ann", "app:game:ann", "page:fan:ann")
    then.not_looked_up("app:shop:ann")
    then.receipt("R1", ids=3)
    then.events("created", "linked", "erased:requested")

    story.sees("app:shop:ann")

    then.one_person("app:shop:ann")
    then.is_somebody_new("app:shop:ann", name)
    then.lookup("app:shop:ann", "pending")
    then.events("created")


def test_what_was_learned_through_an_id_goes_with_it(story: Story, then: Then) -> None:
    """Only the answer to the shop's lookup has told of Ann's other ids.

    The shop's id is erased, and with it what it told.
    """
    story.sees("app:shop:ann")
    story.answers("app:shop:ann", "app:game:ann", "page:fan:ann")
    then.one_person("app:shop:ann", "app:game:ann", "page:fan:ann")

    story.erases("app:shop:ann")

    then.nobody("app:shop:ann", "app:game:ann", "page:fan:ann")
    then.receipt("R1", ids=3)
    then.persons(0)


def test_who_was_seen_stays_when_the_one_who_named_them_goes(
    story: Story, then: Then
) -> None:
    """The game and the Page have seen Ann themselves; the shop's answer joined them.

    Without that answer nothing says that they are one, but each is still known.
    """
    story.sees("app:shop:ann")
    story.sees("app:game:ann")
    story.sees("page:fan:ann")
    story.answers("app:shop:ann", "app:game:ann", "page:fan:ann")
    then.one_person("app:shop:ann", "app:game:ann", "page:fan:ann")

    story.erases("app:shop:ann")

    then.apart("app:game:ann", "page:fan:ann")
    then.nobody("app:shop:ann")


def test_a_deletion_callback_that_comes_twice_counts_once(
    story: Story, then: Then
) -> None:
    """Meta sends the callback again, after Ann has come back.

    It is about who was known when it was asked for, so the new Ann stays.
    """
    story.sees("app:shop:ann")
    story.proves("app:shop:ann", "app:game:ann")
    then.one_person("app:shop:ann", "app:game:ann")
    story.erases_person("app:shop:ann", at=100, receipt="R7")
    then.nobody("app:shop:ann", "app:game:ann")
    story.sees("app:shop:ann", at=200)
    then.one_person("app:shop:ann")
    then.events("created", "linked", "erased", "created")

    story.erases_person("app:shop:ann", at=100, receipt="R7")

    then.one_person("app:shop:ann")
    then.receipt("R7", ids=2)
    then.events()


def test_an_answer_for_who_was_erased_is_nobody_s(story: Story, then: Then) -> None:
    """The question was under way when its id was erased.

    The answer comes after that, and brings nobody back.
    """
    story.sees("app:shop:ann")
    then.one_person("app:shop:ann")
    asked = story.lookup("app:shop:ann")
    story.erases("app:shop:ann")
    then.nobody("app:shop:ann")

    story.answers("app:shop:ann", "app:game:ann", to=asked)

    then.nobody("app:shop:ann", "app:game:ann")
    then.not_looked_up("app:shop:ann")


def test_whose_lookup_was_answered_is_forgotten_there_too(
    story: Story, then: Then
) -> None:
    """Each of Ann's ids was asked about; the whole person is erased by one of them.

    All of their lookups go, so a later event asks anew.
    """
    story.sees("app:shop:ann")
    story.sees("page:fan:ann")
    story.answers("app:shop:ann", "page:fan:ann")
    story.answers("page:fan:ann", "app:shop:ann")
    then.one_person("app:shop:ann", "page:fan:ann")

    story.erases_person("page:fan:ann")

    then.nobody("app:shop:ann", "page:fan:ann")
    then.not_looked_up("app:shop:ann")
    then.not_looked_up("page:fan:ann")


def test_erasing_who_was_never_known_is_done(story: Story, then: Then) -> None:
    """Somebody asks to forget an id that no event has ever named.

    They get their receipt, of nobody; and nobody is told anything.
    """
    story.erases("app:shop:ann", receipt="R9")

    then.receipt("R9", ids=0)
    then.events()


def test_a_deauthorized_user_is_not_asked_about(story: Story, then: Then) -> None:
    """Ann takes the app away while her lookup is under way.

    She is still known, the answer does not count, and her next login asks again.
    """
    story.sees("app:shop:ann")
    asked = story.lookup("app:shop:ann")
    story.deauthorizes("app:shop:ann")
    story.answers("app:shop:ann", "app:game:ann", to=asked)
    then.one_person("app:shop:ann")
    then.lookup("app:shop:ann", "failed", "deauthorized")

    story.sees("app:shop:ann")
    then.lookup("app:shop:ann", "pending")
    story.answers("app:shop:ann", "app:game:ann")
    then.one_person("app:shop:ann", "app:game:ann")


def test_two_requests_of_one_person_are_two_receipts(story: Story, then: Then) -> None:
    """Ann asks two apps to forget her, and both of them pass it on.

    The first one finds her ids, the second one finds that nothing is left.
    """
    story.sees("app:shop:ann")
    story.sees("app:game:ann")
    story.proves("app:shop:ann", "app:game:ann")
    then.one_person("app:shop:ann", "app:game:ann")
    story.erases_person("app:shop:ann", receipt="R1")
    then.receipt("R1", ids=2)

    story.erases_person("app:game:ann", receipt="R2")

    then.receipt("R2", ids=0)
    then.persons(0)
