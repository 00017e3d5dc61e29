"""A worker may only speak for the job that its instance belongs to.

The job's own record says which instances it launched. A launch that was answered but not written down (the process died
between) leaves instances that only EC2's tags tell of.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from gems_api.services.fleet_ports import Fleet
from gems_api.services.ports import Clock
from gems_api.services.state.snapshot import Reading
from gems_core import tags
from gems_core.errors import Conflict, NotAllowed

REMEMBERED_SECONDS = 300
RETRY_SECONDS = 10


class InstanceUnknown(Conflict):
    """EC2 does not show the instance yet; asking again soon is right.

    Attributes:
        retry_after_seconds: how soon.
    """

    def __init__(self, instance_id: str) -> None:
        self.retry_after_seconds = RETRY_SECONDS
        super().__init__(
            f"EC2 does not show instance {instance_id} with the job's tags yet; send the message again in "
            f"{RETRY_SECONDS} seconds"
        )


class Members:
    """Knows, for a while, which instances EC2 showed with a job's tags."""

    def __init__(self, fleet: Fleet, clock: Clock, grace_seconds: int) -> None:
        self._fleet = fleet
        self._clock = clock
        self._grace = timedelta(seconds=grace_seconds)
        self._known: dict[tuple[str, str], datetime] = {}
        self._lock = threading.Lock()

    def check(self, snapshot: Reading, instance_id: str) -> None:
        """Refuse an instance that is not the job's.

        Args:
            snapshot: the job.
            instance_id: as the worker has proven.

        Raises:
            NotAllowed: the instance is another job's, or none's.
            InstanceUnknown: it may be the job's; ask again. Soon after a launch EC2 may not show an instance or its tags.
        """
        state = snapshot.state.value if snapshot.state else None
        if state is not None and any(item.instance_id == instance_id for item in state.instances):
            return
        launched_at = state.launched_at if state else snapshot.manifest.created_at
        self._check_tags(str(snapshot.manifest.session_key), instance_id, launched_at)

    def _check_tags(self, session_key: str, instance_id: str, launched_at: datetime) -> None:
        now = self._clock()
        if self._remembers(session_key, instance_id, now):
            return
        instance = self._fleet.instance(instance_id)
        if instance is not None and tags.belongs_to(instance.tags, session_key):
            self._remember(session_key, instance_id, now)
            return
        untagged = instance is None or tags.SESSION_KEY not in instance.tags
        if untagged and now - launched_at < self._grace:
            raise InstanceUnknown(instance_id)
        raise NotAllowed(
            f"instance {instance_id} does not belong to job {session_key}; a worker speaks for its own job"
        )

    def _remembers(self, session_key: str, instance_id: str, now: datetime) -> bool:
        with self._lock:
            return self._known.get((session_key, instance_id), now) > now

    def _remember(self, session_key: str, instance_id: str, now: datetime) -> None:
        with self._lock:
            self._known = {pair: until for pair, until in self._known.items() if until > now}
            self._known[(session_key, instance_id)] = now + timedelta(seconds=REMEMBERED_SECONDS)
