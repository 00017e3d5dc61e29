"""``report.gl.txt``: a line a sample, its GL String with the release by which it is to be read.

The form is that of the GL String Code (Mack et al. 2023): ``hla#3.51.0#HLA-A*01:01:01:01+...^...``.
"""

from __future__ import annotations

import re

from gems_core.review.state import Override
from gems_report.gl import by_gene, genotypes_of, gl_of, with_prefix
from gems_report.model import Report, SampleResult
from gems_report.reported import MadeBy, gl_string_of
from gems_report.review import override_told

_BREAKS = re.compile(r"[\t\r\n]")


def render(report: Report) -> bytes:
    """The file's bytes: sample, a tab, its GL String Code; the second is empty where nothing is called."""
    return "".join(f"{_line(report, sample)}\n" for sample in report.samples).encode()


def _line(report: Report, sample: SampleResult) -> str:
    """Name and GL String Code; in a report with a review, its standing and its overrides behind them."""
    signed = report.signed(sample)
    review = [signed.headline, "; ".join(map(_override, signed.overrides))] if signed is not None else []
    return "\t".join(_BREAKS.sub(" ", cell) for cell in (sample.sample, _code(report, sample), *review))


def _override(override: Override) -> str:
    return f"{override.locus}: {override_told(override)}"


def _code(report: Report, sample: SampleResult) -> str:
    loci = [by_gene(genotypes_of(gl_string_of(call))) for call in sample.loci]
    text = "^".join(gl_of(genotypes) for genes in loci for genotypes in genes.values())
    return f"hla#{MadeBy.of(report, sample).release or 'unknown'}#{with_prefix(text)}" if text else ""
