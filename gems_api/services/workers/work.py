"""Granting work, and taking a share back: the conditional writes behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gems_api.services.context import Context
from gems_api.services.state.records import Claim, ClaimState, Lease
from gems_api.services.state.snapshot import Versioned, Work
from gems_api.services.workers.next_step import Asker, Merge, Step, Take, first_try, given_back, next_steps
from gems_core import layout
from gems_core.manifest import Manifest
from gems_core.protocol.answer import GrantedShare, Instruction, MergeLease
from gems_core.protocol.done_marker import DoneMarker, SampleOutcome
from gems_core.session_key import SessionKey

W = TypeVar("W", bound=Work)
# Each lost round means that another instance got something, of which a job has far fewer than this. It is no amendment of one
# record: whoever is not let through at one share tries the next.
ROUNDS = 50


@dataclass(frozen=True)
class Grant:
    """What an instance was given."""

    instruction: Instruction
    share: GrantedShare | None = None
    lease: MergeLease | None = None


def grant(context: Context, session_key: SessionKey, asker: Asker, avoid: int | None = None) -> Grant:
    """Give an idle instance its next work.

    The job is read after the instance wrote its last done-marker: of several instances that finish at once, the last one
    to read sees all markers.

    Args:
        context: the collaborators.
        session_key: the job.
        asker: who asks; asking again after a lost answer gives the same again.
        avoid: a share not to be given (the one it has just failed at).
    """
    for _ in range(ROUNDS):
        snapshot = fail_exhausted(context, context.jobs.load_work(session_key), context.jobs.load_work)
        for step in next_steps(snapshot, asker, context.clock(), context.settings, avoid):
            granted = _act(context, snapshot.manifest, step)
            if granted is not None:
                return granted
    return Grant(Instruction.WAIT)


def grant_quickly(context: Context, manifest: Manifest, asker: Asker, after: int | None) -> Grant | None:
    """Give an idle instance of a job that goes on the next share of its own stretch; None if another took it."""
    take = first_try(manifest, asker, context.clock(), context.settings, after)
    return None if take is None else _act(context, manifest, take)


def _act(context: Context, manifest: Manifest, step: Step) -> Grant | None:
    """Do a step; None when another instance was faster."""
    session_key = manifest.session_key
    if isinstance(step, Take):
        key = layout.claim_key(session_key, step.claim.share)
        if context.jobs.write(key, step.claim, step.etag) is None:
            return None
        share = GrantedShare(manifest.share(step.claim.share), step.claim.attempt)
        return Grant(Instruction.WORK, share=share)
    if isinstance(step, Merge):
        if context.jobs.write(layout.merge_lease_key(session_key), step.lease, step.etag) is None:
            return None
        _note_lease(context, session_key, step.lease)
        return Grant(Instruction.MERGE, lease=MergeLease(step.lease.owner, step.lease.expires_at))
    return Grant(Instruction[type(step).__name__.upper()])


def _note_lease(context: Context, session_key: SessionKey, lease: Lease) -> None:
    context.history.event(
        session_key, context.clock(), "merge lease granted", instance_id=lease.owner, attempt=lease.attempt
    )


def release_claim(
    context: Context, session_key: SessionKey, claim: Versioned[Claim], reason: str, *, counts: bool = True
) -> bool:
    """End the try at a share of a worker that is gone: the share is free again, or, after its last try, exhausted.

    Args:
        context: the collaborators.
        session_key: the job.
        claim: as it was read.
        reason: why the try ended.
        counts: whether it counts towards the limit of tries.

    Returns:
        False when the claim has changed meanwhile, and so is somebody's again.
    """
    freed = given_back(claim.value, reason, context.clock(), context.settings, counts=counts)
    if context.jobs.write(layout.claim_key(session_key, freed.share), freed, claim.etag) is None:
        return False
    _note_release(context, session_key, freed, reason)
    return True


def give_up_claim(
    context: Context, session_key: SessionKey, claim: Versioned[Claim], reason: str, *, counts: bool
) -> bool:
    """End the try at a share of the worker that says so, unless it holds the share no more.

    Returns:
        False when the claim keeps changing.
    """
    owner = claim.value.owner

    def ended(held: Claim | None) -> Claim | None:
        if held is None or held.owner != owner or held.state is not ClaimState.HELD:
            return None
        return given_back(held, reason, context.clock(), context.settings, counts=counts)

    key = layout.claim_key(session_key, claim.value.share)
    amended = context.jobs.amend(session_key, key, Claim.from_json, ended, claim)
    if amended is not None and amended.after is not None:
        _note_release(context, session_key, amended.after.value, reason)
    return amended is not None


def _note_release(context: Context, session_key: SessionKey, freed: Claim, reason: str) -> None:
    context.history.event(
        session_key,
        context.clock(),
        f"claim {freed.state.value}",
        share=freed.share,
        attempt=freed.attempt,
        instance_id=freed.owner,
        reason=reason,
    )


def fail_exhausted(context: Context, snapshot: W, load: Callable[[SessionKey], W]) -> W:
    """Mark the samples of exhausted shares failed, each with the reason; the job as it is then, loaded in the same way."""
    marked = False
    for claim in snapshot.claims.values():
        if claim.value.state is not ClaimState.EXHAUSTED:
            continue
        for sample in snapshot.unfinished(snapshot.manifest.share(claim.value.share)):
            context.jobs.mark_done(snapshot.manifest.session_key, _failed(context, sample, claim.value))
            marked = True
    return load(snapshot.manifest.session_key) if marked else snapshot


def _failed(context: Context, sample: str, claim: Claim) -> DoneMarker:
    reason = f"given up after {claim.tries} attempts: {'; '.join(claim.reasons)}"
    return DoneMarker(
        sample, SampleOutcome.FAILED, reason[:4000], claim.share, claim.attempt, claim.owner, context.clock()
    )
