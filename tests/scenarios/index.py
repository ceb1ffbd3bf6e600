"""Writes the stories down for readers: `python -m tests.scenarios.index`."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "scenarios.md"

FILES = (
    "joining",
    "contradictions",
    "parting",
    "bans",
    "deciding",
    "erasing",
    "remembering",
    "owners",
    "boundary",
    "asking",
    "consumers",
    "pipeline",
)
"""In the order of the document; all files with stories are here."""

NAMES = {"meta": "Meta", "page": "Page"}
"""Written large, unlike in the name of a function."""

INTRODUCTION = """\
# Scenarios

What happens when …: the rules by example, each a story in two or three sentences.
This page is made of the stories that the tests tell, in `tests/scenarios`; each runs as it stands, with every message repeated, and where it says nothing else in other orders.

They take place at Acme, which owns the apps *shop* and *game* and the Pages *fan* and *help*, at its rival, and at an agency that works for both.
"""


def document() -> str:
    """Return the page: a chapter for each file, an entry for each story."""
    chapters = [INTRODUCTION]
    for name in FILES:
        module = ast.parse((HERE / f"test_{name}.py").read_text())
        title = (ast.get_docstring(module) or "").rstrip(".")
        chapters.append(f"## {title}\n\n" + "\n".join(_stories(module)) + "\n")
    return "\n".join(chapters)


def _stories(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("test_"):
            rule = _rule(node.name)
            story = " ".join(dedent(ast.get_docstring(node) or "").split())
            yield f"- **{rule[0].upper()}{rule[1:]}.**\n  {_lines(story)}"


def _rule(name: str) -> str:
    words = name.removeprefix("test_").split("_")
    told = " ".join(NAMES.get(word, word) for word in words)
    return re.sub(r" s\b", "'s", told)


def _lines(story: str) -> str:
    """One sentence a line, as in all pages."""
    return story.replace(". ", ".\n  ")


if __name__ == "__main__":
    sys.stdout.write(document())
