"""The last worker's task: one report from all results, then the end of the job."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gems_core.errors import GemsError
from gems_core.json_input import ODD_CONTENT
from gems_core.layout import report_key
from gems_core.manifest import Manifest
from gems_core.protocol import MailState
from gems_core.statuses import WorkerStatus
from gems_report.formats import FORMATS
from gems_report.model import RunFacts, SampleResult, make_report
from gems_report.typing_json import called_alleles
from worker.api_client import ApiClient
from worker.explain.other_samples import Typed, typed_of, with_other_samples
from worker.reporting import Reporter
from worker.results import Results
from worker.store import ObjectStore

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
        results = self._collect()
        try:
            self._write(results)
        except ODD_CONTENT as error:
            # Rare, so that no merge but this one pays for finding out whose it is.
            _log.warning("the report cannot be written as it is: %r", error)
            self._write([self._reportable(one) for one in results])
        self._end_job()

    def _collect(self) -> list[SampleResult]:
        """Every sample's result, by name."""
        results = []
        samples = sorted(sample.name for sample in self.manifest.samples)
        for position, sample in enumerate(samples, start=1):
            self.reporter.note(f"reading result {position} of {len(samples)}")
            results.append(self._results.of(sample))
        return results

    def _write(self, results: Sequence[SampleResult]) -> None:
        report = make_report(RunFacts.of(self.manifest), across_samples(results))
        for extension, report_format in FORMATS.items():
            key = report_key(self.manifest.prefix, self.manifest.session_key, extension)
            self.store.write(self.manifest.bucket, key, report_format.render(report), report_format.content_type)

    def _reportable(self, result: SampleResult) -> SampleResult:
        """The result if a report of it alone can be written, else the sample as failed."""
        try:
            for report_format in FORMATS.values():
                report_format.render(make_report(RunFacts.of(self.manifest), [result]))
        except ODD_CONTENT as error:
            return self._results.fail(result.sample, f"the result of {result.sample} fits no report: {error!r}")
        return result

    @property
    def _results(self) -> Results:
        return Results(self.store, self.control_bucket, self.manifest)

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


def across_samples(results: Sequence[SampleResult]) -> list[SampleResult]:
    """The results, with the unexplained sequences that are another sample's told so."""
    told = with_other_samples([typed for one in results if (typed := _typed(one)) is not None])
    return [replace(one, unexplained=told.get(one.sample, one.unexplained)) for one in results]


def _typed(result: SampleResult) -> Typed | None:
    """A sample as others are compared with it; None where its calls have another shape than the contract's."""
    try:
        called = called_alleles(call.document for call in result.loci)
    except ODD_CONTENT as error:
        _log.warning("%s is not compared with the other samples: %r", result.sample, error)
        return None
    return typed_of(result.sample, called, result.unexplained)
