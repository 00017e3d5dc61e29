"""Running again what failed of an ended job: ``POST /job/<session_key>/retry``.

Until its last write the job is ended for everybody else: workers are told to stop, the reaper lets it be. One conditional write
of ``state.json`` decides who may open it; the same one that opens it begins the new run. What the last run left is kept
among the job's events; typed samples and their results stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from gems_api.services.context import Context
from gems_api.services.intake.costs import price_problems
from gems_api.services.intake.idempotency import KeyUse, idempotency_digest
from gems_api.services.lifecycle.ending import read_state, terminate_instances
from gems_api.services.lifecycle.launching import IN_TURN, LaunchRefused, launch_entered
from gems_api.services.shown.views import forget_view
from gems_api.services.state.records import OPENING_SECONDS, Claim, ClaimState, JobState, Lease
from gems_api.services.state.snapshot import Snapshot
from gems_api.services.storage.read_cache import in_parallel
from gems_core import layout
from gems_core.errors import Conflict, InvalidInput
from gems_core.fastq_names import Sample
from gems_core.manifest import WORKER_GENERATION
from gems_core.protocol.done_marker import SampleOutcome
from gems_core.session_key import SessionKey
from gems_core.statuses import JobStatus, job_may_become

# EC2 takes from seconds to some minutes from the wish to terminate a machine until it is off.
SHUTDOWN_SECONDS = 20


class NotYet(Conflict):
    """The job cannot be opened at this moment, but soon.

    Attributes:
        retry_after_seconds: how soon.
    """

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"{message}; send this request again in {retry_after_seconds} seconds")


@dataclass(frozen=True)
class Retried:
    """A job that was opened again, now or (``repeated``) by another request for the same."""

    session_key: SessionKey
    run: int
    repeated: bool = False


def retry(context: Context, session_key: SessionKey, idempotency_key: str | None = None) -> Retried:
    """Open an ended job again, and launch workers for what was not typed. Of several callers at once one does.

    Args:
        context: the collaborators.
        session_key: the job.
        idempotency_key: of the user's choosing; a repeat of the request with it opens no further run.

    Raises:
        JobNotFound: no such job.
        Conflict: it has not ended, or nothing of it failed.
        NotYet: machines of it are not off yet, or another request is opening it.
        InvalidInput: the key is too long, or was used for another request; or nobody could keep the job's budget.
        LaunchRefused: no instance can be launched; the job is FAILED then, with the reason.
    """
    digest = idempotency_digest(idempotency_key)
    snapshot = context.jobs.load(session_key)
    request = f"retry {session_key}"
    earlier = context.key_uses.find(digest, request)
    run = earlier.run if earlier else snapshot.run + 1
    if snapshot.run >= run:
        return Retried(session_key, run, repeated=True)
    _check_ended(snapshot)
    unknown = price_problems(snapshot.manifest.budget_usd, context.settings, context.prices.table())
    if unknown:
        raise InvalidInput(unknown)
    _turn_off(context, snapshot)
    # Only now: a request that is refused leaves its key free.
    run = context.key_uses.bind(digest, KeyUse(session_key, request, run)).run
    begun_at = _begin(context, session_key, run)
    if begun_at is None:
        return Retried(session_key, run, repeated=True)
    snapshot = context.jobs.load(session_key)
    _put_away(context, snapshot)
    opened = _open(context, snapshot, begun_at)
    forget_view(context, session_key)
    if not opened.unanswered:
        return Retried(session_key, run)  # the reaper launches, in turn
    try:
        launch_entered(context, snapshot.manifest, opened)
    except LaunchRefused:
        context.key_uses.free(digest)
        raise
    return Retried(session_key, run)


def _check_ended(snapshot: Snapshot) -> None:
    session_key, status = snapshot.manifest.session_key, snapshot.overall_status
    if not snapshot.ended:
        raise Conflict(
            f"job {session_key} is {status}; only an ended job can be retried. Cancel it first, or wait for it."
        )
    if not job_may_become(status, JobStatus.LAUNCHING):
        raise Conflict(f"job {session_key} is {status}; nothing of it failed. Start a new job to type it again.")
    made_for = snapshot.manifest.worker_generation
    if made_for != WORKER_GENERATION:
        raise Conflict(
            f"job {session_key} was made by another release, whose workers (generation {made_for}) cannot work for this one "
            f"({WORKER_GENERATION}). Start a new job to type it again."
        )


def _turn_off(context: Context, snapshot: Snapshot) -> None:
    """See that nothing of the last run is left that could still write a done-marker, which the new one would count.

    A machine that EC2 does not list was terminated long ago, or was launched too recently to have been given a share.
    """
    terminate_instances(context, snapshot)
    session_key = str(snapshot.manifest.session_key)
    left = sorted(item.instance_id for item in context.cloud.fleet.instances(session_key) if item.state != "terminated")
    if left:
        named = f"{len(left)} of its instances are not off yet ({', '.join(left[:3])}{', ...' if left[3:] else ''})"
        raise NotYet(f"job {session_key} cannot be opened again: {named}", SHUTDOWN_SECONDS)


def _begin(context: Context, session_key: SessionKey, run: int) -> datetime | None:
    """Claim the right to open the job; None when somebody else has opened it.

    Raises:
        NotYet: somebody else is at it, or has died over it.
    """
    held, now = read_state(context, session_key), context.clock()
    assert held is not None  # the job has ended
    state = held.value
    if state.run >= run:
        return None
    begun = replace(state, reopening_at=now)
    at_it = state.is_being_opened(now)
    if at_it or context.jobs.write(layout.state_key(session_key), begun, held.etag) is None:
        raise NotYet(f"job {session_key} is being opened by another request", OPENING_SECONDS)
    return now


def _put_away(context: Context, snapshot: Snapshot) -> None:
    """Keep what the last run left, and clear the way. Doing it again after dying half-way does the rest."""
    session_key, run, history = snapshot.manifest.session_key, snapshot.run, context.history
    history.keep(session_key, run, layout.state_key(session_key))
    if snapshot.lease is not None and snapshot.lease.value.attempt:
        history.keep(session_key, run, layout.merge_lease_key(session_key))
        nobodys = Lease("", context.clock(), 0)
        _write(context, layout.merge_lease_key(session_key), nobodys, snapshot.lease.etag)
    if snapshot.mail is not None:
        history.keep(session_key, run, layout.mail_key(session_key))  # the new run's mail replaces it
    failed = [name for name, marker in snapshot.done.items() if marker.outcome is SampleOutcome.FAILED]
    for share in snapshot.manifest.shares:
        claim = snapshot.claims.get(share.index)
        again = any(sample.name in failed or sample.name not in snapshot.done for sample in share.samples)
        if claim is not None and again and claim.value.tries:
            _write(context, layout.claim_key(session_key, share.index), _anew(claim.value, context.clock()), claim.etag)
    in_parallel(lambda name: history.put_away(session_key, run, layout.done_key(session_key, name)), failed)


def _anew(claim: Claim, now: datetime) -> Claim:
    """The claim as a new run finds it: free, with all its tries, and with attempts that go on counting."""
    return Claim(claim.share, ClaimState.FREE, "", claim.attempt, now, uncounted_attempts=claim.attempt)


def _write(context: Context, key: str, record: Claim | Lease, etag: str) -> None:
    if context.jobs.write(key, record, etag) is None:
        raise NotYet(f"{key} has changed meanwhile", OPENING_SECONDS)


def _open(context: Context, snapshot: Snapshot, begun_at: datetime) -> JobState:
    """Begin the new run, with its first launch entered; the new state.

    Raises:
        Conflict: somebody else has opened the job, or changes its state all the time.
    """
    manifest = snapshot.manifest
    todo = sum(not _is_typed(snapshot, share.samples) for share in manifest.shares)
    # Where all is typed, only the report is missing.
    count = min(todo, manifest.workers) or 1
    context.active.enter(manifest.session_key)

    def opened(state: JobState | None) -> JobState | None:
        if state is None or state.reopening_at != begun_at:
            return None
        opened = _opened(state, count, context.clock())
        return opened if context.settings.most_vcpus is None else _waiting(opened, state.launches)

    state_key = layout.state_key(manifest.session_key)
    amended = context.jobs.amend(manifest.session_key, state_key, JobState.from_json, opened)
    if amended is None or amended.after is None:
        raise Conflict(f"job {manifest.session_key} was opened by somebody else meanwhile")
    state = amended.after.value
    facts = {"run": state.run, "shares": todo, "workers": count}
    context.history.event(manifest.session_key, context.clock(), "job opened again", **facts)
    return state


def _is_typed(snapshot: Snapshot, samples: tuple[Sample, ...]) -> bool:
    markers = [snapshot.done.get(sample.name) for sample in samples]
    return all(marker is not None and marker.outcome is SampleOutcome.TYPED for marker in markers)


def _waiting(opened: JobState, launches: int) -> JobState:
    """The same run with its first launch left to the reaper, which launches in turn."""
    begun = replace(opened, launches=launches, unanswered=0)
    return begun.waiting(opened.launched_at, None, IN_TURN)


def _opened(ended: JobState, count: int, now: datetime) -> JobState:
    return replace(
        ended,
        overall_status=JobStatus.LAUNCHING,
        launches=ended.launches + 1,
        launched_at=now,
        reason="",
        finished_at=None,
        run=ended.run + 1,
        opened_at=now,
        workers=count,
        unanswered=count,
        refusals=0,
        next_launch_at=None,
        reopening_at=None,
        first_launch=ended.launches + 1,
        waiting_since=None,
        waits_behind=None,
        waited_seconds=0.0,
    )
