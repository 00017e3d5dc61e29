"""``report.csv``: one row a sample and locus, for people and spreadsheets (docs/contracts.md, section 7)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from gems_core.protocol import SampleOutcome
from gems_report.model import AlleleCall, LocusCall, Report, SampleResult

COLUMNS = ("sample", "locus", "zygosity", "allele_1", "allele_2", "ambiguities", "flags", "gl_string")
_FAILED = "failed"
_OF_SAMPLE = "sample:"


def render(report: Report) -> bytes:
    """The file's bytes; quoted as RFC 4180 has it, lines ended by LF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for sample in report.samples:
        writer.writerows(_rows(sample, report.loci))
    return text.getvalue().encode()


def _rows(sample: SampleResult, loci: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if sample.outcome is SampleOutcome.FAILED:
        for locus in loci:
            yield sample.sample, locus, _FAILED, *[""] * (len(COLUMNS) - 3)
    flags = tuple(f"{_OF_SAMPLE}{flag.code}" for flag in sample.flags)
    for call in sample.loci:
        yield sample.sample, *_call(call, flags)


def _call(call: LocusCall, sample_flags: tuple[str, ...]) -> tuple[str, ...]:
    alleles = _both(call.alleles)
    names = [allele.name for allele in alleles] or ["", ""]
    ambiguities = " + ".join("/".join(allele.ambiguities) for allele in alleles)
    return (
        call.locus,
        call.state,
        *names,
        ambiguities,
        ";".join([*sample_flags, *(flag.code for flag in call.flags)]),
        call.gl_string,
    )


def _both(alleles: tuple[AlleleCall, ...]) -> tuple[AlleleCall, ...]:
    """Two alleles, a homozygous call's one repeated, or none."""
    return alleles * 2 if len(alleles) == 1 else alleles
