"""Starting a job: find the run's folder, look what would happen, start."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from flask import Response, request
from flask.typing import ResponseReturnValue

from gems_api.services.intake.browse import Listing
from gems_api.services.lifecycle.start_job import DryRun, Started, start_job
from gems_api.services.store_ports import BucketUnreadable
from gems_api.web.contexts import context
from gems_api.web.ui.file_table import FileTable, file_table
from gems_api.web.ui.frame import NEW_JOB, for_users, form_to_run, seen_other, shown
from gems_api.web.ui.job_form import FIELDS, body_of, defaults, fields
from gems_core.errors import InvalidInput, Problem

_CHECK, _START = "check", "start"


@dataclass(frozen=True)
class _Draft:
    """A job that somebody is about to start.

    Attributes:
        values: of the form's fields, as they were typed.
        problems: of the fields by name, and of the rest.
        dry: what would happen; None before anybody asked.
    """

    values: dict[str, str]
    field_problems: dict[str, Problem] = field(default_factory=dict)
    other_problems: list[Problem] = field(default_factory=list)
    files: FileTable | None = None
    dry: DryRun | None = None

    @property
    def ready(self) -> bool:
        """Whether it was looked at, and nothing speaks against starting it."""
        return self.dry is not None and not self.dry.problems


@for_users
def new_job() -> ResponseReturnValue:
    """The page: a browser of folders, or the form of a job once a folder is chosen."""
    values = defaults() | {name: request.args[name].strip() for name in ("bucket", "prefix") if name in request.args}
    return _page(_Draft(values), chosen=request.args.get("chosen") == "yes")


@form_to_run
def post_new_job() -> ResponseReturnValue:
    """Look what the job would be, or start it."""
    values = defaults() | {item.name: request.form.get(item.name, "").strip() for item in FIELDS}
    body, problems = body_of(values)
    try:
        if request.form.get("do") == _START and not problems:
            return _start(body)
        outcome = start_job(context(), body | {"dry_run": True})
    except InvalidInput as invalid:
        return _page(_looked_at(values, problems + invalid.problems), 422)
    assert isinstance(outcome, DryRun)
    draft = _looked_at(values, problems + outcome.problems, outcome)
    return _page(draft, 200 if draft.ready and not problems else 422)


def _start(body: dict[str, object]) -> Response:
    """Start it; the form's own number makes that happen once, however often it is sent."""
    outcome = start_job(context(), body, request.form.get("idempotency_key") or None)
    assert isinstance(outcome, Started)
    return seen_other("ui.job", session_key=str(outcome.session_key))


def _looked_at(values: dict[str, str], problems: list[Problem], dry: DryRun | None = None) -> _Draft:
    """What was found, each problem beside what it is about: a field, a file, or the run as a whole."""
    names = {item.name for item in FIELDS}
    of_fields = {problem.where: problem for problem in reversed(problems) if problem.where in names}
    rest = [problem for problem in problems if problem.where not in names]
    files = file_table(dry.plan if dry else None, rest)
    return _Draft(values, of_fields, files.others, files, dry)


def _page(draft: _Draft, status: int = 200, *, chosen: bool = True) -> Response:
    listing, unreadable = _listing(draft.values["bucket"], draft.values["prefix"]) if not chosen else (None, "")
    return shown(
        "ui/new_job.html",
        status,
        here=NEW_JOB,
        draft=draft,
        fields=fields() if chosen else FIELDS,
        listing=listing,
        unreadable=unreadable,
        chosen=chosen,
        buckets=context().settings.data_buckets,
        spot=context().settings.spot,
        # The same number as long as the form is corrected; another one for the next job.
        idempotency_key=request.form.get("idempotency_key") or str(uuid.uuid4()),
    )


def _listing(bucket: str, prefix: str) -> tuple[Listing | None, str]:
    if not bucket:
        return None, ""
    try:
        return context().browse(bucket, prefix), ""
    except BucketUnreadable as error:
        return None, str(error)
