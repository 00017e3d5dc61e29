"""The life of jobs: who runs next, what becomes of an attempt, and of an array job when its children end.

Nothing happens by itself: ``advance`` does what is due at the clock's time. Containers are somebody else's: the scheduler
names tasks, and is told that one runs or has ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gems_local.strict.batch.ids import Ids
from gems_local.strict.batch.machines import Blocked, Machines
from gems_local.strict.batch.model import Attempt, Job, Machine, Queue, Status, Submission, Task
from gems_local.strict.batch.retries import is_retried
from gems_local.strict.batch.waiting import Waiting

# ECS developer guide, stopTimeout: SIGTERM, and SIGKILL after this.
STOP_SECONDS = 30.0
KILLED = 137
EXITED = "Essential container in task exited"
NOT_STARTED = "Task failed to start"
TIMED_OUT = "Job attempt duration exceeded timeout"
CHILD_FAILED = "Array Child Job failed"
OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"
NO_IMAGE = (
    "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {}: not found"
)


@dataclass
class _Stuck:
    """The head of a queue that no environment takes."""

    job: Job
    reason: str
    since: float


class Scheduler:
    """All jobs of one region.

    Args:
        queues: the job queues as they are now.
        machines: where tasks run.
        clock: tells seconds since the epoch.
        ids: makes those of jobs and tasks.
        stuck_seconds: after which the head of a blocked queue says why.
    """

    def __init__(
        self,
        queues: Callable[[], Iterable[Queue]],
        machines: Machines,
        clock: Callable[[], float],
        ids: Ids,
        stuck_seconds: float,
    ) -> None:
        self.machines = machines
        self._queues = queues
        self._clock = clock
        self._ids = ids
        self._stuck_seconds = stuck_seconds
        self._waiting = Waiting()
        self._jobs: dict[str, Job] = {}
        self._submitted: list[Job] = []
        self._fresh: list[Job] = []
        self._tasks: dict[str, Task] = {}
        self._stuck: dict[str, _Stuck] = {}
        self._faults: Counter[str] = Counter()
        self._number = 0

    def submit(self, submission: Submission) -> Job:
        """Take a job, with its children where it is an array job."""
        job_id = self._ids.job()
        job = self._new_job(job_id, submission)
        job.children = [
            self._new_job(f"{job_id}:{index}", submission, job, index) for index in range(submission.array_size)
        ]
        job.counts[Status.SUBMITTED] = submission.array_size
        self._submitted.append(job)
        self._fresh.append(job)
        return job

    def find(self, job_id: str) -> Job | None:
        """A job, parent or child by its id."""
        return self._jobs.get(job_id)

    def submitted(self) -> list[Job]:
        """Plain jobs and parents, the newest first."""
        return self._submitted[::-1]

    def tasks(self) -> list[Task]:
        """Those that start, run or are to stop."""
        return list(self._tasks.values())

    def advance(self) -> None:
        """Do what is due."""
        now = self._clock()
        for job in self._fresh:
            self._evaluate(job)
        self._fresh.clear()
        for task in self.tasks():
            self._watch(task, now)
        for queue in sorted(self._queues(), key=lambda queue: -queue.priority):
            self._fill(queue, now)
        self.machines.scale_down(now)

    def started(self, task_id: str) -> bool:
        """A task's container runs. Returns whether there is such a task."""
        task = self._tasks.get(task_id)
        if task is None:
            return False
        if task.running_since is None:
            job = task.job
            task.running_since = job.started_at = self._clock()
            if job.parent is not None and job.parent.started_at is None:
                job.parent.started_at = job.started_at
            self._set(job, Status.RUNNING)
            if self._takes_fault("out-of-memory"):
                self._end(task, EXITED, KILLED, OUT_OF_MEMORY)
        return True

    def ended(self, task_id: str, exit_code: int | None, reason: str | None = None) -> bool:
        """A task's container has ended, or without an exit code could not be started. Returns whether there is such a task."""
        task = self._tasks.get(task_id)
        if task is None:
            return False
        self._end(task, NOT_STARTED if exit_code is None else EXITED, exit_code, reason)
        return True

    def terminate(self, job: Job, reason: str) -> None:
        """TerminateJob: of a parent, all its children."""
        self._ask_to_end(job, reason, running_too=True)

    def cancel(self, job: Job, reason: str) -> None:
        """CancelJob: what has not started yet."""
        self._ask_to_end(job, reason, running_too=False)

    def take_host(self, machine: Machine) -> None:
        """An instance is taken away, and its tasks with it."""
        self.machines.take_away(machine)
        for task in list(machine.tasks.values()):
            self._end(task, f"Host EC2 (instance {machine.instance_id}) terminated.", None, None)

    def add_fault(self, kind: str, times: int) -> None:
        """The next tasks cannot pull their image (``image``) or, once they run, are ``out-of-memory``."""
        self._faults[kind] += times

    def _new_job(self, job_id: str, submission: Submission, parent: Job | None = None, index: int | None = None) -> Job:
        self._number += 1
        job = Job(job_id, self._number, submission, self._clock(), index, parent)
        self._jobs[job_id] = job
        return job

    def _set(self, job: Job, status: Status) -> None:
        if job.parent is not None:
            job.parent.counts[job.status] -= 1
            job.parent.counts[status] += 1
        job.status = status

    def _evaluate(self, job: Job) -> None:
        if job.children and not job.ended:
            self._set(job, Status.PENDING)
        for one in job.children or [job]:
            if not one.ended:
                self._set(one, Status.RUNNABLE)
                self._waiting.add(one)

    def _watch(self, task: Task, now: float) -> None:
        limit = task.job.submission.timeout_seconds
        if task.stop_reason is None and limit is not None and task.running_since is not None:
            if now >= task.running_since + limit:
                self._stop(task, TIMED_OUT)
                task.timed_out = True
        elif task.kill_at is not None and now >= task.kill_at:
            self._end(task, EXITED, KILLED, None)

    def _stop(self, task: Task, reason: str) -> None:
        if task.stop_reason is None:
            task.stop_reason = reason
            task.kill_at = self._clock() + STOP_SECONDS

    def _fill(self, queue: Queue, now: float) -> None:
        """Start what can be started, in order; the first that cannot holds up the others, as in AWS."""
        while job := self._waiting.head(queue, now):
            found = self.machines.room_for(job.submission.needs, queue)
            if isinstance(found, Blocked):
                self._note_stuck(queue, job, found.reason, now)
                return
            self._unstick(queue.arn)
            self._place(job, found, now)
        self._unstick(queue.arn)

    def _place(self, job: Job, machine: Machine, now: float) -> None:
        task_id, arn = self._ids.task(machine.cluster_arn)
        task = job.task = Task(task_id, arn, job, machine, now)
        self.machines.place(task)
        self._waiting.took(job)
        self._tasks[task_id] = task
        job.status_reason = None
        self._set(job, Status.STARTING)
        if self._takes_fault("image"):
            self._end(task, NOT_STARTED, None, NO_IMAGE.format(job.submission.definition.container.get("image", "")))

    def _note_stuck(self, queue: Queue, job: Job, reason: str | None, now: float) -> None:
        before = self._stuck.get(queue.arn)
        if before is None or before.job is not job or before.reason != reason:
            self._unstick(queue.arn)
            if reason is None:
                return
            before = self._stuck[queue.arn] = _Stuck(job, reason, now)
        if now >= before.since + self._stuck_seconds:
            job.status_reason = before.reason

    def _unstick(self, queue_arn: str) -> None:
        stuck = self._stuck.pop(queue_arn, None)
        if stuck is not None and stuck.job.status == Status.RUNNABLE:
            stuck.job.status_reason = None

    def _takes_fault(self, kind: str) -> bool:
        taken = self._faults[kind] > 0
        self._faults[kind] -= taken
        return taken

    def _end(self, task: Task, status_reason: str, exit_code: int | None, reason: str | None) -> None:
        now, job = self._clock(), task.job
        del self._tasks[task.task_id]
        self.machines.remove(task, now)
        self._waiting.gave_back(job, task.placed_at, now)
        told = task.stop_reason or status_reason
        attempt = Attempt(task.running_since, now, told, task.arn, task.machine.arn, task.log_stream, exit_code, reason)
        job.attempts.append(attempt)
        job.task = None
        asked = job.asked_to_end is not None or task.timed_out
        if exit_code == 0 and not asked:
            self._finish(job, Status.SUCCEEDED, told)
        elif not asked and is_retried(job.submission.retry, len(job.attempts), attempt):
            job.status_reason = None
            self._set(job, Status.RUNNABLE)
            self._waiting.add(job)
        else:
            self._finish(job, Status.FAILED, told)

    def _finish(self, job: Job, status: Status, reason: str | None) -> None:
        self._set(job, status)
        job.status_reason, job.stopped_at = reason, self._clock()
        parent = job.parent
        if parent is None or parent.counts[Status.SUCCEEDED] + parent.counts[Status.FAILED] < len(parent.children):
            return
        failed = parent.counts[Status.FAILED] > 0
        told = parent.asked_to_end or CHILD_FAILED
        self._finish(parent, Status.FAILED if failed else Status.SUCCEEDED, told if failed else None)

    def _ask_to_end(self, job: Job, reason: str, *, running_too: bool) -> None:
        if job.ended:
            return
        if job.children:
            self._note_asked(job, reason, running_too=running_too)
            for child in job.children:
                self._ask_to_end(child, reason, running_too=running_too)
        elif job.task is None:
            self._note_asked(job, reason, running_too=running_too)
            self._finish(job, Status.FAILED, reason)
        elif running_too:
            self._note_asked(job, reason, running_too=True)
            self._stop(job.task, reason)

    def _note_asked(self, job: Job, reason: str, *, running_too: bool) -> None:
        if job.asked_to_end is None:
            job.asked_to_end = reason
        job.terminated = job.terminated or running_too
        job.cancelled = job.cancelled or not running_too
