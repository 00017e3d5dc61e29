"""Turns what the search found into the records of a result file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from gems_core.bases import reverse_complement
from worker.cross_match.align import Path
from worker.cross_match.fasta import Sequence
from worker.cross_match.options import Options
from worker.cross_match.records import Alignment, Discrepancy, Kind, Match
from worker.cross_match.search import Found

_GAP = "-"
_CONTEXT_BP = 6


def match_of(found: Found, overlapped: bool, query: Sequence, subject: Sequence, options: Options) -> Match:
    """One match as the options want it told."""
    rows = _rows(found, query.bases, subject.bases)
    differences = tuple(_differences(found, rows))
    length = found.query_end - found.query_start
    return Match(
        score=found.score,
        percent_sub=_percent(Kind.SUBSTITUTION, differences, length),
        percent_del=_percent(Kind.DELETION, differences, length),
        percent_ins=_percent(Kind.INSERTION, differences, length),
        query=query.name,
        query_start=found.query_start + 1,
        query_end=found.query_end,
        query_left=len(query.bases) - found.query_end,
        complement=found.complement,
        subject=subject.name,
        subject_start=found.path.subject_start + 1,
        subject_end=found.path.subject_end,
        subject_left=len(subject.bases) - found.path.subject_end,
        overlapped=overlapped,
        discrepancies=tuple(_told(difference, query) for difference in differences) if options.discrep_lists else (),
        alignment=rows if options.alignments else None,
    )


@dataclass(frozen=True)
class _Difference:
    """A substitution or a gap, seen along the query's forward strand.

    Attributes:
        query_position: from 1; of a deletion the base before it, of an insertion its first base.
        subject_position: from 1, on the forward strand; of an insertion the base before it, of a deletion its first
            base, before and first as one reads along the query.
    """

    kind: Kind
    length: int
    query_position: int
    subject_position: int


def _rows(found: Found, query: str, subject: str) -> Alignment:
    """The aligned stretches, gaps filled in, with the bases as the files have them."""
    bases = query[found.query_start : found.query_end]
    strand = reverse_complement(bases) if found.complement else bases
    return _gapped(found.path, strand, subject[found.path.subject_start : found.path.subject_end])


def _gapped(path: Path, query: str, subject: str) -> Alignment:
    rows: tuple[list[str], list[str]] = ([], [])
    at_query = at_subject = 0
    for count, step in path.steps:
        from_query, from_subject = (0 if step == "D" else count), (0 if step == "I" else count)
        rows[0].append(query[at_query : at_query + from_query] or _GAP * count)
        rows[1].append(subject[at_subject : at_subject + from_subject] or _GAP * count)
        at_query, at_subject = at_query + from_query, at_subject + from_subject
    return Alignment("".join(rows[0]), "".join(rows[1]))


def _differences(found: Found, rows: Alignment) -> Iterator[_Difference]:
    """Along the query's forward strand."""
    query, subject, direction = rows.query, rows.subject, 1
    at_query, at_subject = found.query_start, found.path.subject_start
    if found.complement:
        query, subject, direction = reverse_complement(query), reverse_complement(subject), -1
        at_subject = found.path.subject_end + 1
    for kind, columns in groupby(zip(query, subject, strict=True), key=_kind):
        length = sum(1 for _ in columns)
        from_query, from_subject = length * (kind != Kind.DELETION), length * (kind != Kind.INSERTION)
        if kind is Kind.SUBSTITUTION:
            for step in range(1, length + 1):
                yield _Difference(kind, 1, at_query + step, at_subject + direction * step)
        elif kind:
            first_query, first_subject = at_query + bool(from_query), at_subject + direction * bool(from_subject)
            yield _Difference(kind, length, first_query, first_subject)
        at_query, at_subject = at_query + from_query, at_subject + direction * from_subject


def _kind(column: tuple[str, str]) -> Kind | None:
    query, subject = column
    if query == _GAP:
        return Kind.DELETION
    if subject == _GAP:
        return Kind.INSERTION
    return None if query == subject and query in "ACGT" else Kind.SUBSTITUTION


def _percent(kind: Kind, differences: tuple[_Difference, ...], query_bp: int) -> float:
    count = sum(difference.length for difference in differences if difference.kind is kind)
    return round(100 * count / query_bp, 2)


def _told(difference: _Difference, query: Sequence) -> Discrepancy:
    start = difference.query_position - 1
    end = start + (difference.length if difference.kind is Kind.INSERTION else 1)
    before, after = query.bases[max(0, start - _CONTEXT_BP) : start], query.bases[end : end + _CONTEXT_BP]
    return Discrepancy(
        kind=difference.kind,
        length=difference.length,
        query_position=difference.query_position,
        base=query.bases[start],
        quality=query.qualities[start] if query.qualities else None,
        subject_position=difference.subject_position,
        context=before.lower() + query.bases[start:end] + after.lower(),
    )
