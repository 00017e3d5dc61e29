"""Marks and short names that several parts of report.html share."""

from __future__ import annotations

from collections.abc import Iterable

from gems_report.flags import Flag, Severity, gravest
from gems_report.formats.markup import Markup, el, join
from gems_report.verdict import Verdict

_VERDICT_SIGNS = {Verdict.FAIL: "✖", Verdict.REVIEW: "▲", Verdict.PASS: "✔"}
MARKS = {
    severity: el("abbr", severity.sign, class_=f"mark {severity.value}", title=severity.value) for severity in Severity
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


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names with commas; what is beyond ``most`` is counted."""
    found = list(names)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
