"""How fast the typer is: library load, a run of ten samples, one deep sample beside ``gzip -dc``, and memory.

Run: ``python tests/benchmarks/bench_typer_speed.py --jar JAR --library DIR [--panel FILE] [--sheet FILE] [--deep DIR]``.
Prints one tab-separated row a number of threads. Wall times are of this machine as it is; ratios are of one run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from gems_cli.reference.library import open_library
from gems_cli.reference.panel import open_panel_path, read_panel
from gems_cli.simulator.example import amplicons_of_a_person
from gems_cli.simulator.genotypes import Products, draw_genotypes
from gems_cli.simulator.run import Person, write_run
from gems_cli.simulator.settings import RunSettings

DEEP_PAIRS = 90_000
RUN_SAMPLES = 10
RUN_PAIRS = 6_000
SEED = 90
HEADER = "sample\tr1\tr2\n"
COLUMNS = ("threads", "load_s", "run_s", "deep_s", "deep_pairs_per_s", "gzip_s", "ratio", "peak_mb")


@dataclass(frozen=True)
class Job:
    """What every call of the typer has in common."""

    jar: Path
    library: Path
    panel: Path


@dataclass(frozen=True)
class Measured:
    """One call of the typer; seconds are wall time, memory is the greatest resident set."""

    seconds: float
    load_seconds: float
    sample_seconds: tuple[float, ...]
    pairs: int
    peak_mb: float


def simulate(job: Job, people: int, pairs: int, out: Path) -> dict[str, tuple[Path, Path]]:
    """Files of so many people with about so many pairs each; the same at every call."""
    products = Products(open_library(job.library), read_panel(job.panel))
    rng = random.Random(SEED)
    drawn = [Person(f"BENCH-{number}", draw_genotypes(products, rng)) for number in range(1, people + 1)]
    settings = RunSettings(pairs_per_amplicon=pairs / amplicons_of_a_person(products))
    return write_run(products, drawn, out, settings, SEED)


def write_sheet(files: dict[str, tuple[Path, Path]], path: Path) -> Path:
    """A sample sheet of some files."""
    path.write_text(HEADER + "".join(f"{name}\t{r1}\t{r2}\n" for name, (r1, r2) in files.items()), encoding="utf-8")
    return path


def files_of(sheet: Path) -> list[Path]:
    """The read files that a sheet names."""
    rows = [line.split("\t") for line in sheet.read_text(encoding="utf-8").splitlines()[1:]]
    return [Path(cell) for row in rows for cell in row[1:3]]


def call_typer(job: Job, sheet: Path, threads: int, out: Path) -> Measured:
    """Type a sheet in a JVM of its own.

    Raises:
        subprocess.CalledProcessError: the typer failed.
    """
    command = ["java", "-Xmx1g", "-jar", str(job.jar), "type", "--hla-class", "all", "--threads", str(threads)]
    command += ["--library", str(job.library), "--panel", str(job.panel), "--samples", str(sheet), "--out", str(out)]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        events = [json.loads(line) for line in process.stdout]
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    typed = [event for event in events if event["event"] == "typed"]
    load = next(event["seconds"] for event in events if event["event"] == "library")
    return Measured(
        seconds,
        load,
        tuple(event["seconds"] for event in typed),
        sum(event["pairs"] for event in typed),
        usage.ru_maxrss / 1024,
    )


def time_gzip(files: list[Path]) -> float:
    """Seconds in which ``gzip -dc`` unpacks files into nothing."""
    start = time.perf_counter()
    subprocess.run(["gzip", "-dc", *map(str, files)], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def measure(job: Job, run_sheet: Path, deep_sheet: Path, threads: int, out: Path) -> str:
    """A row of the table."""
    run = call_typer(job, run_sheet, threads, out / f"run-{threads}")
    unpacked = time_gzip(files_of(deep_sheet))
    deep = call_typer(job, deep_sheet, threads, out / f"deep-{threads}")
    seconds = sum(deep.sample_seconds)
    figures = (
        run.load_seconds,
        run.seconds,
        seconds,
        deep.pairs / seconds,
        unpacked,
        seconds / unpacked,
        max(run.peak_mb, deep.peak_mb),
    )
    return "\t".join([str(threads), *(f"{figure:.2f}" for figure in figures)])


def main(arguments: list[str]) -> None:
    """Measure for one and for two threads and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jar", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--panel", type=Path, default=open_panel_path())
    parser.add_argument("--sheet", type=Path, help="a run to be typed; without one it is simulated")
    parser.add_argument("--deep", type=Path, help="a folder that keeps the simulated files for the next time")
    given = parser.parse_args(arguments)
    job = Job(given.jar, given.library, given.panel)
    with tempfile.TemporaryDirectory(prefix="bench-typer-") as folder:
        scratch = Path(folder)
        kept = given.deep or scratch
        deep_sheet = kept / "deep.tsv"
        if not deep_sheet.is_file():
            write_sheet(simulate(job, 1, DEEP_PAIRS, kept / "deep"), deep_sheet)
        run_sheet = given.sheet or kept / "run.tsv"
        if not run_sheet.is_file():
            write_sheet(simulate(job, RUN_SAMPLES, RUN_PAIRS, kept / "run"), run_sheet)
        sys.stdout.write("\t".join(COLUMNS) + "\n")
        for threads in (1, 2):
            sys.stdout.write(measure(job, run_sheet, deep_sheet, threads, scratch) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
