"""What `gems run` says of a run before it shows the calls."""

from __future__ import annotations

import io
from typing import Any

import pytest
from quality_builders import NEGATIVE, flag, locus, person, report_of, typed, typing
from rich.console import Console

from gems_cli.run.calls import calls_view
from gems_cli.run.verdict import refusal_of, verdict_lines
from gems_report.formats.json_report import document_of
from gems_report.model import Report


def shown(report: Report) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(calls_view(document_of(report)))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def misfit() -> Report:
    entry = {"gene": "B", "verdict": "new_allele", "message": "B: a new allele"}
    reads = {"pairs": 1000, "used_pairs": 100, "filters": [{"name": "no_primer", "pairs": 900, "meaning": "no primer"}]}
    return report_of(
        typed(typing("K1", locus("A", "A*01:01"), locus("B", "B*07:02"), reads=reads, unexplained=[entry]))
    )


def test_the_verdict_and_the_counts_come_first() -> None:
    report = report_of(person("K1"), typed(typing("NTC")), plate={"NTC": NEGATIVE})
    assert shown(report).splitlines()[0] == "run: PASS, 1 sample: 1 PASS, 0 REVIEW, 0 FAIL, and 1 control"
    assert refusal_of(document_of(report)) == ""


def test_an_empty_negative_control_is_told_in_a_line_and_has_no_row_and_no_flags() -> None:
    empty = locus("A", flags=[flag("no_reads", pairs=0)])
    text = shown(report_of(person("K1"), typed(typing("NTC", empty)), plate={"NTC": NEGATIVE}))
    assert "NTC: The negative control has almost no reads, as it should." in text
    assert text.count("NTC") == 1


def test_a_panel_that_does_not_fit_is_said_first_and_no_new_allele_is_headlined() -> None:
    text = shown(misfit())
    assert text.startswith("Panel or library do not fit: 1 of 1 samples use under 50% of their pairs.")
    assert "B: a new allele" not in text
    assert "sequences that would be new alleles if panel and library fitted: K1 B" in text
    assert refusal_of(document_of(misfit())).startswith("Panel or library do not fit")


def test_a_negative_control_that_types_is_told_and_fails_the_run() -> None:
    report = report_of(person("K1"), person("NTC"), plate={"NTC": NEGATIVE})
    assert "NTC: The negative control was typed at A, B, C. Its alleles are those of K1." in " ".join(
        shown(report).split()
    )
    assert refusal_of(document_of(report)).startswith("the run is FAIL: NTC")


@pytest.mark.parametrize("report", [{"samples": []}, {"samples": [], "reasons": []}])
def test_a_report_of_older_workers_has_no_verdict(report: dict[str, Any]) -> None:
    assert list(verdict_lines(report)) == []
    assert refusal_of(report) == ""
