"""Launching a job's instances: one RunInstances call, repeated by nobody."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from gems_api.services.active_jobs import open_job
from gems_api.services.context import Context
from gems_api.services.ending import end_job, read_state
from gems_api.services.ports import Launch
from gems_api.services.records import JobState, LaunchedInstance
from gems_api.services.snapshot import Snapshot, Versioned
from gems_core import layout, tags
from gems_core.errors import CloudRefused
from gems_core.manifest import Manifest
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus

TRIES = 20


def client_token(session_key: SessionKey, attempt: int) -> str:
    """The same for the same launch of the same job, so that EC2 does a repeated call once (64 characters)."""
    return hashlib.sha256(f"{session_key} launch {attempt}".encode()).hexdigest()


def plan_launch(context: Context, manifest: Manifest, count: int, attempt: int) -> Launch:
    """The one call that launches ``count`` workers of a job, as data."""
    launch_tags = tags.LaunchTags(
        str(manifest.session_key), manifest.bucket, manifest.prefix, manifest.hla_class, count, attempt
    )
    control = {tags.CONTROL_BUCKET: context.settings.control_bucket}
    user_data = context.cloud.user_data(manifest)
    return Launch(count, client_token(manifest.session_key, attempt), launch_tags.as_dict() | control, user_data)


def first_launch(context: Context, manifest: Manifest) -> None:
    """Launch a new job's workers.

    Raises:
        CloudRefused: no instance could be launched; the job has ended as FAILED, with this reason.
    """
    state = JobState(JobStatus.LAUNCHING, 1, context.clock(), opened_at=manifest.created_at)
    etag = context.jobs.write(layout.state_key(manifest.session_key), state, None)
    if etag is None:
        return  # the reaper found the job and launches it
    try:
        _launch(context, manifest, manifest.workers, 1)
    except (CloudRefused, ValueError) as refusal:
        end_job(context, context.jobs.load(manifest.session_key), JobStatus.FAILED, f"launch refused: {refusal}")
        raise refusal if isinstance(refusal, CloudRefused) else CloudRefused(str(refusal)) from refusal


def relaunch(context: Context, snapshot: Snapshot, count: int) -> bool:
    """Launch workers for what nobody is left to do.

    The launch is entered in ``state.json`` by a conditional write before it is made, so of two callers one launches.
    A refusal is noted and tried again by a later call.

    Returns:
        whether this caller launched.
    """
    session_key = snapshot.manifest.session_key
    before = snapshot.state or Versioned(JobState(JobStatus.LAUNCHING, 0, snapshot.manifest.created_at), "")
    attempt = before.value.launches + 1
    entered = replace(before.value, launches=attempt, launched_at=context.clock())
    if context.jobs.write(layout.state_key(session_key), entered, before.etag or None) is None:
        return False
    try:
        _launch(context, snapshot.manifest, count, attempt)
    except (CloudRefused, ValueError) as refusal:
        _amend(context, session_key, reason=f"launch {attempt} refused: {refusal}")
        return False
    return True


def _launch(context: Context, manifest: Manifest, count: int, attempt: int) -> None:
    open_job(context, manifest.session_key)
    launched = context.cloud.fleet.launch(plan_launch(context, manifest, count, attempt))
    now = context.clock()
    context.jobs.event(
        manifest.session_key,
        now,
        "launched",
        asked=count,
        got=len(launched),
        attempt=attempt,
        instances=[item.instance_id for item in launched],
    )
    new = tuple(LaunchedInstance(attempt, item.instance_id, item.launch_index, now) for item in launched)
    _amend(context, manifest.session_key, new)


def _amend(
    context: Context, session_key: SessionKey, launched: tuple[LaunchedInstance, ...] = (), reason: str = ""
) -> None:
    """Add to ``state.json`` what a launch came to."""
    for _ in range(TRIES):
        held = read_state(context, session_key)
        if held is None:
            return
        after = replace(held.value, instances=(*held.value.instances, *launched), reason=reason or held.value.reason)
        if context.jobs.write(layout.state_key(session_key), after, held.etag) is not None:
            return
