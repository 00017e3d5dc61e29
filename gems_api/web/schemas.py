"""The shapes of requests and answers, for the OpenAPI description.

They describe; they do not validate: ``gems_api.services`` and ``gems_core`` parse, so that every problem of a request
(fields and files alike) is told in one answer.
"""

from __future__ import annotations

from marshmallow import RAISE
from marshmallow import Schema as AnySchema
from marshmallow.fields import URL, Boolean, DateTime, Dict, Email, Float, Integer, List, Nested, String
from marshmallow.validate import OneOf, Range

from gems_core.hla import HLA_CLASSES
from gems_core.protocol import Instruction, Kind
from gems_core.statuses import JobStatus, WorkerStatus

_JOB_STATUSES = OneOf([status.value for status in JobStatus])
_WORKER_STATUSES = OneOf([status.value for status in WorkerStatus])


class Schema(AnySchema):
    """A shape without keys beside its own."""

    class Meta:
        """Marshmallow's options."""

        unknown = RAISE


class ProblemItem(Schema):
    """One thing that is wrong."""

    code = String(required=True)
    where = String(required=True)
    expected = String(required=True)
    found = String(required=True)
    repair = String(required=True)
    message = String(required=True)


class ProblemDocument(Schema):
    """RFC 9457."""

    type = String(required=True, metadata={"format": "uri-reference", "description": "where /docs tells of the code"})
    title = String(required=True)
    status = Integer(required=True)
    detail = String(required=True)
    code = String(required=True)
    instance = String(required=True, metadata={"format": "uri-reference"})
    problems = List(
        Nested(ProblemItem), metadata={"description": "where there are many, the last one is more_problems"}
    )
    problems_total = Integer()


class JobRequestBody(Schema):
    """What a job is asked for with."""

    bucket = String(required=True, metadata={"description": "S3 bucket with the reads"})
    prefix = String(required=True, metadata={"description": "folder of the reads in the bucket, of at most 600 bytes"})
    hla_class = String(required=True, validate=OneOf(HLA_CLASSES), metadata={"description": "1, 2 or all"})
    email = Email(metadata={"description": "where the report's address is mailed"})
    samples_per_worker = Integer(validate=Range(min=1))
    workers = Integer(validate=Range(min=1), metadata={"description": "instances at most"})
    time_limit_seconds = Integer(validate=Range(min=1), metadata={"description": "after which the job is ended"})
    budget_usd = Float(validate=Range(min=0, min_inclusive=False), metadata={"description": "what a run may cost"})
    dry_run = Boolean(metadata={"description": "only look and plan"})


class ReadFile(Schema):
    """A FASTQ file."""

    key = String(required=True)
    bytes = Integer(required=True)


class SampleFiles(Schema):
    """A sample and its read files, R1 first."""

    sample = String(required=True)
    files = List(Nested(ReadFile), required=True)


class ShareBody(Schema):
    """A part of a job."""

    index = Integer(required=True)
    attempt = Integer()
    samples = List(Nested(SampleFiles), required=True)


class PlanBody(Schema):
    """What a job would be."""

    workers = Integer(required=True)
    samples = Integer(required=True)
    bytes = Integer(required=True)
    shares = List(
        Nested(ShareBody), required=True, metadata={"description": "the first ones, where all were too much to answer"}
    )
    shares_total = Integer(required=True)
    files_not_read = List(String(), required=True, metadata={"description": "the first ones, as of shares"})
    files_not_read_total = Integer(required=True)


class PricesView(Schema):
    """US dollars; null where no price is known."""

    currency = String(required=True)
    on_demand = Float(required=True, allow_none=True)
    spot = Float(required=True, allow_none=True)


class EstimateBody(Schema):
    """What a job is expected to take."""

    workers = Integer(required=True)
    minutes = Float(required=True, metadata={"description": "from launch to report, if all workers come at once"})
    instance_hours = Float(required=True)
    instance_type = String(required=True)
    price = Nested(PricesView, required=True)
    hint = String(required=True, metadata={"description": "why a price is missing; '' when none is"})


class DryRunAnswer(Schema):
    """The plan, and all problems; a job would be started only if there are none."""

    dry_run = Boolean(required=True)
    plan = Nested(PlanBody, required=True)
    estimate = Nested(EstimateBody, required=True)
    problems = List(Nested(ProblemItem), required=True)
    problems_total = Integer(required=True)


class StartedAnswer(Schema):
    """A job was started."""

    session_key = String(required=True)
    overall_status = String(required=True, validate=_JOB_STATUSES)
    location = URL(required=True)
    samples = Integer(required=True)
    shares = Integer(required=True)
    workers = Integer(required=True)
    estimate = Nested(EstimateBody, required=True)
    workers_launched = Integer(required=True)
    reason = String(required=True, metadata={"description": "why fewer workers were launched; '' when all were"})


class RetriedAnswer(Schema):
    """What failed of a job is run again."""

    session_key = String(required=True)
    overall_status = String(required=True, validate=_JOB_STATUSES)
    location = URL(required=True)
    run = Integer(required=True)
    samples = Integer(required=True, metadata={"description": "samples that are still to be typed"})
    workers = Integer(required=True)
    workers_launched = Integer(required=True)
    reason = String(required=True)


class FailureBody(Schema):
    """Why a worker failed."""

    phase = String(required=True)
    reason = String(required=True)
    log_tail = List(String())


class WorkerView(Schema):
    """A worker of a job."""

    instance_id = String(required=True)
    instance_index = Integer(required=True)
    samples = List(String(), required=True)
    status = String(required=True, validate=_WORKER_STATUSES)
    detail = String(required=True)
    share = Integer(required=True, allow_none=True)
    attempt = Integer(required=True)
    run = Integer(required=True)
    last_heartbeat = DateTime(required=True, allow_none=True)
    failure = Nested(FailureBody, required=True, allow_none=True)


class SampleFailure(Schema):
    """A sample that could not be typed."""

    sample = String(required=True)
    reason = String(required=True)
    attempt = Integer(required=True)


class MailView(Schema):
    """What became of the mail."""

    state = String(required=True)
    reason = String(required=True)


class PriceView(Schema):
    """What a job's instances have cost, at the prices of ``as_of``."""

    currency = String(required=True)
    amount = Float(required=True)
    as_of = DateTime(required=True)


class JobView(Schema):
    """A job."""

    bucket = String(required=True)
    hla_class = String(required=True)
    overall_status = String(required=True, validate=_JOB_STATUSES)
    prefix = String(required=True)
    session_key = String(required=True)
    workers = List(Nested(WorkerView), required=True)
    created_at = DateTime(required=True)
    run = Integer(required=True, metadata={"description": "1, and one more at each retry"})
    opened_at = DateTime(required=True)
    finished_at = DateTime(required=True, allow_none=True)
    reason = String(required=True)
    samples_total = Integer(required=True)
    samples_done = Integer(required=True)
    samples_failed = Integer(required=True)
    failures = List(Nested(SampleFailure), required=True)
    shares_total = Integer(required=True)
    workers_asked = Integer(required=True)
    workers_launched = Integer(required=True)
    next_launch_at = DateTime(required=True, allow_none=True)
    launches = Integer(required=True)
    instance_hours = Float(required=True)
    price = Nested(PriceView, required=True, allow_none=True)
    price_hint = String(required=True, metadata={"description": "why there is no price; '' when there is one"})
    budget_usd = Float(required=True, allow_none=True)
    time_limit_seconds = Integer(required=True)
    mail = Nested(MailView, required=True, allow_none=True)
    report = Dict(URL(), required=True, allow_none=True)
    versions = Dict(String(), required=True)


class JobQuery(Schema):
    """Filters of ``GET /job``."""

    session_key = String()
    bucket = String()
    prefix = String()
    hla_class = String()
    overall_status = String(validate=_JOB_STATUSES)
    since = DateTime(metadata={"description": "ISO 8601 with a zone, or a date (UTC)"})
    before = String(metadata={"description": "cursor, as the Link header gives it"})
    limit = Integer(validate=Range(min=1, max=200))


class StatusBody(Schema):
    """A worker's message."""

    instance_id = String(required=True)
    instance_index = Integer(required=True)
    status = String(required=True, validate=_WORKER_STATUSES)
    kind = String(required=True, validate=OneOf([kind.value for kind in Kind]))
    share = Integer(allow_none=True)
    attempt = Integer()
    detail = String()
    samples_done = List(String())
    machine_taken = Boolean(metadata={"description": "failed only because the machine is taken away"})
    failure = Nested(FailureBody, allow_none=True)


class LeaseView(Schema):
    """The right to merge."""

    owner = String(required=True)
    expires_at = DateTime(required=True)


class StatusAnswer(Schema):
    """What a worker does next."""

    instruction = String(required=True, validate=OneOf([instruction.value for instruction in Instruction]))
    overall_status = String(required=True, validate=_JOB_STATUSES)
    instance_index = Integer(required=True)
    share = Nested(ShareBody, required=True, allow_none=True)
    merge_lease = Nested(LeaseView, required=True, allow_none=True)
    mail = Nested(MailView, required=True, allow_none=True)
    retry_after_seconds = Integer(required=True, allow_none=True)


class CredentialsBody(Schema):
    """Who asks for a job's credentials."""

    instance_id = String(required=True)


class CredentialsAnswer(Schema):
    """Temporary AWS credentials."""

    access_key_id = String(required=True)
    secret_access_key = String(required=True)
    session_token = String(required=True)
    expires_at = DateTime(required=True)


class StopBody(Schema):
    """Who stops which job's instances."""

    session_key = String(required=True)
    instance_id = String(required=True)


class TerminatedAnswer(Schema):
    """The instances that were still there."""

    session_key = String(required=True)
    terminated = List(String(), required=True)


class CancelledAnswer(TerminatedAnswer):
    """What cancelling came to, and what is kept."""

    samples_kept = Integer(
        required=True, metadata={"description": "samples that had been typed; a retry goes on from there"}
    )
    samples_total = Integer(required=True)
    results = String(required=True, metadata={"description": "where their results lie, as an S3 address"})


class HealthAnswer(Schema):
    """Liveness."""

    status = String(required=True)
    version = String(required=True)
