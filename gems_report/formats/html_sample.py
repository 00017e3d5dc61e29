"""One sample of report.html: its calls, what is to be said of them, and the numbers behind."""

from __future__ import annotations

from collections.abc import Iterator

from gems_report.candidates import CandidateRow, candidate_table
from gems_report.flags import Flag
from gems_report.formats.html_review import sample_review
from gems_report.formats.html_run import table
from gems_report.formats.html_words import MARKS, flag_marks, verdict_mark
from gems_report.formats.markup import Markup, el, join, void
from gems_report.model import LocusCall, Report, SampleResult
from gems_report.quality.losses import losses_of
from gems_report.reported import (
    UNEXPLAINED_WORDS,
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
from gems_report.rules import rules
from gems_report.verdict import NEW_ALLELE, Judgement


def sample_section(report: Report, sample: SampleResult, judgement: Judgement, number: int) -> Markup:
    """A sample, on a page of its own where it is printed."""
    identity = f"s{number}"
    parts = [*_parts(report, sample)] if sample.loci else []
    return el(
        "section",
        el("h2", sample.sample, " ", verdict_mark(judgement.verdict), id=identity),
        el("p", placed, class_="muted") if (placed := placement_told(report, sample)) else None,
        sample_review(report, sample),
        _reasons(judgement),
        *parts,
        class_="sample",
        aria_labelledby=identity,
    )


def _reasons(judgement: Judgement) -> Markup | None:
    if not judgement.reasons:
        return el("p", "Nothing speaks against its calls.")
    items = (
        el(
            "li",
            join(el("b", reason.locus), ": ") if reason.locus else None,
            reason_told(reason),
            " ",
            el("i", reason.advice),
        )
        for reason in judgement.reasons
    )
    return el("ul", *items, class_="reasons")


def _parts(report: Report, sample: SampleResult) -> Iterator[Markup]:
    yield _calls(report, sample)
    yield from _flags(sample)
    yield el("h3", "Every genotype that the reads leave")
    told = (call for call in sample.loci if call.alleles)
    yield el("dl", *(el("div", el("dt", call.locus), el("dd", *_genotypes(call))) for call in told), class_="genotypes")
    yield el("h3", "Pairs per candidate and place")
    yield el("p", "Called alleles are marked ◆. 0: another base than its pairs; ?: its sequence is not known there.")
    for call in sample.loci:
        yield from _coverage(sample, call)
    yield from _lost(sample)
    yield from _unexplained(report, sample)


def _calls(report: Report, sample: SampleResult) -> Markup:
    naming = naming_of(report.choices, MadeBy.of(report, sample))
    columns = ("Gene", "State", "Allele 1", "Allele 2", f"Reported ({report.choices.level.value})", "Depth", "Flags")
    rows = []
    for call in sample.loci:
        first, second = allele_cells(call.state, [allele.name for allele in call.alleles])
        depth = depth_of(call)
        reported = " + ".join(name for name in names_at_level(call, naming) if name)
        rows.append(
            el(
                "tr",
                el("th", call.locus, scope="row"),
                el("td", state_told(call.state)),
                el("td", first),
                el("td", second),
                el("td", reported),
                el("td", f"{depth.lowest:.0f} lowest, {depth.mean:.0f} mean" if depth else ""),
                el("td", flag_marks(call.flags)),
            )
        )
    return join(el("h3", "Calls"), table(f"Calls of {sample.sample}", columns, rows))


def _flags(sample: SampleResult) -> Iterator[Markup]:
    """Every flag in words with what to do, the sample's own first."""
    found = [("sample", flag) for flag in sample.flags]
    found += [(call.locus, flag) for call in sample.loci for flag in call.flags]
    if found:
        yield el("h3", "Flags")
        ranked = sorted(found, key=lambda one: one[1].severity.rank)
        yield el("ul", *(_flag(where, flag) for where, flag in ranked), class_="flags")


def _flag(where: str, flag: Flag) -> Markup:
    place = f", {flag.place}" if flag.place else ""
    return el(
        "li",
        MARKS[flag.severity],
        " ",
        el("b", f"{where}{place}: "),
        f"{flag.words.sentence} ",
        f"({flag.message}) " if flag.message else None,
        el("i", flag.words.advice),
    )


def _genotypes(call: LocusCall) -> Iterator[Markup]:
    for number, genotype in enumerate(genotypes_told(call).split(" | ")):
        # A line may break behind each allele, never within a name.
        yield el("div", "or " if number else None, *_breakable(genotype))
    if call.document.get("genotypes_cut"):
        yield el("div", "and more that fit")


def _breakable(genotype: str) -> Iterator[Markup]:
    *others, last = genotype.split("/")
    for name in others:
        yield join(f"{name}/", void("wbr"))
    yield join(last)


def _coverage(sample: SampleResult, call: LocusCall) -> Iterator[Markup]:
    counted = candidate_table(call)
    if counted.rows:
        rows = [_candidate(row) for row in counted.rows]
        yield table(f"{call.locus}: pairs of {sample.sample}", (call.locus, *counted.places), rows, "pairs")


def _candidate(row: CandidateRow) -> Markup:
    name = join(el("span", "◆ ", class_="called"), row.allele) if row.is_called else join(row.allele)
    return el(
        "tr",
        el("th", name, scope="row"),
        *(_pairs(pairs) for pairs in row.pairs),
        class_="is-called" if row.is_called else None,
    )


def _pairs(pairs: float | None) -> Markup:
    if pairs is None:
        return el("td", "?", class_="unknown")
    kind = "zero" if round(pairs) == 0 else "low" if pairs < rules().least_amplicon_pairs else None
    return el("td", f"{pairs:.0f}", class_=kind)


def _lost(sample: SampleResult) -> Iterator[Markup]:
    losses = losses_of(sample.reads)
    rows = [
        el("tr", el("th", lost.meaning, scope="row"), el("td", lost.pairs), el("td", _share(lost.pairs, losses.pairs)))
        for lost in losses.filters
        if lost.pairs
    ]
    yield el("h3", "Reads")
    yield el("p", f"{losses.used_pairs} of {losses.pairs} pairs were used ({_share(losses.used_pairs, losses.pairs)}).")
    if rows:
        yield table(f"Pairs of {sample.sample} that were lost", ("Lost because", "Pairs", "Share"), rows, "pairs")


def _unexplained(report: Report, sample: SampleResult) -> Iterator[Markup]:
    rows = [
        el(
            "tr",
            el("th", f"{entry.get('gene', '')} {entry.get('amplicon', '')}", scope="row"),
            el("td", _verdict_told(str(entry.get("verdict", "")), fits=report.fits)),
            el("td", f"{entry.get('reads', '')}"),
            el("td", str(entry.get("message", ""))),
        )
        for entry in sample.unexplained
    ]
    if rows:
        yield el("h3", "Sequences that no allele explains")
        yield table(f"Unexplained sequences of {sample.sample}", ("Where", "Verdict", "Pairs", "What it is"), rows)


def _verdict_told(verdict: str, *, fits: bool) -> str:
    """Where panel or library do not fit, nothing is called new."""
    return UNEXPLAINED_WORDS.get(verdict, verdict) if fits or verdict != NEW_ALLELE else UNEXPLAINED_WORDS["unknown"]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "0%"
