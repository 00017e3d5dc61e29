"""Launching a job's instances: entered in ``state.json`` before it is done, so that of two callers one launches.

A launch whose answer was never written down (the Lambda died, or EC2 did not answer) is made again with the same client
token, which launches nothing new. One that brought nothing is tried again later, or ends the job if it can never succeed.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import datetime

from gems_api.services.context import Context
from gems_api.services.fleet_ports import Launch, LaunchOutcome, LaunchUnanswered
from gems_api.services.intake.bootstrap import bootstrap_of
from gems_api.services.lifecycle.ending import amend_state, end_job
from gems_api.services.lifecycle.refusals import may_pass, next_launch_at, told
from gems_api.services.metrics import Metric, tell
from gems_api.services.state.records import JobState, LaunchedInstance
from gems_api.services.state.snapshot import Snapshot, Versioned
from gems_core import layout, tags
from gems_core.errors import CloudRefused
from gems_core.manifest import Manifest
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus

LOG = logging.getLogger(__name__)
IN_TURN = "it is launched in its turn, within a minute where there is room (GEMS_MOST_VCPUS)"


class LaunchRefused(CloudRefused):
    """A launch can never succeed as things are; the job has ended as FAILED, with this reason."""


def client_token(session_key: SessionKey, number: int) -> str:
    """The same for the same launch of the same job, so that EC2 does a repeated call once (64 characters)."""
    return hashlib.sha256(f"{session_key} launch {number}".encode()).hexdigest()


def plan_launch(context: Context, manifest: Manifest, count: int, number: int) -> Launch:
    """The launch of ``count`` workers of a job, as data."""
    launch_tags = tags.LaunchTags(
        str(manifest.session_key), manifest.bucket, manifest.prefix, manifest.hla_class, count, number
    )
    control = {tags.CONTROL_BUCKET: context.settings.control_bucket}
    bootstrap = bootstrap_of(manifest, context.settings)
    return Launch(count, client_token(manifest.session_key, number), launch_tags.as_dict() | control, bootstrap)


def first_launch(context: Context, manifest: Manifest) -> None:
    """Launch a new job's workers. A launch that may succeed later is left to the reaper.

    Raises:
        LaunchRefused: it can never succeed.
    """
    state = JobState(
        JobStatus.LAUNCHING,
        1,
        context.clock(),
        opened_at=manifest.created_at,
        workers=manifest.workers,
        unanswered=manifest.workers,
    )
    if context.settings.most_vcpus is not None:
        # The reaper launches, in turn: of two that are started at once neither knows what the other will use.
        waiting = replace(state, launches=0, unanswered=0).waiting(state.launched_at, None, IN_TURN)
        context.jobs.write(layout.state_key(manifest.session_key), waiting, None)
        return
    if context.jobs.write(layout.state_key(manifest.session_key), state, None) is not None:
        launch_entered(context, manifest, state)
    # else the reaper found the job and launches it


def relaunch(context: Context, snapshot: Snapshot, count: int, *, vital: bool = True) -> bool:
    """Launch workers for what nobody does, or make the last launch again if nobody knows what it brought.

    Args:
        context: the collaborators.
        snapshot: the job.
        count: how many workers.
        vital: whether nobody lives who does the work without them; else a refusal for good ends nothing.

    Returns:
        whether this caller launched any.
    """
    manifest = snapshot.manifest
    before = snapshot.state or Versioned(_unlaunched(manifest), "")
    entered = replace(before.value.served(context.clock()), launched_at=context.clock())
    if not entered.unanswered:
        entered = replace(entered, launches=entered.launches + 1, unanswered=count)
    if context.jobs.write(layout.state_key(manifest.session_key), entered, before.etag or None) is None:
        return False
    try:
        return bool(launch_entered(context, manifest, entered, vital=vital).launched)
    except LaunchRefused:
        return False


def _unlaunched(manifest: Manifest) -> JobState:
    created_at = manifest.created_at
    return JobState(JobStatus.LAUNCHING, 0, created_at, opened_at=created_at, workers=manifest.workers)


def waits(behind: int) -> str:
    """That a job waits for its turn, and behind whom."""
    others = "is next" if not behind else f"waits behind {behind} job{'s' if behind > 1 else ''}"
    return f"it {others}: the deployment's vCPUs are in use (GEMS_MOST_VCPUS); waiting does not count against its time limit"


def wait(context: Context, session_key: SessionKey, behind: int) -> None:
    """Note that a job of which nothing runs waits for its turn, and its place. An unchanged place writes nothing."""
    now = context.clock()

    def waiting(state: JobState) -> JobState:
        return state if state.unanswered else state.waiting(now, behind, waits(behind))

    amend_state(context, session_key, waiting)


def call_off(context: Context, session_key: SessionKey, seen: JobState) -> None:
    """Forget a launch that was put off, for those who live finish the job without it.

    Had EC2 done it unheard, its instances are taken in when they are listed, or speak.
    """

    def called_off(state: JobState) -> JobState:
        if not _is_last(state, seen) or state.launched_at != seen.launched_at:
            return state
        return replace(state, reason="", unanswered=0, refusals=0, next_launch_at=None)

    amend_state(context, session_key, called_off)


def launch_entered(context: Context, manifest: Manifest, entered: JobState, *, vital: bool = True) -> LaunchOutcome:
    """Make the launch that ``state.json`` holds as unanswered, and note what it came to.

    Args:
        context: the collaborators.
        manifest: the job's.
        entered: the job's state with the launch in it.
        vital: whether a refusal for good ends the job; else it is tried again, for workers live who go on meanwhile.

    Raises:
        LaunchRefused: it can never succeed; the job has ended.
    """
    session_key = manifest.session_key
    try:
        context.active.enter(session_key)
    except CloudRefused as refusal:
        # S3 speaks, not EC2: nothing is launched, and the reaper makes this launch.
        _postpone(context, session_key, entered, str(refusal))
        return LaunchOutcome()
    try:
        outcome = context.cloud.fleet.launch(plan_launch(context, manifest, entered.unanswered, entered.launches))
    except LaunchUnanswered as silence:
        _postpone(context, session_key, entered, str(silence))
    except (CloudRefused, ValueError) as refusal:
        if vital:
            _end(context, session_key, entered, str(refusal))
        _postpone(context, session_key, entered, str(refusal), answered=True)
    else:
        _note(context, session_key, entered, outcome, vital=vital)
        return outcome
    return LaunchOutcome()


def _note(context: Context, session_key: SessionKey, entered: JobState, outcome: LaunchOutcome, *, vital: bool) -> None:
    asked = entered.unanswered
    reason = told(asked, outcome)
    if outcome.refusals:
        facts = {"session_key": str(session_key), "refusals": [vars(item) for item in outcome.refusals]}
        LOG.warning("EC2 refused a part of a launch", extra={"facts": facts})
    context.history.event(
        session_key,
        context.clock(),
        "launched" if outcome.launched else "launch refused",
        asked=asked,
        got=len(outcome.launched),
        attempt=entered.launches,
        reason=reason,
        instances=[item.instance_id for item in outcome.launched],
    )
    got = {Metric.INSTANCES_LAUNCHED: len(outcome.launched), Metric.LAUNCH_REFUSALS: len(outcome.refusals)}
    tell(context.settings.stage, context.clock(), got)
    if outcome.launched:
        now = context.clock()
        amend_state(context, session_key, lambda state: _after_launch(state, entered, outcome, reason, now))
    elif may_pass(outcome.refusals) or not vital:
        _postpone(context, session_key, entered, reason, answered=True)
    else:
        _end(context, session_key, entered, reason)


def _is_last(state: JobState, entered: JobState) -> bool:
    """Whether the job is still at this launch. An answer may come after a later one, or the next run, has begun."""
    return state.launches == entered.launches


def _after_launch(state: JobState, entered: JobState, outcome: LaunchOutcome, reason: str, now: datetime) -> JobState:
    known = {item.instance_id for item in state.instances}
    new = tuple(
        LaunchedInstance(
            entered.launches,
            item.instance_id,
            item.launch_index,
            now,
            item.instance_type,
            item.market,
            run=entered.run,
        )
        for item in outcome.launched
        if item.instance_id not in known
    )
    state = replace(state, instances=(*state.instances, *new))
    if not _is_last(state, entered):
        return state
    if not reason:
        return replace(state, reason="", unanswered=0, refusals=0, next_launch_at=None)
    # The reaper asks for the rest, with the same pauses as for all of it.
    refusals = state.refusals + 1
    return replace(state, reason=reason, unanswered=0, refusals=refusals, next_launch_at=next_launch_at(refusals, now))


def _postpone(
    context: Context, session_key: SessionKey, entered: JobState, reason: str, *, answered: bool = False
) -> None:
    """Leave a launch that brought nothing to the reaper, which makes it, or the next one, after a pause."""
    now = context.clock()

    def later(state: JobState) -> JobState:
        found_meanwhile = not answered and not state.unanswered
        if not _is_last(state, entered) or found_meanwhile:
            return state
        refusals = state.refusals + 1
        pause_ends = next_launch_at(refusals, now)
        left = 0 if answered else state.unanswered
        return replace(state, reason=reason, refusals=refusals, next_launch_at=pause_ends, unanswered=left)

    amend_state(context, session_key, later)


def _end(context: Context, session_key: SessionKey, entered: JobState, reason: str) -> None:
    snapshot = context.jobs.load(session_key)
    if snapshot.state is not None and not _is_last(snapshot.state.value, entered):
        return
    told_reason = f"launch refused: {reason}"
    end_job(context, snapshot, JobStatus.FAILED, told_reason)
    raise LaunchRefused(told_reason)
