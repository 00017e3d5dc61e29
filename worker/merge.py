"""The last worker's task: one report from all results, then the end of the job."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gems_core.errors import GemsError, InvalidInput
from gems_core.layout import done_key, report_key, sample_result_key
from gems_core.manifest import Manifest
from gems_core.protocol import DoneMarker, MailState, SampleOutcome
from gems_core.statuses import WorkerStatus
from worker.api_client import ApiClient
from worker.cross_match.runner import STATE_FILE
from worker.errors import ObjectMissing, SampleFailed
from worker.explain.other_samples import typed_of, with_other_samples
from worker.report import FORMATS
from worker.report.model import Report, SampleResult, failed_sample, make_report, typed_sample
from worker.reporting import Reporter
from worker.store import ObjectStore
from worker.typer import read_typing

_log = logging.getLogger(__name__)
_STOP_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Merge:
    """Writes the report of a job and ends it."""

    store: ObjectStore
    control_bucket: str
    manifest: Manifest
    reporter: Reporter
    api: ApiClient

    def run(self) -> None:
        """Write every format of the report, have it mailed, and have the instances stopped.

        Raises:
            CloudRefused, TransferBroken: results cannot be read, or the report not written.
        """
        report = collect(self.store, self.control_bucket, self.manifest, self.reporter)
        for extension, report_format in FORMATS.items():
            key = report_key(self.manifest.prefix, self.manifest.session_key, extension)
            self.store.write(self.manifest.bucket, key, report_format.render(report), report_format.content_type)
        self._end_job()

    def _end_job(self) -> None:
        """The report is written; nothing from here on makes a failure of it. The reaper does what stays undone."""
        answer = self.reporter.tell(WorkerStatus.REPORT_WRITTEN, insist=True)
        mail = answer.mail if answer else None
        if mail is not None and mail.state is MailState.SENT:
            self.reporter.tell(WorkerStatus.EMAIL_SENT)
        self.reporter.tell(WorkerStatus.COMPLETE, insist=True)
        try:
            self.api.stop_instances(self.reporter.position.instance_id, patience_seconds=_STOP_PATIENCE_SECONDS)
        except GemsError as error:
            _log.warning("the instances were not stopped: %s", error)


def collect(store: ObjectStore, control_bucket: str, manifest: Manifest, reporter: Reporter) -> Report:
    """Read every sample's result; a sample without a readable one is failed, with the reason."""
    results = []
    samples = sorted(sample.name for sample in manifest.samples)
    for position, sample in enumerate(samples, start=1):
        reporter.note(f"reading result {position} of {len(samples)}")
        results.append(_result(store, control_bucket, manifest, sample))
    return make_report(manifest, across_samples(results))


def across_samples(results: Sequence[SampleResult]) -> list[SampleResult]:
    """The results, with the unexplained sequences that are another sample's told so."""
    try:
        told = with_other_samples(
            [typed_of(one.sample, [call.document for call in one.loci], one.unexplained) for one in results]
        )
    except (KeyError, TypeError, ValueError) as error:
        _log.warning("unexplained sequences were not looked for in other samples: %r", error)
        return list(results)
    return [replace(one, unexplained=told[one.sample]) for one in results]


def _result(store: ObjectStore, control_bucket: str, manifest: Manifest, sample: str) -> SampleResult:
    try:
        marker = DoneMarker.from_json(json.loads(store.read(control_bucket, done_key(manifest.session_key, sample))))
    except ObjectMissing:
        return failed_sample(sample, "no done-marker: no worker finished this sample")
    except (InvalidInput, ValueError) as error:
        return failed_sample(sample, f"its done-marker cannot be read: {error}")
    if marker.outcome is SampleOutcome.FAILED:
        return failed_sample(sample, marker.reason)
    try:
        typing = read_typing(_file(store, manifest, sample, "typing.json"), sample)
        return typed_sample(sample, typing, _cross_match(store, manifest, sample))
    except (ObjectMissing, SampleFailed) as error:
        reason = f"marked as typed, but: {error}"
        _correct(store, control_bucket, manifest, replace(marker, outcome=SampleOutcome.FAILED, reason=reason))
        return failed_sample(sample, reason)


def _correct(store: ObjectStore, control_bucket: str, manifest: Manifest, marker: DoneMarker) -> None:
    """Write a done-marker anew: a job ends as its markers say, and it must not say more than its report."""
    data = json.dumps(marker.as_json()).encode()
    store.write(control_bucket, done_key(manifest.session_key, marker.sample), data, "application/json")


def _cross_match(store: ObjectStore, manifest: Manifest, sample: str) -> dict[str, object]:
    try:
        document = json.loads(_file(store, manifest, sample, STATE_FILE))
    except (ObjectMissing, ValueError) as error:
        return {"state": "failed", "reason": f"its state is unknown: {error}", "program": None, "version": None}
    return {name: document.get(name) for name in ("state", "reason", "program", "version")}


def _file(store: ObjectStore, manifest: Manifest, sample: str, name: str) -> bytes:
    return store.read(manifest.bucket, sample_result_key(manifest.prefix, manifest.session_key, sample, name))
