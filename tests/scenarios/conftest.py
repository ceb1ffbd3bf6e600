"""Each story is told several times: as it stands, with repetitions, in other orders."""

from collections.abc import Iterator

import pytest
from tests.scenarios.manner import IN_ANY_ORDER, IN_ORDER, Manner
from tests.scenarios.story import Story
from tests.scenarios.then import Then

ORDER_MATTERS = "order_matters"


def pytest_configure(config: pytest.Config) -> None:
    """Announce the mark of stories whose messages may not be reordered."""
    text = f"{ORDER_MATTERS}(why): a story that is not told in any order"
    config.addinivalue_line("markers", text)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the manners in which a story is told."""
    if "manner" in metafunc.fixturenames:
        is_fixed = metafunc.definition.get_closest_marker(ORDER_MATTERS) is not None
        manners = IN_ORDER if is_fixed else [*IN_ORDER, *IN_ANY_ORDER]
        metafunc.parametrize("manner", manners, ids=[each.name for each in manners])


@pytest.fixture
def story(manner: Manner) -> Iterator[Story]:
    """A story that begins. In the end its log, read again, must give the same graph."""
    told = Story(manner)
    yield told
    told.settle()
    again = told.rebuilt()
    assert (again.persons, again.index) == (told.graph.persons, told.graph.index)


@pytest.fixture
def then(story: Story) -> Then:
    """Looks at the story."""
    return Then(story)
