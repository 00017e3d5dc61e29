"""What a mail says: how the run came out, in counts and words. No sample is named, for mail is read by more eyes than a report may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote

from gems_api.services.context import Context
from gems_api.services.intake.costs import spent_so_far
from gems_api.services.ports import Message
from gems_api.services.shown.result_pages import run_page_of
from gems_api.services.state.snapshot import Snapshot
from gems_core.errors import CloudRefused
from gems_core.statuses import JobStatus
from gems_report.errors import UnreadableDocument
from gems_report.flags import words_of
from gems_report.pages.run_page import RunPage
from gems_report.verdict import Reason

MOST_LINES = 12
"""Of each list; the page of the run has all."""


def compose(context: Context, snapshot: Snapshot) -> Message:
    """The mail of a job that has ended, or whose report is written."""
    session_key = snapshot.manifest.session_key
    # Before a job ends, a mail is sent only because its report has just been written.
    has_report = snapshot.report_written or not snapshot.ended
    page = _run_page(context, snapshot) if has_report else None
    verdict = _verdict(snapshot, has_report=has_report)
    parts = [_outcome(snapshot, page), _links(context, snapshot)] if has_report else [_failure(snapshot)]
    text = "\n\n".join(
        [
            f"The HLA typing job {session_key} {verdict}.",
            *parts,
            _instances(context, snapshot),
            "This mail was sent by GeMS because the job named this address.\n",
        ]
    )
    judged = f", {page.verdict.value}" if page else ""
    return Message(snapshot.manifest.email, f"GeMS: job {session_key} {verdict}{judged}", text)


def _verdict(snapshot: Snapshot, *, has_report: bool) -> str:
    """How it came out: a report is promised only where there is one, and a job is complete only where something was typed."""
    if snapshot.overall_status is JobStatus.CANCELLED:
        return "was cancelled"
    if not has_report:
        return "failed, and has no report"
    if not snapshot.typed:
        return "failed: no sample was typed"
    return "is complete, with failures" if snapshot.failed else "is complete"


def _run_page(context: Context, snapshot: Snapshot) -> RunPage | None:
    """The run's summary; None where it cannot be had, which is no reason for there to be no mail."""
    try:
        return run_page_of(context, snapshot.manifest)
    except (CloudRefused, UnreadableDocument):
        return None


def _failure(snapshot: Snapshot) -> str:
    session_key = snapshot.manifest.session_key
    return (
        f"Samples typed:     {snapshot.typed}\n"
        f"Samples not typed: {len(snapshot.manifest.samples) - snapshot.typed}\n"
        f"{_reasons(snapshot)}\n\n"
        f"More of why:\n  gems job show '{session_key}'\n  gems job logs '{session_key}'\n"
        f"To type the failed samples again:\n  gems job retry '{session_key}'"
    )


def _reasons(snapshot: Snapshot) -> str:
    """Why the job ended so, and what its failed workers died of."""
    names = sorted((sample.name for sample in snapshot.manifest.samples), key=len, reverse=True)

    def told(text: str) -> str:
        for name in names:
            text = text.replace(name, "(a sample)")
        return text

    reason = snapshot.state.value.reason if snapshot.state is not None else ""
    workers = [
        f"worker {index} ({worker.value.instance_id}) in {told(failure.phase)}: {told(failure.reason)}"
        for index, worker in sorted(snapshot.workers.items())
        if (failure := worker.value.failure) is not None and worker.value.instance_id not in snapshot.earlier_runs
    ]
    return "\n".join([*_listed("Why", [told(reason)] if reason else []), *_listed("Workers that failed", workers)])


def _outcome(snapshot: Snapshot, page: RunPage | None) -> str:
    lines = [f"Samples typed:  {snapshot.typed}", f"Samples failed: {snapshot.failed}"]
    if page is not None:
        counts = page.counts
        lines += [
            f"Verdict:        {page.verdict.value} ({counts.passed} pass, {counts.to_review} to review, {counts.rejected} fail)",
            *_listed("Why", [_without_names(reason) for reason in page.reasons]),
            *_listed("Flags", list(_flags(page))),
            *_listed("Possible new alleles", [f"{found.locus}: {found.words}" for found in page.new_alleles]),
        ]
    return "\n".join(lines)


def _without_names(reason: Reason) -> str:
    """A reason in words, but for those that name samples."""
    names_any = any(name in reason.words for name in reason.samples)
    return f"{len(reason.samples)} samples: {reason.advice}" if names_any else f"{reason.words} {reason.advice}"


def _listed(title: str, entries: list[str]) -> Iterator[str]:
    if entries:
        yield f"\n{title}:"
        yield from (f"  {entry}" for entry in entries[:MOST_LINES])
        if len(entries) > MOST_LINES:
            yield f"  and {len(entries) - MOST_LINES} more"


def _flags(page: RunPage) -> Iterator[str]:
    """Each flag with the number of calls and samples that have it, the gravest first."""
    found: Counter[str] = Counter()
    for row in page.samples:
        found.update(set(row.flags))
        found.update(code for cell in row.loci for code in set(cell.flags))
    for code, number in sorted(found.items(), key=lambda item: (words_of(item[0]).severity.rank, -item[1], item[0])):
        yield f"{number:4} x {words_of(code).sentence}"


def _links(context: Context, snapshot: Snapshot) -> str:
    session_key, api_url = snapshot.manifest.session_key, context.settings.api_url.rstrip("/")
    name = quote(str(session_key), safe=":")
    return (
        f"Look at the run, after signing in:\n  {api_url}/jobs/{name}/run\n"
        f"Report:\n  {api_url}/job/{name}/report.csv\n  {api_url}/job/{name}/report.json\n"
        f"or\n  gems job report '{session_key}' -o report.csv"
    )


def _instances(context: Context, snapshot: Snapshot) -> str:
    """How many were launched and are gone; the one that has written the report ends after this mail."""
    instances = snapshot.state.value.instances if snapshot.state is not None else ()
    ended = sum(item.ended_at is not None for item in instances)
    spent = spent_so_far(snapshot, context.prices.table())
    price = f"{spent.usd:.2f} USD so far" if spent.usd is not None else f"unknown ({spent.hint})"
    return f"Instances: {len(instances)} launched, {ended} ended; all others are stopped now.\nPrice:     {price}"
