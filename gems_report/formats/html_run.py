"""What report.html says of the run as a whole: its verdict with reasons, and its quality."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gems_report.formats.html_words import listed, verdict_mark
from gems_report.formats.markup import Markup, el, join
from gems_report.model import Report
from gems_report.reported import reason_told
from gems_report.verdict import Verdict


def verdict_section(report: Report) -> Markup:
    """The verdict, and why it is not PASS."""
    counts = Counter(report.judgement_of(sample).verdict for sample in report.samples)
    told = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict])
    reasons = [
        el(
            "li",
            f"{reason.verdict.value}: {reason_told(reason)} ",
            *_samples(report, reason.samples),
            el("i", reason.advice),
        )
        for reason in report.judgement.reasons
    ]
    return el(
        "section",
        el("h2", "Verdict of the run", id="verdict"),
        el("p", verdict_mark(report.judgement.verdict), f" {len(report.samples)} samples: {told or 'none'}."),
        el("ul", *reasons) if reasons else None,
        aria_labelledby="verdict",
    )


def quality_section(report: Report) -> Markup:
    """Sequencer, reads, controls, contamination and depth."""
    quality = report.quality
    losses = quality.losses
    share = f"{losses.used_pairs / losses.pairs:.1%}" if losses.pairs else "none"
    parts: list[Markup] = []
    if quality.sequencing.words:
        parts.append(el("p", quality.sequencing.words))
    parts.append(el("p", f"{losses.used_pairs} of {losses.pairs} pairs were used ({share})."))
    parts.extend(_controls(report))
    parts.extend(_contamination(report))
    parts.extend(_depths(report))
    if quality.identical:
        groups = (el("li", listed(group)) for group in quality.identical)
        parts += [el("h3", "Samples with the same alleles"), el("ul", *groups)]
    return el("section", el("h2", "Quality of the run", id="quality"), *parts, aria_labelledby="quality")


def table(caption: str, columns: tuple[str, ...], rows: list[Markup], kind: str | None = None) -> Markup:
    """A table with its caption, which scrolls by itself where it is too wide."""
    head = el("tr", *(el("th", column, scope="col") for column in columns))
    made = el("table", el("caption", caption), el("thead", head), el("tbody", *rows), class_=kind)
    return el("div", made, class_="wide", role="region", aria_label=caption, tabindex="0")


def _samples(report: Report, names: tuple[str, ...]) -> Iterator[Markup]:
    """Links to the samples that a reason is about."""
    numbers = {sample.sample: number for number, sample in enumerate(report.samples, start=1)}
    for name in names:
        yield join(el("a", name, href=f"#s{numbers[name]}") if name in numbers else name, " ")


def _controls(report: Report) -> Iterator[Markup]:
    rows = [
        _row(one.sample, one.well, one.role.value.replace("_", " "), verdict_mark(one.verdict), one.words)
        for one in report.quality.controls
    ]
    if rows:
        yield table("Controls", ("Control", "Well", "Role", "Verdict", "What it shows"), rows)


def _contamination(report: Report) -> Iterator[Markup]:
    rows = [
        _row(one.sample, one.source, f"{len(one.loci)} of {one.of_loci}: {listed(one.loci)}", f"{one.share:.1%}")
        for one in report.quality.contamination
    ]
    if rows:
        columns = ("Sample", "Has alleles of", "At loci", "Share of pairs")
        yield table("Alleles of other samples of the run", columns, rows)


def _depths(report: Report) -> Iterator[Markup]:
    rows = [
        _row(
            f"{one.gene} {one.amplicon}",
            f"{one.median_pairs:.0f}",
            f"{one.lowest_pairs:.0f} ({one.lowest_sample})",
            f"{one.below} of {one.samples}" + (", failed" if one.failed else ""),
        )
        for one in report.quality.amplicons
    ]
    if rows:
        least = f"{report.quality.amplicons[0].threshold:.0f}"
        columns = ("Amplicon or exon", "Median pairs", "Lowest", f"Samples below {least}")
        yield table("Depth over the run", columns, rows)


def _row(first: str, *cells: str | Markup) -> Markup:
    return el("tr", el("th", first, scope="row"), *(el("td", cell) for cell in cells))
