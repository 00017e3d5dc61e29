"""What every use case is given. Only here is S3 given to those that own a part of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from gems_api.services.access.identity import Identities
from gems_api.services.access.membership import Members
from gems_api.services.access.persons import Persons
from gems_api.services.intake.artefacts import PublishedArtefacts
from gems_api.services.intake.browse import Listing, browse
from gems_api.services.intake.costs import PriceBook
from gems_api.services.intake.idempotency import KeyUses
from gems_api.services.intake.job_request import JobRequest
from gems_api.services.intake.preflight import Plan, preflight, preflight_elsewhere
from gems_api.services.intake.remote_reads import RemoteReads
from gems_api.services.ports import Clock, Cloud
from gems_api.services.storage.access_log import AccessLog, RecentLooks
from gems_api.services.storage.active_index import ActiveIndex
from gems_api.services.storage.closed_index import ClosedIndex
from gems_api.services.storage.history import JobHistory
from gems_api.services.storage.job_store import JobStore
from gems_api.services.storage.notices import Notices
from gems_api.services.storage.people import People, SignInTries
from gems_api.services.storage.read_cache import ReadCache
from gems_api.services.storage.remote_records import RemoteRecords
from gems_api.services.storage.report_objects import ReportObjects
from gems_api.services.storage.review_log import ReviewLog
from gems_api.services.storage.shared_views import SharedViews
from gems_api.services.storage.view_memory import ViewMemory
from gems_api.services.storage.work_notes import WorkNotes
from gems_api.services.storage.worker_logs import WorkerLogs
from gems_api.settings import Settings
from gems_core.errors import Problem
from gems_core.manifest import Manifest
from gems_core.review.lock import holding

if TYPE_CHECKING:
    from gems_api.services.access.single_sign_on import SsoMemory


@dataclass(frozen=True)
class Context:
    """Settings, cloud and clock, and the job store made of them; one for the life of a process."""

    settings: Settings
    cloud: Cloud
    clock: Clock
    cache: ReadCache = field(default_factory=ReadCache)

    @cached_property
    def prices(self) -> PriceBook:
        """What instances cost."""
        return PriceBook(self.cloud.store, self.settings.control_bucket, self.clock)

    def preflight(
        self,
        request: JobRequest,
        monotonic: Callable[[], float],
        retyped: Manifest | None = None,
        remote: RemoteReads | None = None,
        *,
        takes_single: bool = False,
    ) -> tuple[Plan, list[Problem]]:
        """Check what lies under a request's prefix, or elsewhere, and plan its job; ``intake.preflight`` says how."""
        if remote is not None:
            return preflight_elsewhere(remote.files, request, self.settings, takes_single=takes_single)
        return preflight(self.cloud.store, request, self.settings, monotonic, retyped, takes_single=takes_single)

    def browse(self, bucket: str, prefix: str) -> Listing:
        """What lies directly under a prefix, for somebody who looks for a run's folder.

        Raises:
            BucketUnreadable: no such bucket, or no permission, or it is GeMS's own.
        """
        return browse(self.cloud.store, bucket, prefix, self.settings.control_bucket)

    @cached_property
    def artefacts(self) -> PublishedArtefacts:
        """What has been published for workers to run."""
        return PublishedArtefacts(self.cloud.store, self.settings.control_bucket)

    @cached_property
    def key_uses(self) -> KeyUses:
        """What users' idempotency keys were used for."""
        return KeyUses(self.cloud.store, self.settings.control_bucket)

    @cached_property
    def views(self) -> ViewMemory:
        """What jobs were shown as a moment ago."""
        return ViewMemory(self.settings.status_cache_seconds)

    @cached_property
    def shared_views(self) -> SharedViews:
        """What all processes show large jobs as."""
        return SharedViews(self.cloud.store, self.settings.control_bucket)

    @cached_property
    def closed(self) -> ClosedIndex:
        """The jobs that are history, and what they are shown as."""
        return ClosedIndex(self.cloud.store, self.settings.control_bucket)

    @cached_property
    def reports(self) -> ReportObjects:
        """The reports beside the data."""
        return ReportObjects(self.cloud.store)

    @cached_property
    def active(self) -> ActiveIndex:
        """Which jobs may have something running."""
        return ActiveIndex(self.cloud.store, self.settings.control_bucket)

    @cached_property
    def jobs(self) -> JobStore:
        """The jobs of this deployment's control bucket."""
        return JobStore(self.cloud.store, self.settings.control_bucket, self.cache)

    @cached_property
    def remote_records(self) -> RemoteRecords:
        """What is written down of launches from BaseSpace."""
        return RemoteRecords(self.cloud.store, self.settings.control_bucket, self.cache)

    @cached_property
    def history(self) -> JobHistory:
        """The events of jobs."""
        return JobHistory(self.cloud.store, self.settings.control_bucket)

    @cached_property
    def worker_logs(self) -> WorkerLogs:
        """What workers logged."""
        return WorkerLogs(self.cloud.store, self.settings.control_bucket)

    @cached_property
    def identities(self) -> Identities:
        """Which instance a message comes from."""
        return Identities(self.cloud.identifier, self.clock)

    @cached_property
    def members(self) -> Members:
        """Which instance belongs to which job."""
        return Members(self.cloud.fleet, self.clock, self.settings.launch_grace_seconds)

    @cached_property
    def persons(self) -> Persons:
        """Named users."""
        bucket = self.settings.control_bucket
        return Persons(People(self.cloud.store, bucket), SignInTries(self.cloud.store, bucket), self.clock)

    @cached_property
    def sso(self) -> SsoMemory:
        """How people sign in with accounts of an identity provider."""
        from gems_api.services.access.single_sign_on import SsoMemory  # noqa: PLC0415 - as the pages, when a browser asks
        from gems_api.services.storage.sso import SsoRecords  # noqa: PLC0415

        return SsoMemory(SsoRecords(self.cloud.store, self.settings.control_bucket), self.clock)

    @cached_property
    def review_log(self) -> ReviewLog:
        """What people have said of results."""
        hold = holding(self.settings.review_lock, self.clock)
        return ReviewLog(self.cloud.store, self.settings.control_bucket, self.cache, hold)

    @cached_property
    def work_notes(self) -> WorkNotes:
        """Which results wait for somebody."""
        return WorkNotes(self.cloud.store, self.settings.control_bucket, self.cache)

    @cached_property
    def access_log(self) -> AccessLog:
        """Who has looked at which results."""
        return AccessLog(self.cloud.store, self.settings.control_bucket)

    @cached_property
    def looks(self) -> RecentLooks:
        """What this process has noted a moment ago."""
        return RecentLooks()

    @cached_property
    def notices(self) -> Notices:
        """What people and programs are to be told of runs."""
        return Notices(self.cloud.store, self.settings.control_bucket)
