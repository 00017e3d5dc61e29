"""The routes. Each parses, calls one use case and answers; decisions are made in ``gems_api.services``."""

from __future__ import annotations

import hashlib

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from gems_api.services.intake.job_request import JOB_REQUEST
from gems_api.services.lifecycle.cancel import CANCELLED, cancel
from gems_api.services.lifecycle.retry import retry
from gems_api.services.lifecycle.start_job import DryRun, start_job
from gems_api.services.lifecycle.stop_instances import stop_instances
from gems_api.services.shown.job_logs import LOG_PAGE, as_text, job_logs
from gems_api.services.shown.job_view import JOB_VIEW
from gems_api.services.shown.list_jobs import list_jobs
from gems_api.services.shown.report_link import report_link
from gems_api.services.state.document import array
from gems_api.services.workers.job_credentials import job_credentials
from gems_api.services.workers.report_status import report_status
from gems_api.web.answers import DRY_RUN, HEALTH, RETRIED, STARTED, TERMINATED, Launched, Terminated
from gems_api.web.auth import is_user, readers_only, require_instance, user_only, worker_only
from gems_api.web.body import json_body
from gems_api.web.contexts import context
from gems_api.web.description import DescribedBlueprint, answer, array_of, plain
from gems_api.web.documented import (
    BODY_PROBLEMS,
    CLOUD_REFUSED,
    UNREADABLE,
    USER_SECURITY,
    documented_problems,
)
from gems_api.web.looks import noted
from gems_api.web.query import JOB_QUERY, LOG_QUERY, next_link, parse_log_query, parse_query
from gems_core import __version__
from gems_core.file_links import FILE_LINK, LINK_REQUEST, LinkRequest
from gems_core.job_credentials import CREDENTIALS
from gems_core.protocol.answer import ANSWER
from gems_core.protocol.status_report import STATUS_REPORT, StatusReport
from gems_core.protocol.worker_requests import CREDENTIALS_REQUEST, STOP_REQUEST, CredentialsRequest, StopRequest
from gems_core.session_key import SessionKey

routes = DescribedBlueprint("jobs", __name__)
WORKER_SECURITY = ("worker_bearer",)


@routes.post("/job")
@user_only
@routes.input(JOB_REQUEST)
@routes.doc(
    summary="Start a job",
    responses=answer(202, "The job was started", STARTED)
    | answer(200, "Dry run: the plan and all problems", DRY_RUN)
    | documented_problems(_401="Not a user", _422="All problems of the request and its files")
    | BODY_PROBLEMS
    | UNREADABLE
    | CLOUD_REFUSED,
    security=USER_SECURITY,
)
def post_job() -> ResponseReturnValue:
    """Check the files under a prefix, then launch workers to type them."""
    outcome = start_job(context(), json_body(), request.headers.get("Idempotency-Key"))
    if isinstance(outcome, DryRun):
        return DRY_RUN.write(outcome)
    snapshot = context().jobs.load(outcome.session_key)
    launched = Launched(snapshot, context().settings, context().prices.table())
    return STARTED.write(launched), 202, {"Location": launched.location}


@routes.get("/job")
@readers_only
@routes.input(JOB_QUERY, location="query")
@routes.doc(
    summary="List jobs, newest first",
    responses=answer(200, "A JSON array; the Link header leads to the next page", array_of(JOB_VIEW))
    | plain(304, "Nothing has changed since the ETag given")
    | documented_problems(
        _401="Not a user, where the deployment's status is not public",
        _422="An argument is wrong",
    )
    | CLOUD_REFUSED,
    security=("", *USER_SECURITY),
)
def get_jobs() -> ResponseReturnValue:
    """Read what is known of jobs, running or ended."""
    page = list_jobs(context(), parse_query(request.args))
    named = is_user() or not context().settings.mask_samples
    response = Response(array(page.bodies(with_logs=is_user(), with_names=named)), content_type="application/json")
    if page.next_before is not None:
        url = f"{context().settings.api_url.rstrip('/')}/job"
        response.headers["Link"] = next_link(url, request.args, page.next_before)
    seen_at = page.seen_at
    if seen_at is not None:
        response.headers["Age"] = str(max(0, round((context().clock() - seen_at).total_seconds())))
    return _with_etag(response)


def _with_etag(response: Response) -> BaseResponse:
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest())
    response.headers["Cache-Control"] = "no-store" if is_user() else "private, no-cache"
    response.headers["Vary"] = "Authorization, Cookie"
    return response.make_conditional(request)


@routes.post("/job/<session_key>/status")
@worker_only
@routes.input(STATUS_REPORT)
@routes.doc(
    summary="A worker's message",
    tags=["Workers"],
    responses=answer(200, "What the worker does next", ANSWER)
    | documented_problems(
        _401="Not a worker",
        _403="Not proven to be the instance, or not this job's worker",
        _404="No such job",
        _409="Send it again, or it does not fit",
        _422="Fields are wrong",
    )
    | BODY_PROBLEMS
    | UNREADABLE
    | CLOUD_REFUSED,
    security=WORKER_SECURITY,
)
def post_status(session_key: str) -> ResponseReturnValue:
    """Take a worker's status, heartbeat, claim or failure, and tell it what to do."""
    key, report = SessionKey.parse(session_key), StatusReport.from_json(json_body())
    require_instance(key, report.instance_id)
    return report_status(context(), key, report).as_json()


@routes.post("/job/<session_key>/credentials")
@worker_only
@routes.input(CREDENTIALS_REQUEST)
@routes.doc(
    summary="AWS credentials for one job",
    tags=["Workers"],
    responses=answer(200, "They read and write this job in S3, for an hour", CREDENTIALS)
    | documented_problems(
        _401="Not a worker",
        _403="Not proven to be the instance, or not this job's worker; or AWS does not let the API take the job's role",
        _404="No such job",
        _409="The job has ended, or send it again",
        _422="Fields are wrong",
    )
    | BODY_PROBLEMS
    | UNREADABLE
    | CLOUD_REFUSED,
    security=WORKER_SECURITY,
)
def post_credentials(session_key: str) -> ResponseReturnValue:
    """Let a worker into its own job's folders and into no other's."""
    asked = CredentialsRequest.from_json(json_body())
    key = SessionKey.parse(session_key)
    require_instance(key, asked.instance_id)
    return job_credentials(context(), key, asked.instance_id).as_json(), {"Cache-Control": "no-store"}


@routes.post("/job/<session_key>/link")
@worker_only
@routes.input(LINK_REQUEST)
@routes.doc(
    summary="Where to read a file that is copied from BaseSpace",
    tags=["Workers"],
    responses=answer(200, "It can be read there for a while", FILE_LINK)
    | documented_problems(
        _401="Not a worker",
        _403="Not proven to be the instance, or not this job's worker or file; or BaseSpace refuses",
        _404="No such job",
        _409="The job has ended, or send it again",
        _422="Fields are wrong",
    )
    | BODY_PROBLEMS
    | UNREADABLE
    | CLOUD_REFUSED,
    security=WORKER_SECURITY,
)
def post_link(session_key: str) -> ResponseReturnValue:
    """Tell a worker where to read one of its job's files; the person's token stays here."""
    asked = LinkRequest.from_json(json_body())
    key = SessionKey.parse(session_key)
    require_instance(key, asked.instance_id)
    from gems_api.services.remote.links import file_link  # noqa: PLC0415 - few deployments need it

    return file_link(context(), key, asked).as_json(), {"Cache-Control": "no-store"}


@routes.post("/job/<session_key>/cancel")
@user_only
@routes.doc(
    summary="Cancel a job",
    responses=answer(200, "The job is cancelled", CANCELLED)
    | documented_problems(
        _401="Not a user", _404="No such job", _409="The job has ended otherwise", _422="Not a valid session key"
    )
    | UNREADABLE
    | CLOUD_REFUSED,
    security=USER_SECURITY,
)
def post_cancel(session_key: str) -> ResponseReturnValue:
    """End a job now and terminate its instances."""
    return cancel(context(), SessionKey.parse(session_key)).as_json()


@routes.post("/job/<session_key>/retry")
@user_only
@routes.doc(
    summary="Run again what failed of a job",
    responses=answer(202, "The job was opened again", RETRIED)
    | documented_problems(
        _401="Not a user",
        _404="No such job",
        _409="The job has not ended, or nothing of it failed; with Retry-After it cannot be opened yet",
        _422="The Idempotency-Key is wrong, or a price that the job's budget needs is unknown",
    )
    | UNREADABLE
    | CLOUD_REFUSED,
    security=USER_SECURITY,
)
def post_retry(session_key: str) -> ResponseReturnValue:
    """Keep what was typed, and launch workers for the rest; the report then covers all samples."""
    retried = retry(context(), SessionKey.parse(session_key), request.headers.get("Idempotency-Key"))
    snapshot = context().jobs.load(retried.session_key)
    launched = Launched(snapshot, context().settings, run=retried.run)
    return RETRIED.write(launched), 202, {"Location": launched.location}


@routes.get("/job/<session_key>/report.<extension>")
@user_only
@noted("report.{extension}")
@routes.doc(
    summary="Read a report",
    responses=plain(302, "To where the report can be read for a short time")
    | documented_problems(_401="Not a user", _404="No such job or report", _422="No such format")
    | UNREADABLE
    | CLOUD_REFUSED,
    security=USER_SECURITY,
)
def get_report(session_key: str, extension: str) -> ResponseReturnValue:
    """Redirect to a presigned URL of the report."""
    response = redirect(report_link(context(), SessionKey.parse(session_key), extension), 302)
    response.headers["Cache-Control"] = "no-store"
    return response


_LOG_PROBLEMS = (
    documented_problems(
        _401="Not a user", _404="No such job", _422="An argument is wrong, or the job has no such worker"
    )
    | UNREADABLE
    | CLOUD_REFUSED
)


@routes.get("/job/<session_key>/logs")
@user_only
@routes.input(LOG_QUERY, location="query")
@routes.doc(
    summary="Read what a job's machines logged",
    responses=answer(200, "A page of their logs, and what is missing", LOG_PAGE) | _LOG_PROBLEMS,
    security=USER_SECURITY,
)
def get_logs(session_key: str) -> ResponseReturnValue:
    """Show the copies that workers and their machines left in S3; they are a minute old at most."""
    page = job_logs(context(), SessionKey.parse(session_key), parse_log_query(request.args))
    return LOG_PAGE.write(page), {"Cache-Control": "no-store"}


@routes.get("/job/<session_key>/logs.txt")
@user_only
@routes.input(LOG_QUERY, location="query")
@routes.doc(
    summary="Read it as plain text",
    responses={200: {"description": "The same", "content": {"text/plain": {"schema": {"type": "string"}}}}}
    | _LOG_PROBLEMS,
    security=USER_SECURITY,
)
def get_logs_as_text(session_key: str) -> ResponseReturnValue:
    """Show the same page to a person."""
    page = job_logs(context(), SessionKey.parse(session_key), parse_log_query(request.args))
    headers = {"Cache-Control": "no-store", "Content-Type": "text/plain; charset=utf-8"}
    return as_text(page), headers


@routes.post("/stop_instances")
@worker_only
@routes.input(STOP_REQUEST)
@routes.doc(
    summary="Terminate a job's instances",
    tags=["Workers"],
    responses=answer(200, "They are being terminated", TERMINATED)
    | documented_problems(
        _401="Not a worker",
        _403="Not proven to be the instance, or not the final worker",
        _404="No such job",
        _409="The report is not written",
        _422="Fields are wrong",
    )
    | BODY_PROBLEMS
    | UNREADABLE
    | CLOUD_REFUSED,
    security=WORKER_SECURITY,
)
def post_stop_instances() -> ResponseReturnValue:
    """Let the final worker end all instances of its job, its own too."""
    asked = StopRequest.from_json(json_body())
    key = SessionKey.parse(asked.session_key)
    require_instance(key, asked.instance_id)
    return TERMINATED.write(Terminated(asked.session_key, stop_instances(context(), key, asked.instance_id)))


@routes.get("/healthz")
@routes.doc(summary="Liveness", tags=["Service"], responses=answer(200, "Alive", HEALTH))
def get_health() -> ResponseReturnValue:
    """Tell that the process serves, and which version it is; nothing else is asked."""
    return HEALTH.write(__version__)
