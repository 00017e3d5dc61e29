"""Marks and short names that several parts of report.html share."""

from __future__ import annotations

from collections.abc import Iterable

from gems_report.flags import Flag, Severity, gravest
from gems_report.formats.markup import Markup, el, join
from gems_report.model import AlleleCall
from gems_report.naming import cut
from gems_report.verdict import Verdict

SHOWN_FIELDS = 3
# A letter and a shape each, so that nobody needs colour to tell them apart.
_SIGNS = {Severity.ERROR: "✖E", Severity.WARNING: "▲W", Severity.NOTE: "●N"}
_VERDICT_SIGNS = {Verdict.FAIL: "✖", Verdict.REVIEW: "▲", Verdict.PASS: "✔"}
MARKS = {
    severity: el("abbr", sign, class_=f"mark {severity.value}", title=severity.value)
    for severity, sign in _SIGNS.items()
}


def flag_marks(flags: tuple[Flag, ...]) -> Markup:
    """The mark of the gravest of some flags, with their number where there are several; nothing without any."""
    worst = gravest(flags)
    if worst is None:
        return join()
    return join(" ", MARKS[worst], f"×{len(flags)}" if len(flags) > 1 else None)


def verdict_mark(verdict: Verdict) -> Markup:
    """A verdict, as a word with a shape."""
    return el("strong", f"{_VERDICT_SIGNS[verdict]} {verdict.value}", class_=f"verdict {verdict.value.lower()}")


def allele_told(allele: AlleleCall, locus: str) -> str:
    """A name under its locus, with the number of further alleles: ``02:01:01 +3``; DRB345 keeps the gene's number."""
    name = cut(allele.name, SHOWN_FIELDS)
    short = name.removeprefix("DRB") if locus == "DRB345" else name.split("*", 1)[-1]
    more = len(allele.ambiguities) - 1
    return f"{short} +{more}" if more > 0 else short


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names with commas; what is beyond ``most`` is counted."""
    found = list(names)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
