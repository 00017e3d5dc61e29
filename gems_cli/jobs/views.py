"""How jobs look on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gems_core.fastq_names import StoredFile, pair_files
from gems_core.statuses import FINAL_JOB_STATUSES, JobStatus

_STYLES = {
    "COMPLETE": "green",
    "COMPLETE_WITH_FAILURES": "yellow",
    "FAILED": "red",
    "LOST": "red",
    "CANCELLED": "yellow",
}
_UNPAIRED_BYTES = 1 << 20


def has_ended(job: dict[str, Any]) -> bool:
    """Whether a job's status is a final one."""
    return JobStatus(job["overall_status"]) in FINAL_JOB_STATUSES


def succeeded(job: dict[str, Any]) -> bool:
    """Whether every sample of an ended job was typed."""
    return bool(job["overall_status"] == JobStatus.COMPLETE)


def jobs_table(jobs: Iterable[dict[str, Any]]) -> Table:
    """One line a job."""
    table = Table("session_key", "class", "status", "workers", box=None, pad_edge=False)
    for job in jobs:
        status = styled(job["overall_status"])
        table.add_row(job["session_key"], job["hla_class"], status, str(len(job["workers"])))
    return table


def job_view(job: dict[str, Any]) -> RenderableType:
    """A job's status and counts, and one line a worker."""
    head = Text.assemble(job["session_key"], "  ", styled(job["overall_status"]), "  ", counts(job), cost(job))
    if job.get("reason"):
        head.append(f"\n{job['reason']}")
    table = Table("worker", "instance", "status", "doing", "samples", box=None, pad_edge=False)
    for worker in job["workers"]:
        table.add_row(
            str(worker["instance_index"]),
            worker["instance_id"],
            styled(worker["status"]),
            Text(worker.get("detail") or ""),  # a text of the worker's, never markup
            ", ".join(sample_names(worker["samples"])) or "-",
        )
    failed = [_failure(worker) for worker in job["workers"] if worker.get("failure")]
    hint = [Text(f"their logs: gems job logs '{job['session_key']}'")] if failed else []
    return Group(head, table, *failed, *hint)


def _failure(worker: dict[str, Any]) -> Text:
    """Why a worker failed, and how its log is had."""
    failure = worker["failure"]
    code = failure.get("exit_code")
    facts = [failure["phase"], failure.get("cause") or "", "" if code is None else f"exit code {code}"]
    at_hand = f"\n  at hand: {', '.join(failure['samples'])}" if failure.get("samples") else ""
    told = ", ".join(fact for fact in facts if fact)
    return Text(f"worker {worker['instance_index']} failed ({told}): {failure['reason']}{at_hand}")


def plan_view(answer: dict[str, Any]) -> RenderableType:
    """What ``POST /job`` answers to a dry run: the plan, what it takes and costs, and all problems."""
    plan, expected = answer["plan"], answer["estimate"]
    lines = [
        f"{plan['samples']} samples, {plan['bytes'] / 1e6:.1f} MB, in {plan['shares_total']} shares",
        f"{expected['workers']} workers ({expected['instance_type']}), about {expected['minutes']:.0f} minutes, "
        f"{expected['instance_hours']:.2f} instance-hours",
        f"on demand {_dollars(expected['price']['on_demand'])}, spot {_dollars(expected['price']['spot'])}",
    ]
    if answer.get("artefacts"):
        lines.append("with " + ", ".join(f"{kind} {version}" for kind, version in answer["artefacts"].items()))
    if expected["hint"]:
        lines.append(expected["hint"])
    if plan["files_not_read_total"]:
        lines.append(f"{plan['files_not_read_total']} files were not read, for the time was up")
    lines += [f"warning: {warning['message']}" for warning in answer.get("warnings", [])]
    lines += [f"  - {problem['message']}" for problem in answer["problems"]]
    return Text("\n".join(lines) if answer["problems"] else "\n".join([*lines, "no problems"]))


def cost(job: dict[str, Any]) -> str:
    """What a job has cost until now, e.g. ``  1.25 instance-hours, 0.21 USD``; '' when nothing is known."""
    hours, price = job.get("instance_hours"), job.get("price")
    if not hours:
        return ""
    return f"  {hours:.2f} instance-hours" + (f", {price['amount']:.2f} {price['currency']}" if price else "")


def _dollars(amount: float | None) -> str:
    return "at an unknown price" if amount is None else f"{amount:.2f} USD"


def job_lines(job: dict[str, Any]) -> dict[str, str]:
    """What may change in a job, as plain texts: who to how it stands."""
    workers = {
        f"worker {worker['instance_index']} ({worker['instance_id']})": " ".join(
            part for part in (worker["status"], worker.get("detail")) if part
        )
        for worker in job["workers"]
    }
    return {"job": f"{job['overall_status']}, {counts(job)}{turn(job)}", **workers}


def turn(job: dict[str, Any]) -> str:
    """That a job waits for its turn, e.g. ``, waits behind 2 jobs``; '' when it does not."""
    behind = job.get("waits_behind")
    if behind is None:
        return ""
    return f", waits behind {behind} job{'s' if behind > 1 else ''}" if behind else ", is next to launch"


def counts(job: dict[str, Any]) -> str:
    """How many samples are done, e.g. ``7 of 10 samples typed, 1 failed``."""
    failed = f", {job['samples_failed']} failed" if job.get("samples_failed") else ""
    return f"{job.get('samples_done', 0)} of {job.get('samples_total', 0)} samples typed{failed}"


def sample_names(file_names: Iterable[str]) -> list[str]:
    """Sample names of the files that ``GET /job`` lists for a worker."""
    samples, _ = pair_files((StoredFile(name, _UNPAIRED_BYTES) for name in file_names), takes_single=True)
    return [sample.name for sample in samples]


def styled(status: str) -> Text:
    """A status in its colour."""
    return Text(status, style=_STYLES.get(status, "cyan"))
