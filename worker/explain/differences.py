"""What the differences from the nearest allele are: where, in genomic, coding and codon terms, and what they do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gems_core.bases import GAP, UNKNOWN
from worker.explain.alignment import Edit
from worker.explain.coding import STOP, CodingSequence, Codon, amino_acid, codon_at
from worker.explain.comparison import EXON, Comparison, Laying, Stretch
from worker.explain.library import Gene

_SPLICE_SITE_BP = 2


class Effect(StrEnum):
    """What a difference does to the protein."""

    SYNONYMOUS = "synonymous"
    NON_SYNONYMOUS = "non_synonymous"
    STOP = "stop"
    FRAMESHIFT = "frameshift"
    IN_FRAME_INDEL = "in_frame_indel"
    SPLICE = "splice"
    INTRON = "intron"
    UTR = "utr"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Difference:
    """One difference of a sequence from an allele; positions count from 1.

    Attributes:
        feature, position: in the allele's own feature; of an insertion, the base before it (0 at the feature's start).
        gdna_position: from exon 1's first base, before it negative without a 0, as IPD-IMGT/HLA numbers.
        gdna_of: the allele that ``gdna_position`` counts: the nearest, or the reference allele where the nearest's introns
            are unknown; None (as the position) where neither's are known.
        cdna_position: in the exons; None outside.
        codon: None outside of a protein's exons.
        old, new: bases; '' where there are none.
        old_amino_acid, new_amino_acid: three letters; None where they are not one known codon each.
    """

    feature: str
    position: int
    gdna_position: int | None
    gdna_of: str | None
    cdna_position: int | None
    codon: Codon | None
    old: str
    new: str
    old_amino_acid: str | None
    new_amino_acid: str | None
    effect: Effect

    @property
    def text(self) -> str:
        """``exon3 95T>G``, ``exon3 95_96insT``, ``exon3 95_97delTGA``."""
        return f"{self.feature} {_change(self.position, self.old, self.new)}"

    @property
    def cdna(self) -> str | None:
        """``c.438T>G``."""
        return None if self.cdna_position is None else f"c.{_change(self.cdna_position, self.old, self.new)}"

    @property
    def amino_acid_change(self) -> str | None:
        """``Asp122Glu``, ``Asp122=`` when it stays; the mature protein's number."""
        if self.codon is None or self.old_amino_acid is None or self.new_amino_acid is None:
            return None
        same = self.old_amino_acid == self.new_amino_acid
        return f"{self.old_amino_acid}{self.codon.number}{'=' if same else self.new_amino_acid}"

    def as_json(self) -> dict[str, Any]:
        """An entry of ``differences`` (docs/contracts.md, section 3)."""
        change = self.amino_acid_change
        return {
            "change": self.text,
            "feature": self.feature,
            "position": self.position,
            "old": self.old or GAP,
            "new": self.new or GAP,
            "gdna_position": self.gdna_position,
            "gdna_of": self.gdna_of,
            "cdna_position": self.cdna_position,
            "cdna": self.cdna,
            "codon": self.codon.number if self.codon else None,
            "codon_from_start": self.codon.from_start if self.codon else None,
            "amino_acid_change": change,
            "protein": None if change is None else f"p.{change}",
            "effect": self.effect.value,
        }


def describe(found: Comparison) -> tuple[Difference, ...]:
    """All differences of a comparison, in the sequence's order; one that both reads of a pair show is told once."""
    coding = CodingSequence(found.laying.gene, found.allele)
    sites = [
        _site(found, stretch, edit)
        for stretch, edits in zip(found.laying.stretches, found.edits, strict=True)
        for edit in edits
    ]
    changed = _with_substitutions(coding, sites)
    return tuple(dict.fromkeys(_difference(coding, changed, site) for site in sites))


@dataclass(frozen=True)
class _Site:
    """Where an edit lies in its allele; ``column`` counts the feature's alignment from 0."""

    feature: str
    position: int
    column: int
    feature_bp: int
    edit: Edit
    gdna: tuple[int, str] | None


def _site(found: Comparison, stretch: Stretch, edit: Edit) -> _Site:
    laying = found.laying
    columns = laying.columns_of(found.allele, stretch)
    # An insertion is told by the base before it, and so is what lies behind the stretch's last base.
    at = max(0, edit.subject - 1) if not edit.old else edit.subject
    column = columns[min(at, len(columns) - 1)]
    place = laying.gene.feature_at(column)
    bases = _base_columns(laying, found.allele, place)
    position = bases.index(column) + 1 if edit.subject or edit.old else 0
    gdna = _gdna(laying.gene, found.allele, column) or _gdna(laying.gene, laying.gene.reference, column)
    in_feature = column - laying.gene.starts[place]
    return _Site(laying.gene.features[place], position, in_feature, len(bases), edit, gdna)


def _base_columns(laying: Laying, allele: str, place: int) -> list[int]:
    """The columns of a feature in which an allele has a base."""
    gene = laying.gene
    start, piece = gene.starts[place], gene.piece(allele, gene.features[place])
    guide = laying.guide[start : start + len(piece)]
    is_gap = [base == GAP or (base == UNKNOWN and other == GAP) for base, other in zip(piece, guide, strict=True)]
    return [start + column for column, gap in enumerate(is_gap) if not gap]


def _gdna(gene: Gene, allele: str, column: int) -> tuple[int, str] | None:
    """A column's genomic position in an allele, and the allele; None where bases between it and exon 1 are not stated."""
    row = gene.row(allele)
    if "exon1" not in gene.features or row[column] in (GAP, UNKNOWN):
        return None
    start = gene.starts[gene.features.index("exon1")]
    between = row[min(start, column) : max(start, column)]
    crossed = range(gene.feature_at(min(start, column)), gene.feature_at(max(start, column)))
    if UNKNOWN in between or any(gene.widths[place] == 0 for place in crossed):
        return None
    bases = len(between) - between.count(GAP)
    return (bases + 1 if column >= start else -bases), allele


def _with_substitutions(coding: CodingSequence, sites: list[_Site]) -> str:
    """The coding sequence with every substitution made: two in one codon act together."""
    bases = list(coding.bases)
    for site in sites:
        if site.feature.startswith(EXON) and len(site.edit.old) == len(site.edit.new):
            bases[coding.position(site.feature, site.position) - 1] = site.edit.new
    return "".join(bases)


def _difference(coding: CodingSequence, changed: str, site: _Site) -> Difference:
    old, new = site.edit.old, site.edit.new
    gdna_position, gdna_of = site.gdna or (None, None)
    if not site.feature.startswith(EXON):
        effect = _effect_outside(site)
        return Difference(site.feature, site.position, gdna_position, gdna_of, None, None, old, new, None, None, effect)
    cdna = coding.position(site.feature, site.position)
    codon = codon_at(coding.gene.name, coding.reference_position(site.feature, site.column))
    first = (cdna - 1) // 3 * 3
    is_substitution = len(old) == len(new) and codon is not None
    before = amino_acid(coding.bases[first : first + 3]) if is_substitution else None
    after = amino_acid(changed[first : first + 3]) if is_substitution else None
    effect = _effect_of_codon(before, after) if is_substitution else _effect_of_indel(coding, cdna, codon, site.edit)
    return Difference(site.feature, site.position, gdna_position, gdna_of, cdna, codon, old, new, before, after, effect)


def _effect_outside(site: _Site) -> Effect:
    if "UTR" in site.feature:
        return Effect.UTR
    last = site.position + max(0, len(site.edit.old) - 1)
    first = site.position if site.edit.old else site.position + 1
    at_border = first <= _SPLICE_SITE_BP or last > site.feature_bp - _SPLICE_SITE_BP
    return Effect.SPLICE if at_border else Effect.INTRON


def _effect_of_codon(before: str | None, after: str | None) -> Effect:
    if before is None or after is None:
        return Effect.UNKNOWN
    if before == after:
        return Effect.SYNONYMOUS
    return Effect.STOP if after == STOP else Effect.NON_SYNONYMOUS


def _effect_of_indel(coding: CodingSequence, cdna: int, codon: Codon | None, edit: Edit) -> Effect:
    """A deletion starts at ``cdna``; an insertion follows it."""
    if codon is None:
        return Effect.UNKNOWN
    if (len(edit.new) - len(edit.old)) % 3:
        return Effect.FRAMESHIFT
    at = cdna - 1 if edit.old else cdna
    edited = coding.bases[:at] + edit.new + coding.bases[at + len(edit.old) :]
    first = at // 3 * 3
    codons = range(first, at + len(edit.new) + 1, 3)
    return Effect.STOP if any(amino_acid(edited[one : one + 3]) == STOP for one in codons) else Effect.IN_FRAME_INDEL


def _change(position: int, old: str, new: str) -> str:
    if old and new:
        return f"{position}{old}>{new}"
    if new:
        return f"{position}_{position + 1}ins{new}"
    return f"{position}del{old}" if len(old) == 1 else f"{position}_{position + len(old) - 1}del{old}"
