"""The files that code hosts and tools read about the project are whole, and name what is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FORMS = [path for path in sorted(ROOT.glob(".github/ISSUE_TEMPLATE/*.yml")) if path.name != "config.yml"]


def read(path: str | Path) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def test_hooks_run_what_the_virtualenv_has_and_the_gate_runs_too() -> None:
    hooks = [hook for repo in read(".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    pinned = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    for hook in hooks:
        (program,) = re.findall(r"\.venv/bin/([a-z-]+)", hook["entry"])
        assert program == "python" or re.search(rf"^{program}(-py)?==", pinned, re.M), hook["id"]
    gate = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(tool in gate for tool in ("ruff format", "ruff check", "shellcheck", "-m prose"))


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_forms_of_issues_ask_for_something(form: Path) -> None:
    document = read(form)
    assert {"name", "description", "body"} <= set(document)
    fields = [part for part in document["body"] if part["type"] != "markdown"]
    assert len({part["id"] for part in fields}) == len(fields) > 0
    assert all(part["attributes"]["label"] or part["type"] == "checkboxes" for part in fields)


def test_the_citation_has_what_its_format_asks_for() -> None:
    citation = read("CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["license"] in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_actions_run_the_script_that_people_run() -> None:
    steps = read(".github/workflows/ci.yml")["jobs"]["test"]["steps"]
    assert {"run": ".ci/run"} in steps
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in steps if "uses" in step)


def test_the_changelog_has_sections_that_a_release_can_close() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (.*)$", text, re.M)
    assert sections
    assert all(
        re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+ (\(unreleased\)|\(?[0-9]{4}-[0-9]{2}-[0-9]{2}\)?)", name)
        for name in sections
    )
    assert set(re.findall(r"^### (.*)$", text, re.M)) <= {"Added", "Changed", "Fixed", "Removed", "Results", "Security"}
