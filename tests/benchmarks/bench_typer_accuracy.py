"""Accuracy of typing with a panel: tables by depth, balance, chimeras and every other artefact.

``sweep``       an ordinary run, and one thing more
``byproducts``  primer dimers, mispriming and tails of G, beside homozygous genes
``unknown``     alleles that the library lacks
``gaps``        new insertions and deletions in exons and introns, new splice sites
``mixtures``    two and three people in one sample
``short``       reads that do not reach across an amplicon
``cases``       reads of the shared data

Run it with ``make bench-typer``, or ``python tests/benchmarks/bench_typer_accuracy.py --help``. The reported seed differs from
the one that thresholds are tuned on (``--tuning``), so that the tables are of people nobody has looked at.
"""

from __future__ import annotations

import sys

import accuracy_panel_tables as tables
import accuracy_sweep
from accuracy_files import CASES
from accuracy_grounds import open_ground, whole_ground
from accuracy_run import Seeds, Simulated, main

TABLES = (
    Simulated("sweep", "an ordinary run, and one thing more", open_ground, accuracy_sweep.conditions()),
    Simulated("byproducts", "reads that are of no allele", whole_ground, tables.byproducts()),
    Simulated("unknown", "alleles that the library lacks; right is a flag", whole_ground, tables.unknown_alleles()),
    Simulated("gaps", "new insertions, deletions and splice sites; right is a flag", whole_ground, tables.gaps()),
    Simulated("mixtures", "people in one sample; right is a flag of the sample", whole_ground, tables.mixtures()),
    Simulated("short", "reads that do not reach across an amplicon", whole_ground, tables.short_reads()),
    CASES,
)


if __name__ == "__main__":
    sys.exit(main(TABLES, __doc__, Seeds(reporting=2026, tuning=7)))
