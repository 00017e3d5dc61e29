"""From a release's alignment files to its loci."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gems_core.errors import one_problem
from gems_core.hla import CLASS_1_LOCI, CLASS_2_LOCI, DRB345_GENES
from gems_reference.alignment import Alignment, parse_alignment
from gems_reference.assemble import LocusTable, Rows, assemble_locus
from gems_reference.release import ALIGNMENT_NAME
from gems_reference.release_version import refuse_cut

# Genes near HLA that the alignments carry and that are no HLA genes.
NOT_HLA = frozenset({"HFE", "MICA", "MICB", "TAP1", "TAP2"})
TYPED_GENES = tuple(
    gene for locus in CLASS_1_LOCI + CLASS_2_LOCI for gene in (DRB345_GENES if locus == "DRB345" else (locus,))
)


def read_alignments(texts: Mapping[str, str]) -> dict[str, Alignment]:
    """Parse a release's alignments.

    Args:
        texts: text by file name.

    Returns:
        the alignments by file name.

    Raises:
        InvalidInput: a file is damaged, or a typed gene lacks one.
    """
    wanted = {name: text for name, text in texts.items() if _is_of_hla(name)}
    refuse_cut(wanted)
    alignments = {name: parse_alignment(text, name) for name, text in wanted.items()}
    _require_coding(alignments)
    return alignments


def _is_of_hla(name: str) -> bool:
    match = ALIGNMENT_NAME.fullmatch(name)
    return match is not None and match["stem"] not in NOT_HLA


def _require_coding(alignments: Mapping[str, Alignment]) -> None:
    """Most alleles are known by their exons alone: those a gene loses without its coding alignment."""
    coding, genomic = _by_locus(alignments, "nuc"), _by_locus(alignments, "gen")
    lacking = [gene for gene in TYPED_GENES if gene in genomic and gene not in coding]
    if lacking:
        where = ", ".join(f"{gene}_nuc.txt" for gene in lacking)
        found = f"only the genomic one of {', '.join(lacking)}"
        repair = "Fetch the release again: alleles whose exons alone are known would be missing."
        raise one_problem("no_coding_alignment", where, "the gene's coding alignment", found, repair)


def assemble_loci(alignments: Mapping[str, Alignment]) -> Iterator[LocusTable]:
    """Every locus of a release, in name order.

    Yields:
        one table a locus. A locus's rows are taken from the file that is named after it, else from the shared file (such as
        ``DRB_nuc.txt``) with the fewest loci that has rows of it.
    """
    coding, genomic = _by_locus(alignments, "nuc"), _by_locus(alignments, "gen")
    for locus in sorted((coding.keys() | genomic.keys()) - NOT_HLA):
        rows, shared = coding.get(locus, ({}, False))
        yield assemble_locus(locus, rows, genomic.get(locus, ({}, False))[0], drop_empty_columns=shared)


def _by_locus(alignments: Mapping[str, Alignment], kind: str) -> dict[str, tuple[Rows, bool]]:
    """Locus -> its rows in files of a kind, and whether other loci share the file."""
    found: dict[str, tuple[int, dict[str, tuple[str, ...]]]] = {}
    for name, alignment in sorted(alignments.items()):
        match = ALIGNMENT_NAME.fullmatch(name)
        if match is None or match["kind"] != kind:
            continue
        loci: dict[str, dict[str, tuple[str, ...]]] = {}
        for allele, row in alignment.rows.items():
            loci.setdefault(allele.partition("*")[0], {})[allele] = row
        for locus, rows in loci.items():
            rank = 0 if locus == match["stem"] else len(loci)
            if locus not in found or rank < found[locus][0]:
                found[locus] = (rank, rows)
    return {locus: (rows, rank > 0) for locus, (rank, rows) in found.items()}
