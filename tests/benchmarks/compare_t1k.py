"""T1K and our typer on the same samples, one after the other on this machine: processor time, memory, alleles right at two fields.

T1K (https://github.com/mourisl/T1K) is another group's typer of RNA, exomes and genomes. It is not a dependency: build it, and name
its folder. Its reference is made here of our library, as its own ``ParseDatFile.pl --mode dna`` makes one of IPD's files: the exons
of each wholly stated allele with 200 bases of the introns beside them.

Run: ``python tests/benchmarks/compare_t1k.py --t1k FOLDER --reads FOLDER [--library DIR] [--panel TSV|none] [--samples N]``.
READS holds pairs with MiSeq names and ``truth.tsv`` (columns sample, locus, allele_1, allele_2).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gems_artefacts.cached_library import cached_library
from gems_cli.concordance import TruthRow, agreeing_fields, read_truth
from gems_core.fastq_names import Sample, StoredFile, pair_files
from gems_core.hla import AlleleName
from gems_reference.library import Library, Locus, open_library

PADDING_BP = 200
_KILOBYTES = 1024
# What ends between two exons of a reference of T1K's.
_GAP = "N"


@dataclass(frozen=True)
class Cost:
    """What a program took, its children included.

    Attributes:
        peak_mb: the greatest resident set of any one process.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Outcome:
    """One program on one sample: alleles right at two fields, of how many, and what it took."""

    right: int
    alleles: int
    cost: Cost


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--t1k", type=Path, required=True, help="the folder with run-t1k")
    parser.add_argument("--reads", type=Path, required=True, help="a folder of reads with truth.tsv")
    parser.add_argument("--library", type=Path, help="a compiled library; by default the cached one")
    parser.add_argument("--panel", default="none", help="the reads' panel for our typer; T1K knows none")
    parser.add_argument("--samples", type=int, default=2, help="the first so many")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if not (options.t1k / "run-t1k").is_file():
        parser.error(f"--t1k: expected a folder with run-t1k, found none in {options.t1k}; build T1K with `make` there")
    library = options.library or cached_library(_say)
    paths = {path.name: path for path in options.reads.glob("*.fastq.gz")}
    samples, _ = pair_files(StoredFile(name, path.stat().st_size) for name, path in paths.items())
    truth = read_truth(options.reads / "truth.tsv")
    with tempfile.TemporaryDirectory() as scratch:
        place = Place(Path(scratch), options.t1k, library, options.panel, options.threads)
        place.write_reference()
        sys.stdout.write(_table(list(_compared(place, samples[: options.samples], paths, truth))) + "\n")
    return 0


@dataclass(frozen=True)
class Place:
    """Where both run, and with what."""

    folder: Path
    t1k: Path
    library: Path
    panel: str
    threads: int

    @property
    def reference(self) -> Path:
        """T1K's."""
        return self.folder / "reference.fa"

    def write_reference(self) -> None:
        """Make T1K's reference of our library."""
        library = open_library(self.library)
        with self.reference.open("w", encoding="ascii") as file:
            for locus in library.loci:
                file.writelines(_entries(library, locus))

    def t1k_calls(self, reads: Sequence[Path]) -> tuple[list[str], Cost]:
        """The alleles that T1K calls: those of a quality above 0, as its authors advise."""
        out = self.folder / "t1k"
        command = [str(self.t1k / "run-t1k"), "-1", str(reads[0]), "-2", str(reads[1]), "-f", str(self.reference)]
        command += ["--preset", "hla", "-t", str(self.threads), "--od", str(out), "-o", "t1k"]
        cost = _run(command, self.folder / "t1k.log")
        with (out / "t1k_genotype.tsv").open(newline="") as file:
            rows = list(csv.reader(file, delimiter="\t"))
        pairs = [(row[at], float(row[at + 2])) for row in rows for at in (2, 5) if len(row) > at + 2]
        return [name.removeprefix("HLA-") for name, quality in pairs if name != "." and quality > 0], cost

    def our_calls(self, reads: Sequence[Path]) -> tuple[list[str], Cost]:
        """The alleles that our typer calls."""
        out = self.folder / "ours"
        command = [
            str(Path(sys.executable).with_name("gems")),
            "type",
            *map(str, reads),
            "--sample",
            "x",
            "-o",
            str(out),
            "--library",
            str(self.library),
        ]
        command += ["--panel", self.panel, "--threads", str(self.threads), "--memory-mb", "1000"]
        cost = _run(command, self.folder / "ours.log")
        (sample,) = json.loads((out / "report.json").read_bytes())["samples"]
        return [allele["name"] for locus in sample["loci"] for allele in locus["alleles"]], cost


def _entries(library: Library, name: str) -> Iterator[str]:
    """Each allele whose exons are stated, as T1K has it: name, number of exons, where they lie, and the bases."""
    locus = library.locus(name)
    if not locus.has_genomic_sequence:
        return
    whole: dict[str, tuple[str, ...]] = {}
    for allele in locus.alleles:
        features = locus.aligned(allele)
        if _is_stated(features):
            whole.setdefault(_family(allele), features)
    usual = next(iter(whole.values()), None)
    for allele in locus.alleles:
        filled = _filled(locus, locus.aligned(allele), whole.get(_family(allele), usual))
        if filled:
            places, bases = _padded(locus, filled)
            yield f">{allele} {len(places) // 2} {' '.join(map(str, places))}\n{bases}\n"


def _family(allele: str) -> str:
    return allele.partition(":")[0]


def _is_stated(features: Sequence[str]) -> bool:
    return all(feature and "*" not in feature for feature in features)


def _filled(locus: Locus, features: Sequence[str], relative: Sequence[str] | None) -> list[str]:
    """The features without gaps, introns that are not stated as a relative's; nothing where an exon is not stated."""
    found = []
    for name, feature, other in zip(locus.features, features, relative or features, strict=True):
        own = feature if feature and "*" not in feature else "" if "exon" in name else other
        if not own.replace(".", "") or "*" in own:
            return []
        found.append(own.replace(".", ""))
    return found


def _padded(locus: Locus, features: Sequence[str]) -> tuple[list[int], str]:
    places: list[int] = []
    bases = ""
    for number, (feature, name) in enumerate(zip(features, locus.features, strict=True)):
        if "exon" not in name:
            continue
        before = features[number - 1][-PADDING_BP:] if number else ""
        after = features[number + 1][:PADDING_BP] if number + 1 < len(features) else ""
        bases += (_GAP if bases else "") + before
        places += [len(bases), len(bases) + len(feature) - 1]
        bases += feature + after
    return places, bases


def _run(command: Sequence[str], log: Path) -> Cost:
    began = time.monotonic()
    with log.open("wb") as said:
        pid = os.posix_spawn(
            command[0],
            list(command),
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, said.fileno(), n) for n in (1, 2)],
        )
        _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}:\n{log.read_text()[-2000:]}")
    return Cost(time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _KILOBYTES)


def _compared(
    place: Place, samples: Sequence[Sample], paths: dict[str, Path], truth: Sequence[TruthRow]
) -> Iterator[tuple[str, Outcome, Outcome]]:
    for sample in samples:
        reads = [paths[file.name] for file in sample.files]
        rows = [row for row in truth if row.sample == sample.name]
        (theirs, their_cost), (ours, our_cost) = place.t1k_calls(reads), place.our_calls(reads)
        alleles = 2 * len(rows)
        yield (
            sample.name,
            Outcome(_right(rows, theirs), alleles, their_cost),
            Outcome(_right(rows, ours), alleles, our_cost),
        )


def _right(rows: Sequence[TruthRow], called: Sequence[str]) -> int:
    """True alleles that a call agrees with to two fields; a homozygote's one call answers for both, and of several names any."""
    found = 0
    for row in rows:
        left = [name for name in called if AlleleName.parse(name.split(",")[0]).locus == row.locus]
        left = left * 2 if len(left) == 1 else left
        for allele in row.alleles:
            match = next((name for name in left if any(agreeing_fields(allele, one) for one in name.split(","))), None)
            if match is not None:
                left.remove(match)
                found += 1
    return found


def _table(rows: Sequence[tuple[str, Outcome, Outcome]]) -> str:
    lines = [
        "| sample | program | alleles right at two fields | CPU seconds | seconds | peak memory |",
        "|---|---|---|---|---|---|",
    ]
    for sample, *outcomes in rows:
        for program, one in zip(("T1K", "GeMS"), outcomes, strict=True):
            cost = one.cost
            told = f"{cost.cpu_seconds:.1f} | {cost.seconds:.1f} | {cost.peak_mb:.0f} MB"
            lines.append(f"| {sample} | {program} | {one.right} of {one.alleles} | {told} |")
    return "\n".join(lines)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
