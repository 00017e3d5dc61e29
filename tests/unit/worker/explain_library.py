"""A small made-up library of HLA-B and a pseudogene H, and sequences cut from it."""

from __future__ import annotations

import json
import random
from pathlib import Path

from worker.explain.library import Library
from worker.explain.sequences import Unexplained

FEATURES = ("5UTR", "exon1", "intron1", "exon2", "intron2", "exon3", "3UTR")
LENGTHS = (60, 73, 130, 270, 90, 276, 60)
REFERENCE, OTHER, CODING_ONLY, FAR, SHORT = "B*91:01", "B*92:01", "B*93:01", "B*94:01", "B*95:01"
# B*95:01 lacks a codon of exon 2: these three of its places, from 0, are a gap. It has other bases behind them.
LACKING, BEHIND = slice(62, 65), (100, 150, 220, 250)
CALLED = {"B": (REFERENCE, OTHER)}
# Places, from 0, in exon 2 and exon 3 where B*92:01 has other bases than B*91:01.
OTHER_PLACES = {"exon2": (40, 90, 200), "exon3": (31, 120, 122, 240)}

Pieces = dict[str, str]


def make_library(folder: Path) -> Library:
    """Write and open it."""
    folder.mkdir(parents=True, exist_ok=True)
    genes = {"B": b_alleles(), "H": {"H*91:01": diverged(reference_pieces(), every=13)}}
    loci = {gene: {"reference_allele": next(iter(alleles)), "features": FEATURES} for gene, alleles in genes.items()}
    (folder / "library.json").write_text(json.dumps({"format": 1, "loci": loci}))
    for gene, alleles in genes.items():
        write_gene(folder, gene, alleles)
    return Library(folder)


def write_gene(folder: Path, gene: str, alleles: dict[str, Pieces]) -> None:
    rows = {feature: list(dict.fromkeys(one[feature] for one in alleles.values())) for feature in FEATURES}
    lines = [f"{feature}\t{index}\t{row}" for feature in FEATURES for index, row in enumerate(rows[feature])]
    (folder / f"{gene}.sequences.tsv").write_text("\n".join(["feature\tindex\tsequence", *lines]) + "\n")
    table = ["\t".join(("allele", "g_group", "p_group", "ciwd", *FEATURES))]
    for name, one in alleles.items():
        indexes = (str(rows[feature].index(one[feature])) for feature in FEATURES)
        table.append("\t".join((name, "", "", "", *indexes)))
    (folder / f"{gene}.alleles.tsv").write_text("\n".join(table) + "\n")


def reference_pieces() -> Pieces:
    """B*91:01: an open reading frame, with a homopolymer in intron 1 and a codon of each kind that a test asks for."""
    rng = random.Random(5)
    pieces = {name: "".join(rng.choices("ACGT", k=bp)) for name, bp in zip(FEATURES, LENGTHS, strict=True)}
    coding = "ATG" + "".join(rng.choices(["GAC", "CTG", "AAG", "TCA", "GGT", "CAG"], k=206))
    cut = (coding[:73], coding[73:343], (coding + "C")[343:619])
    pieces.update(zip(("exon1", "exon2", "exon3"), cut, strict=True))
    pieces["intron1"] = pieces["intron1"][:60] + "C" + "A" * 8 + "G" + pieces["intron1"][70:]
    return pieces


def b_alleles() -> dict[str, Pieces]:
    first = reference_pieces()
    second = dict(first)
    for feature, places in OTHER_PLACES.items():
        for place in places:
            second[feature] = substituted(second[feature], place)
    coding_only = {name: "*" * len(row) if "exon" not in name else row for name, row in first.items()}
    short = dict(first)
    for place in BEHIND:
        short["exon2"] = substituted(short["exon2"], place)
    short["exon2"] = short["exon2"][: LACKING.start] + "..." + short["exon2"][LACKING.stop :]
    far = diverged(first, every=25)
    return {REFERENCE: first, OTHER: second, CODING_ONLY: coding_only, FAR: far, SHORT: short}


def diverged(pieces: Pieces, every: int) -> Pieces:
    """Every n-th base another one."""
    found = {}
    for name, row in pieces.items():
        for place in range(every // 2, len(row), every):
            row = substituted(row, place)  # noqa: PLW2901
        found[name] = row
    return found


def substituted(bases: str, place: int, base: str = "") -> str:
    """Another base (the complement, or as given) at a 0-based place."""
    new = base or bases[place].translate(str.maketrans("ACGT", "TGCA"))
    return bases[:place] + new + bases[place + 1 :]


def product(pieces: Pieces, exon: str = "exon3", flank: int = 45) -> str:
    """An exon with the bases beside it, as an amplicon shows it."""
    at = FEATURES.index(exon)
    return pieces[FEATURES[at - 1]][-flank:] + pieces[exon] + pieces[FEATURES[at + 1]][:flank]


def unexplained(bases: str, *, pairs: int = 60, share: float = 0.4, gene: str = "B", exon: int = 3) -> Unexplained:
    amplicon = f"Exon {exon}"
    return Unexplained(f"{gene}|{amplicon}|1 pairs={pairs} share={share}", gene, amplicon, 1, pairs, share, bases)
