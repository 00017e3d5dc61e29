"""One sample of report.pdf: its calls, flags in words, genotypes, pairs and reads."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from gems_report.candidates import candidate_table
from gems_report.flags import sign_of
from gems_report.formats.pdf_review import sample_review
from gems_report.formats.pdf_style import Style, latin
from gems_report.model import LocusCall, Report, SampleResult
from gems_report.quality.losses import losses_of
from gems_report.reported import (
    MadeBy,
    allele_cells,
    depth_of,
    genotypes_told,
    names_at_level,
    naming_of,
    placement_told,
    reason_told,
    state_told,
)

# Beyond these the table of a locus would leave the page; report.html and report.json have all.
_MOST_CANDIDATES = 8
_CALL_WIDTHS = (14, 26, 31, 31, 44, 22, 14)


def sample_story(report: Report, sample: SampleResult, style: Style, *, with_pairs: bool) -> Iterator[Any]:
    """The parts of a sample's pages, in order; the tables of pairs where they are asked for."""
    judgement = report.judgement_of(sample)
    yield style.text(f"{escape(sample.sample)}: {judgement.verdict.value}", "title")
    placed = placement_told(report, sample)
    if placed:
        yield style.text(escape(placed))
    yield from sample_review(report, sample, style)
    for reason in judgement.reasons:
        place = f"<b>{escape(reason.locus)}:</b> " if reason.locus else ""
        yield style.text(f"{place}{escape(reason_told(reason))} <i>{escape(reason.advice)}</i>")
    if not sample.loci:
        return
    yield style.text("Calls", "heading")
    yield _calls(report, sample, style)
    yield from _flags(sample, style)
    yield style.text("Every genotype that the reads leave", "heading")
    for call in sample.loci:
        if call.alleles:
            yield style.text(f"<b>{escape(call.locus)}</b> {escape(genotypes_told(call))}", "small")
    if with_pairs:
        yield style.text("Pairs per candidate and place (called ones shaded; ?: sequence not known)", "heading")
        for call in sample.loci:
            yield from _pairs(call, style)
    yield from _reads(sample, style)


def _calls(report: Report, sample: SampleResult, style: Style) -> Any:  # noqa: ANN401 - reportlab has no types
    naming = naming_of(report.choices, MadeBy.of(report, sample))
    head = ["Gene", "State", "Allele 1", "Allele 2", f"Reported ({report.choices.level.value})", "Depth", "Flags"]
    rows = []
    for call in sample.loci:
        names = allele_cells(call.state, [allele.name for allele in call.alleles])
        depth = depth_of(call)
        cells = [call.locus, state_told(call.state), *names, " + ".join(filter(None, names_at_level(call, naming)))]
        told = f"{depth.lowest:.0f} / {depth.mean:.0f}" if depth else ""
        rows.append([*(style.text(escape(cell), "cell") for cell in cells), told, _marks(call)])
    return style.table([head, *rows], _CALL_WIDTHS)


def _marks(call: LocusCall) -> str:
    """The sign of the gravest flag, with their number where there are several."""
    return f"{sign_of(call.flags)} x{len(call.flags)}" if len(call.flags) > 1 else sign_of(call.flags)


def _flags(sample: SampleResult, style: Style) -> Iterator[Any]:
    found = [("sample", flag) for flag in sample.flags]
    found += [(call.locus, flag) for call in sample.loci for flag in call.flags]
    if not found:
        return
    yield style.text("Flags", "heading")
    for where, flag in sorted(found, key=lambda one: one[1].severity.rank):
        place = f", {flag.place}" if flag.place else ""
        told = f"{flag.words.sentence} ({flag.message})" if flag.message else flag.words.sentence
        yield style.text(
            f"<b>{flag.severity.sign}</b> {flag.severity.value} <b>{escape(where + place)}:</b> {escape(told)} <i>{escape(flag.words.advice)}</i>"
        )


def _pairs(call: LocusCall, style: Style) -> Iterator[Any]:
    table = candidate_table(call)
    rows = [row for row in table.rows if row.is_called]
    rows += [row for row in table.rows if not row.is_called][: max(0, _MOST_CANDIDATES - len(rows))]
    if not rows:
        return
    cells = [["?" if pairs is None else f"{pairs:.0f}" for pairs in row.pairs] for row in rows]
    yield style.table(
        [
            [call.locus, *map(latin, table.places)],
            *([latin(row.allele), *of] for row, of in zip(rows, cells, strict=True)),
        ],
        font_size=6,
        shaded=[number for number, row in enumerate(rows, start=1) if row.is_called],
        greyed=[
            (column, number)
            for number, of in enumerate(cells, start=1)
            for column, cell in enumerate(of, start=1)
            if cell in ("0", "?")
        ],
    )
    yield style.text("", "small")


def _reads(sample: SampleResult, style: Style) -> Iterator[Any]:
    losses = losses_of(sample.reads)
    yield style.text("Reads", "heading")
    yield style.text(f"{losses.used_pairs} of {losses.pairs} pairs were used.")
    for lost in losses.filters:
        if lost.pairs:
            yield style.text(f"{lost.pairs} were lost: {escape(lost.meaning)}.", "small")
    for entry in sample.unexplained:
        yield style.text(f"Unexplained: {escape(str(entry.get('message', '')))}", "small")
