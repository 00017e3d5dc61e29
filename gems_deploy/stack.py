"""A stage's CloudFormation stacks: what is there, what would change, and making it so."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from gems_core.errors import DeploymentFailed
from gems_deploy.site import STAGE, Blueprint, Site, code_of, doing

T = TypeVar("T")
CAPABILITIES = ["CAPABILITY_NAMED_IAM"]
LARGEST_TEMPLATE_BYTES = 51_200  # CloudFormation user guide, "Quotas": a template within a request
POLL_SECONDS = 3.0
PATIENCE_SECONDS = 1800.0
_SETTLED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
_UNCHANGED = ("didn't contain changes", "No updates are to be performed")
_EVENTS = (
    "See the stack's events in the AWS console; a stack in ROLLBACK_COMPLETE must be deleted before it is made again."
)
_RIGHTS = 'Roles, keys and bucket policies are made by an administrator; see docs/deploy.md, "Who may deploy".'


class MissingOutput(DeploymentFailed):
    """The stack does not have what this release needs of it."""


class Outputs(dict[str, str]):
    """A stack's outputs by name. One that an older release's stack lacks is told as such."""

    def __missing__(self, name: str) -> str:
        """Tell it.

        Raises:
            MissingOutput: always.
        """
        raise MissingOutput(
            f"expected the stack to have the output {name}, found none: an older release made it. Bring the stack up to "
            "date with `gems deploy`, as an administrator."
        )


@dataclass(frozen=True)
class Stack:
    """The stack as it is."""

    status: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]

    @property
    def is_settled(self) -> bool:
        """Whether it can be used and updated."""
        return self.status in _SETTLED


@dataclass(frozen=True)
class StackChange:
    """What would be done.

    Attributes:
        kind: ``create``, ``update`` or ``none``.
        parameters: None is what the stack has.
        lines: what would be touched, for people.
        change_set: of an update, the one that CloudFormation holds ready.
        touched: the logical names of what an update would change.
        blueprint: the template whose stack it is.
    """

    kind: str
    parameters: Mapping[str, str | None]
    lines: tuple[str, ...] = ()
    change_set: str = ""
    touched: frozenset[str] = frozenset()
    blueprint: Blueprint = STAGE


def read_stack(site: Site, blueprint: Blueprint = STAGE) -> Stack | None:
    """The stage's stack of a template, or None."""
    try:
        found = site.client("cloudformation").describe_stacks(StackName=site.stage.stack_of(blueprint))["Stacks"][0]
    except ClientError as error:
        if code_of(error) == "ValidationError":  # CloudFormation's way to say that there is none
            return None
        raise
    outputs = Outputs((item["OutputKey"], item["OutputValue"]) for item in found.get("Outputs", ()))
    parameters = {item["ParameterKey"]: item.get("ParameterValue", "") for item in found.get("Parameters", ())}
    return Stack(found["StackStatus"], outputs, parameters)


def plan_stack(
    site: Site, current: Stack | None, parameters: Mapping[str, str | None], blueprint: Blueprint = STAGE
) -> StackChange:
    """What CloudFormation would change. An update is held ready as a change set until it is applied or dropped.

    Raises:
        DeploymentFailed: the stack is in a state that no update leads out of, or CloudFormation refuses the template.
    """
    if current is None:
        return StackChange("create", parameters, (f"every resource of {blueprint}",), blueprint=blueprint)
    stack = site.stage.stack_of(blueprint)
    if not current.is_settled:
        raise DeploymentFailed(
            f"stack {stack}: expected a stack that is not being changed, found {current.status}. {_EVENTS}"
        )
    name = f"gems-{site.clock():%Y%m%d%H%M%S%f}"
    unchanged = StackChange("none", parameters, blueprint=blueprint)
    with doing(f"comparing the stack {stack} with {blueprint}", _RIGHTS):
        try:
            found = _change_set(site, replace(unchanged, kind="update", change_set=name))
        except ClientError as error:
            if not _is_unchanged(str(error)):
                raise
            return unchanged
    touched = frozenset(change["ResourceChange"]["LogicalResourceId"] for change in found["Changes"])
    update = StackChange("update", parameters, tuple(map(_line, found["Changes"])), name, touched, blueprint)
    if found["Status"] != "FAILED":
        return update
    drop(site, update)
    reason = found.get("StatusReason", "no reason given")
    if _is_unchanged(reason):
        return unchanged
    raise DeploymentFailed(f"CloudFormation refused the change of {stack}: {reason}. {_EVENTS}")


def _change_set(site: Site, change: StackChange) -> dict[str, Any]:
    client, stack, name = site.client("cloudformation"), site.stage.stack_of(change.blueprint), change.change_set
    client.create_change_set(StackName=stack, ChangeSetName=name, ChangeSetType="UPDATE", **_request(site, change))
    try:
        return _until(lambda: _made(client, stack, name))
    except BaseException:
        with suppress(DeploymentFailed):  # what went wrong first is told
            drop(site, change)
        raise


def _is_unchanged(reason: str) -> bool:
    return any(words in reason for words in _UNCHANGED)


def drop(site: Site, change: StackChange) -> None:
    """Forget an update that was only looked at."""
    if change.change_set:
        with doing(f"dropping the change set {change.change_set}", "It does no harm; delete it in the AWS console."):
            site.client("cloudformation").delete_change_set(
                StackName=site.stage.stack_of(change.blueprint), ChangeSetName=change.change_set
            )


def apply_stack(site: Site, change: StackChange) -> Stack:
    """Make the stack what the template says, and wait for it.

    Raises:
        DeploymentFailed: with the first reason that CloudFormation gives.
    """
    client, stack = site.client("cloudformation"), site.stage.stack_of(change.blueprint)
    with doing(f"changing the stack {stack}", _RIGHTS):
        if change.kind == "create":
            client.create_stack(StackName=stack, **_request(site, change))
        elif change.kind == "update":
            client.execute_change_set(StackName=stack, ChangeSetName=change.change_set)
        done = _until(lambda: _rested(site, change.blueprint))
        failed = not done.is_settled or (change.kind == "update" and done.status == "UPDATE_ROLLBACK_COMPLETE")
        if failed:
            reason = _first_failure(client, stack)
            raise DeploymentFailed(f"stack {stack} ended as {done.status}: {reason} {_EVENTS}")
    return done


def remove_stack(site: Site, blueprint: Blueprint = STAGE) -> None:
    """Remove a stack, and wait until it is gone.

    Raises:
        DeploymentFailed: AWS refused, or something of it cannot be removed.
    """
    client, stack = site.client("cloudformation"), site.stage.stack_of(blueprint)
    with doing(f"removing the stack {stack}", "Use an administrator's credentials."):
        client.delete_stack(StackName=stack)
        client.get_waiter("stack_delete_complete").wait(StackName=stack)


def _made(client: Any, stack: str, name: str) -> dict[str, Any] | None:  # noqa: ANN401 - of boto3
    found: dict[str, Any] = client.describe_change_set(StackName=stack, ChangeSetName=name)
    return found if found["Status"] in ("CREATE_COMPLETE", "FAILED") else None


def _rested(site: Site, blueprint: Blueprint) -> Stack | None:
    stack = read_stack(site, blueprint)
    return None if stack is None or stack.status.endswith("_IN_PROGRESS") else stack


def _line(change: Mapping[str, Any]) -> str:
    resource = change["ResourceChange"]
    replaced = ", REPLACED" if resource.get("Replacement") == "True" else ""
    return f"{resource['Action'].lower()} {resource['LogicalResourceId']} ({resource['ResourceType']}{replaced})"


def _first_failure(client: Any, stack: str) -> str:  # noqa: ANN401 - of boto3
    events = client.describe_stack_events(StackName=stack)["StackEvents"]
    for event in reversed(events):  # CloudFormation tells the newest first
        if event["ResourceStatus"].endswith("_FAILED"):
            return f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}."
    return "CloudFormation gives no reason."


def _parameter(name: str, text: str | None) -> dict[str, object]:
    """Of a public parameter that names an image, the previous value is its name: the image is looked up anew."""
    return {"ParameterKey": name, **({"UsePreviousValue": True} if text is None else {"ParameterValue": text})}


def _request(site: Site, change: StackChange) -> dict[str, Any]:
    return {
        "TemplateBody": change.blueprint.text(),
        "Parameters": [_parameter(name, text) for name, text in sorted(change.parameters.items())],
        "Capabilities": CAPABILITIES,
        "Tags": [{"Key": "gems:stage", "Value": site.stage.name}],
    }


def _until(look: Callable[[], T | None]) -> T:
    """What ``look`` finds, asked again until it finds something.

    boto3's waiters do not serve: each kind of change has another one, none answers with what it saw, and all take a
    change set without changes or a stack that rolled back for an error.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise DeploymentFailed(f"CloudFormation: expected an end within {PATIENCE_SECONDS:.0f} s. {_EVENTS}")
        time.sleep(POLL_SECONDS)
    return found
