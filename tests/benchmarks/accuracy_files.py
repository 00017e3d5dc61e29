"""Tables of the shared data's samples: real reads, and the cases that once failed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from accuracy_grounds import hlann_library, shared_folder, whole_ground, whole_library
from accuracy_run import Setting
from accuracy_samples import Block, Row, Sample, Truth

from gems_reference.library import open_library
from gems_simulator.genotypes import BESIDE_DRB1
from gems_simulator.releases.reduced import without_alleles

LOCI = ("A", "B", "C", "DRB1", "DQB1", "DPB1")
"""Columns that ``real/truth.tsv`` may have."""
OF_ONE_GENE = frozenset({"b0702", "miseq_A_1000"})
"""Samples that hold nothing of other genes, so that a call of one is wrong."""
LONG_READS = "nanopore_A"
"""Reads of another kind than the typer weighs: to be refused, or not called."""


@dataclass(frozen=True)
class OnFile:
    """A table of samples that are there already.

    Attributes:
        name: for the command line.
        make: its blocks.
    """

    name: str
    make: Callable[[Setting], Iterator[Block]]

    def selected(self, only: str) -> OnFile | None:
        """The whole table, by its name."""
        return self if only in self.name else None

    def blocks(self, setting: Setting) -> Iterator[Block]:
        """What is to be typed."""
        return self.make(setting)


def _real(setting: Setting) -> Iterator[Block]:
    """Real reads without a panel, a block for each library."""
    folder = shared_folder("real")
    named = setting.options.library
    for library in (lambda: named,) if named else (whole_library, hlann_library):
        rows = tuple(_real_rows(folder, library()))
        yield Block(f"real: reads that others made; release {open_library(library()).release}", rows)


def _real_rows(folder: Path, library: Path) -> Iterator[Row]:
    with (folder / "truth.tsv").open(newline="") as file:
        told = list(csv.DictReader(file, delimiter="\t"))
    for row in told:
        name = row["sample"]
        truths = tuple(_truths(row))
        sample = Sample(name, *_files(folder, name), library, None, truths, alone=name in OF_ONE_GENE)
        yield Row(row["kind"], name, (sample,))
    if (folder / f"{LONG_READS}.fastq.gz").is_file():
        nothing = (Truth("A", (), "nothing"),)
        sample = Sample(LONG_READS, *_files(folder, LONG_READS), library, None, nothing, alone=True)
        yield Row("nanopore amplicons", LONG_READS, (sample,))


def _files(folder: Path, name: str) -> tuple[Path, Path | None]:
    """R1 and R2, or the one file of single reads."""
    single = folder / f"{name}.fastq.gz"
    return (single, None) if single.is_file() else (folder / f"{name}_R1.fastq.gz", folder / f"{name}_R2.fastq.gz")


def _truths(row: Mapping[str, str | None]) -> Iterator[Truth]:
    """The loci that a row states; where it states DRB1, also which other DRB genes stand beside it."""
    for locus in LOCI:
        stated = (row.get(locus) or "").split()
        if stated:
            yield Truth(locus, tuple(f"{locus}*{fields}" for fields in stated), "name")
        if stated and locus == "DRB1":
            beside = (BESIDE_DRB1.get(fields.partition(":")[0]) for fields in stated)
            yield Truth("DRB345", tuple(gene for gene in beside if gene), "genes")


def _cases(setting: Setting) -> Iterator[Block]:
    """Reads that are typed with the panel that made them; of most of them one gene's alone."""
    folder, ground = shared_folder("cases"), whole_ground(setting.options)
    library = open_library(ground.library)
    homozygous = Truth("DQB1", ("DQB1*03:01:01:01",) * 2)
    new, known = "DQB1*03:131", "DQB1*06:03:27"
    lacking = without_alleles(library, [new], setting.work / "libraries" / "without-DQB1-03-131")
    unknown = Truth("DQB1", (new, known), "flag")
    short = Truth("C", ("C*04:01:80", "C*07:02:63"), "call and flag")

    def row(case: str, name: str, ending: str, truth: Truth, library: Path, *, alone: bool = True) -> Row:
        r1, r2 = (folder / case / f"{name}{ending.format(read)}.fastq.gz" for read in (1, 2))
        return Row(case, name, (Sample(name, r1, r2, library, ground.panel, (truth,), alone),))

    rows = (
        *(
            row("primer_dimer", name, "_S1_L001_R{}_001", homozygous, ground.library)
            for name in ("clean", "dimers10", "misprimed10")
        ),
        row("panel_new_allele", "DQB1_03_131", "_R{}", unknown, lacking),
        row("panel_new_allele", "two75_C", "_R{}", short, ground.library, alone=False),
    )
    yield Block(f"cases: inputs that once failed; release {library.release}", rows, library)


def _whole_genes(setting: Setting) -> Iterator[Block]:
    """Long-range products of one gene each: full names, nulls, and new alleles whose flag is right."""
    folder, ground = shared_folder("cases") / "whole_gene", whole_ground(setting.options)
    with (folder / "truth.tsv").open(newline="") as file:
        told = list(csv.DictReader(file, delimiter="\t"))
    rows = []
    for one in told:
        # Behind an allele's name stands what is new in it.
        alleles = tuple(one[key].partition(" ")[0] for key in ("allele_1", "allele_2"))
        is_new = " " in one["allele_1"] + one["allele_2"]
        truth = Truth(one["locus"], alleles, "flag") if is_new else Truth(one["locus"], alleles, is_decided=True)
        sample = Sample(one["sample"], *_files(folder, one["sample"]), ground.library, None, (truth,), alone=True)
        rows.append(Row("whole gene", one["sample"], (sample,)))
    library = open_library(ground.library)
    yield Block(f"cases: whole genes that once failed; release {library.release}", tuple(rows), library)


REAL = OnFile("real", _real)
WHOLE_GENES = OnFile("cases", _whole_genes)
CASES = OnFile("cases", _cases)
