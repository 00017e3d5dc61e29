"""A job as ``GET /job`` shows it. The first keys keep their names for ever; others may be added."""

from __future__ import annotations

from collections import defaultdict
from urllib.parse import quote

from gems_api.services.costs import NO_TABLE, spent_so_far
from gems_api.services.records import ClaimState, JobState, WorkerRecord
from gems_api.services.snapshot import Snapshot
from gems_core.layout import REPORT_FORMATS
from gems_core.prices import CURRENCY, PriceTable
from gems_core.protocol import Failure, SampleOutcome
from gems_core.statuses import WorkerStatus


def job_view(snapshot: Snapshot, api_url: str, prices: PriceTable | None = None) -> dict[str, object]:
    """The JSON object of one job."""
    manifest, state = snapshot.manifest, snapshot.state.value if snapshot.state else None
    failures = _failures(snapshot)
    return {
        "bucket": manifest.bucket,
        "hla_class": manifest.hla_class,
        "overall_status": snapshot.overall_status.value,
        "prefix": manifest.prefix,
        "session_key": str(manifest.session_key),
        "workers": _workers(snapshot),
        "created_at": manifest.created_at.isoformat(),
        "run": snapshot.run,
        "opened_at": snapshot.opened_at.isoformat(),
        "finished_at": state.finished_at.isoformat() if state and state.finished_at else None,
        "reason": state.reason if state else "",
        "samples_total": len(manifest.samples),
        "samples_done": snapshot.typed,
        "samples_failed": len(failures),
        "failures": failures,
        "shares_total": len(manifest.shares),
        "workers_asked": (state.workers if state else 0) or manifest.workers,
        "workers_launched": _launched(state),
        "next_launch_at": state.next_launch_at.isoformat() if state and state.next_launch_at else None,
        "launches": state.launches if state else 0,
        **_money(snapshot, prices),
        "mail": {"state": snapshot.mail.state.value, "reason": snapshot.mail.reason} if snapshot.mail else None,
        "report": _report_links(snapshot, api_url),
        "versions": {kind: artefact.version for kind, artefact in sorted(manifest.artefacts.items())},
    }


def _money(snapshot: Snapshot, prices: PriceTable | None) -> dict[str, object]:
    spent = spent_so_far(snapshot, prices)
    price = None
    if prices is not None and spent.usd is not None:
        price = {"currency": CURRENCY, "amount": spent.usd, "as_of": prices.as_of.isoformat()}
    return {
        "instance_hours": spent.instance_hours,
        "price": price,
        "price_hint": spent.hint if prices is not None else NO_TABLE,
        "budget_usd": snapshot.manifest.budget_usd,
        "time_limit_seconds": snapshot.manifest.time_limit_seconds,
    }


def _launched(state: JobState | None) -> int:
    """How many instances this run was given, those that replaced others too."""
    return sum(item.run == state.run for item in state.instances) if state else 0


def _report_links(snapshot: Snapshot, api_url: str) -> dict[str, str] | None:
    if not snapshot.report_written:
        return None
    base = f"{api_url.rstrip('/')}/job/{quote(str(snapshot.manifest.session_key), safe=':')}"
    return {extension: f"{base}/report.{extension}" for extension in REPORT_FORMATS}


def _failures(snapshot: Snapshot) -> list[dict[str, object]]:
    """Samples that were marked failed; of a job that has ended also those that nobody came to."""
    told: list[dict[str, object]] = [
        {"sample": marker.sample, "reason": marker.reason, "attempt": marker.attempt}
        for _, marker in sorted(snapshot.done.items())
        if marker.outcome is SampleOutcome.FAILED
    ]
    return told + _never_done(snapshot)


def _never_done(snapshot: Snapshot) -> list[dict[str, object]]:
    if snapshot.state is None or not snapshot.ended:
        return []
    reason = f"the job ended before it was typed: {snapshot.state.value.reason}"
    names = sorted(sample.name for sample in snapshot.manifest.samples if sample.name not in snapshot.done)
    return [{"sample": name, "reason": reason, "attempt": 0} for name in names]


def _workers(snapshot: Snapshot) -> list[dict[str, object]]:
    """Workers by index; launched instances that have not made contact yet come last."""
    names = _file_names(snapshot)
    contacted = [
        _worker(snapshot, worker.value, names.get(worker.value.instance_id, []))
        for _, worker in sorted(snapshot.workers.items())
    ]
    return contacted + _silent_instances(snapshot)


def _file_names(snapshot: Snapshot) -> dict[str, list[str]]:
    """By instance: the read files of all shares that it holds or was the last to hold, share by share."""
    found: dict[str, list[str]] = defaultdict(list)
    for _, claim in sorted(snapshot.claims.items()):
        if claim.value.state is not ClaimState.FREE:
            share = snapshot.manifest.share(claim.value.share)
            found[claim.value.owner] += [name for sample in share.samples for name in sample.file_names]
    return found


def _worker(snapshot: Snapshot, worker: WorkerRecord, names: list[str]) -> dict[str, object]:
    return {
        "instance_id": worker.instance_id,
        "instance_index": worker.instance_index,
        "samples": names,
        "status": worker.status.value,
        "detail": worker.detail,
        "share": worker.share,
        "attempt": worker.attempt,
        "run": snapshot.earlier_runs.get(worker.instance_id, snapshot.run),
        "last_heartbeat": snapshot.last_seen(worker).isoformat(),
        "failure": _failure(worker.failure),
    }


def _failure(failure: Failure | None) -> dict[str, object] | None:
    return None if failure is None else failure.as_json()


def _silent_instances(snapshot: Snapshot) -> list[dict[str, object]]:
    known = {worker.value.instance_id for worker in snapshot.workers.values()}
    launched = snapshot.state.value.instances if snapshot.state else ()
    silent = [item.instance_id for item in launched if item.instance_id not in known]
    first = max(snapshot.workers, default=-1) + 1
    return [
        {
            "instance_id": instance_id,
            "instance_index": index,
            "samples": [],
            "status": WorkerStatus.LAUNCHED.value,
            "detail": "has not made contact",
            "share": None,
            "attempt": 0,
            "run": snapshot.earlier_runs.get(instance_id, snapshot.run),
            "last_heartbeat": None,
            "failure": None,
        }
        for index, instance_id in enumerate(silent, start=first)
    ]
