"""The bundled example: three people whose reads are made on the spot, so that none need be shipped."""

from __future__ import annotations

import random
from pathlib import Path

from gems_core.errors import one_problem
from gems_core.hla import DRB345_GENES
from gems_reference.library import open_library
from gems_reference.panel import open_panel_path, read_panel
from gems_simulator.genotypes import Products, draw_genotypes
from gems_simulator.run import TRUTH_NAME, Person, read_names, write_run
from gems_simulator.settings import RunSettings

NAMES = ("EXAMPLE-1", "EXAMPLE-2", "EXAMPLE-3")
PAIRS_PER_SAMPLE = 2500
SEED = 20240101
# Of two chromosomes four in five carry one of the three genes, so each gene has about a quarter of a full pair.
COPIES_OF_A_DRB345_GENE = 0.27


def build_example(
    library_dir: Path, panel: Path | None, out_dir: Path, seed: int = SEED
) -> dict[str, tuple[Path, Path]]:
    """Write the example's FASTQ files and truth.

    Args:
        library_dir: a library; its loci that the panel has are made.
        panel: None takes the open panel.
        out_dir: where; new, empty, or an earlier example's folder.
        seed: another seed gives other people.

    Returns:
        R1 and R2 of each sample.

    Raises:
        InvalidInput: other files are in the folder, the library or the panel is damaged, or nothing can be drawn from them.
    """
    _demand_ours(out_dir)
    products = Products(open_library(library_dir), read_panel(panel or open_panel_path()))
    rng = random.Random(seed)  # noqa: S311 - simulation, and it must repeat
    people = [Person(name, draw_genotypes(products, rng)) for name in NAMES]
    settings = RunSettings(pairs_per_amplicon=max(1.0, PAIRS_PER_SAMPLE / amplicons_of_a_person(products)))
    return write_run(products, people, out_dir, settings, seed)


def _demand_ours(folder: Path) -> None:
    """See that nobody else's file is overwritten, nor typed with the example's."""
    reads = {name for number, sample in enumerate(NAMES, start=1) for name in read_names(sample, number)}
    held = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    # The truth is written last, so that of an example is never alone.
    strangers = sorted(held - reads - ({TRUTH_NAME} if held & reads else set()))
    if strangers:
        expected = "an empty folder, or an earlier example's reads"
        raise one_problem("output", str(folder), expected, ", ".join(strangers[:5]), "Name another output folder.")


def amplicons_of_a_person(products: Products) -> float:
    """How many amplicons a person has on average, an amplicon of a gene on one chromosome counted half."""
    copies = {gene: COPIES_OF_A_DRB345_GENE if gene in DRB345_GENES else 1.0 for gene in products.genes}
    return sum(share * len(products.panel.of_locus(gene)) for gene, share in copies.items())
