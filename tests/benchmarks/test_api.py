"""The benchmark in small: it asks everything, whatever the machine's speed."""

from benchmarks.api import BARE, measured, questions, served


async def test_every_question_is_answered_as_it_should_be() -> None:
    """Another status would end it; what the server worked for each is known."""
    async with served(400) as ground:
        asked = [BARE, *questions(ground)]

        found = [await measured(ground, question, 20, 2) for question in asked]

    assert ground.persons == 100
    assert [each.name for each in found] == [question.name for question in asked]
    assert all(each.spread.count >= 2 for each in found)
    assert all(each.cpu_ms > 0 for each in found)
