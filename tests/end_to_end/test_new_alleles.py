"""`gems run` on the two samples of the simulated MiSeq run that carry a new allele."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gems_reference.build import build_library
from gems_reference.sources import material_of_path

SAMPLES = "K15910[25]-*"
RUN_SECONDS = 280


@pytest.fixture(scope="module")
def release(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library of release 3.33.0."""
    folder = tmp_path_factory.mktemp("release") / "library"
    build_library(material_of_path(shared_data / "imgt-3330", None, None), folder)
    return folder


@pytest.mark.data
def test_both_new_alleles_are_listed_with_their_place_bases_and_amino_acids(
    release: Path, shared_data: Path, typer_jar: Path, cache: Path, tmp_path: Path
) -> None:
    run = shared_data / "miseq-dev"
    command = [sys.executable, "-c", "from gems_cli.main import main; main()", "run", run, "--samples", SAMPLES]
    command += ["--library", release, "--panel", run / "panel.tsv", "--typer-jar", typer_jar, "-o", tmp_path / "out"]
    ended = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, "GEMS_CACHE": str(cache), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    report = json.loads((tmp_path / "out" / "report.json").read_bytes())
    printed = " ".join(ended.stdout.split())
    for sample, (allele, change) in new_alleles(run / "truth.tsv").items():
        (found,) = next(one["unexplained"] for one in report["samples"] if one["sample"] == sample)
        held = json.loads((tmp_path / "out" / "samples" / sample / "typing.json").read_bytes())
        assert held["unexplained"] == [found]
        assert found["verdict"] == "new_allele"
        assert found["best_match"]["allele"].startswith(allele)
        (difference,) = found["differences"]
        assert difference["change"] == change
        assert difference["effect"] == "non_synonymous"
        before, number, after = re.fullmatch(
            r"([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2})", difference["amino_acid_change"]
        ).groups()  # type: ignore[union-attr]
        bases = change.replace("exon", "exon ")
        assert f"{sample} B: {found['reads']} pairs" in printed
        assert f"{bases}, codon {number} {before}>{after}" in printed


def new_alleles(truth: Path) -> dict[str, tuple[str, str]]:
    """Sample to its new allele: three fields of the nearest allele, and the change."""
    with truth.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["novel"]]
    assert len(rows) == 2
    told = {row["sample"]: row["novel"].split(" ", 1) for row in rows}
    return {sample: (":".join(name.split(":")[:3]), change) for sample, (name, change) in told.items()}
