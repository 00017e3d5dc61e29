"""The verdict of a run, as the first lines that a terminal shows of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from rich.text import Text

from gems_core.plate import Role
from gems_report.run_verdict import MISFIT_CODES
from gems_report.verdict import ReasonCode, Verdict

STYLES = {Verdict.PASS: "green", Verdict.REVIEW: "yellow", Verdict.FAIL: "bold red"}
_TOLD = (
    ReasonCode.SAMPLES_FAIL,
    ReasonCode.SAMPLES_TO_REVIEW,
    ReasonCode.NEGATIVE_CONTROL,
    ReasonCode.POSITIVE_CONTROL,
)
"""Reasons that the counts and the lines of the controls tell already."""


def verdict_lines(report: dict[str, Any]) -> Iterator[Text]:
    """What does not fit comes first, then the verdict with counts, the controls, and the other reasons."""
    if "verdict" not in report:  # a report of older workers
        return
    verdict = Verdict(report["verdict"])
    for reason in misfit_of(report):
        yield Text(f"{reason['words']} {reason['advice']}", style="bold yellow")
    yield Text(f"run: {verdict.value}, {_counts(report)}", style=STYLES[verdict])
    for control in report["quality"]["controls"]:
        told = f"{control['sample']}: {control['words']}"
        yield Text(told, style=STYLES[Verdict(control["verdict"])])
    for reason in report["reasons"]:
        if reason["code"] not in (*MISFIT_CODES, *_TOLD):
            yield Text(f"{reason['words']} {reason['advice']}", style=STYLES[Verdict(reason["verdict"])])


def misfit_of(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Why panel or library do not fit the reads; nothing where they do."""
    return [reason for reason in report.get("reasons", ()) if reason["code"] in MISFIT_CODES]


def is_empty_control(sample: dict[str, Any]) -> bool:
    """Whether it is a negative control that is as it should be: there is no call to show."""
    return sample.get("role") == Role.NEGATIVE_CONTROL and sample["verdict"] == Verdict.PASS


def refusal_of(report: dict[str, Any]) -> str:
    """Why a run's calls are not to be taken as they stand, though every sample was typed; '' where they may be."""
    misfit = misfit_of(report)
    if misfit:
        return str(misfit[0]["words"])
    if report.get("verdict") == Verdict.FAIL:
        return f"the run is {Verdict.FAIL.value}: {report['reasons'][0]['words']}"
    return ""


def _counts(report: dict[str, Any]) -> str:
    people = [sample for sample in report["samples"] if sample.get("role", Role.SAMPLE) == Role.SAMPLE]
    found = Counter(sample["verdict"] for sample in people)
    parts = ", ".join(f"{found[verdict.value]} {verdict.value}" for verdict in reversed(Verdict))
    controls = len(report["samples"]) - len(people)
    beside = f", and {controls} controls" if controls > 1 else ", and 1 control" if controls else ""
    samples = "1 sample" if len(people) == 1 else f"{len(people)} samples"
    return f"{samples}: {parts}{beside}"
