"""How fast the typer is, as five tables.

``run``      library load, a run of ten samples, one deep sample beside ``gzip -dc``, and memory
``threads``  the ten samples, and six deep ones, on two threads against one
``warm``     the deep sample first in its JVM, and after another sample
``pairs``    one sample of more and more pairs
``library``  the deep sample against libraries of more and more alleles

Run: ``python tests/benchmarks/bench_typer_speed.py [--jar JAR] [--library DIR] [--panel FILE] [--sheet FILE] [--deep DIR]``.
Wall times are of this machine as it is, medians of some calls; ratios are of one run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from speed_libraries import library_of
from speed_runs import (
    Files,
    Job,
    Measured,
    call_typer,
    machine,
    samples_of,
    simulate,
    time_gzip,
    with_pairs,
    write_sheet,
)

from gems_artefacts.cached_library import cached_library
from gems_reference.library import open_library
from gems_reference.panel import open_panel_path
from gems_simulator.run import TRUTH_NAME

JAR = Path(__file__).parents[2] / "hla-typer" / "target" / "hla-typer.jar"
DEEP_PAIRS = 90_000
DEEP_SAMPLES = 6
RUN_SAMPLES = 10
RUN_PAIRS = 6_000
SMALLER_PAIRS = (5_000, 20_000, 80_000)
TIMES_OVER = 4
LIBRARY_SIZES = (5_000, 10_000, 20_000, 40_000)
THREADS = (1, 2)
Row = tuple[str | int | float, ...]


@dataclass(frozen=True)
class Bench:
    """What the tables are made from.

    Attributes:
        job: jar, library and panel.
        run_sheet: ten samples.
        deep_sheet: one sample with many pairs.
        scratch: a folder for what is not kept.
        repeat: calls of which the median is told.
    """

    job: Job
    run_sheet: Path
    deep_sheet: Path
    scratch: Path
    repeat: int

    @property
    def deep(self) -> Files:
        """The deep sample's files."""
        return next(iter(samples_of(self.deep_sheet).values()))

    @property
    def small(self) -> Files:
        """Those of the run's first sample."""
        return next(iter(samples_of(self.run_sheet).values()))

    def call(self, sheet: Path, threads: int, job: Job | None = None) -> list[Measured]:
        """Type a sheet some times, each time in a JVM of its own."""
        out = self.scratch / "typed"
        return [call_typer(job or self.job, sheet, threads, out) for _ in range(self.repeat)]

    def sheet(self, **files: Files) -> Path:
        """A sheet of some samples."""
        return write_sheet(files, self.scratch / "sheet.tsv")

    def gzip_seconds(self, files: Files) -> float:
        """What ``gzip -dc`` takes for a sample."""
        return median(time_gzip(files) for _ in range(self.repeat))


def of_run(bench: Bench) -> Iterator[Row]:
    """By the number of threads; the deep sample's time is without start and load."""
    yield ("threads", "load_s", "run_s", "deep_s", "deep_pairs_per_s", "gzip_s", "ratio", "peak_mb")
    for threads in THREADS:
        run = bench.call(bench.run_sheet, threads)
        unpacked = bench.gzip_seconds(bench.deep)
        deep = bench.call(bench.deep_sheet, threads)
        seconds = median(call.sample_seconds[0] for call in deep)
        yield (
            threads,
            median(call.load_seconds for call in run),
            median(call.seconds for call in run),
            seconds,
            round(deep[0].pairs / seconds),
            unpacked,
            seconds / unpacked,
            round(max(call.peak_mb for call in run + deep)),
        )


def of_threads(bench: Bench) -> Iterator[Row]:
    """Time after load by the number of threads, and how many cores the whole call kept busy: the compiler works beside one thread."""
    yield ("what", "threads", "typing_s", "speed_up", "cores_busy")
    deep = bench.sheet(**{f"deep-{number}": bench.deep for number in range(1, DEEP_SAMPLES + 1)})
    for what, sheet in (("the run", bench.run_sheet), (f"{DEEP_SAMPLES} deep samples", deep)):
        one = 0.0
        for threads in THREADS:
            calls = bench.call(sheet, threads)
            seconds = median(call.typing_seconds for call in calls)
            one = one or seconds
            busy = median(call.cpu_seconds / call.seconds for call in calls)
            yield (what, threads, seconds, one / seconds, busy)


def of_warm(bench: Bench) -> Iterator[Row]:
    """The deep sample alone, and third after the run's first sample and itself; one thread, so one after the other."""
    yield ("what", "deep_s", "gzip_s", "ratio")
    unpacked = bench.gzip_seconds(bench.deep)
    sheet = bench.sheet(small=bench.small, deep=bench.deep, again=bench.deep)
    alone = median(call.sample_seconds[0] for call in bench.call(bench.deep_sheet, 1))
    after = bench.call(sheet, 1)
    for what, seconds in (
        ("first in its JVM", alone),
        ("after a small sample", median(call.sample_seconds[1] for call in after)),
        ("after a deep sample", median(call.sample_seconds[2] for call in after)),
    ):
        yield (what, seconds, unpacked, seconds / unpacked)


def of_pairs(bench: Bench) -> Iterator[Row]:
    """A sample's time by its pairs, first in its JVM and again; one thread. The largest has the same pairs some times over."""
    yield ("pairs", "first_s", "again_s", "again_us_per_pair", "gzip_s", "ratio_again")
    most = SMALLER_PAIRS[-1]
    for pairs, times in (*((pairs, 1) for pairs in SMALLER_PAIRS), (most, TIMES_OVER)):
        files = with_pairs(bench.deep, pairs, times, bench.scratch / "cut")
        calls = bench.call(bench.sheet(first=files, again=files), 1)
        first, again = (median(call.sample_seconds[i] for call in calls) for i in (0, 1))
        read = calls[0].pairs // 2
        unpacked = bench.gzip_seconds(files)
        yield (read, first, again, 1e6 * again / read, unpacked, again / unpacked)


def of_library(bench: Bench) -> Iterator[Row]:
    """The deep sample's time by the library's alleles, the sample's own always among them; one thread."""
    yield ("alleles", "index_built_s", "load_s", "first_s", "again_s", "peak_mb")
    base = open_library(bench.job.library)
    keep = _alleles_of(bench.deep[0].with_name(TRUTH_NAME))
    for size in LIBRARY_SIZES:
        library = library_of(base, size, keep, bench.scratch / f"library-{size}")
        job = replace(bench.job, library=library)
        built = call_typer(job, bench.sheet(small=bench.small), 1, bench.scratch / "typed")
        sheet = bench.sheet(first=bench.deep, again=bench.deep)
        calls = bench.call(sheet, 1, job)
        yield (
            size,
            built.load_seconds,
            median(call.load_seconds for call in calls),
            *(median(call.sample_seconds[i] for call in calls) for i in (0, 1)),
            round(max(call.peak_mb for call in calls)),
        )


def _alleles_of(truth: Path) -> set[str]:
    rows = [line.split("\t") for line in truth.read_text(encoding="utf-8").splitlines()[1:]]
    return {name for row in rows for name in row[3:5] if name}


TABLES: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "run": of_run,
    "threads": of_threads,
    "warm": of_warm,
    "pairs": of_pairs,
    "library": of_library,
}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


def _show(cell: str | int | float) -> str:
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jar", type=Path, default=JAR)
    parser.add_argument("--library", type=Path, help="default: release 3.51.0 from hlann, in the cache")
    parser.add_argument("--panel", type=Path, default=open_panel_path(), help="default: the open panel")
    parser.add_argument("--sheet", type=Path, help="a run to be typed; without one it is simulated")
    parser.add_argument("--deep", type=Path, help="a folder that keeps the simulated files for the next time")
    parser.add_argument("--only", choices=tuple(TABLES), action="append", help="this table; may be given several times")
    parser.add_argument("--repeat", type=int, default=3, help="calls of which the median is told (default: 3)")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    """Make what is missing, then print the tables."""
    given = _options(arguments)
    job = Job(given.jar, given.library or cached_library(_tell), given.panel)
    with tempfile.TemporaryDirectory(prefix="bench-typer-") as folder:
        scratch = Path(folder)
        kept = given.deep or scratch
        deep_sheet = kept / "deep.tsv"
        if not deep_sheet.is_file():
            write_sheet(simulate(job, 1, DEEP_PAIRS, kept / "deep"), deep_sheet)
        run_sheet = given.sheet or kept / "run.tsv"
        if not run_sheet.is_file():
            write_sheet(simulate(job, RUN_SAMPLES, RUN_PAIRS, kept / "run"), run_sheet)
        bench = Bench(job, run_sheet, deep_sheet, scratch, given.repeat)
        call_typer(job, bench.sheet(small=bench.small), 1, scratch / "typed")  # makes the library's index
        _say(f"# {machine()}")
        for name in given.only or TABLES:
            _say(f"\n# {name}: {TABLES[name].__doc__}")
            for row in TABLES[name](bench):
                _say("\t".join(map(_show, row)))


if __name__ == "__main__":
    main(sys.argv[1:])
