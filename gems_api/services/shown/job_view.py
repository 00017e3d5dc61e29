"""A job as ``GET /job`` shows it. The first keys keep their names for ever; others may be added."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from gems_api.services.intake.costs import NO_TABLE, spent_so_far
from gems_api.services.shown.publishable import publishable
from gems_api.services.state.records import ClaimState, JobState, LaunchedInstance
from gems_api.services.state.snapshot import Snapshot
from gems_core.layout import REPORT_FORMATS
from gems_core.prices import CURRENCY, PriceTable
from gems_core.protocol import Failure, SampleOutcome
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus, WorkerStatus


@dataclass(frozen=True)
class Limits:
    """How much a view tells.

    Attributes:
        text_bytes: of any one text, as JSON.
        log_tails: how many failed workers are shown with the last lines of their log.
    """

    text_bytes: int
    log_tails: int


ALL = Limits(100_000, 100_000)
_CUT = "..."


def cut(text: str, most_bytes: int) -> str:
    """The beginning of a text that takes at most so many bytes as JSON (without its quotes)."""
    if len(text) * 2 <= most_bytes and text.isascii() and text.isprintable():
        return text
    if len(json.dumps(text)) - 2 <= most_bytes:
        return text
    size = len(_CUT)
    for place, character in enumerate(text):
        size += len(json.dumps(character)) - 2
        if size > most_bytes:
            return text[:place] + _CUT
    return text


def _told(text: str, limits: Limits) -> str:
    """A text as anybody may read it: this document is shown to users and, where status is public, to everybody."""
    return cut(publishable(text), limits.text_bytes)


def job_view(
    snapshot: Snapshot, api_url: str, prices: PriceTable | None = None, *, limits: Limits = ALL
) -> dict[str, object]:
    """The JSON object of one job."""
    manifest, state = snapshot.manifest, snapshot.state.value if snapshot.state else None
    failures = _failures(snapshot, limits)
    return {
        "bucket": manifest.bucket,
        "hla_class": manifest.hla_class,
        "overall_status": snapshot.overall_status.value,
        "prefix": manifest.prefix,
        "session_key": str(manifest.session_key),
        "workers": _workers(snapshot, limits),
        "created_at": manifest.created_at.isoformat(),
        "run": snapshot.run,
        "opened_at": snapshot.opened_at.isoformat(),
        "finished_at": state.finished_at.isoformat() if state and state.finished_at else None,
        "reason": _told(state.reason, limits) if state else "",
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
        "mail": _mail(snapshot, limits),
        "report": report_links(manifest.session_key, api_url) if snapshot.report_written else None,
        "versions": {kind: artefact.version for kind, artefact in sorted(manifest.artefacts.items())},
    }


def _mail(snapshot: Snapshot, limits: Limits) -> dict[str, object] | None:
    mail = snapshot.mail
    return None if mail is None else {"state": mail.state.value, "reason": _told(mail.reason, limits)}


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


def unreadable_view(session_key: SessionKey, reason: str) -> dict[str, object]:
    """The same keys of a job whose records cannot be read: nothing will come of it, and its user is told why."""
    moment = session_key.minute.isoformat()
    return {
        "bucket": "",
        "hla_class": session_key.hla_class,
        "overall_status": JobStatus.FAILED.value,
        "prefix": "",
        "session_key": str(session_key),
        "workers": [],
        "created_at": moment,
        "run": 1,
        "opened_at": moment,
        "finished_at": None,
        "reason": publishable(reason),
        "samples_total": 0,
        "samples_done": 0,
        "samples_failed": 0,
        "failures": [],
        "shares_total": 0,
        "workers_asked": 0,
        "workers_launched": 0,
        "next_launch_at": None,
        "launches": 0,
        "instance_hours": 0.0,
        "price": None,
        "price_hint": "what the job ran cannot be read",
        "budget_usd": None,
        "time_limit_seconds": 0,
        "mail": None,
        "report": None,
        "versions": {},
    }


def report_links(session_key: SessionKey, api_url: str) -> dict[str, str]:
    """Where a job's written report is fetched, by format."""
    base = f"{api_url.rstrip('/')}/job/{quote(str(session_key), safe=':')}"
    return {extension: f"{base}/report.{extension}" for extension in REPORT_FORMATS}


def _failures(snapshot: Snapshot, limits: Limits) -> list[dict[str, object]]:
    """Samples that were marked failed; of a job that has ended also those that nobody came to."""
    told: list[dict[str, object]] = [
        {"sample": marker.sample, "reason": _told(marker.reason, limits), "attempt": marker.attempt}
        for _, marker in sorted(snapshot.done.items())
        if marker.outcome is SampleOutcome.FAILED
    ]
    return told + _never_done(snapshot, limits)


def _never_done(snapshot: Snapshot, limits: Limits) -> list[dict[str, object]]:
    if snapshot.state is None or not snapshot.ended:
        return []
    reason = _told(f"the job ended before it was typed: {snapshot.state.value.reason}", limits)
    names = sorted(sample.name for sample in snapshot.manifest.samples if sample.name not in snapshot.done)
    return [{"sample": name, "reason": reason, "attempt": 0} for name in names]


def _workers(snapshot: Snapshot, limits: Limits) -> list[dict[str, object]]:
    """Workers by index; launched instances that have not made contact yet come last."""
    names, earlier = _file_names(snapshot), snapshot.earlier_runs
    failed = [index for index, worker in sorted(snapshot.workers.items()) if worker.value.failure is not None]
    with_log = frozenset(failed[: limits.log_tails])
    contacted: list[dict[str, object]] = [
        {
            "instance_id": worker.value.instance_id,
            "instance_index": index,
            "samples": names.get(worker.value.instance_id, []),
            "status": worker.value.status.value,
            "detail": _told(worker.value.detail, limits),
            "share": worker.value.share,
            "attempt": worker.value.attempt,
            "run": earlier.get(worker.value.instance_id, snapshot.run),
            "last_heartbeat": snapshot.last_seen(worker.value).isoformat(),
            "failure": _failure(worker.value.failure, limits, with_log=index in with_log),
        }
        for index, worker in sorted(snapshot.workers.items())
    ]
    return contacted + _silent_instances(snapshot, earlier)


def _file_names(snapshot: Snapshot) -> dict[str, list[str]]:
    """By instance: the read files of all shares that it holds or was the last to hold, share by share."""
    found: dict[str, list[str]] = defaultdict(list)
    for _, claim in sorted(snapshot.claims.items()):
        if claim.value.state is not ClaimState.FREE:
            share = snapshot.manifest.share(claim.value.share)
            found[claim.value.owner] += [name for sample in share.samples for name in sample.file_names]
    return found


def _failure(failure: Failure | None, limits: Limits, *, with_log: bool) -> dict[str, object] | None:
    if failure is None:
        return None
    return {
        "phase": _told(failure.phase, limits),
        "reason": _told(failure.reason, limits),
        "log_tail": list(failure.log_tail) if with_log else [],
    }


def _silent_instances(snapshot: Snapshot, earlier: Mapping[str, int]) -> list[dict[str, object]]:
    """Launched instances that never spoke; their index is their place among all that the job has launched."""
    known = {worker.value.instance_id for worker in snapshot.workers.values()}
    launched = snapshot.state.value.instances if snapshot.state else ()
    return [
        _silent_instance(item, index, gone=snapshot.ended or item.ended_at is not None or item.instance_id in earlier)
        | {"run": earlier.get(item.instance_id, snapshot.run)}
        for index, item in enumerate(launched)
        if item.instance_id not in known
    ]


def _silent_instance(item: LaunchedInstance, index: int, *, gone: bool) -> dict[str, object]:
    failure = Failure("bootstrap", "it never made contact, and was terminated") if gone else None
    return {
        "instance_id": item.instance_id,
        "instance_index": index,
        "samples": [],
        "status": (WorkerStatus.LOST if gone else WorkerStatus.LAUNCHED).value,
        "detail": "" if gone else "has not made contact",
        "share": None,
        "attempt": 0,
        "last_heartbeat": None,
        "failure": None if failure is None else failure.as_json(),
    }
