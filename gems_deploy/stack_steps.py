"""The steps of a deployment that change its stacks: the stage's own, and AWS Batch's where it places the workers."""

from __future__ import annotations

from collections.abc import Sequence

from gems_core.engines import BATCH as BATCH_ENGINE
from gems_core.engines import EC2
from gems_core.errors import DeploymentFailed, UsageProblem
from gems_deploy.batch_parameters import batch_parameters, choices
from gems_deploy.batch_removal import close_queue, end_queued_jobs, has_batch, queued_jobs, remove_batch
from gems_deploy.engine import engine_of, is_batch
from gems_deploy.instance_types import architecture_of
from gems_deploy.parameters import instance_types, stack_parameters
from gems_deploy.run import Run, Step
from gems_deploy.site import BATCH
from gems_deploy.stack import MissingOutput, Stack, StackChange, apply_stack, plan_stack, read_stack
from gems_deploy.under_way import active_jobs, listed

# What no job that is at work needs as it was: launches take the template as it is then.
NO_MATTER_TO_JOBS = frozenset(
    {
        "AlarmSubscription",
        "AlarmTopic",
        "ApiLogs",
        "Budget",
        "ContainerLogs",
        "Dashboard",
        "DeployerBatch",
        "DeployerRole",
        "FairShares",
        "InstancesTooOld",
        "JobsFailed",
        "MailEventDestination",
        "MailEvents",
        "MailsBounced",
        "PackagesBucket",
        "PackagesBucketPolicy",
        "ReaperSilent",
        "SenderIdentity",
        "WorkerDefinition",
        "WorkerLaunchTemplate",
    }
)


def _look_at_stack(run: Run) -> list[str]:
    current = read_stack(run.site)
    run.outputs = current.outputs if current else {}
    parameters = stack_parameters(run.site, current, run.wishes)
    types = instance_types(parameters, current)
    run.architecture = architecture_of(run.site, types)
    _demand_placeable(run, parameters["Engine"] or engine_of(run.outputs), types)
    run.change = plan_stack(run.site, current, parameters)
    if run.change.kind == "none":
        return []
    return _told_change(run, run.change)


def _told_change(run: Run, change: StackChange) -> list[str]:
    jobs = _jobs_in_the_way(run, change)
    waiting = [f"only with --despite-jobs, because jobs are at work: {listed(jobs)}"] if jobs else []
    return [f"{change.kind} {run.site.stage.stack_of(change.blueprint)}", *change.lines, *waiting]


def _jobs_in_the_way(run: Run, change: StackChange) -> tuple[str, ...]:
    """The jobs that a change of a stack could take roles, records or network from."""
    if run.despite_jobs or change.touched <= NO_MATTER_TO_JOBS:
        return ()
    return active_jobs(run.site)


def _change_stack(run: Run) -> None:
    assert run.change is not None  # looked at before
    run.outputs = _apply(run, run.change).outputs
    run.change = None


def _apply(run: Run, change: StackChange) -> Stack:
    jobs = _jobs_in_the_way(run, change)
    if jobs:
        raise DeploymentFailed(
            f"stack {run.site.stage.stack_of(change.blueprint)}: expected no job at work while it changes, found "
            f"{listed(jobs)}. Their machines keep the worker of the release that launched them, and may lose their rights: "
            "wait, cancel them (`gems job cancel`), or risk them with --despite-jobs."
        )
    return apply_stack(run.site, change)


def _look_at_batch(run: Run) -> list[str]:
    current, stage = read_stack(run.site, BATCH), read_stack(run.site)
    run.batch_outputs = current.outputs if current else {}
    if stage is None or not is_batch(stage.outputs):
        raise MissingOutput(
            "expected the stack to have the engine batch by now, found another. Run `gems deploy` again."
        )
    run.batch_change = plan_stack(run.site, current, batch_parameters(run.site, stage, current, run.wishes), BATCH)
    return [] if run.batch_change.kind == "none" else _told_change(run, run.batch_change)


def _change_batch(run: Run) -> None:
    assert run.batch_change is not None  # looked at before
    run.batch_outputs = _apply(run, run.batch_change).outputs
    run.batch_change = None


def _demand_placeable(run: Run, engine: str, types: Sequence[str]) -> None:
    """See that AWS Batch can place workers before the stage's roles are for it.

    Raises:
        UsageProblem: it could not, or something was asked for that only Batch has.
    """
    wishes = run.wishes
    if engine == BATCH_ENGINE:
        choices(run.site, types, read_stack(run.site, BATCH), wishes)
    elif wishes.worker_image or wishes.most_vcpus:
        raise UsageProblem(
            "--worker-image, --most-vcpus: expected a stage whose workers AWS Batch places, found the engine ec2. "
            "Say --engine batch, or leave them out."
        )


def _look_at_leaving(run: Run) -> list[str]:
    if not has_batch(run.site):
        return []
    jobs = () if run.despite_jobs else queued_jobs(run.site)
    waiting = [f"only with --despite-jobs, because its queue has the jobs {listed(jobs)}"] if jobs else []
    return [f"remove {run.site.stage.stack_of(BATCH)}", *waiting]


def _leave_batch(run: Run) -> None:
    close_queue(run.site)
    if run.despite_jobs:
        end_queued_jobs(run.site, lambda _line: None)
    elif jobs := queued_jobs(run.site):
        raise DeploymentFailed(
            f"queue {run.site.stage.job_queue}: expected no job in it, found {listed(jobs)}. It takes no more; wait until they "
            "have ended, or end them with --despite-jobs, and call this again."
        )
    remove_batch(run.site, lambda _line: None)


OF_THE_STAGE = Step("stack", _look_at_stack, _change_stack, needs_stack=False)
_OF_BATCH = Step("AWS Batch", _look_at_batch, _change_batch, follows_stack=True)
_LEAVING = Step("AWS Batch", _look_at_leaving, _leave_batch)


def with_batch(run: Run, steps: Sequence[Step]) -> list[Step]:
    """The steps of a deployment with those for AWS Batch, where the stage has it, gets it or is asked to leave it.

    The queue is made before the function is told of it, and removed after the function has forgotten it.
    """
    current = read_stack(run.site)
    wanted = run.wishes.engine or engine_of(current.outputs if current else {})
    names = [step.name for step in steps]
    if wanted == BATCH_ENGINE:
        after, step = names.index(OF_THE_STAGE.name), _OF_BATCH
    elif run.wishes.engine == EC2 and has_batch(run.site):
        after, step = names.index("function"), _LEAVING
    else:
        return [*steps]
    return [*steps[: after + 1], step, *steps[after + 1 :]]
