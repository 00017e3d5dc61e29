"""The page of one job: how far it is, what its workers did and when, how its samples stand, and what can be done with it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.retry import retry
from gems_api.services.remote.remote_view import RemoteView, remote_view
from gems_api.services.shown.fitting import document_of
from gems_api.services.shown.sample_list import SampleRow, sample_list
from gems_api.services.shown.timeline import Timeline, timeline
from gems_api.services.storage.job_folder import is_small
from gems_api.web.contexts import context
from gems_api.web.ui import live
from gems_api.web.ui.frame import JOBS, drawn, for_readers, form_to_run, seen_other, shown, user
from gems_api.web.ui.timeline_chart import Chart, chart_of
from gems_core.errors import Conflict
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus, job_may_become

# A page stays light: a job of thousands shows these many, and how many more there are.
MOST_SAMPLES = 200
MOST_LANES = 100
STEP_SECONDS = 15
_TO_RETRY = frozenset(status for status in JobStatus if job_may_become(status, JobStatus.LAUNCHING))


@dataclass(frozen=True)
class _Story:
    """A job as its page tells it.

    Attributes:
        job: what ``GET /job`` says of it.
        samples: the first ones, worst first.
        key: for a retry's form: sending it twice opens one run.
        remote: what BaseSpace was told; None of a job that does not come from there.
    """

    session_key: str
    job: Any
    timeline: Timeline
    chart: Chart
    samples: list[SampleRow]
    samples_total: int
    small: bool
    mail_asked: bool
    may_retry: bool
    remote: RemoteView | None = None

    @property
    def seconds(self) -> int:
        """Between two looks."""
        return live.QUICK_SECONDS if self.small else live.SLOW_SECONDS

    @property
    def ended_instances(self) -> int:
        """How many instances are known to be gone."""
        return sum(lane.ended_at is not None for lane in self.timeline.lanes)


@for_readers
def job(session_key: str) -> ResponseReturnValue:
    """The page."""
    return _page(session_key)


@for_readers
def job_live(session_key: str) -> ResponseReturnValue:
    """What changes of it, as the page asks for it again and again."""
    story = _story(session_key)
    body, tag = _body(story)
    return live.answered(drawn("ui/job_live.html", story=story, body=body, tag=tag), tag)


@form_to_run
def post_cancel(session_key: str) -> ResponseReturnValue:
    """End the job and its instances."""
    try:
        cancel(context(), SessionKey.parse(session_key))
    except Conflict as conflict:
        return _page(session_key, 409, str(conflict))
    return seen_other("ui.job", session_key=session_key)


@form_to_run
def post_retry(session_key: str) -> ResponseReturnValue:
    """Open the job again for what was not typed."""
    try:
        retry(context(), SessionKey.parse(session_key), request.form.get("idempotency_key"))
    except Conflict as conflict:
        return _page(session_key, 409, str(conflict))
    return seen_other("ui.job", session_key=session_key)


def _at_a_step(now: datetime) -> datetime:
    """The present, but for some seconds: what goes on is drawn a little longer at each step, and between two nothing changes."""
    return now - timedelta(seconds=now.timestamp() % STEP_SECONDS)


def _page(session_key: str, status: int = 200, complaint: str = "") -> Response:
    story = _story(session_key)
    body, tag = _body(story)
    return shown(
        "ui/job.html",
        status,
        here=JOBS,
        story=story,
        body=body,
        tag=tag,
        complaint=complaint,
        idempotency_key=str(uuid.uuid4()),
        with_samples=user() is not None,
    )


def _body(story: _Story) -> tuple[Markup, str]:
    return live.part("ui/job_body.html", story=story, job=story.job, with_samples=user() is not None)


def _story(session_key: str) -> _Story:
    key, now = SessionKey.parse(session_key), context().clock()
    snapshot = context().jobs.load(key, vitals=True)
    line = timeline(snapshot, _at_a_step(now))
    samples = sample_list(snapshot)
    return _Story(
        session_key,
        document_of(snapshot, context().settings.api_url, context().prices.table(), now).content,
        line,
        chart_of(line, MOST_LANES),
        samples[:MOST_SAMPLES],
        len(samples),
        is_small(snapshot.manifest),
        bool(snapshot.manifest.email),
        snapshot.overall_status in _TO_RETRY,
        remote_view(context(), snapshot.manifest),
    )
