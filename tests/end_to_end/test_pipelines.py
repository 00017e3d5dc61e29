"""The Snakemake rules and the Nextflow modules of pipelines/, run by Snakemake and by Nextflow themselves."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tiny_run import TinyRun

from gems_artefacts.bundle import SOURCE_ROOT
from gems_artefacts.cache import cache_folder
from gems_core import __version__

PIPELINES = SOURCE_ROOT / "pipelines"
TOOLS = cache_folder() / "pipelines"
SAMPLES = 3
FETCH = "run `make pipelines`"


@dataclass(frozen=True)
class Site:
    """A folder of somebody who runs pipelines, with the tiny run's library, panel and reads."""

    folder: Path
    run: TinyRun
    jar: Path

    @property
    def samples(self) -> list[str]:
        return sorted(self.run.truth)[:SAMPLES]

    def reads(self, sample: str) -> tuple[Path, Path]:
        read_1, read_2 = sorted(self.run.reads.glob(f"{sample}_*.fastq.gz"))
        return read_1, read_2

    @property
    def options(self) -> str:
        return f"--library {self.run.library} --panel {self.run.panel} --typer-jar {self.jar}"

    def cut(self, sample: str) -> Path:
        """A copy of a sample's R2 that ends early."""
        path = self.folder / "cut_R2.fastq.gz"
        path.write_bytes(self.reads(sample)[1].read_bytes()[:-200])
        return path

    def call(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        gems = Path(shutil.which("gems", path=str(SOURCE_ROOT / ".venv" / "bin")) or "gems").parent
        environment = {
            **os.environ,
            "PATH": f"{gems}:{os.environ['PATH']}",
            "NXF_OFFLINE": "true",
            "NXF_ANSI_LOG": "false",
        }
        environment |= {"NXF_HOME": str(self.folder / "nextflow-home")}
        return subprocess.run(
            list(map(str, command)), cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def at(typer_jar: Path, tiny_run: TinyRun, tmp_path: Path) -> Site:
    return Site(tmp_path, tiny_run, typer_jar)


def calls(report: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    document: dict[str, Any] = json.loads(report.read_bytes())
    return {
        sample["sample"]: {
            locus["locus"]: tuple(sorted(allele["name"] for allele in locus["alleles"]))
            for locus in sample["loci"]
            if locus["alleles"]
        }
        for sample in document["samples"]
    }


def snakemake(at: Site, reads: dict[str, tuple[Path, Path]]) -> subprocess.CompletedProcess[str]:
    program = TOOLS / "snakemake" / "bin" / "snakemake"
    if not program.exists():
        pytest.skip(f"needs {program}; {FETCH}")
    for name in ("Snakefile", "gems.smk"):
        shutil.copy(PIPELINES / "snakemake" / name, at.folder)
    samples = {name: {"r1": str(first), "r2": str(second)} for name, (first, second) in reads.items()}
    (at.folder / "config.yaml").write_text(yaml.safe_dump({"gems": {"samples": samples, "options": at.options}}))
    return at.call(program, "--cores", "2", "--keep-going", "--rerun-triggers", "mtime")


def test_snakemake_types_samples_and_goes_on_where_one_failed(at: Site) -> None:
    reads = {sample: at.reads(sample) for sample in at.samples}
    good, (broken, files) = list(reads)[1:], next(iter(reads.items()))
    failed = snakemake(at, {**reads, broken: (files[0], at.cut(broken))})
    assert failed.returncode == 1
    assert sorted(path.name for path in (at.folder / "gems" / "samples").iterdir()) == good
    assert "cut_R2.fastq.gz" in (at.folder / "gems" / "logs" / f"{broken}.log").read_text()
    typed_at = (at.folder / "gems" / "samples" / good[0]).stat().st_mtime_ns
    resumed = snakemake(at, reads)
    assert resumed.returncode == 0, resumed.stderr
    assert (at.folder / "gems" / "samples" / good[0]).stat().st_mtime_ns == typed_at
    expected = {sample: at.run.truth[sample] for sample in at.samples}
    assert calls(at.folder / "gems" / "run" / "report.json") == expected


def nextflow(at: Site, reads: dict[str, tuple[Path, Path]], *options: str) -> subprocess.CompletedProcess[str]:
    jars = sorted(TOOLS.glob("nextflow-*"))
    if not jars:
        pytest.skip(f"needs Nextflow in {TOOLS}; {FETCH}")
    shutil.copytree(PIPELINES / "nextflow", at.folder / "nextflow", dirs_exist_ok=True)
    with (at.folder / "samples.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("sample", "r1", "r2"), *((name, *pair) for name, pair in reads.items())])
    (at.folder / "nextflow.config").write_text(
        f"process {{ withName: GEMS_TYPE {{ ext.args = '--typer-jar {at.jar}' }} }}\n"
    )
    command = [
        "java",
        "-cp",
        f"{jars[-1]}/*",
        "nextflow.cli.Launcher",
        "run",
        "nextflow/main.nf",
        "--input",
        "samples.csv",
    ]
    return at.call(*command, "--library", at.run.library, "--panel", at.run.panel, *options)


def results(at: Site, pattern: str) -> list[Path]:
    return sorted((at.folder / "work").glob(f"*/*/{pattern}"))


def test_nextflow_types_samples_and_makes_one_report_of_all(at: Site) -> None:
    reads = {sample: at.reads(sample) for sample in at.samples}
    broken = at.samples[0]
    failed = nextflow(at, {**reads, broken: (reads[broken][0], at.cut(broken))})
    assert failed.returncode != 0
    done = nextflow(at, reads, "-resume")
    assert done.returncode == 0, done.stdout
    (report,) = results(at, "run/report.json")
    assert calls(report) == {sample: at.run.truth[sample] for sample in at.samples}
    told = {path.read_text() for path in results(at, "versions.yml")}
    assert told == {f'"{process}":\n    gems: {__version__}\n' for process in ("GEMS_TYPE", "GEMS_REPORT")}


def test_nextflows_stubs_make_what_the_modules_promise(at: Site) -> None:
    done = nextflow(at, {sample: at.reads(sample) for sample in at.samples}, "-stub-run")
    assert done.returncode == 0, done.stdout
    assert len(results(at, "*/samples/*/typing.json")) == SAMPLES
    assert len(results(at, "run/report.html")) == 1


@pytest.mark.parametrize("module", ["type", "report"])
def test_a_modules_description_names_each_of_its_channels(module: str) -> None:
    folder = PIPELINES / "nextflow" / "modules" / "gems" / module
    described = yaml.safe_load((folder / "meta.yml").read_text())
    emitted = [part.split(",")[0].strip() for part in (folder / "main.nf").read_text().split("emit:")[1:]]
    assert list(described["output"]) == [name.splitlines()[0].strip() for name in emitted]
