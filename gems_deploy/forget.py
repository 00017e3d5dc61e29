"""Forgetting a person's results: what is removed, what is written again without them, what stays; then doing it.

The tombstone in the review's log comes first, so that nobody reviews what is going. Each step after it can be done again, and the
plan is made of what is there, so a run that was broken off is gone on with by running it again.
"""

from __future__ import annotations

import gzip
import logging
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gems_api.services.state.unreadable import DAMAGE
from gems_api.services.state.work_note import WorkNote
from gems_api.services.storage.review_log import ReviewLog
from gems_core import layout
from gems_core.errors import Conflict, DeploymentFailed, InvalidInput, one_problem
from gems_core.json_input import ODD_CONTENT, parse_json
from gems_core.manifest import Manifest
from gems_core.people import Role
from gems_core.review.events import EVENT, Event, Kind
from gems_core.review.job import JobReview
from gems_core.review.state import SampleReview, State
from gems_core.session_key import SessionKey
from gems_deploy.versioned_objects import VersionedObjects
from gems_report.errors import UnreadableDocument
from gems_report.forgetting import without_sample
from gems_report.formats import FORMATS
from gems_report.model import Report
from gems_report.pages import RunPage, SamplePage
from gems_report.reading import judged_report
from gems_report.records import from_json, to_json
from gems_report.result_digest import digest_of_page

LOG = logging.getLogger(__name__)
_TURNS = 8
NO_DIGEST = "0" * 64
STAYS = (
    "the reads in your own bucket, and whatever BaseSpace, your LIS, mails and downloads have",
    "entries of the review's log and of the access log: they may not be changed, and have the sample's name, what people wrote, and "
    "overridden calls",
    "job.json, done-markers, events and logs of the job in the control bucket: they have the name and no call, and go with the job",
)


@dataclass(frozen=True)
class Plan:
    """What forgetting a sample comes to.

    Attributes:
        tombstone: whether the log is still to say it.
        removed: objects that go, with all their versions, as bucket and key.
        rewritten: objects that are written again without the sample; their earlier versions go.
        stale: objects that lack the sample already, and whose earlier versions are still there.
    """

    manifest: Manifest
    sample: str
    tombstone: bool
    removed: Sequence[tuple[str, str]]
    rewritten: Sequence[tuple[str, str]]
    stale: Sequence[tuple[str, str]] = ()

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return not (self.tombstone or self.removed or self.rewritten or self.stale)


@dataclass(frozen=True)
class Forgetter:
    """Plans and forgets, with an administrator's credentials.

    Attributes:
        control: the control bucket.
    """

    objects: VersionedObjects
    control: str
    log: ReviewLog

    def plan(self, session_key: SessionKey, sample: str) -> Plan:
        """What is to be done. Reads, and changes nothing.

        Raises:
            InvalidInput: there is no such job, or it has no such sample.
            Conflict: the job is still looked after.
        """
        manifest = self._manifest(session_key, sample)
        if self.objects.read(self.control, layout.active_key(session_key)) is not None:
            raise Conflict(f"job {session_key} has not ended, or not been closed yet; try again in some minutes")
        folder = layout.sample_result_key(manifest.prefix, session_key, sample, "")
        removed = [(manifest.bucket, key) for key in self.objects.keys(manifest.bucket, folder)]
        removed += [(manifest.bucket, key) for key in self._copied_reads(manifest, sample)]
        rewritten = list(self._shared(manifest, sample))
        stale = [place for place in self._with_versions(manifest) if place not in {*removed, *rewritten}]
        forgotten = self._review(session_key, sample).state is State.FORGOTTEN
        return Plan(manifest, sample, not forgotten, removed, rewritten, stale)

    def forget(self, plan: Plan, by: str, words: str, now: datetime) -> None:
        """Do it.

        Raises:
            Conflict: many people write to the log at this moment.
            DeploymentFailed: a document cannot be read, and so cannot be cleared; all that could be done is done.
        """
        if plan.tombstone:
            self._entomb(plan, by, words, now)
        for bucket, key in plan.removed:
            self.objects.remove(bucket, key, every=True)
        for bucket, key in plan.stale:
            self.objects.remove(bucket, key, every=False)
        faults = [fault for place in plan.rewritten if (fault := self._rewrite_safely(plan, *place))]
        if faults:
            raise DeploymentFailed(f"not cleared: {'; '.join(faults)}. Look at these by hand; all else is done.")

    def _manifest(self, session_key: SessionKey, sample: str) -> Manifest:
        body = self.objects.read(self.control, layout.manifest_key(session_key))
        repair = "Name job and sample as `gems job show` does."
        if body is None:
            raise one_problem("invalid_field", "--job", "a job that has a record", str(session_key), repair)
        manifest = Manifest.from_bytes(body)
        if sample not in manifest.sample_names:
            raise one_problem("invalid_field", "SAMPLE", f"a sample of job {session_key}", repr(sample[:100]), repair)
        return manifest

    def _copied_reads(self, manifest: Manifest, sample: str) -> Iterator[str]:
        """Reads that GeMS itself has copied into the data bucket."""
        ours = layout.BASESPACE_PREFIX if manifest.source else None
        for one in manifest.samples:
            for file in one.files if one.name == sample and ours else ():
                if file.key.startswith(ours or "") and self.objects.exists(manifest.bucket, file.key):
                    yield file.key

    def _shared(self, manifest: Manifest, sample: str) -> Iterator[tuple[str, str]]:
        """Documents that tell of the sample beside others; report.json last, because the other reports are made of it."""
        key, prefix, bucket = manifest.session_key, manifest.prefix, manifest.bucket
        pages = [layout.sample_page_key(prefix, key, name) for name in manifest.names_in_order if name != sample]
        yield from ((bucket, page) for page in pages if self._names(manifest, bucket, page, sample))
        report = layout.report_key(prefix, key, "json")
        if self._names(manifest, bucket, report, sample):
            made = [layout.report_key(prefix, key, extension) for extension in layout.REPORT_FORMATS]
            there = set(self.objects.keys(bucket, layout.results_prefix(prefix, key) + "r"))
            yield from ((bucket, one) for one in (layout.run_page_key(prefix, key), *made) if one in there - {report})
            yield bucket, report
        for place in (layout.work_open_key(key, manifest.created_at), layout.work_done_key(key, manifest.created_at)):
            if self._names(manifest, self.control, place, sample):
                yield self.control, place

    def _names(self, manifest: Manifest, bucket: str, key: str, sample: str) -> bool:
        """Whether a JSON document is there and tells of the sample; one that cannot be read is to be looked at by hand."""
        body = self.objects.read(bucket, key)
        if body is None:
            return False
        try:
            document = parse_json(gzip.decompress(body) if key.endswith(".gz") else body)
        except (OSError, EOFError, zlib.error, *ODD_CONTENT):
            return True
        return bool(without_sample(document, sample, manifest.names_in_order) != document)

    def _review(self, session_key: SessionKey, sample: str) -> SampleReview:
        return JobReview.of(self.log.read(str(session_key))).of_sample(sample)

    def _entomb(self, plan: Plan, by: str, words: str, now: datetime) -> None:
        key = plan.manifest.session_key
        event = Event(Kind.FORGET, by, Role.ADMINISTRATOR, now, plan.sample, self._digest(plan), words=words)
        for _ in range(_TURNS):
            job = JobReview.of(self.log.read(str(key)))
            if job.of_sample(plan.sample).state is State.FORGOTTEN:
                return
            entry = self.log.append(str(key), job.end, EVENT.write(event))
            if entry is not None:
                self.log.seal(entry)
                return
        raise Conflict("many people write to this job's review at this moment; run the command again")

    def _digest(self, plan: Plan) -> str:
        """Of the results that go; of a sample without readable results no digest."""
        key = layout.sample_page_key(plan.manifest.prefix, plan.manifest.session_key, plan.sample)
        body = self.objects.read(plan.manifest.bucket, key)
        try:
            return digest_of_page(SamplePage.from_bytes(body)) if body is not None else NO_DIGEST
        except UnreadableDocument:
            return NO_DIGEST

    def _rewrite_safely(self, plan: Plan, bucket: str, key: str) -> str:
        """Write a document again; what is wrong with it, '' where nothing is."""
        try:
            body = self._cleared(plan, bucket, key)
        except (*DAMAGE, InvalidInput, UnreadableDocument, DeploymentFailed) as error:
            LOG.warning("a document cannot be cleared", exc_info=True)
            return f"s3://{bucket}/{key} ({str(error)[:200]})"
        if body is None:
            self.objects.remove(bucket, key, every=True)
            return ""
        self.objects.rewrite(bucket, key, body)
        return ""

    def _cleared(self, plan: Plan, bucket: str, key: str) -> bytes | None:
        """A document without the sample; None where it is better gone."""
        manifest = plan.manifest
        if bucket == self.control:
            return self._note(plan, key)
        name = key.removeprefix(layout.results_prefix(manifest.prefix, manifest.session_key))
        if name.startswith("samples/"):
            page = self._page(plan, key)
            return page.to_bytes()
        report = self._report(plan)
        if name == layout.RUN_PAGE:
            return RunPage.of(report).to_bytes()
        extension = name.removeprefix("report.")
        if extension == "hml":
            report = self._with_exons(plan, report)
        try:
            return FORMATS[extension].render(report)
        except Exception:
            if not FORMATS[extension].may_fail:
                raise
            LOG.warning("report.%s cannot be made here, and is removed", extension, exc_info=True)
            return None

    def _note(self, plan: Plan, key: str) -> bytes | None:
        body = self.objects.read(self.control, key)
        if body is None:
            return None
        note = WorkNote.from_bytes(body)
        left = tuple(one for one in note.samples if one.name != plan.sample)
        return replace(note, samples=left).to_bytes() if left else None

    def _page(self, plan: Plan, key: str) -> SamplePage:
        body = self.objects.read(plan.manifest.bucket, key)
        if body is None:
            raise DeploymentFailed("it is gone")
        document = to_json(SamplePage.from_bytes(body))
        return from_json(SamplePage, self._without(plan, document), key)

    def _report(self, plan: Plan) -> Report:
        key = layout.report_key(plan.manifest.prefix, plan.manifest.session_key, "json")
        body = self.objects.read(plan.manifest.bucket, key)
        if body is None:
            raise DeploymentFailed("there is no report.json to make it of")
        return judged_report(self._without(plan, parse_json(body)))

    def _with_exons(self, plan: Plan, report: Report) -> Report:
        samples = []
        for one in report.samples:
            key = layout.sample_page_key(plan.manifest.prefix, plan.manifest.session_key, one.sample)
            body = self.objects.read(plan.manifest.bucket, key)
            samples.append(one.with_exons(SamplePage.from_bytes(body).exons if body is not None else {}))
        return replace(report, samples=tuple(samples))

    def _without(self, plan: Plan, document: object) -> object:
        return without_sample(document, plan.sample, plan.manifest.names_in_order)

    def _with_versions(self, manifest: Manifest) -> list[tuple[str, str]]:
        """The job's results and its note that have earlier versions, or are nothing but such."""
        key = manifest.session_key
        return [
            *self.objects.with_earlier(manifest.bucket, layout.results_prefix(manifest.prefix, key)),
            *self.objects.with_earlier(self.control, layout.work_open_key(key, manifest.created_at)),
            *self.objects.with_earlier(self.control, layout.work_done_key(key, manifest.created_at)),
        ]
