"""Deciding what a worker does next. Pure: a snapshot in, a step out; ``work.py`` acts on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gems_api.services.state.records import Claim, ClaimState, Lease
from gems_api.services.state.snapshot import Work
from gems_api.settings import Settings
from gems_core.manifest import Manifest
from gems_core.shares import Share


@dataclass(frozen=True)
class Asker:
    """The idle worker that asks for work."""

    instance_id: str
    instance_index: int


@dataclass(frozen=True)
class Take:
    """Write this claim (over the content named by ``etag``, or anew) and work on its share."""

    claim: Claim
    etag: str | None


@dataclass(frozen=True)
class Merge:
    """Write this lease (over the content named by ``etag``, or anew) and merge."""

    lease: Lease
    etag: str | None


@dataclass(frozen=True)
class Leave:
    """Nothing is left for this instance."""


@dataclass(frozen=True)
class Stop:
    """The job has ended."""


Step = Take | Merge | Leave | Stop


def first_try(
    manifest: Manifest, asker: Asker, now: datetime, settings: Settings, after: int | None = None
) -> Take | None:
    """The share that a worker tries first, unseen: the next one of its own stretch of the shares.

    As many stretches as workers were asked for cover the shares; so workers that ask at once do not collide, and one
    whose write is let through has its share without anybody's claim having been read. The write is let through only if
    the share was never claimed. Whoever asks again for an answer that was lost tries what it holds already, is not let
    through, and is answered from what S3 holds.

    Args:
        manifest: the job.
        asker: the worker.
        now: the present.
        settings: the limits.
        after: the share that it has just finished; None at its first claim.

    Returns:
        None at a stretch's end.
    """
    shares, stretches = len(manifest.shares), min(manifest.workers, len(manifest.shares))
    stretch = asker.instance_index % stretches
    first, last = stretch * shares // stretches + 1, (stretch + 1) * shares // stretches
    share = first if after is None else after + 1
    if not first <= share <= last:
        return None
    return Take(_first_claim(share, asker, now, settings), None)


def _first_claim(share: int, asker: Asker, now: datetime, settings: Settings) -> Claim:
    expires_at = now + timedelta(seconds=settings.claim_seconds)
    return Claim(share, ClaimState.HELD, asker.instance_id, 1, expires_at, owner_index=asker.instance_index)


def next_steps(snapshot: Work, asker: Asker, now: datetime, settings: Settings, avoid: int | None = None) -> list[Step]:
    """What an idle instance could do, best first; the first that its conditional write lets through is done.

    Args:
        snapshot: the job.
        asker: the worker.
        now: the present.
        settings: the limits.
        avoid: a share that this instance has just failed at, and so is left to another one.
    """
    if snapshot.ended:
        return [Stop()]
    if snapshot.all_done:
        return [_merge(snapshot, asker.instance_id, now, settings)]
    held = snapshot.held_share(asker.instance_id)
    if held is not None:
        return [Take(renewed(held.value, now, settings), held.etag)]
    takes = [
        _take(snapshot, share.index, asker, now, settings)
        for share in claimable_shares(snapshot, now, settings)
        if share.index != avoid
    ]
    return [*_spread(takes, asker.instance_id), Leave()]


def claimable_shares(snapshot: Work, now: datetime, settings: Settings) -> list[Share]:
    """The shares with work in them that nobody is at, and that have tries left."""
    return [share for share in snapshot.manifest.shares if _is_claimable(snapshot, share, now, settings)]


def _is_claimable(snapshot: Work, share: Share, now: datetime, settings: Settings) -> bool:
    if snapshot.is_done(share):
        return False
    claim = snapshot.claims.get(share.index)
    if claim is None or claim.value.state is ClaimState.FREE:
        return True
    return (
        claim.value.state is ClaimState.HELD
        and snapshot.claim_ends(claim.value, settings.claim_seconds) <= now
        and claim.value.tries < settings.max_attempts
    )


def _take(snapshot: Work, share: int, asker: Asker, now: datetime, settings: Settings) -> Take:
    claim = _first_claim(share, asker, now, settings)
    earlier = snapshot.claims.get(share)
    if earlier is None:
        return Take(claim, None)
    reasons = earlier.value.reasons
    if earlier.value.state is ClaimState.HELD:
        reasons = (*reasons, f"{earlier.value.owner} fell silent")
    claim = replace(
        claim,
        attempt=earlier.value.attempt + 1,
        reasons=reasons,
        uncounted_attempts=earlier.value.uncounted_attempts,
    )
    return Take(claim, earlier.etag)


def _spread(takes: list[Take], instance_id: str) -> Iterable[Take]:
    """The same shares from a starting point of the instance's own, so that many who ask at once seldom collide."""
    start = sum(instance_id.encode()) % len(takes) if takes else 0
    return [*takes[start:], *takes[:start]]


def _merge(snapshot: Work, instance_id: str, now: datetime, settings: Settings) -> Step:
    expires_at = now + timedelta(seconds=settings.lease_seconds)
    if snapshot.lease is None:
        return Merge(Lease(instance_id, expires_at, 1), None)
    lease = snapshot.lease.value
    if lease.owner == instance_id:
        return Merge(replace(lease, expires_at=expires_at), snapshot.lease.etag)
    if lease.expires_at > now or lease.attempt >= settings.max_attempts:
        return Leave()
    taken_over = replace(lease, owner=instance_id, expires_at=expires_at, attempt=lease.attempt + 1)
    return Merge(taken_over, snapshot.lease.etag)


def renewed(claim: Claim, now: datetime, settings: Settings) -> Claim:
    """The claim with its full time before it."""
    return replace(claim, expires_at=now + timedelta(seconds=settings.claim_seconds))


def given_back(claim: Claim, reason: str, now: datetime, settings: Settings, *, counts: bool = True) -> Claim:
    """The claim after a try that came to nothing: free for the next one, or exhausted.

    A try that ``counts`` not was broken off because EC2 took the machine: that says nothing of the share, and the job's
    launches and time are limited besides.
    """
    if not counts:
        claim = replace(claim, uncounted_attempts=claim.uncounted_attempts + 1)
    state = ClaimState.EXHAUSTED if claim.tries >= settings.max_attempts else ClaimState.FREE
    return replace(claim, state=state, expires_at=now, reasons=(*claim.reasons, reason))
