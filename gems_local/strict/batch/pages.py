"""What happens in the local AWS Batch, for people, tests and the agent that runs the containers; AWS has none of it.

``GET /gems-local/batch`` tells ``tasks`` (those that a container is wanted for: see ``_task``), ``instances`` and
``environments`` (limits and faults), ``GET /gems-local/batch/submissions`` all SubmitJob requests.

What the agent says, about a task's id:

- ``POST /gems-local/batch/running`` ``{"task"}``;
- ``POST /gems-local/batch/ended`` ``{"task", "exit_code"}`` or ``{"task", "reason"}`` for a container that never ran.

Faults that tests set; ``region`` may stand in each, the local cloud's is meant otherwise:

- ``PUT /gems-local/batch/environment`` ``{"environment", "instances", "valid"}``: a number of instances to be had, null for
  any; ``"valid": false`` makes it INVALID. What is not named stays;
- ``POST /gems-local/batch/host-terminated`` ``{"instance"}`` or ``{"job"}``: the machine is taken away with all its tasks;
- ``POST /gems-local/batch/fault`` ``{"kind", "times"}``: the next tasks cannot pull their image (``image``), or are out of
  memory as soon as they run (``out-of-memory``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gems_local.settings import REGION
from gems_local.strict.batch.model import Machine, Task
from gems_local.strict.batch.region import BatchRegion
from gems_local.strict.batch.service import Batch

BATCH_PATH = "/gems-local/batch"
SUBMISSIONS_PATH = f"{BATCH_PATH}/submissions"
RUNNING_PATH = f"{BATCH_PATH}/running"
ENDED_PATH = f"{BATCH_PATH}/ended"
ENVIRONMENT_PATH = f"{BATCH_PATH}/environment"
HOST_PATH = f"{BATCH_PATH}/host-terminated"
FAULT_PATH = f"{BATCH_PATH}/fault"

_Act = Callable[[BatchRegion, dict[str, Any]], object]


def batch_pages(batch: Batch) -> dict[tuple[str, str], Callable[[Any], Any]]:
    """The pages by method and path."""

    def page(act: _Act) -> Callable[[Any], Any]:
        def answer(sent: dict[str, Any] | None) -> object:
            region = batch.region((sent or {}).get("region", REGION))
            with region.lock:
                region.scheduler.advance()
                told = act(region, sent or {})
                region.scheduler.advance()
            return told

        return answer

    return {
        ("GET", BATCH_PATH): page(lambda region, _: _overview(region)),
        ("GET", SUBMISSIONS_PATH): lambda _: list(batch.submissions),
        ("POST", RUNNING_PATH): page(lambda region, sent: {"known": region.scheduler.started(sent["task"])}),
        ("POST", ENDED_PATH): page(
            lambda region, sent: {
                "known": region.scheduler.ended(sent["task"], sent.get("exit_code"), sent.get("reason"))
            }
        ),
        ("PUT", ENVIRONMENT_PATH): page(_set_environment),
        ("POST", HOST_PATH): page(_take_host),
        ("POST", FAULT_PATH): page(_add_fault),
    }


def _overview(region: BatchRegion) -> dict[str, Any]:
    return {
        "tasks": [_task(task) for task in region.scheduler.tasks()],
        "instances": [_instance(machine) for machine in region.scheduler.machines.all()],
        "environments": {"limits": region.scheduler.machines.limits(), "invalid": sorted(region.invalid)},
    }


def _task(task: Task) -> dict[str, Any]:
    job, submission = task.job, task.job.submission
    return {
        "task": task.task_id,
        "task_arn": task.arn,
        # What is no longer listed is killed at once.
        "wanted": "run" if task.stop_reason is None else "stop",
        "status": job.status.value,
        "job": job.job_id,
        "parent": job.parent.job_id if job.parent is not None else None,
        "index": job.index,
        "array_size": submission.array_size,
        "attempt": len(job.attempts) + 1,
        "queue": submission.queue_arn.rpartition("/")[2],
        "environment": task.machine.environment,
        "instance": task.machine.instance_id,
        "image": submission.definition.container.get("image", ""),
        "command": list(submission.command),
        "variables": dict(submission.environment),
        "role": submission.definition.container.get("jobRoleArn", ""),
    }


def _instance(machine: Machine) -> dict[str, Any]:
    return {
        "instance": machine.instance_id,
        "environment": machine.environment,
        "instance_type": machine.instance_type,
        "market": machine.market,
        "tasks": list(machine.tasks),
    }


def _set_environment(region: BatchRegion, sent: dict[str, Any]) -> dict[str, Any]:
    name = sent["environment"]
    if "instances" in sent:
        region.scheduler.machines.limit(name, sent["instances"])
    if "valid" in sent:
        (region.invalid.discard if sent["valid"] else region.invalid.add)(name)
    return sent


def _take_host(region: BatchRegion, sent: dict[str, Any]) -> dict[str, Any]:
    job = region.scheduler.find(sent.get("job", ""))
    named = job.task.machine.instance_id if job is not None and job.task is not None else sent.get("instance", "")
    machine = region.scheduler.machines.find(named)
    if machine is not None:
        region.scheduler.take_host(machine)
    return {"known": machine is not None, "instance": named}


def _add_fault(region: BatchRegion, sent: dict[str, Any]) -> dict[str, Any]:
    region.scheduler.add_fault(sent["kind"], int(sent.get("times", 1)))
    return sent
