"""The last worker's task: one report from all results, then the end of the job."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import stamina

from gems_core.errors import CloudRefused, GemsError
from gems_core.json_input import ODD_CONTENT
from gems_core.layout import report_key, run_page_key
from gems_core.manifest import Manifest
from gems_core.protocol.answer import MAIL_ACCEPTED
from gems_core.statuses import WorkerStatus
from gems_report.formats import files_of
from gems_report.model import Report, RunFacts, SampleResult, make_report
from gems_report.pages import RunPage
from gems_report.pages.documents import CONTENT_TYPE
from worker.api_client import ApiClient
from worker.errors import TransferBroken
from worker.explain.across_samples import across_samples
from worker.pages import Shelf, write_sample_pages
from worker.reporting import Reporter
from worker.results import Results
from worker.store import ObjectStore

_log = logging.getLogger(__name__)
_STOP_PATIENCE_SECONDS = 120.0
S3_REFUSES = (CloudRefused, TransferBroken)
# More than these are no matter of single objects: the merge is tried again, on another machine.
MOST_REFUSED = 10
_ATTEMPTS = 5


@dataclass(frozen=True)
class Merge:
    """Writes the report of a job and ends it.

    Attributes:
        ended_well: called once the report is written, for from then on the machine may go at any moment.
    """

    store: ObjectStore
    control_bucket: str
    manifest: Manifest
    reporter: Reporter
    api: ApiClient
    ended_well: Callable[[], None] = lambda: None

    def run(self) -> None:
        """Write every format of the report and what pages read, have it mailed, and have the instances stopped.

        Raises:
            CloudRefused, TransferBroken: results cannot be read, or the report not written.
        """
        with Shelf() as typings:
            results = self._collect(typings)
            try:
                report = self._write(results)
            except ODD_CONTENT as error:
                # Rare, so that no merge but this one pays for finding out whose it is.
                _log.warning("the report cannot be written as it is: %r", error)
                report = self._write([self._reportable(one) for one in results])
            write_sample_pages(self.store, self.manifest, report, typings, self.reporter.note)
        self._end_job()

    def _collect(self, typings: Shelf) -> list[SampleResult]:
        """Every sample's result, by name; what is only drawn goes onto the shelf.

        What S3 refuses is asked for again after all others. A few samples that it refuses then, too, are failed ones.

        Raises:
            CloudRefused, TransferBroken: S3 refuses too many, or all: single objects are not the cause.
        """
        results = Results(self.store, self.control_bucket, self.manifest, typings.put)
        samples = self.manifest.names_in_order
        found: dict[str, SampleResult] = {}
        for position, sample in enumerate(samples, start=1):
            self.reporter.note(f"reading result {position} of {len(samples)}")
            try:
                found[sample] = results.of(sample)
            except S3_REFUSES as error:
                _log.warning("the result of %s is read again later: %s", sample, error)
        refused: list[tuple[str, GemsError]] = []
        for sample in [sample for sample in samples if sample not in found]:
            try:
                found[sample] = self._read_again(results, sample)
            except S3_REFUSES as error:
                refused.append((sample, error))
                if len(refused) > MOST_REFUSED or len(refused) == len(samples):
                    raise
        found |= {
            sample: results.give_up(sample, f"S3 refused it again and again: {error}") for sample, error in refused
        }
        return [found[sample] for sample in samples]

    def _read_again(self, results: Results, sample: str) -> SampleResult:
        for attempt in stamina.retry_context(on=S3_REFUSES, attempts=_ATTEMPTS, timeout=None):
            with attempt:
                self.reporter.note(f"reading the result of {sample} again")
                result = results.of(sample)
        return result

    def _write(self, results: Sequence[SampleResult]) -> Report:
        report = make_report(RunFacts.of(self.manifest), across_samples(results))
        for key, data, content_type in self._files(report):
            self.store.write(self.manifest.bucket, key, data, content_type)
        return report

    def _files(self, report: Report) -> Iterator[tuple[str, bytes, str]]:
        """The report in each format, and the run's page: key, bytes and type of content."""
        prefix, session_key = self.manifest.prefix, self.manifest.session_key
        for file in files_of(report):
            yield report_key(prefix, session_key, file.extension), file.data, file.content_type
        yield run_page_key(prefix, session_key), RunPage.of(report).to_bytes(), CONTENT_TYPE

    def _reportable(self, result: SampleResult) -> SampleResult:
        """The result if a report of it alone can be written, else the sample as failed."""
        try:
            for _ in self._files(make_report(RunFacts.of(self.manifest), [result])):
                pass
        except ODD_CONTENT as error:
            results = Results(self.store, self.control_bucket, self.manifest, lambda *_: None)
            return results.fail(result.sample, f"the result of {result.sample} fits no report: {error!r}")
        return result

    def _end_job(self) -> None:
        """The report is written; nothing from here on makes a failure of it. The reaper does what stays undone."""
        self.ended_well()
        answer = self.reporter.tell(WorkerStatus.REPORT_WRITTEN, insist=True)
        mail = answer.mail if answer else None
        if mail is not None and mail.state in MAIL_ACCEPTED:
            self.reporter.tell(WorkerStatus.EMAIL_SENT)
        self.reporter.tell(WorkerStatus.COMPLETE, insist=True)
        try:
            self.api.stop_instances(self.reporter.position.instance_id, patience_seconds=_STOP_PATIENCE_SECONDS)
        except GemsError as error:
            _log.warning("the instances were not stopped: %s", error)
