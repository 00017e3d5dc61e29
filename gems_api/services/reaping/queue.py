"""Who may launch under the cap of virtual processors (``GEMS_MOST_VCPUS``): first come, first served. Pure.

What runs, and what a launch that nobody has answered may have brought, is counted first. What is left goes to the jobs in the
order in which they were opened, each as many workers as it lacks; those of which nothing runs come first. Two reapers at once reckon alike, and where both launch for one
job the conditional write lets one of them through; so neither uses what the other has given away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gems_api.services.fleet_ports import Instance
from gems_api.services.state.snapshot import Outline
from gems_api.settings import Settings
from gems_core.instance_sizes import vcpus_of
from gems_core.session_key import SessionKey


@dataclass(frozen=True)
class Turn:
    """A job's place.

    Attributes:
        workers: how many it may launch now.
        behind: how many jobs that have not ended were opened before it.
    """

    workers: int
    behind: int


NO_TURN = Turn(0, 0)


@dataclass(frozen=True)
class _Wish:
    session_key: SessionKey
    opened_at: datetime
    living: int
    vcpus: int
    missing: int
    ended: bool

    @property
    def place(self) -> tuple[datetime, str]:
        """In the order in which jobs came."""
        return self.opened_at, str(self.session_key)


def turns(
    jobs: Iterable[Outline], listed: Mapping[str, Mapping[str, Instance]], now: datetime, settings: Settings
) -> dict[SessionKey, Turn]:
    """Each job's turn, of those that have not ended.

    Args:
        jobs: all active jobs, in any order.
        listed: EC2's instances of all jobs, by session key and id.
        now: the present.
        settings: the cap, and the instance types, of which the largest is what a worker counts as.
    """
    assert settings.most_vcpus is not None  # without a cap nobody asks
    wishes = [_wish(job, listed.get(str(job.manifest.session_key), {}), now, settings) for job in jobs]
    room = settings.most_vcpus - sum(wish.vcpus for wish in wishes)
    in_order = sorted((wish for wish in wishes if not wish.ended), key=lambda wish: wish.place)
    given: dict[SessionKey, int] = {}
    # Else a job that lacks some, and may not even want them any more, would keep others from their first.
    for wish in sorted(in_order, key=lambda wish: wish.living > 0):
        given[wish.session_key] = max(0, min(wish.missing, room // settings.worker_vcpus))
        room -= given[wish.session_key] * settings.worker_vcpus
    return {wish.session_key: Turn(given[wish.session_key], place) for place, wish in enumerate(in_order)}


def _wish(job: Outline, listed: Mapping[str, Instance], now: datetime, settings: Settings) -> _Wish:
    state = job.state.value if job.state else None
    # An older instance that EC2 does not list is gone for good; its end may never have been seen.
    believed = now - timedelta(seconds=settings.launch_grace_seconds)
    young = [item for item in state.instances if item.ended_at is None and item.launched_at > believed] if state else []
    types = {item.instance_id: item.instance_type for item in young if item.instance_id not in listed}
    types |= {name: instance.instance_type for name, instance in listed.items() if not instance.is_gone}
    unanswered = state.unanswered if state else 0
    asked = (state.workers if state else 0) or job.manifest.workers
    unfinished = sum(not job.is_done(share) for share in job.manifest.shares)
    return _Wish(
        job.manifest.session_key,
        job.opened_at,
        len(types) + unanswered,
        sum(_vcpus(kind, settings) for kind in types.values()) + unanswered * settings.worker_vcpus,
        min(asked, unfinished or 1) - len(types) - unanswered,
        job.ended,
    )


def _vcpus(instance_type: str, settings: Settings) -> int:
    try:
        return vcpus_of(instance_type)
    except ValueError:
        return settings.worker_vcpus
