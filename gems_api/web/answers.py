"""What the routes answer that no use case writes itself: jobs that were launched, a dry run, an end, a sign of life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from gems_api.services.intake.costs import ESTIMATE, estimate
from gems_api.services.intake.preflight import PLAN
from gems_api.services.lifecycle.start_job import DryRun
from gems_api.services.shown.fitting import LARGEST_BYTES
from gems_api.services.state.document import encoded
from gems_api.services.state.snapshot import Snapshot
from gems_api.settings import Settings
from gems_api.web.problem_list import PROBLEM_ITEM, listed
from gems_core.fields import COUNT, FLAG, TEXT, TEXTS, URL, Field, FieldKind, Shape, by_name, items, nested, word
from gems_core.prices import PriceTable
from gems_core.statuses import JobStatus


@dataclass(frozen=True)
class Launched:
    """A job for which workers are being launched.

    Attributes:
        prices: what its estimate rests on.
        run: which run of the job they are launched in.
    """

    snapshot: Snapshot
    settings: Settings
    prices: PriceTable | None = None
    run: int = 1

    @property
    def location(self) -> str:
        """Where ``GET`` shows the job."""
        session_key = quote(str(self.snapshot.manifest.session_key), safe=":")
        return f"{self.settings.api_url.rstrip('/')}/job?session_key={session_key}"

    @property
    def workers_launched(self) -> int:
        """How many instances this run was given."""
        state = self.snapshot.state
        return sum(item.run == state.value.run for item in state.value.instances) if state else 0

    @property
    def reason(self) -> str:
        """Why they are fewer than were asked for."""
        return self.snapshot.state.value.reason if self.snapshot.state else ""


_COMMON: tuple[Field[Launched], ...] = (
    Field("session_key", TEXT, "names the job", source=lambda it: str(it.snapshot.manifest.session_key)),
    Field("overall_status", word(JobStatus), "how it stands", source=lambda it: it.snapshot.overall_status),
    Field("location", URL, "where `GET` shows it"),
    Field("workers_launched", COUNT, "how many instances came"),
    Field("reason", TEXT, "why fewer workers were launched; `''` when all were"),
)
STARTED: Shape[Launched] = Shape(
    "StartedAnswer",
    "answer",
    (
        *_COMMON,
        Field("samples", COUNT, "to be typed", source=lambda it: len(it.snapshot.manifest.samples)),
        Field("shares", COUNT, "in which they are worked on", source=lambda it: len(it.snapshot.manifest.shares)),
        Field("workers", COUNT, "instances that were asked for", source=lambda it: it.snapshot.manifest.workers),
        Field(
            "estimate",
            nested(ESTIMATE),
            "what it is expected to take",
            source=lambda it: estimate(
                it.snapshot.manifest.shares, it.snapshot.manifest.workers, it.settings, it.prices
            ),
        ),
    ),
)
RETRIED: Shape[Launched] = Shape(
    "RetriedAnswer",
    "answer",
    (
        *_COMMON,
        Field("run", COUNT, "2 for the first retry"),
        Field(
            "samples",
            COUNT,
            "samples that are still to be typed",
            source=lambda it: len(it.snapshot.manifest.samples) - it.snapshot.typed,
        ),
        Field(
            "workers",
            COUNT,
            "instances that were asked for",
            source=lambda it: it.snapshot.state.value.workers if it.snapshot.state else 0,
        ),
    ),
)


def _plan(dry: DryRun) -> dict[str, object]:
    return dry.plan.as_json(LARGEST_BYTES - len(encoded(listed([*dry.problems, *dry.plan.warnings]))))


DRY_RUN: Shape[DryRun] = Shape(
    "DryRunAnswer",
    "answer",
    (
        Field("dry_run", FLAG, "true", source=lambda _: True),
        Field("plan", FieldKind(PLAN), "what the job would be", source=_plan),
        Field("estimate", nested(ESTIMATE), "what it is expected to take"),
        Field(
            "artefacts",
            by_name(TEXT),
            "the versions that the job would use: `worker`, `hla-typer`, `reference`, `panel`; empty where nothing is published",
            source=lambda dry: {kind: artefact.version for kind, artefact in dry.artefacts.items()},
        ),
        Field(
            "problems",
            FieldKind(items(PROBLEM_ITEM).schema),
            "the job would be started only if there are none",
            source=lambda dry: listed(dry.problems),
        ),
        Field("problems_total", COUNT, "how many there are", source=lambda dry: len(dry.problems)),
        Field(
            "warnings",
            FieldKind(items(PROBLEM_ITEM).schema),
            "what is wrong and stops no job, such as a sample sheet that cannot be read",
            source=lambda dry: listed(dry.plan.warnings),
        ),
        Field("warnings_total", COUNT, "how many there are", source=lambda dry: len(dry.plan.warnings)),
    ),
)


@dataclass(frozen=True)
class Terminated:
    """The instances of a job that were still there."""

    session_key: str
    terminated: Sequence[str]


TERMINATED: Shape[Terminated] = Shape(
    "TerminatedAnswer",
    "answer",
    (Field("session_key", TEXT, "the job"), Field("terminated", TEXTS, "ids of the instances that were still there")),
)


HEALTH: Shape[str] = Shape(
    "HealthAnswer",
    "answer",
    (
        Field("status", TEXT, "`ok`", source=lambda _: "ok"),
        Field("version", TEXT, "of GeMS", source=lambda version: version),
    ),
)
