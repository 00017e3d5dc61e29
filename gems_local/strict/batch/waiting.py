"""Jobs that wait in a queue, and which of them is next.

Within a share: the higher scheduling priority, then the earlier. Among shares (user guide, "Fair-share scheduling
policies"): the one that uses least for its weight, counted in vCPUs that run now, and where those are equal in vCPU seconds
that ended within the policy's window.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict, deque

from gems_local.strict.batch.model import Job, Queue, Status

_Entry = tuple[int, float, int, Job]
_Share = tuple[str, str]  # queue, share identifier


class Waiting:
    """The waiting jobs of all queues, and what each share uses."""

    def __init__(self) -> None:
        self._heaps: dict[str, dict[str, list[_Entry]]] = defaultdict(dict)
        self._running: Counter[_Share] = Counter()
        self._used: dict[_Share, deque[tuple[float, float]]] = defaultdict(deque)

    def add(self, job: Job) -> None:
        """Let a job wait; it keeps its place when it comes again."""
        order = job.submission
        heap = self._heaps[order.queue_arn].setdefault(order.share, [])
        heapq.heappush(heap, (-order.priority, job.created_at, job.number, job))

    def head(self, queue: Queue, now: float) -> Job | None:
        """The job that is next, which stays there."""
        heads = {}
        for share, heap in self._heaps[queue.arn].items():
            while heap and (heap[0][3].status != Status.RUNNABLE or heap[0][3].task is not None):
                heapq.heappop(heap)
            if heap:
                heads[share] = heap[0]
        if not heads:
            return None
        share = min(heads, key=lambda name: (self._use(queue, name, now), heads[name][:3]))
        return heads[share][3]

    def took(self, job: Job) -> None:
        """Note that a job's task takes its vCPUs from now on."""
        self._running[_share(job)] += job.submission.needs.vcpus

    def gave_back(self, job: Job, since: float, now: float) -> None:
        """Note that the task which began then has ended."""
        vcpus = job.submission.needs.vcpus
        self._running[_share(job)] -= vcpus
        self._used[_share(job)].append((now, vcpus * (now - since)))

    def _use(self, queue: Queue, share: str, now: float) -> tuple[float, float]:
        if queue.policy is None:
            return 0.0, 0.0
        key, weight = (queue.arn, share), queue.policy.weight(share)
        used = self._used[key]
        while used and used[0][0] <= now - queue.policy.window_seconds:
            used.popleft()
        return self._running[key] * weight, sum(seconds for _, seconds in used) * weight


def _share(job: Job) -> _Share:
    return job.submission.queue_arn, job.submission.share
