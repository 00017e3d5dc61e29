"""What goes wrong in a tube beyond wrong bases: slipped runs, broken reads, adapters, alleles that are not copied."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from gems_core.bases import reverse_complement
from gems_reference.amplicons import Amplicon
from gems_simulator.errors import scatter_once

# The first bases of the common Illumina adapters (TruSeq), R1 and R2: what a read goes on with after its product's end.
ADAPTERS = ("AGATCGGAAGAGCACACGTCTGAACTCCAGTCA", "AGATCGGAAGAGCGTCGTGTAGGGAAAGAGTGT")
# A polymerase slips where one base stands at least so often in a row.
SLIPPERY_RUN_BP = 6
_RUN = re.compile("|".join(f"{base}{{{SLIPPERY_RUN_BP},}}" for base in "ACGT"))
SHORTEST_READ_BP = 40


def early_errors(products: Sequence[Amplicon], share: float, rng: random.Random) -> tuple[str, ...]:
    """For each product the molecule of one faulty copy of the first cycles; none where no share is of such copies."""
    return tuple(scatter_once(product.sequence, rng) for product in products) if share > 0 else ()


def slip(sequence: str, rate: float, rng: random.Random) -> str:
    """A copy in which each run of one base is, at this rate, a base longer or shorter."""

    def slipped(run: re.Match[str]) -> str:
        if rng.random() >= rate:
            return run.group()
        return run.group() + run.group()[0] if rng.random() < 0.5 else run.group()[1:]  # noqa: PLR2004 - either way

    return _RUN.sub(slipped, sequence) if rate > 0 else sequence


def with_adapters(molecule: str) -> tuple[str, str]:
    """What the two reads run along: each strand and then the adapter."""
    return molecule + ADAPTERS[0], reverse_complement(molecule) + ADAPTERS[1]


def truncated(length: int, share: float, rng: random.Random) -> int:
    """How many bases are left of a read: all, or for a share of the reads fewer."""
    if share > 0 and length > SHORTEST_READ_BP and rng.random() < share:
        return rng.randrange(SHORTEST_READ_BP, length)
    return length


def without_dropout(
    made: Sequence[dict[str, Amplicon]], share: float, rng: random.Random
) -> tuple[dict[str, Amplicon], ...]:
    """Two alleles' products by amplicon; at this share of the loci one allele lacks one product.

    Such is a variant under a primer: the allele is copied everywhere but there.
    """
    kept = tuple(dict(products) for products in made)
    if share > 0 and len(kept) > 1 and rng.random() < share:
        one = rng.choice(kept)
        del one[rng.choice(list(one))]
    return kept


def without_one(names: Sequence[str], share: float, rng: random.Random) -> tuple[str, ...]:
    """Names of amplicons; at this share of the loci one of them is missing (a failed PCR)."""
    if share > 0 and rng.random() < share:
        lost = rng.choice(names)
        return tuple(name for name in names if name != lost)
    return tuple(names)
