"""Pieces of the speed benchmark: simulated files, calls of the typer, and what is measured of one."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from gems_reference.library import open_library
from gems_reference.panel import read_panel
from gems_simulator.example import amplicons_of_a_person
from gems_simulator.genotypes import Products, draw_genotypes
from gems_simulator.run import GZIP_LEVEL, Person, write_run
from gems_simulator.settings import RunSettings
from worker.typer import jvm_options

SEED = 90
HEADER = "sample\tr1\tr2\n"
LINES_OF_A_RECORD = 4
Files = tuple[Path, Path]
"""A sample's first and second reads."""


@dataclass(frozen=True)
class Job:
    """What calls of the typer have in common."""

    jar: Path
    library: Path
    panel: Path


@dataclass(frozen=True)
class Measured:
    """One call of the typer.

    Attributes:
        seconds: of the whole call, wall time.
        load_seconds: until the library is there, by the typer's own clock.
        typing_seconds: from then on.
        cpu_seconds: of the whole call, over all cores.
        sample_seconds: of each sample, in the order in which they were ended.
        pairs: of all samples.
        peak_mb: the greatest resident set.
    """

    seconds: float
    load_seconds: float
    typing_seconds: float
    cpu_seconds: float
    sample_seconds: tuple[float, ...]
    pairs: int
    peak_mb: float


def simulate(job: Job, people: int, pairs: int, out: Path) -> dict[str, Files]:
    """Files of so many people with about so many pairs each; the same at every call."""
    products = Products(open_library(job.library), read_panel(job.panel))
    rng = random.Random(SEED)
    drawn = [Person(f"BENCH-{number}", draw_genotypes(products, rng)) for number in range(1, people + 1)]
    settings = RunSettings(pairs_per_amplicon=pairs / amplicons_of_a_person(products))
    return write_run(products, drawn, out, settings, SEED)


def write_sheet(files: dict[str, Files], path: Path) -> Path:
    """A sample sheet of some files."""
    path.write_text(HEADER + "".join(f"{name}\t{r1}\t{r2}\n" for name, (r1, r2) in files.items()), encoding="utf-8")
    return path


def samples_of(sheet: Path) -> dict[str, Files]:
    """The files that a sheet names, by sample."""
    rows = [line.split("\t") for line in sheet.read_text(encoding="utf-8").splitlines()[1:]]
    return {name: (Path(r1), Path(r2)) for name, r1, r2 in rows}


def with_pairs(files: Files, pairs: int, times: int, out: Path) -> Files:
    """A sample's first pairs, so many times over: a file of as many gzip members."""
    out.mkdir(parents=True, exist_ok=True)
    written = (out / "R1.fastq.gz", out / "R2.fastq.gz")
    for source, target in zip(files, written, strict=True):
        with gzip.open(source, "rb") as lines:
            text = b"".join(islice(lines, LINES_OF_A_RECORD * pairs))
        target.write_bytes(gzip.compress(text, GZIP_LEVEL, mtime=0) * times)
    return written


def call_typer(job: Job, sheet: Path, threads: int, out: Path) -> Measured:
    """Type a sheet in a JVM of its own.

    Raises:
        subprocess.CalledProcessError: the typer failed.
    """
    command = [
        "java",
        *jvm_options(1024),
        "-jar",
        str(job.jar),
        "type",
        "--hla-class",
        "all",
        "--threads",
        str(threads),
    ]
    command += ["--library", str(job.library), "--panel", str(job.panel), "--samples", str(sheet), "--out", str(out)]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        events = [(time.perf_counter(), json.loads(line)) for line in process.stdout]
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    end = time.perf_counter()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    typed = [event for _, event in events if event["event"] == "typed"]
    loaded, load = next((when, event["seconds"]) for when, event in events if event["event"] == "library")
    return Measured(
        end - start,
        load,
        end - loaded,
        usage.ru_utime + usage.ru_stime,
        tuple(event["seconds"] for event in typed),
        sum(event["pairs"] for event in typed),
        usage.ru_maxrss / 1024,
    )


def time_gzip(files: Iterable[Path]) -> float:
    """Seconds in which ``gzip -dc`` unpacks files into nothing."""
    start = time.perf_counter()
    subprocess.run(["gzip", "-dc", *map(str, files)], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def machine() -> str:
    """The processor, how many the typer may use, and the Java that runs it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), "unknown processor")
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr.splitlines()[0]
    return f"{len(os.sched_getaffinity(0))} cores of {model}, {told}"
