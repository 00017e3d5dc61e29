"""Puts a worker together and runs it."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import requests

from gems_core.errors import GemsError, InvalidInput
from gems_core.layout import BOOT_LOG, log_key, manifest_key
from gems_core.manifest import Manifest
from gems_core.statuses import WorkerStatus
from worker.api_client import ApiClient
from worker.artefacts import Artefacts, fetch_all
from worker.cloud import AskForCredentials, Cloud, connect
from worker.copying import Copier
from worker.cross_match.runner import CrossMatch
from worker.errors import cause_of
from worker.heartbeat import Heartbeat
from worker.identity import Identity
from worker.interruption import Cause, Interruption
from worker.log_copies import LogCopies
from worker.logs import LONGEST_LINE, JsonFormatter, LogTail, Whereabouts, configure
from worker.loop import Loop
from worker.merge import Merge
from worker.metadata import ContainerMetadata, InstanceMetadata, Metadata
from worker.reporting import Position, Reporter
from worker.settings import Settings
from worker.steps.work import Tools
from worker.store import ObjectStore, read
from worker.trace import tracer
from worker.typer import Typer
from worker.vitals import StepLimits, Watch

_log = logging.getLogger(__name__)
# Tells the bootstrap script that nothing after this is a failure: the machine of a final worker may go while it still ends.
LEFT_FILE = "left"
EXIT_LEFT_AS_TOLD = 0
EXIT_FAILED = 1
EXIT_SETTINGS = 2
# One of 3,000 samples with the longest names that S3 takes has some 10 MB.
LARGEST_MANIFEST_BYTES = 64 * 2**20
# BaseSpace may be away for a while; the share is given back after that.
_LINK_PATIENCE_SECONDS = 900.0


def run(environment: Mapping[str, str]) -> int:
    """Be a worker until there is nothing left to do.

    Returns:
        0 when the worker left as it was told (or as the machine was taken), 1 when it failed, 2 for wrong settings.
    """
    try:
        settings = Settings.from_environment(environment)
    except InvalidInput as error:
        print(f"worker: {error}", file=sys.stderr)  # noqa: T201 - there is no log without settings
        return EXIT_SETTINGS
    whereabouts = Whereabouts(job=str(settings.session_key))
    tail = configure(settings.root, whereabouts)
    try:
        _live(settings, tail, whereabouts)
    except GemsError as error:
        _log.error("%s", error)
        return EXIT_FAILED
    except Exception:
        _log.exception("unexpected")
        return EXIT_FAILED
    return EXIT_LEFT_AS_TOLD


def _live(settings: Settings, tail: LogTail, whereabouts: Whereabouts) -> None:
    interruption = Interruption()
    signal.signal(signal.SIGTERM, lambda *_: interruption.request(Cause.MACHINE_GOES, _why_terminated(settings)))
    metadata = _metadata(settings)
    position = Position(metadata.instance_id(), metadata.launch_index())
    whereabouts.worker = position.instance_id
    cloud = connect(settings.region)
    _log_to_cloudwatch(settings, cloud, whereabouts)
    token = cloud.credential(settings.worker_credential, settings.credential_table)

    identity = Identity(lambda: cloud.identity(settings.session_key))

    def new_client() -> ApiClient:
        return ApiClient(settings.api_url, settings.session_key, token, identity, requests.Session())

    reporter = Reporter(new_client(), position, interruption, tail, tracer(settings.root, whereabouts))
    reporter.enter("provisioning")
    life = _Life(settings, cloud, interruption, reporter, new_client)
    life.reporter.tell(WorkerStatus.BOOTSTRAPPING)
    with Heartbeat(
        life.reporter,
        new_client(),
        _metadata(settings),
        interruption,
        settings.heartbeat_seconds,
        watch=_watch(settings),
    ):
        life.run()


def _metadata(settings: Settings) -> Metadata:
    return ContainerMetadata(settings.batch_job) if settings.batch_job else InstanceMetadata(settings.metadata_url)


def _watch(settings: Settings) -> Watch:
    typer_seconds, cross_match_seconds = settings.typer_seconds_per_sample, settings.cross_match_seconds
    return Watch(settings.root, StepLimits(typer_seconds, cross_match_seconds, settings.step_limit_seconds))


def _log_to_cloudwatch(settings: Settings, cloud: Cloud, whereabouts: Whereabouts) -> None:
    """Log there too from now on, beginning with what the machine said before its worker spoke."""
    if not settings.log_group:
        return
    handler = cloud.log_handler(settings.log_group, whereabouts.worker)
    handler.setFormatter(JsonFormatter(whereabouts))
    boot_log = settings.root / BOOT_LOG
    for line in boot_log.read_text(errors="replace").splitlines() if boot_log.exists() else ():
        if line.strip():
            handler.handle(
                logging.makeLogRecord({"name": "bootstrap", "levelname": "INFO", "msg": line[:LONGEST_LINE]})
            )
    logging.getLogger().addHandler(handler)


def _why_terminated(settings: Settings) -> str:
    """The machine's own switch ends the worker by the same signal as a shutdown does."""
    if settings.ends_at and time.time() >= settings.ends_at:
        return "the machine's time was over (its dead man's switch): the worker was sent SIGTERM"
    return "the worker was sent SIGTERM"


@dataclass(frozen=True)
class _Life:
    """The worker's parts while it lives."""

    settings: Settings
    cloud: Cloud
    interruption: Interruption
    reporter: Reporter
    new_client: Callable[[], ApiClient]

    def run(self) -> None:
        """Provision the machine, then work; what goes wrong at first is reported before it ends the worker."""
        try:
            store = self.cloud.job_s3(self._credentials(self.new_client()))
        except Exception as error:
            self._say_why(error)
            raise
        with self._log_copies(store) as copies:
            self.reporter.on_failure = copies.now
            self._loop(store).run()
            _log.info("left")

    def _loop(self, store: ObjectStore) -> Loop:
        try:
            manifest = self._manifest(store)
            tools = self._tools(store, manifest, fetch_all(self.cloud.s3, self.settings))
        except Exception as error:
            self._say_why(error)
            raise
        bucket, ended_well = self.settings.control_bucket, (self.settings.root / LEFT_FILE).touch
        merge = Merge(store, bucket, manifest, self.reporter, self.new_client(), ended_well)
        return Loop(self.reporter, tools, merge.run, self.settings.root / "work")

    def _log_copies(self, store: ObjectStore) -> LogCopies:
        settings, instance_id = self.settings, self.reporter.position.instance_id

        def write(name: str, data: bytes) -> None:
            key = log_key(settings.session_key, instance_id, name)
            store.write(settings.control_bucket, key, data, "text/plain; charset=utf-8")

        return LogCopies(settings.root, write, lambda: datetime.now(UTC), settings.log_copy_seconds)

    def _say_why(self, error: Exception) -> None:
        try:
            self.reporter.fail("provisioning", str(error) or repr(error), *cause_of(error), leaving=True)
        except GemsError as unheard:
            _log.warning("leaving without an answer from the API: %s", unheard)

    def _credentials(self, api: ApiClient) -> AskForCredentials:
        instance_id = self.reporter.position.instance_id
        return lambda patience_seconds: api.credentials(instance_id, patience_seconds=patience_seconds)

    def _manifest(self, store: ObjectStore) -> Manifest:
        key = manifest_key(self.settings.session_key)
        try:
            return Manifest.from_bytes(
                read(store, self.settings.control_bucket, key, most_bytes=LARGEST_MANIFEST_BYTES)
            )
        except (ValueError, KeyError, TypeError) as error:
            raise GemsError(
                f"s3://{self.settings.control_bucket}/{key}: expected a manifest, found {error!r}"
            ) from error

    def _tools(self, store: ObjectStore, manifest: Manifest, artefacts: Artefacts) -> Tools:
        settings = self.settings
        typer = Typer(
            settings.java,
            artefacts.jar,
            artefacts.library,
            artefacts.panel,
            manifest.hla_class,
            settings.typer_threads,
            settings.typer_memory_mb,
            settings.typer_seconds_per_sample,
        )
        return Tools(
            typer,
            CrossMatch(settings.cross_match, settings.cross_match_seconds, artefacts.cross_match),
            artefacts.library.parent,
            self.interruption,
            store,
            settings.control_bucket,
            manifest,
            self.reporter.position.instance_id,
            lambda: datetime.now(UTC),
            self._copier(self.new_client()) if manifest.source else None,
        )

    def _copier(self, api: ApiClient) -> Copier:
        instance_id = self.reporter.position.instance_id
        return Copier(
            lambda key: api.link(instance_id, key, patience_seconds=_LINK_PATIENCE_SECONDS), self.interruption
        )
