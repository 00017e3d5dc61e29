"""How fast the replacement of cross_match is, what minimap2 takes for the same, and whether pruning loses a match.

``speed``   queries made of the library's exons against all of its distinct exons, from start to end of the program
``recall``  some of the queries with every match told, beside what ``-masklevel 0`` and minimap2 call the best

Run: ``python tests/benchmarks/bench_cross_match.py [--library DIR] [--queries N]``. The queries exist only while it runs.
minimap2 is asked through mappy, which is not a dependency of GeMS: without it, its rows are left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from gems_artefacts.cached_library import cached_library
from gems_core.bases import reverse_complement
from worker.cross_match.fasta import Sequence, read_fasta
from worker.cross_match.parser import parse
from worker.cross_match.records import Match
from worker.cross_match.subject import exon_fasta

mappy = importlib.import_module("mappy") if importlib.util.find_spec("mappy") else None

QUERY_BP = 300
MOST_CHANGES = 6
SHORTEST_EXON_BP = 240
TIMES_OVER = 3
RECALL_QUERIES = 10
LIMIT_SECONDS = 10.0
SEED = 20


@dataclass(frozen=True)
class Files:
    """What is compared."""

    query: Path
    subject: Path


def main() -> int:
    """Print both tables; 1 when the program is slower than it should be, or a best match is lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path, help="a compiled library; by default the cached one")
    parser.add_argument("--queries", type=int, default=200)
    arguments = parser.parse_args()
    library = arguments.library or cached_library(tell)
    with tempfile.TemporaryDirectory() as folder:
        subject = exon_fasta(library, "all", Path(folder))
        files = Files(Path(folder) / "query.fasta", subject)
        subjects = read_fasta(subject)
        write_queries(files.query, subjects, arguments.queries)
        tell(f"{arguments.queries} queries of {QUERY_BP} bp, {len(subjects)} distinct exons; {machine()}")
        fast = print_speed(files, subjects)
        whole = print_recall(files, subjects)
    return 0 if fast and whole else 1


def write_queries(path: Path, subjects: list[Sequence], count: int) -> None:
    """Exons with up to ``MOST_CHANGES`` changed bases, filled up with random ones; every other one complemented."""
    rng = random.Random(SEED)
    exons = [subject.bases for subject in subjects if len(subject.bases) >= SHORTEST_EXON_BP]
    with path.open("w", encoding="ascii") as file:
        for number in range(count):
            bases = "".join(mutated(rng.choice(exons), rng))
            bases = (bases + "".join(rng.choices("ACGT", k=QUERY_BP)))[:QUERY_BP]
            file.write(f">q{number}\n{reverse_complement(bases) if number % 2 else bases}\n")


def mutated(exon: str, rng: random.Random) -> list[str]:
    """The exon's bases; of the changes four in five are substitutions, the rest bases lost or added."""
    bases = list(exon)
    for _ in range(rng.randint(0, MOST_CHANGES)):
        place = rng.randrange(len(bases))
        kind = rng.choices(("substituted", "lost", "added"), (8, 1, 1))[0]
        bases[place] = {"substituted": rng.choice("ACGT"), "lost": "", "added": bases[place] + rng.choice("ACGT")}[kind]
    return bases


def print_speed(files: Files, subjects: list[Sequence]) -> bool:
    """Medians of some runs; whether the program is as fast as it should be."""
    seconds = [timed(lambda: run(files, "-masklevel", "0", "-tags", "-discrep_lists")) for _ in range(TIMES_OVER)]
    tell(f"speed   gems-cross-match -masklevel 0   {median(seconds):6.2f} s ({', '.join(f'{s:.2f}' for s in seconds)})")
    mapped = [timed(lambda: list(map_all(files, subjects))) for _ in range(TIMES_OVER)] if mappy else []
    if mapped:
        tell(f"speed   minimap2 (mappy, -x sr), 1 thread  {median(mapped):4.2f} s, index included")
    return median(seconds) <= LIMIT_SECONDS


def print_recall(files: Files, subjects: list[Sequence]) -> bool:
    """Best scores of the first queries, of every way to find them; whether pruning has them all."""
    few = Files(files.query.with_name("few.fasta"), files.subject)
    queries = read_fasta(files.query)[:RECALL_QUERIES]
    few.query.write_text("".join(f">{query.name}\n{query.bases}\n" for query in queries), encoding="ascii")
    began = time.monotonic()
    matches = run(few, "-masklevel", "101")
    tell(f"recall  {len(matches)} matches of {len(queries)} queries in {time.monotonic() - began:.1f} s")
    every = best_of(matches)
    pruned = best_of(run(few, "-masklevel", "0"))
    same = sum(pruned[name].score == match.score for name, match in every.items() if name in pruned)
    tell(f"recall  -masklevel 0 has the best score of {same} of {len(every)} queries")
    if mappy:
        equals = best_subjects(matches)
        hits = sum(target in equals.get(name, set()) for name, target in map_all(few, subjects))
        tell(f"recall  minimap2's first hit is one of the best subjects of {hits} of {len(every)} queries")
    return same == len(every) == len(queries)


def run(files: Files, *options: str) -> tuple[Match, ...]:
    """The program's matches, from a process of its own."""
    command = [sys.executable, "-m", "worker.cross_match.program", str(files.query), str(files.subject), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return parse(done.stdout.splitlines()).matches


def best_of(matches: tuple[Match, ...]) -> dict[str, Match]:
    """The match of the best score of each query."""
    return {match.query: match for match in sorted(matches, key=lambda match: match.score)}


def best_subjects(matches: tuple[Match, ...]) -> dict[str, set[str]]:
    """Every subject that has a query's best score."""
    best = best_of(matches)
    subjects: dict[str, set[str]] = {}
    for match in matches:
        if match.score == best[match.query].score:
            subjects.setdefault(match.query, set()).add(match.subject)
    return subjects


def map_all(files: Files, subjects: list[Sequence]) -> Iterator[tuple[str, str]]:
    """Each query's first hit by minimap2, index building included."""
    assert mappy is not None
    aligner = mappy.Aligner(str(files.subject), preset="sr", best_n=1)
    for query in read_fasta(files.query):
        hit = next(iter(aligner.map(query.bases)), None)
        if hit:
            yield query.name, hit.ctg


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def timed(work: Callable[[], object]) -> float:
    """Wall seconds."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def machine() -> str:
    """The cores that may be used and their model."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), "unknown processor")
    return f"{len(os.sched_getaffinity(0))} cores of {model}"


if __name__ == "__main__":
    sys.exit(main())
