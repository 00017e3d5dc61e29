"""Checks of AWS Batch, where it places the workers: queue, environments, job definition, image."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from botocore.exceptions import ClientError

from gems_core.errors import UsageProblem
from gems_deploy.batch_removal import has_batch
from gems_deploy.ecr import ecr_image
from gems_deploy.engine import is_batch
from gems_deploy.facts import Facts
from gems_deploy.findings import Check, Verdict, fail, ok, warn
from gems_deploy.instance_types import size_of
from gems_deploy.site import BATCH, code_of
from gems_deploy.stack import Stack

_OFF = "off: GeMS launches workers itself"
_DEPLOY = "Run `gems deploy`."
_ADMINISTRATOR = "Run `gems deploy` as an administrator."
COMMAND = ["bash", "/usr/local/share/gems/bootstrap.sh"]
# An attempt that AWS ended by taking the machine is tried again by Batch; all others are GeMS's to judge. In lower case.
RETRIES: dict[str, object] = {
    "attempts": 3,
    "evaluateOnExit": [{"onStatusReason": "host ec2*", "action": "retry"}, {"onReason": "*", "action": "exit"}],
}


def _with_batch(look: Callable[[Facts, Stack], Verdict]) -> Callable[[Facts], Verdict]:
    """A look that is made only where AWS Batch places the workers, at the stack that it then has."""

    @wraps(look)
    def looked(facts: Facts) -> Verdict:
        if not is_batch(facts.stack.outputs):
            return ok(_OFF)
        if facts.batch is None:
            return fail(f"there is no stack {facts.site.stage.stack_of(BATCH)}", _ADMINISTRATOR)
        return look(facts, facts.batch)

    return looked


def _queue_or_left_over(facts: Facts) -> Verdict:
    """The queue; of a stage that has left Batch, whether its stack is gone: a queue may hold jobs, and machines cost."""
    if is_batch(facts.stack.outputs) or not has_batch(facts.site):
        return _with_batch(_queue)(facts)
    return warn(
        f"GeMS launches workers itself, and the stack {facts.site.stage.stack_of(BATCH)} is still there",
        "Remove it with `gems deploy --engine ec2`, as an administrator.",
    )


def _described_queue(facts: Facts) -> dict[str, Any] | None:
    found: list[dict[str, Any]] = facts.site.client("batch").describe_job_queues(jobQueues=[facts.output("JobQueue")])[
        "jobQueues"
    ]
    return found[0] if found else None


def _environments_of(queue: dict[str, Any]) -> list[str]:
    """The names of a queue's environments in their order."""
    order = sorted(queue["computeEnvironmentOrder"], key=lambda one: int(one["order"]))
    return [str(one["computeEnvironment"]).rsplit("/", 1)[-1] for one in order]


def _queue(facts: Facts, _batch: Stack) -> Verdict:
    name, queue = facts.output("JobQueue"), _described_queue(facts)
    if queue is None:
        return fail(f"{name} is gone", _ADMINISTRATOR)
    if (queue["state"], queue["status"]) != ("ENABLED", "VALID"):
        reason = queue.get("statusReason", "no reason given")
        return fail(
            f"{name} is {queue['state']} and {queue['status']}: {reason}", "Enable it in the AWS console, Batch."
        )
    if not queue.get("schedulingPolicyArn"):
        return fail(f"{name} has no scheduling policy: AWS Batch refuses jobs with a share", _ADMINISTRATOR)
    wanted = [f"{name}-spot"] if facts.output("Spot") == "true" else []
    wanted.append(f"{name}-ondemand")
    found = _environments_of(queue)
    if found != wanted:
        return fail(f"{name} has the environments {', '.join(found)}, not {', '.join(wanted)}", _ADMINISTRATOR)
    return ok(f"{name}: {', then '.join(found)}")


def _environments(facts: Facts, _batch: Stack) -> Verdict:
    queue, types = _described_queue(facts), facts.listed("InstanceTypes")
    names = _environments_of(queue) if queue else []
    if not names:
        return fail("the queue has none", _ADMINISTRATOR)
    try:
        size = size_of(facts.site, types)
    except UsageProblem as error:
        return fail(str(error), "Name types of one size with `gems deploy --instance-type`.")
    client = facts.site.client("batch")
    found = client.describe_compute_environments(computeEnvironments=names)["computeEnvironments"]
    wrong = [
        f"{one['computeEnvironmentName']} is {one['state']} and {one['status']}: {one.get('statusReason', 'no reason given')}"
        for one in found
        if (one["state"], one["status"]) != ("ENABLED", "VALID")
    ]
    if wrong or len(found) != len(names):
        told = "; ".join(wrong) or f"of {', '.join(names)} there are {len(found)}"
        return fail(
            told, "See the reason; the environment in the AWS console, Batch, says more. Then run `gems deploy`."
        )
    others = [
        one["computeEnvironmentName"]
        for one in found
        if sorted(one["computeResources"]["instanceTypes"]) != sorted(types)
    ]
    if others:
        return fail(f"{', '.join(others)} has other instance types than {', '.join(types)}", _DEPLOY)
    most = min(int(one["computeResources"]["maxvCpus"]) for one in found)
    workers = most // size.vcpus
    if not workers:
        return fail(
            f"at most {most} vCPUs at once, a machine has {size.vcpus}", "Allow more: `gems deploy --most-vcpus`."
        )
    return ok(f"{', '.join(names)}: at most {most} vCPUs each, which are {workers} workers")


def _definition(facts: Facts, batch: Stack) -> Verdict:
    name, client = facts.output("JobDefinition"), facts.site.client("batch")
    pages = client.get_paginator("describe_job_definitions").paginate(jobDefinitionName=name, status="ACTIVE")
    active = [one for page in pages for one in page["jobDefinitions"]]
    if not active:
        return fail(f"{name} has no active revision", _DEPLOY)
    newest = max(active, key=lambda one: int(one["revision"]))
    wrong = _drift(newest, batch, facts.output("WorkerRoleArn"))
    found = f"{name}:{newest['revision']}"
    if wrong:
        return fail(f"{found}: {', '.join(wrong)}", f"{_DEPLOY} If it finds nothing to do, deregister this revision.")
    return ok(f"{found} of {newest['containerProperties']['image']}")


def _drift(definition: dict[str, Any], batch: Stack, role: str) -> list[str]:
    """What a revision has that is not as the stack made it."""
    container = definition["containerProperties"]
    needs = {one["type"]: str(one["value"]) for one in container["resourceRequirements"]}
    wanted = {
        "image": (container["image"], batch.parameters["WorkerImage"]),
        "command": (container["command"], COMMAND),
        "role": (container.get("jobRoleArn"), role),
        "vCPUs": (needs.get("VCPU"), batch.parameters["Vcpus"]),
        "memory": (needs.get("MEMORY"), batch.parameters["MemoryMebibytes"]),
        "retry strategy": (_lower(definition.get("retryStrategy")), RETRIES),
        "tags of tasks": (definition.get("propagateTags"), True),
    }
    return [f"the {what} is {have}, not {want}" for what, (have, want) in wanted.items() if have != want]


def _lower(value: Any) -> Any:  # noqa: ANN401 - of JSON
    """Texts in lower case: Batch takes its words in either."""
    match value:
        case str():
            return value.lower()
        case dict():
            return {key: _lower(item) for key, item in value.items()}
        case list():
            return [_lower(item) for item in value]
    return value


def _image(facts: Facts, batch: Stack) -> Verdict:
    address = batch.parameters["WorkerImage"]
    image = ecr_image(address)
    if image is None:
        return ok(f"{address}: not in ECR, so it must be public; not looked at")
    repair = 'Push it again, or name another with `gems deploy --worker-image` (docs/deploy.md, "With AWS Batch").'
    client = facts.site.session.client("ecr", region_name=image.region)
    try:
        client.describe_images(registryId=image.account, repositoryName=image.repository, imageIds=[image.name])
    except ClientError as error:
        if code_of(error) not in ("ImageNotFoundException", "RepositoryNotFoundException"):
            raise
        return fail(f"{address} is not there", repair)
    return ok(address)


CHECKS = (
    Check("job queue", _queue_or_left_over),
    Check("compute environments", _with_batch(_environments)),
    Check("job definition", _with_batch(_definition)),
    Check("container image", _with_batch(_image)),
)
