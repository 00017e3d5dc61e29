"""What MultiQC shows of a run, and GL Strings by the line."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from report_builders import allele, contract_report, locus, report_of, sample_of

from gems_report.formats import gl_report, multiqc_report
from gems_report.model import Report, failed_sample

MULTIQC = os.environ.get("GEMS_MULTIQC", "")


def report() -> Report:
    return report_of(*contract_report().samples, failed_sample("S2", "R2 is cut"))


def stats() -> dict[str, Any]:
    return dict(json.loads(multiqc_report.render_stats(report())))


def test_the_general_statistics_have_a_row_a_sample_with_the_columns_of_the_head() -> None:
    found = stats()
    assert found["plot_type"] == "generalstats"
    assert list(found["data"]) == ["K000001-SYNTHETIC", "S2"]
    assert set(found["data"]["K000001-SYNTHETIC"]) == set(found["headers"])
    assert (found["data"]["K000001-SYNTHETIC"]["used"], found["data"]["S2"]) == (30.0, {"verdict": "FAIL"})


def test_the_calls_are_a_table_in_which_flagged_ones_are_marked() -> None:
    found = json.loads(multiqc_report.render_calls(report()))
    assert found["plot_type"] == "table"
    assert list(found["data"]) == ["K000001-SYNTHETIC"]
    assert found["data"]["K000001-SYNTHETIC"]["A"] == "A*02:01+A*03:01 !"
    assert set(found["data"]["K000001-SYNTHETIC"]) <= set(found["headers"])


@pytest.mark.skipif(not MULTIQC, reason="GEMS_MULTIQC names no multiqc program")
def test_multiqc_shows_both(tmp_path: Path) -> None:
    (tmp_path / "report.stats_mqc.json").write_bytes(multiqc_report.render_stats(report()))
    (tmp_path / "report.calls_mqc.json").write_bytes(multiqc_report.render_calls(report()))
    subprocess.run([MULTIQC, ".", "-o", "out", "--no-version-check"], cwd=tmp_path, check=True, capture_output=True)
    shown = tmp_path / "out" / "multiqc_data"
    assert "REVIEW" in (shown / "multiqc_general_stats.txt").read_text()
    assert "A*02:01+A*03:01 !" in (shown / "multiqc_gems_calls_table.txt").read_text()


def test_a_gl_string_names_its_release_and_joins_copies_of_one_gene_only() -> None:
    drb = locus("DRB345", "heterozygous", [allele("DRB3*01:01"), allele("DRB4*01:03")], "DRB3*01:01+DRB4*01:03")
    call = locus("A", "homozygous", [allele("A*02:01")], "A*02:01+A*02:01")
    text = gl_report.render(report_of(sample_of("S\t1", call, drb), failed_sample("S2", "cut"))).decode()
    assert text == "S 1\thla#0.0.1#HLA-A*02:01+HLA-A*02:01^HLA-DRB3*01:01^HLA-DRB4*01:03\nS2\t\n"
