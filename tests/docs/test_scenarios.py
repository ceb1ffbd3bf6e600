"""The page of scenarios is what the tests tell."""

from tests.scenarios.index import DOCUMENT, FILES, HERE, document


def test_the_page_is_made_of_the_stories() -> None:
    """Else: `python -m tests.scenarios.index > docs/scenarios.md`."""
    assert DOCUMENT.read_text() == document()


def test_no_file_of_stories_is_left_out() -> None:
    assert {f"test_{name}.py" for name in FILES} == {
        path.name for path in HERE.glob("test_*.py")
    }
