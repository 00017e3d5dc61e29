"""A job as ``GET /job`` shows it. The first keys keep their names for ever; others may be added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import quote

from gems_api.services.intake.costs import NO_TABLE, Spending, spent_so_far
from gems_api.services.shown.publishable import publishable
from gems_api.services.shown.texts import ALL, Limits, told
from gems_api.services.shown.worker_view import WORKER_VIEW, workers_seen
from gems_api.services.state.records import JobState
from gems_api.services.state.snapshot import Snapshot
from gems_core.fields import COUNT, MOMENT, NUMBER, TEXT, URL, Field, Shape, by_name, items, nested, whole, word
from gems_core.layout import REPORT_FORMATS
from gems_core.manifest import Manifest
from gems_core.prices import CURRENCY, PriceTable
from gems_core.protocol.answer import MAIL_OUTCOME, MailOutcome
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus


def job_view(
    snapshot: Snapshot, api_url: str, prices: PriceTable | None = None, *, limits: Limits = ALL
) -> dict[str, object]:
    """The JSON object of one job."""
    return JOB_VIEW.write(_Seen(snapshot, api_url, prices, limits))


def unreadable_view(session_key: SessionKey, reason: str) -> dict[str, object]:
    """The same keys of a job whose records cannot be read: nothing will come of it, and its user is told why."""
    moment = session_key.minute.isoformat()
    return JOB_VIEW.blank() | {
        "hla_class": session_key.hla_class,
        "overall_status": JobStatus.FAILED.value,
        "session_key": str(session_key),
        "created_at": moment,
        "opened_at": moment,
        "reason": publishable(reason),
        "price_hint": "what the job ran cannot be read",
    }


def job_address(session_key: SessionKey, api_url: str) -> str:
    """What the addresses of a job's own routes begin with."""
    return f"{api_url.rstrip('/')}/job/{quote(str(session_key), safe=':')}"


def report_links(session_key: SessionKey, api_url: str) -> dict[str, str]:
    """Where a job's written report is fetched, by format."""
    base = job_address(session_key, api_url)
    return {extension: f"{base}/report.{extension}" for extension in REPORT_FORMATS}


@dataclass(frozen=True)
class SampleFailure:
    """A sample that could not be typed."""

    sample: str
    reason: str
    attempt: int


@dataclass(frozen=True)
class Price:
    """What a job's instances have cost in US dollars, at the prices of a time."""

    amount: float
    as_of: datetime


@dataclass(frozen=True)
class _Seen:
    """A job as somebody looks at it."""

    snapshot: Snapshot
    api_url: str
    prices: PriceTable | None
    limits: Limits

    @property
    def manifest(self) -> Manifest:
        """What was asked for."""
        return self.snapshot.manifest

    @property
    def state(self) -> JobState | None:
        """What must be known of it, once that is written down."""
        return self.snapshot.state.value if self.snapshot.state else None

    @cached_property
    def failures(self) -> list[SampleFailure]:
        """Samples that were marked failed; of a job that has ended also those that nobody came to."""
        marked = [
            SampleFailure(marker.sample, told(marker.reason, self.limits), marker.attempt)
            for _, marker in sorted(self.snapshot.done.items())
            if marker.outcome is SampleOutcome.FAILED
        ]
        return marked + _never_done(self.snapshot, self.limits)

    @cached_property
    def spent(self) -> Spending:
        """What its instances have run and cost."""
        return spent_so_far(self.snapshot, self.prices)

    @property
    def price(self) -> Price | None:
        """What it has cost, where that is known."""
        if self.prices is None or self.spent.usd is None:
            return None
        return Price(self.spent.usd, self.prices.as_of)

    @property
    def mail(self) -> MailOutcome | None:
        """What became of the mail."""
        mail = self.snapshot.mail
        return None if mail is None else MailOutcome(mail.state, told(mail.reason, self.limits))

    @property
    def report(self) -> dict[str, str] | None:
        """Where the report is fetched, once it is written."""
        return report_links(self.manifest.session_key, self.api_url) if self.snapshot.report_written else None


def _never_done(snapshot: Snapshot, limits: Limits) -> list[SampleFailure]:
    if snapshot.state is None or not snapshot.ended:
        return []
    reason = told(f"the job ended before it was typed: {snapshot.state.value.reason}", limits)
    names = sorted(sample.name for sample in snapshot.manifest.samples if sample.name not in snapshot.done)
    return [SampleFailure(name, reason, 0) for name in names]


def _launched(state: JobState | None) -> int:
    """How many instances this run was given, those that replaced others too."""
    return state.launched_in_run if state else 0


_SAMPLE_FAILURE: Shape[SampleFailure] = Shape(
    "SampleFailure",
    "failed sample",
    (
        Field("sample", TEXT, "its name"),
        Field("reason", TEXT, "why it could not be typed"),
        Field("attempt", COUNT, "at which try; 0 when nobody came to it"),
    ),
)
_PRICE: Shape[Price] = Shape(
    "PriceView",
    "price",
    (
        Field("currency", TEXT, "USD", source=lambda _: CURRENCY),
        Field("amount", NUMBER, "of the instances of all runs"),
        Field("as_of", MOMENT, "when the prices were read or set"),
    ),
)
JOB_VIEW: Shape[_Seen] = Shape(
    "JobView",
    "job",
    (
        Field("bucket", TEXT, "S3 bucket with the reads", source=lambda job: job.manifest.bucket),
        Field("hla_class", TEXT, "`1`, `2` or `all`", source=lambda job: job.manifest.hla_class),
        Field("overall_status", word(JobStatus), "how it stands", source=lambda job: job.snapshot.overall_status),
        Field("prefix", TEXT, "folder of the reads in the bucket", source=lambda job: job.manifest.prefix),
        Field("session_key", TEXT, "names the job", source=lambda job: str(job.manifest.session_key)),
        Field(
            "workers",
            items(WORKER_VIEW),
            "by index; those that never spoke come last",
            source=lambda job: workers_seen(job.snapshot, job.limits),
        ),
        Field("created_at", MOMENT, "when it was asked for", source=lambda job: job.manifest.created_at),
        Field("run", whole(1), "1, and one more at each retry", source=lambda job: job.snapshot.run),
        Field("opened_at", MOMENT, "when this run began", source=lambda job: job.snapshot.opened_at),
        Field(
            "finished_at",
            MOMENT,
            "when it ended",
            nullable=True,
            source=lambda job: job.state.finished_at if job.state else None,
        ),
        Field(
            "reason",
            TEXT,
            "why it ended so, or why its last launch was refused",
            source=lambda job: told(job.state.reason, job.limits) if job.state else "",
        ),
        Field("samples_total", COUNT, "samples of the job", source=lambda job: len(job.manifest.samples)),
        Field("samples_done", COUNT, "samples that were typed", source=lambda job: job.snapshot.typed),
        Field("samples_failed", COUNT, "samples that failed", source=lambda job: len(job.failures)),
        Field("failures", items(_SAMPLE_FAILURE), "each sample that failed"),
        Field("shares_total", COUNT, "shares of the job", source=lambda job: len(job.manifest.shares)),
        Field(
            "workers_asked",
            COUNT,
            "instances that this run asked for",
            source=lambda job: (job.state.workers if job.state else 0) or job.manifest.workers,
        ),
        Field("workers_launched", COUNT, "instances that this run was given", source=lambda job: _launched(job.state)),
        Field(
            "next_launch_at",
            MOMENT,
            "when a refused launch is tried again",
            nullable=True,
            source=lambda job: job.state.next_launch_at if job.state else None,
        ),
        Field(
            "waits_behind",
            COUNT,
            "how many jobs are before it in the wait for vCPUs; null when it does not wait",
            nullable=True,
            source=lambda job: job.state.waits_behind if job.state else None,
        ),
        Field(
            "launches",
            COUNT,
            "launches of all runs, refused ones too",
            source=lambda job: job.state.launches if job.state else 0,
        ),
        Field("instance_hours", NUMBER, "how long its instances have run", source=lambda job: job.spent.instance_hours),
        Field("price", nested(_PRICE), "what they have cost", nullable=True),
        Field(
            "price_hint",
            TEXT,
            "why there is no price; `''` when there is one",
            source=lambda job: NO_TABLE if job.prices is None else job.spent.hint,
        ),
        Field(
            "budget_usd",
            NUMBER,
            "what each run may cost; null for no limit",
            nullable=True,
            source=lambda job: job.manifest.budget_usd,
        ),
        Field(
            "time_limit_seconds",
            COUNT,
            "after which a run is ended",
            source=lambda job: job.manifest.time_limit_seconds,
        ),
        Field("mail", nested(MAIL_OUTCOME), "what became of the mail", nullable=True),
        Field("report", by_name(URL), "where it is fetched, by format; null until it is written", nullable=True),
        Field(
            "logs",
            URL,
            "where users read its workers' logs; `?worker=` and an index for one",
            source=lambda job: f"{job_address(job.manifest.session_key, job.api_url)}/logs",
        ),
        Field(
            "versions",
            by_name(TEXT),
            "of what types the reads, by artefact",
            source=lambda job: {kind: item.version for kind, item in sorted(job.manifest.artefacts.items())},
        ),
    ),
)
