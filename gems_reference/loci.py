"""From a release's alignment files to its loci."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gems_core.errors import one_problem
from gems_reference.alignment import Alignment, parse_alignment
from gems_reference.assemble import LocusTable, Rows, assemble_locus
from gems_reference.release import ALIGNMENT_NAME

# Genes near HLA that the alignments carry and that are no HLA genes.
NOT_HLA = frozenset({"HFE", "MICA", "MICB", "TAP1", "TAP2"})


def read_alignments(texts: Mapping[str, str]) -> tuple[str, dict[str, Alignment]]:
    """Parse a release's alignments.

    Args:
        texts: text by file name.

    Returns:
        the release that the files state, and the alignments by file name.

    Raises:
        InvalidInput: a file is damaged, or the files are of several releases.
    """
    alignments = {}
    for name, text in texts.items():
        match = ALIGNMENT_NAME.fullmatch(name)
        if match is not None and match["stem"] not in NOT_HLA:
            alignments[name] = parse_alignment(text, name)
    releases: dict[str, str] = {}
    for name, alignment in alignments.items():
        releases.setdefault(alignment.release, name)
    if len(releases) != 1 or "" in releases:
        found = ", ".join(f"{release or 'none'} in {name}" for release, name in releases.items())
        raise one_problem(
            "mixed_release",
            "alignments",
            "one '# version: IPD-IMGT/HLA x.y.z' in all files",
            found or "no files",
            "Fetch the release again.",
        )
    return next(iter(releases)), alignments


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
