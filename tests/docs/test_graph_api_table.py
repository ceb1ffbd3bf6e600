"""docs/graph-api.md: what Meta's documents say, and proof that it is kept to."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import pytest

from idweave_adapters.graph_api.classify import NO_CODE, RULES
from idweave_adapters.simulator import Rules
from idweave_streams.settings import Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "graph-api.md").read_text(encoding="utf-8")
ADAPTERS = ROOT / "adapters" / "idweave_adapters"

NOTHING_TO_DO = "–"  # noqa: RUF001 - the dash of the table
HEADS = {"What the document says", "Fact"}
SURE = {"documented", "seen", "assumed"}

MATCHING = "Messenger ID Matching"
MAPPING = "Business Mapping API (Mapping Users Across Apps)"
JAPANESE = "Mapping users between Messenger apps and bots (Japanese page)"
PAGE_SCOPED = "Page-Scoped ID API"
BEYOND = "Beyond these documents"

CHECKLIST: Mapping[str, frozenset[str]] = {
    MATCHING: frozenset({
        # nodes, edges, parameters
        "/{user-psid}/ids_for_apps", "/{user-asid}/ids_for_apps",
        "/{user-psid}/ids_for_pages", "/{user-asid}/ids_for_pages",
        "GET /{user-asid}?fields=name,age_range,ids_for_apps,ids_for_pages",
        "GET /{user-psid}?fields=name,is_payment_enabled,ids_for_apps,ids_for_pages",
        "`access_token`", "`appsecret_proof`", "`app`", "`page`", "app=380374449010653",
        # answers
        "`name`", "`age_range`", "`min`", "`is_payment_enabled`", "`data`", "`paging`", "`id`",
        "`category`", "`link`", "`namespace`",
        # rules
        "same business", "Policy", "service provider", "#200",
        "Your business is currently going through review to access this API.",
    }),
    MAPPING: frozenset({
        "Test Apps", "Limited Login", "PSIDs",
        "GET /me?fields=token_for_business", "`token_for_business`", "`id`",
        "app's token", "user token", "owning business changes", "error", "not an id",
        "all API versions",
        "`signed_request`", "`algorithm`", "`HMAC-SHA256`", "`expires`", "`issued_at`",
        "`oauth_token`", "`user_id`", "absent",
        "GET /me/ids_for_business", "`ids_for_business`", "`app`", "`name`", "`namespace`",
        "3 of 5 apps", "one business at a time", "removed from one business",
    }),
    JAPANESE: frozenset({
        "`{user-id}`", "48 hours", "`ids_for_apps`", "`ids_for_pages`", "`appsecret_proof`",
        "`app`", "`page`", "Page token", "one business", "Policy", "service providers",
        "(#200)", "10152368852405295",
    }),
    PAGE_SCOPED: frozenset({
        "v7.0+", "May 5th, 2021", "May 1st, 2018", "App Review", "180 days",
        "Convert to PSIDs", "`POST`", "`/pages_id_mapping`", "`access_token`",
        "`appsecret_proof`", "`ignore_invalid_ids`", "default false", "`error_data`",
        "`user_ids`", "up to 200", "comma", "incomplete", "of another app", "Test Pages",
        "Up to 5 ", "5M", "1% of the fans", "exceeds the rate limit",
        "more than 200", "Page access token is needed", "not allowed",
    }),
}  # fmt: skip
"""What a reader of each document would look for."""


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    section: str
    cells: tuple[str, ...]

    @property
    def says(self) -> str:
        return self.cells[0]

    @property
    def files(self) -> tuple[str, str]:
        """The cells of client and simulator."""
        return self.cells[-3], self.cells[-2]

    @property
    def tests(self) -> list[str]:
        return quoted(self.cells[-1])


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def rows() -> Iterator[Row]:
    section = ""
    for line in TEXT.splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        if not line.startswith("| "):
            continue
        cells = re.split(r"(?<!\\)\|", line.strip("| "))
        row = Row(section, tuple(each.strip() for each in cells))
        if row.says not in HEADS:
            yield row


ROWS = list(rows())
EACH = [pytest.param(row, id=f"{n}: {row.says[:40]}") for n, row in enumerate(ROWS)]


def of(section: str) -> list[Row]:
    return [row for row in ROWS if row.section == section]


@cache
def names_in(file: Path) -> frozenset[str]:
    """The names of all tests of a file; of a parametrised test without its brackets."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(
        each.name
        for each in ast.walk(tree)
        if isinstance(each, kinds) and each.name.startswith("test_")
    )


def test_each_document_has_its_table() -> None:
    """And what is relied on besides has one too."""
    sections = list(dict.fromkeys(row.section for row in ROWS))

    assert sections == [MATCHING, MAPPING, JAPANESE, PAGE_SCOPED, BEYOND]


@pytest.mark.parametrize("row", EACH)
def test_each_row_is_proved_by_tests_that_exist(row: Row) -> None:
    """Named as pytest names them."""
    assert row.tests
    for node in row.tests:
        name, _, test = node.partition("::")
        assert name.startswith("tests/")
        assert (ROOT / name).is_file(), name
        assert test in names_in(ROOT / name), node


@pytest.mark.parametrize("row", EACH)
def test_each_row_names_the_code_that_keeps_to_it(row: Row) -> None:
    """On one side at least, and all of it is there."""
    for cell in row.files:
        assert quoted(cell) or cell == NOTHING_TO_DO
        for name in quoted(cell):
            base = ROOT if name.startswith(("graph/", "streams/")) else ADAPTERS
            assert (base / name).is_file(), name

    assert set(row.files) != {NOTHING_TO_DO}


@pytest.mark.parametrize("section", CHECKLIST)
def test_each_identifier_of_a_document_has_a_row(section: str) -> None:
    """Endpoints, parameters, fields, texts and numbers."""
    told = "\n".join(row.says for row in of(section))

    missing = {each for each in CHECKLIST[section] if each not in told}
    assert not missing


def test_no_row_is_there_twice() -> None:
    """Each statement of a document is one row."""
    counts = Counter((row.section, row.says) for row in ROWS)

    assert max(counts.values()) == 1


def test_it_is_said_how_sure_each_further_fact_is() -> None:
    """In one of three words."""
    assert {row.cells[1].partition(" (")[0] for row in of(BEYOND)} == SURE


def test_each_assumption_of_the_simulator_is_told() -> None:
    """Its rules are all here, and no others."""
    told = set(re.findall(r"`Rules\.(\w+)`", TEXT))

    assert told == {each.name for each in fields(Rules)}


def test_each_named_setting_exists() -> None:
    """An operator can change it."""
    named = set(re.findall(r"[Ss]etting `(\w+)`", TEXT))

    assert named
    assert named <= set(Settings.model_fields)


def test_each_error_number_that_is_known_is_told() -> None:
    """By itself or inside a stated range."""
    told = " ".join(row.says for row in of(BEYOND))
    ranges = [range(int(a), int(b) + 1) for a, b in re.findall(r"(\d+) to (\d+)", told)]
    numbers = {int(each) for each in re.findall(r"\d+", told)}
    known = {each for rule in RULES for each in rule.codes | rule.subcodes} - {NO_CODE}

    unsaid = {n for n in known - numbers if not any(n in each for each in ranges)}
    assert not unsaid
