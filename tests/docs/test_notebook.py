"""The notebook of questions answers them, over any snapshot that has tables."""

import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from tests.streams.explaining.stories import CONTRADICTED, TOGETHER
from tests.support.snapshots import exported

from idweave_streams.state.wanted import Wanted

PATH = Path(__file__).parents[2] / "docs" / "notebooks" / "questions.ipynb"


@pytest.fixture
def notebook() -> nbformat.NotebookNode:
    found = nbformat.read(PATH, as_version=4)  # type: ignore[no-untyped-call]
    assert isinstance(found, nbformat.NotebookNode)
    return found


def test_the_notebook_is_committed_without_outputs(
    notebook: nbformat.NotebookNode,
) -> None:
    """They would hold people's ids, and differ each time."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]

    assert len(cells) == 11
    assert all(cell.outputs == [] for cell in cells)
    assert all(cell.execution_count is None for cell in cells)


async def test_every_question_is_answered(
    notebook: nbformat.NotebookNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each cell behind the first has an answer, and the answers are right."""
    exported(tmp_path / "snapshot", CONTRADICTED, Wanted(("parquet", "graphml")))
    monkeypatch.setenv("SNAPSHOT", str(tmp_path / "snapshot"))
    for name in ("IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))

    await client(notebook).async_execute()

    answers = answers_of(notebook)
    assert "901" in answers[0]
    assert "ids_for_pages" in answers[4]
    assert "3 persons, 2 ids that hold one together" in answers[9]


async def test_a_snapshot_may_lack_what_is_asked_for(
    notebook: nbformat.NotebookNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody was merged, and nothing contradicts itself."""
    exported(tmp_path / "snapshot", TOGETHER[:1], Wanted(("parquet", "graphml")))
    monkeypatch.setenv("SNAPSHOT", str(tmp_path / "snapshot"))
    for name in ("IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))

    await client(notebook).async_execute()

    assert "1 persons, 0 ids" in answers_of(notebook)[9]


def answers_of(notebook: nbformat.NotebookNode) -> list[str]:
    """What each cell behind the first has printed."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    answers = ["".join(out["text"] for out in cell.outputs) for cell in cells[1:]]
    assert len(answers) == 10
    assert all(answers)
    return answers


def client(notebook: nbformat.NotebookNode) -> NotebookClient:
    """Run it with the interpreter of the tests, whatever kernels there are else."""
    found = NotebookClient(notebook, timeout=120, kernel_name="python3")
    found.km = found.create_kernel_manager()
    found.km.kernel_spec_manager = KernelSpecManager()
    spec = found.km.kernel_spec
    assert spec is not None
    spec.argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    return found
