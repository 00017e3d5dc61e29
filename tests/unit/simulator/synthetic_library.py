"""A library of made-up genes, large enough for a class I and a class II panel."""

from __future__ import annotations

import random
from pathlib import Path

from gems_reference.assemble import assemble_locus
from gems_reference.build import Material, build_library
from gems_reference.library import open_library
from gems_reference.nomenclature import Nomenclature
from gems_reference.panel import Panel
from gems_reference.panel_design import design_panel
from gems_simulator.genotypes import Products

CLASS_1 = (200, 73, 130, 270, 240, 276, 570, 276, 100, 117, 440, 33, 140, 48, 160, 5, 200)
CLASS_2 = (200, 100, 300, 270, 300, 282, 300, 111, 300, 24, 300, 14, 200)
LOCI = {"A": CLASS_1, "B": CLASS_1, "C": CLASS_1, "H": CLASS_1}
LOCI |= dict.fromkeys(("DRB1", "DQA1", "DQB1", "DPA1", "DPB1", "DRB3", "DRB4", "DRB5"), CLASS_2)


def gene(locus: str, lengths: tuple[int, ...], alleles: int = 6) -> dict[str, tuple[str, ...]]:
    """Rows of a gene: alleles that differ in some bases of their exons, one of them with a deletion."""
    rng = random.Random(locus)
    first = tuple("".join(rng.choices("ACGT", k=length)) for length in lengths)
    rows = {}
    for number in range(1, alleles + 1):
        group = 15 if locus == "DRB1" and number == 2 else number
        features = [_changed(text, rng) if slot % 2 and number > 1 else text for slot, text in enumerate(first)]
        if number == 3:
            features[3] = features[3][:100] + "..." + features[3][103:]
        rows[f"{locus}*{group:02}:01:01:01"] = tuple(features)
    return rows


def _changed(text: str, rng: random.Random) -> str:
    for place in rng.sample(range(len(text)), k=max(1, len(text) // 60)):
        text = text[:place] + rng.choice([base for base in "ACGT" if base != text[place]]) + text[place + 1 :]
    return text


def make_products(directory: Path) -> Products:
    """A library with a coding-only allele (``A*90:01``), a null one, and DRB5 without introns; and a panel designed from it."""
    tables = []
    for locus, lengths in LOCI.items():
        genomic = gene(locus, lengths)
        coding = {allele: row[1::2] for allele, row in genomic.items()}
        if locus == "A":
            coding["A*90:01"] = coding["A*01:01:01:01"]
            genomic["A*91:01N"] = genomic["A*02:01:01:01"]
            coding["A*91:01N"] = coding["A*02:01:01:01"]
        if locus == "DRB5":
            coding = {allele.replace("DRB1", "DRB5"): row[1::2] for allele, row in gene("DRB1", lengths).items()}
            genomic = {}
        tables.append(assemble_locus(locus, coding, genomic))
    build_library(Material("path", "9.1.0", tuple(tables), Nomenclature(), ()), directory)
    library = open_library(directory)
    panel: Panel = design_panel([library], "test-1")
    return Products(library, panel)
