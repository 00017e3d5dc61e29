"""Finding results on this machine: what `gems run` left, what the typer wrote, or a report.json alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gems_core.errors import one_problem
from gems_core.json_input import ODD_CONTENT, parse_json
from gems_core.review.document import review_of_document
from gems_core.review.job import JobReview, ReviewFaulty
from gems_report.errors import UnreadableReport, UnreadableTyping
from gems_report.model import Choices, Report, RunFacts, SampleResult, failed_sample, make_report, typed_sample
from gems_report.reading import report_of, reviewed_report
from gems_report.typing_json import TYPING_JSON, read_typing
from worker.cross_match.runner import STATE_FILE
from worker.results import cross_match_told

REPORT_JSON = "report.json"
ERROR_JSON = "error.json"
SAMPLES = "samples"
# A folder of the typer's says nothing of cross_match.
_NOT_RUN: Mapping[str, Any] = {
    "state": "skipped",
    "reason": "the results are the typer's own",
    "program": None,
    "version": None,
}


def load_report(
    path: Path, choices: Choices, created_at: datetime | None = None, review: JobReview | None = None
) -> Report:
    """The report of a ``report.json``, of the output of `gems run`, or of folders of samples.

    Args:
        path: the file or the folder.
        choices: the laboratory's.
        created_at: when it was typed, where no report says so; else the newest ``typing.json`` decides.
        review: what people said of a job's results.

    Raises:
        InvalidInput: there are no results.
        UnreadableReport: report.json is none, or of another job than the review.
    """
    if path.is_file():
        return _with_exons(_read_report(path, choices, review), path.parent)
    if (path / REPORT_JSON).is_file():
        return _with_exons(_read_report(path / REPORT_JSON, choices, review), path)
    if review is not None:
        raise one_problem(
            "results",
            str(path),
            f"{REPORT_JSON} of the job that was reviewed",
            "none",
            "Fetch it with `gems job report`.",
        )
    return _of_samples(path, choices, created_at)


def load_review(path: Path | None) -> JobReview | None:
    """The review of a file that `gems review show --json` wrote, proven; None for no file.

    Raises:
        ReviewFaulty: it is no such file, it is not whole, or somebody has changed it.
    """
    if path is None:
        return None
    try:
        return review_of_document(parse_json(path.read_bytes()))
    except (ReviewFaulty, *ODD_CONTENT) as error:
        raise ReviewFaulty(f"{path}: {error}") from error


def _read_report(path: Path, choices: Choices, review: JobReview | None) -> Report:
    try:
        document = parse_json(path.read_bytes())
        return reviewed_report(document, review, choices) if review is not None else report_of(document, choices)
    except (UnreadableReport, *ODD_CONTENT) as error:
        raise UnreadableReport(f"{path}: {error}") from error


def _with_exons(report: Report, folder: Path) -> Report:
    """The report with the called alleles' exons, which only the samples' own files have, where they lie beside it."""
    return replace(report, samples=tuple(_with_own_exons(sample, folder / SAMPLES) for sample in report.samples))


def _with_own_exons(result: SampleResult, samples: Path) -> SampleResult:
    file = samples / result.sample / TYPING_JSON
    if not result.loci or not file.is_file():
        return result
    try:
        own = typed_sample(result.sample, read_typing(file.read_bytes(), result.sample), {})
    except UnreadableTyping:
        return result
    exons = {call.locus: call.exons for call in own.loci}
    loci = tuple(replace(call, exons=exons.get(call.locus, ())) for call in result.loci)
    return replace(result, loci=loci, versions=own.versions)


def _of_samples(folder: Path, choices: Choices, created_at: datetime | None) -> Report:
    holder = folder / SAMPLES if (folder / SAMPLES).is_dir() else folder
    found = sorted({file.parent for name in (TYPING_JSON, ERROR_JSON) for file in holder.glob(f"*/{name}")})
    if not found:
        raise one_problem(
            "results",
            str(folder),
            f"{REPORT_JSON}, or folders of samples with {TYPING_JSON}",
            "neither",
            "Name the output of `gems run` or of the typer.",
        )
    documents = {one.name: _document(one) for one in found}
    classes = {str(one["hla_class"]) for one in documents.values() if one and "hla_class" in one}
    moment = created_at or _newest(found)
    facts = RunFacts("", "", folder.resolve().name, classes.pop() if len(classes) == 1 else "all", moment, {})
    report = make_report(facts, [_result(one, documents[one.name]) for one in found])
    return replace(report, choices=choices)


def _document(sample: Path) -> dict[str, Any] | None:
    """A sample's typing; None for one that was not typed."""
    file = sample / TYPING_JSON
    return read_typing(file.read_bytes(), sample.name) if file.is_file() else None


def _result(sample: Path, document: Mapping[str, Any] | None) -> SampleResult:
    if document is not None:
        state = sample / STATE_FILE
        told = cross_match_told(state.read_bytes) if state.is_file() else _NOT_RUN
        return typed_sample(sample.name, document, told)
    try:
        reason = str(parse_json((sample / ERROR_JSON).read_bytes())["message"])
    except ODD_CONTENT as error:
        reason = f"{ERROR_JSON} cannot be read: {error}"
    return failed_sample(sample.name, reason)


def _newest(samples: Iterable[Path]) -> datetime:
    times = [
        file.stat().st_mtime
        for sample in samples
        for file in (sample / TYPING_JSON, sample / ERROR_JSON)
        if file.is_file()
    ]
    return datetime.fromtimestamp(max(times), UTC).replace(microsecond=0)
