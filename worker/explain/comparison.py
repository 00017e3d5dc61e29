"""A sequence held against the alleles of one gene. Places in sequences and columns are 0-based, ends not included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from gems_core.bases import GAP, UNKNOWN
from worker.explain import thresholds
from worker.explain.alignment import Edit, Place, edits, estimates, locate
from worker.explain.library import Gene
from worker.explain.rows import bases_beside, bases_completed, is_base
from worker.explain.sequences import Unexplained

EXON = "exon"
_INTRON_CHARGE_PER_BP, _EXON_CHARGE_PER_BP = 0.001, 0.05
"""Differences that an allele is charged for a base that the release does not state, and that is taken from the guide. In
introns and UTRs it only orders equals (a whole amplicon's are below one difference); exons differ by about a base in twenty.
Called alleles are charged nothing: the sample's other reads have shown that they are there."""
_LEAST_STATED_EXON_SHARE = 0.5
"""An allele of which less is stated cannot be said to be near."""
_SHORTLIST = 40
"""Alleles that are aligned base by base after all were estimated by their columns; the estimate only leaves gaps uncertain."""


@dataclass(frozen=True)
class Stretch:
    """Where a part of a sequence lies in a gene.

    Attributes:
        query_start, query_end: in the whole sequence.
        column_start, column_end: of the gene's alignment.
    """

    bases: str
    query_start: int
    query_end: int
    column_start: int
    column_end: int


@dataclass(frozen=True)
class Laying:
    """A sequence laid on a gene.

    Attributes:
        guide: the row, of the allele it lies best on, by which gaps in unknown stretches are told from bases.
    """

    gene: Gene
    guide: str
    stretches: tuple[Stretch, ...]

    @property
    def covered(self) -> frozenset[int]:
        """The places of the sequence that lie on the gene."""
        return frozenset(place for one in self.stretches for place in range(one.query_start, one.query_end))

    def columns_of(self, allele: str, stretch: Stretch) -> list[int]:
        """The columns of a stretch in which an allele has a base, known or not."""
        row = self.gene.row(allele)
        columns = range(stretch.column_start, stretch.column_end)
        return [column for column in columns if is_base(row[column], self.guide[column])]


@dataclass(frozen=True)
class Comparison:
    """How a sequence differs from an allele.

    Attributes:
        edits: of each stretch; places in the stretch's own bases.
        alike: all alleles that have the same bases there, in the release's order; ``allele`` is one of them.
        unknown_bp: bases there that the release does not state.
    """

    laying: Laying
    allele: str
    edits: tuple[tuple[Edit, ...], ...]
    alike: tuple[str, ...]
    unknown_bp: int

    @property
    def difference_count(self) -> int:
        """Substitutions, insertions and deletions, each counted once, though both reads of a pair may show it."""
        if len(self.edits) == 1:
            return len(self.edits[0])
        pairs = zip(self.laying.stretches, self.edits, strict=True)
        return len({one for stretch, found in pairs if found for one in self._on_columns(stretch, found)})

    def _on_columns(self, stretch: Stretch, found: tuple[Edit, ...]) -> Iterator[tuple[int, str, str]]:
        columns = [*self.laying.columns_of(self.allele, stretch), stretch.column_end]
        for edit in found:
            yield columns[min(edit.subject, len(columns) - 1)], edit.old, edit.new

    @property
    def compared_bp(self) -> int:
        """Bases of the sequence that were held against known ones."""
        return max(0, len(self.laying.covered) - self.unknown_bp)

    @property
    def identity(self) -> float:
        """1 without any difference."""
        return max(0.0, 1 - self.difference_count / self.compared_bp) if self.compared_bp else 0.0

    @property
    def places(self) -> list[int]:
        """Where in the whole sequence it differs."""
        pairs = zip(self.laying.stretches, self.edits, strict=True)
        return [stretch.query_start + edit.query for stretch, found in pairs for edit in found]


def lay(query: Unexplained, gene: Gene, guides: Sequence[str]) -> Laying | None:
    """Find where a sequence lies in a gene.

    Args:
        query: the sequence.
        gene: of the library.
        guides: alleles to lay it on; the best of them and of the gene's reference allele is taken.

    Returns:
        None where no part of it lies there better than by chance.
    """
    rows = [gene.row(allele) for allele in dict.fromkeys((*guides, gene.reference)) if allele in gene.alleles]
    subjects = [row.replace(GAP, "") for row in rows]
    # All guides in one call: the aligner takes as long for one.
    places = zip(*(locate(part, subjects) for _, part in query.parts), strict=True)
    layings = [
        found for row, of_parts in zip(rows, places, strict=True) if (found := _laid(query, gene, row, of_parts))
    ]
    return max(layings, key=lambda pair: pair[0], default=(0, None))[1]


def compare(laying: Laying, allele: str) -> Comparison:
    """Hold the sequence against one allele."""
    return _compared(laying, allele, (allele,), tuple(_text(laying, allele, one) for one in laying.stretches))


def nearest(laying: Laying, called: Collection[str]) -> Comparison | None:
    """The allele that the sequence differs from least; among equals a called one, then the release's order.

    Returns:
        None where the release states too little of every allele there.
    """
    order = {allele: place for place, allele in enumerate(laying.gene.alleles)}
    ranked = [(_rank(laying, group, called, order), group) for group in _shortlist(laying, called)]
    best = min(ranked, key=lambda pair: pair[0], default=(None, None))[1]
    return None if best is None else _compared(laying, best.shown, best.alleles, best.texts)


@dataclass(frozen=True)
class _Group:
    """Alleles that are alike where the sequence lies.

    Attributes:
        shown: the one that stands for them; a called one where there is one.
        texts: their bases in each stretch, unknown ones as ``*``.
    """

    shown: str
    alleles: tuple[str, ...]
    texts: tuple[str, ...]


def _rank(laying: Laying, group: _Group, called: Collection[str], order: dict[str, int]) -> tuple[float, bool, int]:
    """An allele of which less is stated must not come nearer for that: the guide's bases stand where its own do not."""
    filled = (_filled(laying, group.shown, one) for one in laying.stretches)
    count = sum(len(edits(one.bases, text)) for one, text in zip(laying.stretches, filled, strict=True))
    is_called = group.shown in called
    return count + (0.0 if is_called else _charge(laying, group.shown)), not is_called, order[group.shown]


def _charge(laying: Laying, allele: str) -> float:
    pieces = [_cut(laying, allele, one) for one in laying.stretches]
    unknown = sum(piece.count(UNKNOWN) for piece in pieces)
    exon = sum(_unknown_exon_bp(laying, allele, one) for one in laying.stretches) if unknown else 0
    return exon * _EXON_CHARGE_PER_BP + (unknown - exon) * _INTRON_CHARGE_PER_BP


def _shortlist(laying: Laying, called: Collection[str]) -> Iterator[_Group]:
    """The groups that come nearest by estimate."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for alleles in _of_same_rows(laying).values():
        groups[tuple(_text(laying, alleles[0], one) for one in laying.stretches)] += alleles
    shown = {texts: next((one for one in alleles if one in called), alleles[0]) for texts, alleles in groups.items()}
    about = _estimates(laying, list(shown.values()))
    estimated = [
        (about[shown[texts]], shown[texts] not in called, _Group(shown[texts], tuple(alleles), texts))
        for texts, alleles in groups.items()
    ]
    estimated.sort(key=lambda one: one[:2])
    stated = (group for _, _, group in estimated if _is_stated(laying, group.shown))
    yield from islice(stated, _SHORTLIST)


def _estimates(laying: Laying, alleles: list[str]) -> dict[str, float]:
    """About how many differences each allele has, asked for in one call a stretch."""
    filled = ([_filled(laying, allele, one) for allele in alleles] for one in laying.stretches)
    of_stretches = [estimates(one.bases, texts) for one, texts in zip(laying.stretches, filled, strict=True)]
    return {allele: sum(about) for allele, about in zip(alleles, zip(*of_stretches, strict=True), strict=True)}


def _of_same_rows(laying: Laying) -> dict[tuple[int, ...], list[str]]:
    """Alleles by their rows' indexes in the features that the sequence covers."""
    gene = laying.gene
    used = sorted(
        {
            place
            for one in laying.stretches
            for place in range(gene.feature_at(one.column_start), gene.feature_at(one.column_end - 1) + 1)
        }
    )
    groups: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for allele, indexes in gene.alleles.items():
        groups[tuple(indexes[place] for place in used)].append(allele)
    return groups


def _compared(laying: Laying, allele: str, alike: tuple[str, ...], texts: tuple[str, ...]) -> Comparison:
    found = tuple(
        tuple(edit for edit in edits(stretch.bases, text) if not edit.old or set(edit.old) != {UNKNOWN})
        for stretch, text in zip(laying.stretches, texts, strict=True)
    )
    return Comparison(laying, allele, found, alike, sum(text.count(UNKNOWN) for text in texts))


def _text(laying: Laying, allele: str, stretch: Stretch) -> str:
    """An allele's bases in a stretch; where they are unknown, the guide tells the gaps."""
    return bases_beside(_cut(laying, allele, stretch), _guide(laying, stretch))


def _filled(laying: Laying, allele: str, stretch: Stretch) -> str:
    """An allele's bases in a stretch, the guide's where they are unknown."""
    return bases_completed(_cut(laying, allele, stretch), _guide(laying, stretch))


def _cut(laying: Laying, allele: str, stretch: Stretch) -> str:
    return "".join(_pieces(laying.gene, allele, stretch))


def _guide(laying: Laying, stretch: Stretch) -> str:
    return laying.guide[stretch.column_start : stretch.column_end]


def _pieces(gene: Gene, allele: str, stretch: Stretch) -> Iterator[str]:
    """An allele's aligned row between two columns, without joining the whole gene."""
    indexes = gene.alleles[allele]
    for place, (feature, start) in enumerate(zip(gene.features, gene.starts, strict=True)):
        if start < stretch.column_end and stretch.column_start < start + gene.widths[place]:
            piece = gene.rows[feature][indexes[place]]
            yield piece[max(0, stretch.column_start - start) : stretch.column_end - start]


def _is_stated(laying: Laying, allele: str) -> bool:
    """Whether the release states enough of an allele's exon bases under the sequence."""
    exon_bp = sum(end - start for one in laying.stretches for start, end in _exon_spans(laying.gene, one))
    unknown = sum(_unknown_exon_bp(laying, allele, one) for one in laying.stretches)
    return unknown <= exon_bp * (1 - _LEAST_STATED_EXON_SHARE)


def _unknown_exon_bp(laying: Laying, allele: str, stretch: Stretch) -> int:
    row = _cut(laying, allele, stretch)
    spans = _exon_spans(laying.gene, stretch)
    first = stretch.column_start
    return sum(row[start - first : end - first].count(UNKNOWN) for start, end in spans)


def _exon_spans(gene: Gene, stretch: Stretch) -> list[tuple[int, int]]:
    spans = []
    for feature, start, width in zip(gene.features, gene.starts, gene.widths, strict=True):
        first, last = max(start, stretch.column_start), min(start + width, stretch.column_end)
        if feature.startswith(EXON) and first < last:
            spans.append((first, last))
    return spans


def _laid(query: Unexplained, gene: Gene, row: str, places: Sequence[Place]) -> tuple[int, Laying] | None:
    """The score of the query's parts on a row, and where they lie; None where none lies there."""
    columns = [column for column, base in enumerate(row) if base != GAP]
    total, stretches = 0, []
    for (offset, part), place in zip(query.parts, places, strict=True):
        if place.score >= thresholds.SMALLEST_LOCATING_SCORE:
            total += place.score
            stretches.append(_stretch(gene, columns, offset, part, place))
    return (total, Laying(gene, row, tuple(stretches))) if stretches else None


def _stretch(gene: Gene, columns: list[int], offset: int, part: str, place: Place) -> Stretch:
    """Where a part lies, with the short ends that the local alignment left out."""
    low, high = _whole_gene_around(gene, columns[place.subject_start], columns[place.subject_end - 1])
    left = place.query_start if place.query_start <= thresholds.LONGEST_UNALIGNED_END_BP else 0
    right = len(part) - place.query_end
    right = right if right <= thresholds.LONGEST_UNALIGNED_END_BP else 0
    first = max(0, place.subject_start - left)
    last = min(len(columns), place.subject_end + right)
    while columns[first] < low:
        first += 1
    while columns[last - 1] >= high:
        last -= 1
    start = place.query_start - (place.subject_start - first)
    end = place.query_end + (last - place.subject_end)
    return Stretch(part[start:end], offset + start, offset + end, columns[first], columns[last - 1] + 1)


def _whole_gene_around(gene: Gene, first: int, last: int) -> tuple[int, int]:
    """The columns around two others that the genome has in one piece: a feature of zero width is not known, not absent."""
    low, high = gene.feature_at(first), gene.feature_at(last)
    while low > 0 and gene.widths[low - 1]:
        low -= 1
    while high + 1 < len(gene.widths) and gene.widths[high + 1]:
        high += 1
    return gene.starts[low], gene.starts[high] + gene.widths[high]
