"""Accuracy of typing without a panel, over simulated people and over real reads.

``fragments``  whole genes and genomes
``genes``      genes copied by long-range PCR, at two to four fields
``rna``        spliced transcripts
``relatives``  genomes, typed with a library without the genes that are like the typed ones
``amplicons``  a panel's reads, its primers on and trimmed
``order``      deep files in order of allele
``unknown``    alleles that the library lacks
``gaps``       insertions and deletions in exons, new ones and the release's own
``mixtures``   two and three people in one sample
``cases``      whole genes of the shared data
``real``       reads of the shared data, with each library

Run it with ``make bench-typer``, or ``python tests/benchmarks/bench_shotgun_accuracy.py --help``. Like the panel's benchmark it
reports on another seed than the one that thresholds are tuned on (``--tuning``). Its library states introns: alleles are drawn
that it states as a whole, the common ones where it knows which are.
"""

from __future__ import annotations

import sys

import accuracy_shotgun_tables as tables
from accuracy_files import REAL, WHOLE_GENES
from accuracy_grounds import whole_ground
from accuracy_run import Seeds, Simulated, main

TABLES = (
    Simulated("fragments", "whole genes and genomes", whole_ground, tables.fragments()),
    Simulated("genes", "genes copied by long-range PCR", whole_ground, tables.genes()),
    Simulated("rna", "spliced transcripts", whole_ground, tables.rna()),
    Simulated("relatives", "genomes, typed with seven loci", whole_ground, tables.without_relatives()),
    Simulated("amplicons", "a panel's reads, typed without it", whole_ground, tables.amplicons()),
    Simulated("order", "deep files in order of allele", whole_ground, tables.in_order()),
    Simulated("unknown", "alleles that the library lacks; right is a flag", whole_ground, tables.unknown_alleles()),
    Simulated("gaps", "insertions and deletions in exons; of new ones right is a flag", whole_ground, tables.gaps()),
    Simulated("mixtures", "people in one sample; right is a flag of the sample", whole_ground, tables.mixtures()),
    WHOLE_GENES,
    REAL,
)


if __name__ == "__main__":
    sys.exit(main(TABLES, __doc__, Seeds(reporting=4052, tuning=9)))
