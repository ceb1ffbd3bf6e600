"""docs/ingress.md tells of every address, and of no other."""

import re
from pathlib import Path

import pytest

from idweave_adapters.ingress import Limits
from idweave_adapters.ingress.routes import ROUTES
from idweave_adapters.ingress.wishes import MAX_AGE_S

DOCUMENT = (Path(__file__).parents[3] / "docs" / "ingress.md").read_text("utf-8")


def test_each_address_is_told_with_its_methods() -> None:
    """One row each, and none is left over."""
    told = re.findall(r"^\| `(GET|POST) (/[^`]*)` \|", DOCUMENT, re.MULTILINE)

    assert sorted(told) == sorted(
        (method, route.template) for route in ROUTES for method in route.methods
    )


@pytest.mark.parametrize(
    "limit",
    [
        f"{Limits().body_bytes >> 10} KiB",
        f"{Limits().form_bytes >> 10} KiB",
        f"{MAX_AGE_S // 86_400} days",
        f"{Limits().answer_s:g} s",
    ],
)
def test_the_limits_are_those_of_the_code(limit: str) -> None:
    assert limit in DOCUMENT
