"""Every threshold of the verdicts, with its reason. A change of any of them is a new VERSION, which every result tells."""

from __future__ import annotations

VERSION = "1"

SMALLEST_LOCATING_SCORE = 30
"""An alignment that scores less (match 1, mismatch -2, gap -4 and -3) is chance: cross_match's own default ``-minscore``."""

LONGEST_UNALIGNED_END_BP = 12
"""A shorter end that the local alignment left out is compared base by base: beyond one mismatch it would need two matching
bases to pay for it, so a change near the end is cut off though the rest belongs."""

LARGEST_NEW_ALLELE_DIVERGENCE = 0.03
"""Of the bases compared. Farther from every known allele than this, a sequence is `unknown`: what it differs by could not be
told as a few changes of an allele."""

MOST_NEW_ALLELE_DIFFERENCES = 10
"""For the same reason, whatever the length."""

SMALLEST_COMPARED_SHARE = 0.9
"""Of the sequence. A new allele is compared almost whole; a sequence that leaves the gene is something else."""

LARGEST_PCR_ERROR_SHARE = 0.2
"""Errors of the first PCR cycles reach a tenth or two of an amplicon's pairs (docs/typing.md, section 4)."""

FEWEST_PAIRS = 10
"""Fewer molecules than this may all descend from one faulty copy."""

MOST_CHIMERA_MISMATCHES = 1
"""A crossover happens in PCR, and so does an error of one base on top of it; two of them are rarer than a new allele."""

SMALLEST_CHIMERA_GAIN = 2
"""Bases that a crossover of two sequences must explain beyond the best single allele: one may be an error, or the new base itself."""

SMALLEST_PARALOGUE_GAIN = 5
"""Bases by which another gene must be nearer than the amplicon's own: more than the changes that a new allele usually has."""

LARGEST_PARALOGUE_DIVERGENCE = 0.02
"""Of the bases compared. The genes of a class differ by 5% and more in their polymorphic exons; a gene's alleles are nearer."""

SMALLEST_PARALOGUE_SHARE = 0.5
"""Of the sequence. Many paralogues have no introns in the release, so that only the exon can be compared."""

SHORTEST_ADAPTER_BP = 13
"""The bases that all TruSeq adapters share; by chance they stand once in 67 million places."""

SHORTEST_PRIMER_MATCH_BP = 12
"""As many clear bases as a panel's primer has at least (docs/contracts.md, section 2)."""

SMALLEST_DIMER_PRIMER_SHARE = 0.6
"""Of the bases. In a true product of 200 bp the primers of 20 bp are a fifth; in a dimer almost everything."""

LONGEST_DIMER_BP = 30
"""Two primers of 20 bp that ran into each other leave hardly anything between them; no exon's amplicon is so short."""

LONGEST_REPEAT_UNIT_BP = 4
FEWEST_REPEAT_COPIES = {1: 5, 2: 4, 3: 4, 4: 4}
"""Copies, by the unit's length, from which polymerases are known to slip (homopolymers from about five bases on)."""

LARGEST_SLIPPAGE_SHARE = 0.25
"""A repeat that changes in a quarter of the pairs or more is what the typer calls a possible new allele, and so it is told."""

ANOTHER_SAMPLE_RATIO = 5.0
"""How much larger the share in the other sample must be: carry-over between wells is a few percent, an allele's share a third."""

SMALLEST_SOURCE_SHARE = 0.2
"""Of an amplicon's pairs: below it the sequence is not the other sample's own either."""

MOST_SEQUENCES = 60
"""A sample's sequences beyond these, the fewest pairs last, are listed as unknown without a comparison: a bad run must not
take the worker's time (a comparison took up to 0.9 s at HLA-B of release 3.33.0)."""

LONGEST_SEQUENCE_BP = 3000
"""Longer than any product of the panel; nothing the typer writes."""
