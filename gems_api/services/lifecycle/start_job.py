"""Starting a job: ``POST /job``."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from gems_api.services.context import Context
from gems_api.services.intake.artefacts import ArtefactsMissing
from gems_api.services.intake.costs import Estimate, estimate, price_problems
from gems_api.services.intake.idempotency import KeyUse, idempotency_digest
from gems_api.services.intake.job_request import JobRequest, own_bucket, parse_job_request
from gems_api.services.intake.preflight import Plan
from gems_api.services.intake.remote_reads import RemoteReads
from gems_api.services.intake.same_reads import not_the_job
from gems_api.services.lifecycle.launching import LaunchRefused, first_launch
from gems_api.services.metrics import Metric, tell
from gems_api.settings import Settings
from gems_core.errors import InvalidInput, Problem
from gems_core.manifest import Artefact, Manifest
from gems_core.prices import ON_DEMAND, SPOT, PriceTable
from gems_core.published import is_no_panel
from gems_core.session_key import RANDOM_DIGITS, SessionKey

_FOLDER = ("bucket", "prefix")


@dataclass(frozen=True)
class Started:
    """A job that was started, now or (``repeated``) by an earlier request with the same Idempotency-Key."""

    session_key: SessionKey
    plan: Plan | None
    repeated: bool = False


@dataclass(frozen=True)
class DryRun:
    """What would have happened.

    Attributes:
        artefacts: that the job would use; none where nothing is published.
    """

    request: JobRequest
    plan: Plan
    estimate: Estimate
    problems: list[Problem]
    artefacts: Mapping[str, Artefact]


def start_job(
    context: Context, body: object, idempotency_key: str | None = None, remote: RemoteReads | None = None
) -> Started | DryRun:
    """Check a request, and start its job.

    Args:
        context: the collaborators.
        body: the request's JSON.
        idempotency_key: of the user's choosing; a repeat of the request with it gives the same job.
        remote: the reads, where they do not lie under the prefix yet.

    Raises:
        InvalidInput: with every problem of the request and its files.
        ArtefactsMissing: the deployment is not complete.
        LaunchRefused: no instance can be launched; the job is FAILED then, with the reason.
    """
    request, problems = parse_job_request(body, context.settings)
    digest = idempotency_digest(idempotency_key)
    if not problems and not request.dry_run:
        earlier = context.key_uses.find(digest, request.digest)
        if earlier is not None and context.jobs.manifest(earlier.session_key) is not None:
            return Started(earlier.session_key, None, repeated=True)
    retyped, unknown = _retyped(context, request)
    unknown += own_bucket(request.bucket, context.settings)
    # Where the folder is in doubt nothing is listed: it would be another one.
    in_doubt = unknown or any(problem.where in _FOLDER for problem in problems)
    artefacts, unpublished = _artefacts(context, request)
    plan, found = (Plan(), unknown)
    if not in_doubt:
        single = "panel" in artefacts and is_no_panel(artefacts["panel"].version)
        plan, found = context.preflight(request, time.monotonic, retyped, remote, takes_single=single)
    expected = estimate(plan.shares, plan.workers, context.settings, context.prices.table())
    problems += [
        *found,
        *_time_problems(request, expected),
        *_budget_problems(request, expected, context.settings, context.prices.table()),
    ]
    problems += unpublished
    if request.dry_run:
        return DryRun(request, plan, expected, problems, artefacts)
    if problems:
        raise InvalidInput(problems)
    if not artefacts:
        context.artefacts.current()  # says what is missing
    return _start(context, request, plan, artefacts, digest, remote=remote)


def _retyped(context: Context, request: JobRequest) -> tuple[Manifest | None, list[Problem]]:
    """The job whose reads are typed again, if that was asked for."""
    if not request.retype_of:
        return None, []
    try:
        manifest = context.jobs.manifest(SessionKey.parse(request.retype_of))
    except InvalidInput as error:
        return None, error.problems
    if manifest is None:
        return None, [not_the_job(request.retype_of, "a job that has a record", "none")]
    if (manifest.bucket, manifest.prefix) != (request.bucket, request.prefix):
        expected = f"its own reads, s3://{manifest.bucket}/{manifest.prefix}"
        return None, [not_the_job(request.retype_of, expected, f"s3://{request.bucket}/{request.prefix}")]
    return manifest, []


def _artefacts(context: Context, request: JobRequest) -> tuple[Mapping[str, Artefact], list[Problem]]:
    """What the job would run with; none where nothing is published."""
    try:
        return context.artefacts.chosen(request.choices)
    except ArtefactsMissing:
        return {}, []


def _budget_problems(
    request: JobRequest, expected: Estimate, settings: Settings, table: PriceTable | None
) -> list[Problem]:
    """Refuse a job that is expected to cost more than it may, or whose cost nobody could watch."""
    if request.budget_usd is None or not expected.workers:
        return []
    unknown = price_problems(request.budget_usd, settings, table)
    usd = expected.usd[SPOT if settings.spot else ON_DEMAND]
    if unknown or usd is None or usd <= request.budget_usd:
        return unknown
    where = f"budget of {request.budget_usd:g} USD"
    found = f"an estimate of {usd:.2f} USD for {expected.instance_hours} instance-hours"
    return [Problem("over_budget", where, "a job that costs no more", found, "Raise the budget, or split the job.")]


def _time_problems(request: JobRequest, expected: Estimate) -> list[Problem]:
    """Refuse a job that would be ended before it is done, as far as the estimate tells."""
    if not expected.workers or 60 * expected.minutes <= request.time_limit_seconds:
        return []
    where = f"time limit of {request.time_limit_seconds} seconds"
    found = f"an estimate of {60 * expected.minutes:.0f} seconds ({expected.minutes} minutes) with {expected.workers} workers"
    repair = "Raise the time limit, ask for more workers, or split the run."
    return [Problem("time_limit_too_short", where, "a job that ends within it", found, repair)]


def _start(
    context: Context,
    request: JobRequest,
    plan: Plan,
    artefacts: Mapping[str, Artefact],
    digest: str,
    *,
    remote: RemoteReads | None,
) -> Started:
    now = context.clock()
    digits = "".join(secrets.choice("0123456789") for _ in range(RANDOM_DIGITS))
    session_key = SessionKey.make(request.bucket, request.prefix, request.hla_class, now, digits)
    session_key = context.key_uses.bind(digest, KeyUse(session_key, request.digest)).session_key
    manifest = Manifest(
        session_key,
        request.bucket,
        request.prefix,
        request.hla_class,
        now,
        request.email,
        plan.workers,
        tuple(plan.shares),
        artefacts,
        request.time_limit_seconds,
        request.budget_usd,
        source=remote.source if remote else "",
        retype_of=request.retype_of,
    )
    if remote is not None:
        remote.keep(manifest)
    context.active.enter(session_key)
    if request.retype_of:
        context.jobs.note_retyped(SessionKey.parse(request.retype_of), session_key)
    if not context.jobs.create(manifest):
        return Started(session_key, None, repeated=True)
    context.history.event(session_key, now, "job accepted", samples=len(manifest.samples), workers=plan.workers)
    tell(context.settings.stage, now, {Metric.JOBS_STARTED: 1, Metric.SAMPLES_ASKED: len(manifest.samples)})
    try:
        first_launch(context, manifest)
    except LaunchRefused:
        context.key_uses.free(digest)
        raise
    return Started(session_key, plan)
