"""`gems run`, as somebody at a terminal uses it."""

from __future__ import annotations

import csv
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cloud_site import processes_below
from tiny_run import TinyRun
from waiting import eventually

from gems_core.engines import ENGINES
from gems_reference.library import open_library
from gems_simulator.fragments import FragmentSettings, WholeGenes, write_fragments
from gems_simulator.genotypes import Genotype
from gems_simulator.run import Person
from gems_simulator.settings import RunSettings

GemsRun = Callable[..., "subprocess.Popen[str]"]
RUN_SECONDS = 120

# A shell's background jobs ignore Ctrl-C and hand that on, to tests too.
HEARING_INTERRUPTS = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from gems_cli.main import main
main()
"""


@pytest.fixture
def gems_run(tiny_run: TinyRun, typer_jar: Path, cache: Path, tmp_path: Path) -> GemsRun:
    """Starts `gems run` on a folder, with the tiny library, its temporary files below the test's own folder."""
    environment = {**os.environ, "GEMS_CACHE": str(cache), "TMPDIR": str(tmp_path)}

    def start(reads: Path, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HEARING_INTERRUPTS, "run", str(reads)]
        command += ["--library", str(tiny_run.library), "--panel", str(tiny_run.panel), "--typer-jar", str(typer_jar)]
        return subprocess.Popen(
            [*command, "-o", str(tmp_path / "out"), *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def end_of(process: subprocess.Popen[str]) -> tuple[int, str]:
    with process:
        output, _ = process.communicate(timeout=RUN_SECONDS)
        return process.returncode, output


def split_into_lanes(file: Path, folder: Path, lanes: int) -> None:
    """Write the records of a read file into one file a lane, in turn."""
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    records = [b"".join(lines[start : start + 4]) for start in range(0, len(lines), 4)]
    for lane in range(lanes):
        name = file.name.replace("_L001_", f"_L00{lane + 1}_")
        (folder / name).write_bytes(gzip.compress(b"".join(records[lane::lanes])))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_folder_of_reads_becomes_a_folder_of_results(
    gems_run: GemsRun, tiny_run: TinyRun, tmp_path: Path, engine: str
) -> None:
    reads = tmp_path / "my reads"
    reads.mkdir()
    for read in (1, 2):
        split_into_lanes(tiny_run.reads / f"TINY-01_S1_L001_R{read}_001.fastq.gz", reads, lanes=4)
        shutil.copy(tiny_run.reads / f"TINY-02_S2_L001_R{read}_001.fastq.gz", reads / f"TINY-02_{read}.fq.gz")
    code, output = end_of(gems_run(reads, "--engine", engine))
    assert code == 0, output
    assert "TINY-02_1.fq.gz is taken as TINY-02_S1_L001_R1_001.fastq.gz" in output
    assert "COMPLETE: 2 samples typed, 0 failed" in output
    out = tmp_path / "out"
    report = json.loads((out / "report.json").read_bytes())
    assert [sample["outcome"] for sample in report["samples"]] == ["typed", "typed"]
    rows = {(row["sample"], row["locus"]): row for row in csv.DictReader((out / "report.csv").read_text().splitlines())}
    for sample in ("TINY-01", "TINY-02"):
        for locus, alleles in tiny_run.truth[sample].items():
            assert tuple(sorted((rows[sample, locus]["allele_1"], rows[sample, locus]["allele_2"]))) == alleles
        assert json.loads((out / "samples" / sample / "typing.json").read_bytes())["sample"] == sample
        assert (out / "samples" / sample / "unexplained.fasta").exists()
    assert gzip.decompress((out / "report.xml.gz").read_bytes())
    assert not (out / "logs").exists()
    assert json.loads((out / "gems-run.json").read_bytes())["state"] == "ended"
    assert not list(processes_below(tmp_path))


def test_fragments_of_whole_genes_are_typed_without_a_panel(
    gems_run: GemsRun, tiny_run: TinyRun, tmp_path: Path
) -> None:
    settings = FragmentSettings(reads=RunSettings(read_length=100), depth=60, fragment_bp=200, fragment_spread_bp=30)
    genotypes = tuple(Genotype(locus, alleles) for locus, alleles in tiny_run.truth["TINY-01"].items())
    genes = WholeGenes(open_library(tiny_run.library))
    write_fragments(genes, [Person("TINY-01", genotypes)], tmp_path / "reads", settings, 1)
    code, output = end_of(gems_run(tmp_path / "reads", "--panel", "none"))
    assert code == 0, output
    report = json.loads((tmp_path / "out" / "report.json").read_bytes())
    calls = {locus["locus"]: locus for locus in report["samples"][0]["loci"]}
    for locus, alleles in tiny_run.truth["TINY-01"].items():
        assert tuple(sorted(allele["name"] for allele in calls[locus]["alleles"])) == alleles


def test_wells_and_an_empty_negative_control_come_from_the_sheet_beside_the_reads(
    gems_run: GemsRun, tiny_run: TinyRun, tmp_path: Path
) -> None:
    reads = tmp_path / "reads"
    reads.mkdir()
    for path in tiny_run.reads.glob("TINY-01_*.gz"):
        shutil.copy(path, reads)
    for read in (1, 2):
        (reads / f"NTC_S9_L001_R{read}_001.fastq.gz").touch()
    (reads / "SampleSheet.csv").write_text("[Data]\nSample_ID,Sample_Well\nTINY_01,B02\nNTC,H12\n")
    (reads / "samples.csv").write_text("sample,role\nNTC,negative_control\n")
    code, output = end_of(gems_run(reads))
    assert code == 0, output
    assert "NTC: The negative control has almost no reads, as it should." in output
    samples = json.loads((tmp_path / "out" / "report.json").read_bytes())["samples"]
    assert [(one["sample"], one["well"], one["role"], one["outcome"]) for one in samples] == [
        ("NTC", "H12", "negative_control", "typed"),
        ("TINY-01", "B2", "sample", "typed"),
    ]


def test_a_corrupt_sample_fails_alone_and_the_exit_code_tells(
    gems_run: GemsRun, tiny_run: TinyRun, tmp_path: Path
) -> None:
    reads = tmp_path / "reads"
    reads.mkdir()
    for path in tiny_run.reads.glob("TINY-0[12]_*.gz"):
        shutil.copy(path, reads)
    corrupt = reads / "TINY-02_S2_L001_R1_001.fastq.gz"
    lines = gzip.decompress(corrupt.read_bytes()).split(b"\n")
    lines[43] = lines[43][:-7]  # the qualities of the eleventh read, shorter than its bases
    corrupt.write_bytes(gzip.compress(b"\n".join(lines)))
    code, output = end_of(gems_run(reads))
    assert code == 1, output
    assert "TINY-02: failed:" in output
    out = tmp_path / "out"
    report = {sample["sample"]: sample for sample in json.loads((out / "report.json").read_bytes())["samples"]}
    assert report["TINY-01"]["outcome"] == "typed"
    assert report["TINY-02"]["outcome"] == "failed"
    assert "44" in report["TINY-02"]["reason"]
    calls = {locus["locus"]: locus for locus in report["TINY-01"]["loci"]}
    assert tuple(sorted(allele["name"] for allele in calls["A"]["alleles"])) == tiny_run.truth["TINY-01"]["A"]
    assert list((out / "logs" / "instances").rglob("worker.log"))


def test_preflight_refusals_are_listed_and_nothing_is_typed(
    gems_run: GemsRun, tiny_run: TinyRun, tmp_path: Path
) -> None:
    reads = tmp_path / "reads"
    reads.mkdir()
    shutil.copy(tiny_run.reads / "TINY-01_S1_L001_R1_001.fastq.gz", reads)
    (reads / "strange.fastq").write_text("@a\nACGT\n+\nIIII\n")
    code, output = end_of(gems_run(reads))
    assert code == 3, output
    assert "TINY-01_S1_L001_R1_001.fastq.gz: expected its mate R2" in output.replace("\n", " ")
    assert "strange.fastq" in output
    assert not (tmp_path / "out" / "report.json").exists()
    assert json.loads((tmp_path / "out" / "gems-run.json").read_bytes())["state"] == "refused"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_running_when_it_is_stopped(
    gems_run: GemsRun, tiny_run: TinyRun, tmp_path: Path, number: signal.Signals, engine: str
) -> None:
    process = gems_run(tiny_run.reads, "--engine", engine)

    def has_started() -> bool:  # not by what it prints: on a busy machine that comes late
        assert process.poll() is None, end_of(process)
        return bool(list(processes_below(tmp_path)))

    eventually(has_started, "an instance was started", RUN_SECONDS)
    process.send_signal(number)
    code, output = end_of(process)
    assert code == (130 if number is signal.SIGINT else -signal.SIGKILL), output
    noted = json.loads((tmp_path / "out" / "gems-run.json").read_bytes())
    assert noted["state"] == ("interrupted" if number is signal.SIGINT else "running")
    eventually(lambda: not list(processes_below(tmp_path)), "the processes of its instances are gone", 15)
