"""One `gems run`, from the reads to the report."""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from gems_artefacts.cache import cache_folder
from gems_artefacts.inputs import Tools
from gems_artefacts.publish import collect_artefacts
from gems_cli.exits import JobFailed, sentence
from gems_cli.jobs.client import ApiClient, JobRequest
from gems_cli.jobs.views import succeeded
from gems_cli.jobs.watch import JobProgress, watch_job
from gems_cli.local import write_token
from gems_cli.run.calls import calls_view
from gems_cli.run.output import RunState, claimed_output, keep_logs, mark
from gems_cli.run.reads import UploadPlan
from gems_cli.run.results import fetch_results
from gems_cli.run.space import full_disk_told, space_lines
from gems_cli.run.verdict import refusal_of
from gems_core.engines import EC2
from gems_core.errors import CloudUnreachable, GemsError
from gems_local.machine import usable_processors
from gems_local.stack import CloudPlan, LocalCloud

# Every share costs one start of the typer, and that reads the whole library: for ten samples of release 3.51.0 on two
# processors one worker with two threads took 26 s of processor time, two workers with one thread each 41 s.
PROCESSORS_PER_WORKER = 4
# Small enough that a share which is tried again is soon done again.
LARGEST_SHARE = 48
_ROOM = "Make room there, or name other folders with --output, TMPDIR and GEMS_CACHE."


@dataclass(frozen=True)
class RunPlan:
    """A run whose inputs are checked.

    Attributes:
        folder: of the reads; its name becomes the job's prefix.
        workers: instances; None lets the machine decide.
        engine: who launches them, as ``CloudPlan`` has it.
    """

    folder: Path
    reads: UploadPlan
    tools: Tools
    output: Path
    hla_class: str = "all"
    email: str = ""
    workers: int | None = None
    engine: str = EC2
    keep_cloud: bool = False

    @property
    def prefix(self) -> str:
        """The reads' place in the data bucket."""
        return re.sub(r"[^A-Za-z0-9._-]", "_", self.folder.resolve().name).strip("._") or "reads"

    @property
    def worker_count(self) -> int:
        """Instances: as asked, else one for every four processors, and never more than samples."""
        wanted = self.workers or usable_processors() // PROCESSORS_PER_WORKER
        return max(1, min(wanted, self.reads.sample_count))

    def job_request(self, bucket: str) -> JobRequest:
        """The job: shares of equal size, so that all workers end together."""
        per_worker = -(-self.reads.sample_count // self.worker_count)
        size = max(1, min(per_worker, LARGEST_SHARE))
        return JobRequest(bucket, self.prefix, self.hla_class, self.email, self.worker_count, size)


@dataclass
class Stopwatch:
    """How long the parts of a run took, in seconds, in order."""

    laps: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def lap(self, name: str) -> Iterator[None]:
        """Time one part."""
        start = time.monotonic()
        yield
        self.laps[name] = time.monotonic() - start

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in self.laps.items())
        return f"{sum(self.laps.values()):.1f} s ({parts})"


def type_folder(plan: RunPlan, console: Console) -> bool:
    """Type a folder of reads in a local cloud and leave the results in the output folder.

    Returns:
        whether every sample was typed.

    Raises:
        InvalidInput: the output folder holds somebody else's files.
        ApiRefused: the preflight found problems.
        CloudUnreachable: the local cloud failed; its logs are kept.
        DiskFull: something that the run needs does not fit on its disk.
        JobFailed: panel or library do not fit the reads, or a control fails the run; the results are there.
    """
    for note in plan.reads.notes:
        console.print(f"note: {note}", markup=False, highlight=False)
    watch = Stopwatch()
    places = f"{plan.output}, {tempfile.gettempdir()} or {cache_folder()}"
    with (
        full_disk_told(f"the run's files in {places}", _ROOM),
        claimed_output(plan.output),
        # A program that the cloud had to kill may write there a moment longer; that must not hide how the run went.
        tempfile.TemporaryDirectory(prefix="gems-run-", ignore_cleanup_errors=True) as folder,
        _logs_kept_on_failure(plan, Path(folder), console),
    ):
        cloud = LocalCloud(CloudPlan(Path(folder), [], plan.worker_count, engine=plan.engine))
        with contextlib.ExitStack() as stack:
            stack.callback(cloud.stop)
            with watch.lap("cloud and artefacts"), console.status("starting the local cloud"):
                _start(cloud, plan.tools)
            job = _run_job(plan, cloud, console, watch)
            if not succeeded(job):
                _keep_logs(plan, Path(folder), console)
            refusal = _tell_results(plan, job, console, watch)
            if plan.keep_cloud:
                wait_for_interrupt(cloud, console)
    if refusal:
        raise JobFailed(f"{refusal} {plan.output} has the report.")
    return succeeded(job)


def _start(cloud: LocalCloud, tools: Tools) -> None:
    """Start the cloud while the artefacts are packed, which takes some seconds the first time."""
    with ThreadPoolExecutor(1) as pool:
        started = pool.submit(cloud.start)
        artefacts = collect_artefacts(tools.jar, tools.library, tools.panel, cache_folder() / "artefacts")
        started.result()
    cloud.publish(artefacts)


def _run_job(plan: RunPlan, cloud: LocalCloud, console: Console, watch: Stopwatch) -> dict[str, Any]:
    client = ApiClient(cloud.api_url, cloud.user_token)
    with watch.lap("upload"):
        _upload(plan, cloud)
    with watch.lap("job"):
        session_key = str(client.start(plan.job_request(cloud.data_bucket))["session_key"])
        with _cancelled_on_interrupt(client, session_key), JobProgress(console) as progress:
            job = watch_job(client, session_key, progress.show, each_time=cloud.check)
    with watch.lap("results"):
        fetch_results(client, cloud.aws.s3(), job, plan.output)
        mark(plan.output, state=RunState.ENDED, session_key=session_key, overall_status=job["overall_status"])
    return job


def _upload(plan: RunPlan, cloud: LocalCloud) -> None:
    s3 = cloud.aws.s3()
    with ThreadPoolExecutor() as pool:
        uploads = [
            pool.submit(s3.upload_file, str(upload.path), cloud.data_bucket, f"{plan.prefix}/{upload.name}")
            for upload in plan.reads.uploads
        ]
        for upload in uploads:
            upload.result()


@contextlib.contextmanager
def _cancelled_on_interrupt(client: ApiClient, session_key: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        # The cloud goes down next; the job's own end is a courtesy that must not hide the interrupt.
        with contextlib.suppress(GemsError):
            client.cancel(session_key)
        raise


@contextlib.contextmanager
def _logs_kept_on_failure(plan: RunPlan, cloud_folder: Path, console: Console) -> Iterator[None]:
    """Keep them whatever went wrong, and tell the local AWS's failures apart from those of AWS itself."""
    try:
        yield
    except Exception as error:
        # A full disk must not hide what went wrong first.
        with contextlib.suppress(OSError):
            _keep_logs(plan, cloud_folder, console)
        if isinstance(error, (BotoCoreError, ClientError, Boto3Error)):
            raise CloudUnreachable(f"the local cloud does not answer: {sentence(error)} Its logs tell more.") from error
        raise


def _keep_logs(plan: RunPlan, cloud_folder: Path, console: Console) -> None:
    for line in space_lines(plan.output, cloud_folder):
        console.print(f"note: {line}", markup=False, highlight=False)
    console.print(f"logs of the local cloud and its instances: {keep_logs(plan.output, cloud_folder)}", highlight=False)


def _tell_results(plan: RunPlan, job: dict[str, Any], console: Console, watch: Stopwatch) -> str:
    """Show what came out of the run; why its calls are not to be taken as they stand, or ''."""
    path, refusal = plan.output / "report.json", ""
    if path.exists():
        report = json.loads(path.read_bytes())
        console.print(calls_view(report))
        refusal = refusal_of(report)
    for failure in () if path.exists() else job["failures"]:
        console.print(f"{failure['sample']}: failed: {failure['reason']}", markup=False, highlight=False)
    typed, failed = job["samples_done"], job["samples_failed"]
    reason = f" ({job['reason']})" if job["reason"] else ""
    console.print(
        f"{job['overall_status']}{reason}: {typed} samples typed, {failed} failed in {watch}", highlight=False
    )
    console.print(f"results: {plan.output}", highlight=False, soft_wrap=True)
    page = plan.output / "report.html"
    if page.exists():
        console.print(f"report: {page}", markup=False, highlight=False, soft_wrap=True)
    return refusal


def wait_for_interrupt(cloud: LocalCloud, console: Console) -> None:
    """Say how to reach the cloud and its pages, and watch over it until Ctrl-C."""
    token_file = write_token(cloud.plan.folder, cloud.user_token)
    console.print(
        f"the cloud stays up until Ctrl-C: API and web pages {cloud.api_url}, AWS {cloud.aws.endpoint}", highlight=False
    )
    console.print(f"to sign in there, use the token in {token_file}", highlight=False, soft_wrap=True)
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            cloud.check()
            time.sleep(1)
