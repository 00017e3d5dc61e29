"""docs/reports.md names every file, column, level and relation."""

from __future__ import annotations

from pathlib import Path

import pytest

from gems_core.layout import REPORT_FORMATS
from gems_report.compare import Relation
from gems_report.formats.csv_report import COLUMNS, REVIEW_COLUMNS
from gems_report.naming import Level

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "reports.md").read_text()


@pytest.mark.parametrize("extension", REPORT_FORMATS)
def test_every_file_is_told_where_it_is_asked_for(extension: str) -> None:
    assert f"`report.{extension}`" in TEXT
    assert extension in (DOCS / "contracts.md").read_text()
    assert extension in (DOCS / "api.md").read_text()
    assert f"`{extension}`" in (DOCS / "cli.md").read_text() or extension == "csv"


@pytest.mark.parametrize("column", [*COLUMNS, *REVIEW_COLUMNS])
def test_every_column_of_the_csv_is_told(column: str) -> None:
    assert f"`{column}`" in TEXT


@pytest.mark.parametrize("word", [*(f"`{level}`" for level in Level), *Relation])
def test_every_level_and_relation_is_told(word: str) -> None:
    assert word in TEXT
