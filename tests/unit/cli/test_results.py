"""Bringing reports home: one that could not be made leaves the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gems_cli.exits import ApiRefused
from gems_cli.run.results import fetch_results
from gems_core.layout import REPORT_FORMATS

SESSION = "reads-run1-class-1-261123-12:00:0123456789"


class Client:
    """An API that has some formats and refuses the others."""

    def __init__(self, *there: str, status: int = 404) -> None:
        self.there, self.status = there, status

    def report(self, session_key: str, extension: str) -> bytes:
        if extension not in self.there:
            raise ApiRefused(self.status, f"no report.{extension}")
        return extension.encode()


class EmptyBucket:
    def get_paginator(self, name: str) -> EmptyBucket:
        return self

    def paginate(self, **where: str) -> list[dict[str, Any]]:
        return []


def fetch(client: Client, output: Path) -> None:
    output.mkdir()
    job = {"session_key": SESSION, "bucket": "b", "prefix": "p", "report": {"json": "https://..."}}
    fetch_results(client, EmptyBucket(), job, output)  # type: ignore[arg-type]


def test_a_report_that_could_not_be_made_leaves_the_others(tmp_path: Path) -> None:
    there = [extension for extension in REPORT_FORMATS if extension != "pdf"]
    fetch(Client(*there), tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"report.{extension}" for extension in there}


def test_without_report_json_nothing_is_brought_home(tmp_path: Path) -> None:
    with pytest.raises(ApiRefused):
        fetch(Client("csv"), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_another_refusal_than_a_missing_report_is_told(tmp_path: Path) -> None:
    with pytest.raises(ApiRefused):
        fetch(Client("json", status=401), tmp_path / "out")
